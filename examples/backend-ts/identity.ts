// For whom an agent calls: its bearer, verified here with the public keys of the gateway. Invariant: the claims that come
// out were signed by the gateway, for us, about this very user, and have not ended; whatever is unclear is refused.
import { Problem } from '@countersign/protocol/problem';
import { type BearerClaims, verifyBearer } from '@countersign/protocol/token';
import { gateway, isActive } from './gateway.ts';

/** Our own name in `bearer.audiences`. A bearer for anybody else is none. */
const AUDIENCE = process.env['AUDIENCE'] ?? 'tools.example';
/** User ids are ours within a tenant: the same id of another tenant is somebody else. */
const TENANT = process.env['TENANT'] ?? 'default';

const FRESH_MS = 5 * 60_000;
/** A key that is new to us may be a forger's: so often we look for it, and no more. */
const COOLDOWN_MS = 30_000;

/** @throws Problem 401 for a bearer that is not good here, 403 for a good one of somebody else or of too little. */
export async function verified(bearer: string, user: string, scope: string): Promise<BearerClaims> {
  const rules = { audience: AUDIENCE, tenant: TENANT, user, scope };
  try {
    return await verifyBearer(bearer, { ...(await gateway(FRESH_MS)), ...rules });
  } catch (cause) {
    // Signed with a key, or in a name, that we have not heard of: it may be new.
    if (!(cause instanceof Problem) || !['key', 'iss'].includes(String(cause.members['reason']))) throw cause;
    return verifyBearer(bearer, { ...(await gateway(COOLDOWN_MS)), ...rules });
  }
}

/** For what cannot be taken back. @throws Problem 401 for whoever was shut out, 503 when the gateway cannot tell. */
export async function confirmed(bearer: string): Promise<void> {
  if (await isActive(bearer)) return;
  const detail = 'the bearer is not good any more';
  throw new Problem('bearer_invalid', { detail, members: { reason: 'inactive' } });
}

/** The one place that a bearer is taken from. */
export function bearerIn(authorization: string | undefined): string {
  const bearer = /^Bearer +([\w.~+/=-]+)$/i.exec(authorization ?? '')?.[1];
  if (bearer === undefined) throw new Problem('auth_required', { hint: 'Authorization: Bearer eyJ…' });
  return bearer;
}

/** RFC 6750 3: what a 401 says in `www-authenticate`; without a bearer, no error. */
export function challenge({ members: { reason } }: Problem): string {
  const more = typeof reason === 'string' ? `, error="invalid_token", error_description="${reason}"` : '';
  return `Bearer realm="${AUDIENCE}"${more}`;
}
