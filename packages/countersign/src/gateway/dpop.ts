// A device's request over HTTP (RFC 9449): a token that is worth nothing without its key, and a proof by that key over this
// method, this address, this token and this body, once. Freshness is our nonce's, never the client's clock: a browser whose
// clock is wrong is locked out of nothing (R60).
import { createHash } from 'node:crypto';
import { type PublicJwk, publicJwkSchema } from '@countersign/protocol/gateway';
import { Problem } from '@countersign/protocol/problem';
import { compactVerify } from 'jose/jws/compact/verify';
import { importJWK } from 'jose/key/import';
import { z } from 'zod';
import type { Caller } from '../core/authorise.ts';
import type { LiveDevice } from '../core/device/tokens.ts';
import type { Clock, Millis } from '../core/ports.ts';
import type { Store } from '../core/store-port.ts';
import type { PublicKeys } from './claim-door.ts';
import type { Issued, Nonces } from './nonces.ts';
import { isOwnOrigin, type Names } from './origin.ts';

const PURPOSE = 'dpop';
/** As long as a nonce is one of ours, and so as long as a proof with it could come again. */
const REMEMBER_MS = 5 * 60_000;
const MAX_PROOF = 4_096;
const TOKEN = /^DPoP (cdt_[a-z2-7]{52})$/i;
/** The algorithms a key of each kind signs with. Nothing else is looked at: no `none`, no shared secret (R57). */
const ALGORITHM: Readonly<Record<PublicJwk['crv'], string>> = { 'P-256': 'ES256', Ed25519: 'EdDSA' };

const headerSchema = z.object({
  typ: z.literal('dpop+jwt'),
  alg: z.enum(['ES256', 'EdDSA']),
  // Private members make it no public key.
  jwk: publicJwkSchema,
  // What we would have to understand and do not.
  crit: z.undefined().optional(),
  b64: z.undefined().optional(),
});

const claimsSchema = z.object({
  htm: z.string(),
  htu: z.string().max(4_096),
  iat: z.number(),
  jti: z.string().min(8).max(200),
  ath: z.string(),
  bh: z.string(),
  nonce: z.string().max(200).optional(),
});
type Claims = z.output<typeof claimsSchema>;

interface Ports {
  readonly store: Pick<Store, 'nonces'>;
  readonly clock: Clock;
  readonly nonces: Pick<Nonces, 'issue' | 'isOurs'>;
  readonly keys: Pick<PublicKeys, 'thumbprint'>;
  readonly tokens: { use(token: string, thumbprint: string): Promise<LiveDevice | null> };
  /** The names people reach us by, as configured now. */
  names(): Names;
}

export interface DeviceCall {
  readonly caller: Extract<Caller, { door: 'device' }>;
  readonly device: LiveDevice['device'];
  /** For the answer's DPoP-Nonce: the next proof's. */
  readonly nonce: string;
}

export class DeviceProofs {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** A nonce as it stands in `hello` and in DPoP-Nonce: its moment is part of it. */
  nonce(): string {
    const { nonce, ts } = this.#ports.nonces.issue(PURPOSE);
    return `${ts.toString(36)}.${nonce}`;
  }

  /** True when the request carries a device's credentials, good or not. */
  isDevice(request: Request): boolean {
    return /^dpop(\s|$)/i.test(request.headers.get('authorization') ?? '');
  }

  /**
   * The device behind a request. `body` reads the bytes as they came (none for none): it is called once the key and the
   * token are proven, so that nobody else makes us keep anything (H63).
   * @throws Problem `use_dpop_nonce` (its member `nonce` belongs into DPoP-Nonce); `auth_proof_invalid`; `auth_required`
   * for a token that is nobody's, ran out, or belongs to another key; whatever `body` throws.
   */
  async authenticate(request: Request, body: () => Promise<Uint8Array>): Promise<DeviceCall> {
    const [, token] = TOKEN.exec(request.headers.get('authorization') ?? '') ?? [];
    const proof = request.headers.get('dpop') ?? '';
    // Two headers become one with a comma: RFC 9449 4.3 wants exactly one.
    if (token === undefined || proof === '' || proof.length > MAX_PROOF || proof.includes(','))
      throw invalid();
    const { claims, key } = this.#read(proof);
    const isThis =
      claims.htm === request.method &&
      this.#isHere(claims.htu, new URL(request.url)) &&
      claims.ath === digestOf(token);
    if (!isThis) throw invalid();
    this.#isFresh(claims.nonce);
    const thumbprint = Buffer.from(this.#ports.keys.thumbprint(key)).toString('base64url');
    await verify(proof, key);
    const live = await this.#ports.tokens.use(token, thumbprint);
    if (live === null)
      throw new Problem('auth_required', { detail: 'that token is not good here', hint: 'connect again' });
    if (claims.bh !== digestOf(await body())) throw invalid();
    if (!(await this.#takeOnce(thumbprint, claims.jti))) throw invalid();
    const { device, role, scopes } = live;
    const caller = { door: 'device', device: device.id, principal: device.principal, role, scopes } as const;
    return { caller, device, nonce: this.nonce() };
  }

  #read(proof: string): { readonly claims: Claims; readonly key: PublicJwk } {
    const [head, payload, signature, ...more] = proof.split('.');
    if (head === undefined || payload === undefined || signature === undefined || more.length > 0)
      throw invalid();
    const header = headerSchema.safeParse(jsonOf(head));
    const claims = claimsSchema.safeParse(jsonOf(payload));
    if (!header.success || !claims.success) throw invalid();
    const { alg, jwk } = header.data;
    if (ALGORITHM[jwk.crv] !== alg) throw invalid();
    return { claims: claims.data, key: jwk };
  }

  /** RFC 9449 4.3 (9): the address as the browser sees it, without query and fragment. */
  #isHere(htu: string, url: URL): boolean {
    if (!URL.canParse(htu)) return false;
    const claimed = new URL(htu);
    if (claimed.username !== '' || claimed.password !== '') return false;
    if (pathOf(claimed) !== pathOf(url)) return false;
    return isOwnOrigin(claimed.origin, url.host, this.#ports.names());
  }

  #isFresh(nonce: string | undefined): void {
    if (nonce === undefined || !this.#ports.nonces.isOurs(PURPOSE, readNonce(nonce)))
      throw new Problem('use_dpop_nonce', { members: { nonce: this.nonce() } });
  }

  /** A nonce serves many proofs while it lives; a proof serves once (RFC 9449 11.1). */
  #takeOnce(thumbprint: string, jti: string): Promise<boolean> {
    const { store, clock } = this.#ports;
    return store.nonces.take(`dpop:${thumbprint}`, jti, clock.now() + REMEMBER_MS);
  }
}

async function verify(proof: string, key: PublicJwk): Promise<void> {
  const alg = ALGORITHM[key.crv];
  try {
    await compactVerify(proof, await importJWK(key, alg), { algorithms: [alg] });
  } catch (cause) {
    throw invalid(cause);
  }
}

function readNonce(text: string): Issued {
  const dot = text.indexOf('.');
  const moment = text.slice(0, dot);
  const ts: Millis = /^[0-9a-z]{1,11}$/.test(moment) ? Number.parseInt(moment, 36) : Number.NaN;
  return { nonce: text.slice(dot + 1), ts };
}

function jsonOf(part: string): unknown {
  if (!/^[\w-]+$/.test(part)) return null;
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}

/** RFC 3986 6.2.2: the same path, however its harmless letters are written. */
function pathOf({ pathname }: URL): string {
  return pathname.replace(/%[0-9a-f]{2}/gi, (octet) => {
    const char = String.fromCharCode(Number.parseInt(octet.slice(1), 16));
    return /[\w.~-]/.test(char) ? char : octet.toUpperCase();
  });
}

function digestOf(what: string | Uint8Array): string {
  return createHash('sha256').update(what).digest('base64url');
}

/** One answer for every flaw of a proof: which it was helps whoever forges one. */
function invalid(cause?: unknown): Problem {
  return new Problem('auth_proof_invalid', {
    detail: 'the DPoP proof does not fit this request',
    hint: 'sign method, address, token and body of this very request',
    ...(cause === undefined ? {} : { cause }),
  });
}
