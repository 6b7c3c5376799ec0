// Request and door → caller. The only reader of Authorization. What was presented and proves nothing is refused: a wrong
// token never falls back to the rights of the bare door.

import { Problem } from '@countersign/protocol/problem';
import type { Caller } from '../core/authorise.ts';
import { readBody } from './body.ts';
import type { Bindings } from './door.ts';
import type { DeviceProofs } from './dpop.ts';
import { isOauth } from './oauth-answers.ts';
import type { TokenDoor } from './token-door.ts';

export interface Authenticated {
  readonly caller: Caller;
  /** For DPoP-Nonce on the answer; null for everybody but devices. */
  readonly nonce: string | null;
}

export interface Proofs {
  readonly devices: Pick<DeviceProofs, 'isDevice' | 'authenticate'>;
  readonly tokens: Pick<TokenDoor, 'authenticate'>;
}

/** @throws Problem `auth_required` for credentials nobody here issued; as DeviceProofs.authenticate. */
export async function authenticate(
  { door, remote }: Pick<Bindings, 'door' | 'remote'>,
  request: Request,
  { devices, tokens }: Proofs,
): Promise<Authenticated> {
  if (door === 'tcp' && devices.isDevice(request))
    return devices.authenticate(request, () => readBody(request));
  const authorization = request.headers.get('authorization');
  // Asked about a bearer, which is nobody's credential here: the route verifies it.
  if (isForwarded(request) && /^Bearer [\w-]+\.[\w-]+\.[\w-]+$/i.test(authorization ?? '') && door !== 'host')
    return { caller: { door }, nonce: null };
  if (door === 'host') {
    // The host is who it is by its socket; what else it shows is a mistake, and not weighed.
    if (authorization !== null)
      throw new Problem('auth_required', { detail: 'the host socket takes no credentials' });
    return { caller: { door }, nonce: null };
  }
  const { search } = new URL(request.url);
  const presented = { authorization, search, isOauth: isOauth(request), remote };
  const caller = await tokens.authenticate(presented);
  return { caller: caller ?? { door }, nonce: null };
}

function isForwarded(request: Request): boolean {
  return new URL(request.url).pathname === '/api/v1/forward-auth';
}
