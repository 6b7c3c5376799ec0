// Request and door → caller. The only reader of Authorization. What was presented and proves nothing is refused: a wrong
// token never falls back to the rights of the bare door.

import { Problem } from '@countersign/protocol/problem';
import type { Caller } from '../core/authorise.ts';
import { readBody } from './body.ts';
import type { Door } from './door.ts';
import type { DeviceProofs } from './dpop.ts';

export interface Authenticated {
  readonly caller: Caller;
  /** For DPoP-Nonce on the answer; null for everybody but devices. */
  readonly nonce: string | null;
}

/** @throws Problem `auth_required` for credentials nobody here issued; as DeviceProofs.authenticate. */
export async function authenticate(
  door: Door,
  request: Request,
  proofs: Pick<DeviceProofs, 'isDevice' | 'authenticate'>,
): Promise<Authenticated> {
  if (door === 'tcp' && proofs.isDevice(request))
    return proofs.authenticate(request, () => readBody(request));
  // Tokens get their room with their own issue; until then every other credential is an unknown one.
  if (request.headers.get('authorization') !== null) {
    throw new Problem('auth_required', { detail: 'that credential is not known here' });
  }
  return { caller: { door }, nonce: null };
}
