// The key of grants. A home of before there were grants has none yet; a home that lost its own gets another, and everybody who
// pinned the one before takes nothing by it. It cannot be told which of both it is, so it is said.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { GrantSigner } from '../core/approval/grants-port.ts';
import type { Log } from '../core/ports.ts';
import { createGrantSigner } from './crypto/grant-signer.ts';
import { type KeyPlace, loadSigningKey } from './keys.ts';

/** Made where it is missing: loudly where there is a store already. */
export function openGrantKey(place: KeyPlace, log: Pick<Log, 'warn'>): GrantSigner {
  const isMissing = !existsSync(join(place.folder, 'grant.pem'));
  const signer = createGrantSigner(loadSigningKey({ ...place, mayCreate: true }, 'grant'));
  if (isMissing && place.mayCreate === false)
    log.warn('grant.key_made', {
      kid: signer.publicJwk.kid,
      hint: 'whoever pinned another key of grants (client.json of other users, paired machines) refuses every grant: restore keys/grant.pem, or write those anew and pair the machines again',
    });
  return signer;
}
