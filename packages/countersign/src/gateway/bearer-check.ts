// Our own bearers, read back: the same verification that backends do, with the keys and secrets of the audience that the
// bearer says it is for. What it says chooses which key is tried and proves nothing (R57).
import { verifyBearer } from '@countersign/protocol/token';
import { decodeProtectedHeader } from 'jose/decode/protected_header';
import { decodeJwt } from 'jose/jwt/decode';
import type { Clock } from '../core/ports.ts';
import type { BearerSettings } from '../core/session/bearer-port.ts';
import type { BearerClaims, BearerVerifier } from '../core/token/bearers-out.ts';

/** A bearer is a kilobyte. */
const MAX_LENGTH = 8_192;

interface Ports {
  readonly clock: Clock;
  settings(): Pick<BearerSettings, 'issuer' | 'audiences'>;
  /** With keys that sign no more and whose tokens still live. */
  jwks(): { readonly keys: readonly object[] };
}

export class BearerCheck implements BearerVerifier {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  async verify(token: string): Promise<BearerClaims | null> {
    const said = token.length > MAX_LENGTH ? null : readSaid(token);
    if (said === null) return null;
    const { clock, settings, jwks } = this.#ports;
    const { issuer, audiences } = settings();
    const secret = audiences.get(said.audience)?.secret?.reveal();
    if (said.alg === 'HS256' && secret === undefined) return null;
    const keys = said.alg === 'HS256' ? new TextEncoder().encode(secret) : jwks();
    const now = new Date(clock.now());
    try {
      return await verifyBearer(token, { keys, audience: said.audience, issuer, skewSeconds: 0, now });
    } catch {
      // Whatever is wrong with it: it is not one of ours that is good now.
      return null;
    }
  }
}

function readSaid(token: string): { readonly alg: string; readonly audience: string } | null {
  try {
    const { alg } = decodeProtectedHeader(token);
    const { aud } = decodeJwt(token);
    return typeof alg === 'string' && typeof aud === 'string' && aud !== '' ? { alg, audience: aud } : null;
  } catch {
    return null;
  }
}
