// Bearers as a backend reads them: offline, from a key set it already has, with one kind of signature per kind of key.
// Everything a bearer has to say is checked, and whatever does not fit is one problem that repeats nothing of it.
import type { JWTVerifyOptions, JWTVerifyResult } from 'jose';
import * as errors from 'jose/errors';
import { createLocalJWKSet } from 'jose/jwks/local';
import { jwtVerify } from 'jose/jwt/verify';
import { z } from 'zod';
import { Problem } from './problem.ts';

const word = z.string().min(1).max(256);

export const bearerClaimsSchema = z.looseObject({
  iss: word.describe('the gateway: its public address, or urn:countersign:<installation>'),
  aud: z.string().describe('whom the bearer is for, and nobody else'),
  sub: word.describe('your user id where the person is mapped to one, else ours: prn_…'),
  tenant: word,
  act: z.object({ sub: word }).describe('the agent that acts for sub'),
  sid: word.describe('stands for the session key, and cannot be turned back into it'),
  channel: word,
  account: word,
  assurance: z.enum(['low', 'medium', 'high']).describe('what the channel proves of whoever writes there'),
  scope: word.describe('tools, or parts of it, with spaces between'),
  iat: z.int(),
  exp: z.int(),
  jti: word,
});

export type BearerClaims = z.output<typeof bearerClaimsSchema>;

export const bearerKeysSchema = z.object({
  keys: z.array(
    z.object({
      kty: z.literal('OKP'),
      crv: z.literal('Ed25519'),
      x: z.string(),
      kid: z.string(),
      use: z.literal('sig'),
      alg: z.literal('EdDSA'),
      countersign_purpose: z
        .enum(['bearer', 'grant', 'gateway'])
        .optional()
        .describe('what it signs, and nothing else'),
    }),
  ),
});

export type BearerKeys = z.output<typeof bearerKeysSchema>;

export interface VerifyBearer {
  /** What `/.well-known/jwks.json` answered, for EdDSA; the bytes of the shared secret, for HS256. Never both. */
  readonly keys: { readonly keys: readonly object[] } | Uint8Array;
  /** Your own name in `bearer.audiences`. */
  readonly audience: string;
  /** The `iss` you expect. */
  readonly issuer: string;
  /** The user whose data the request is about: somebody else's bearer is refused. */
  readonly user?: string;
  readonly tenant?: string;
  /** What the bearer has to allow; `tools` allows each of its parts. */
  readonly scope?: string;
  /** How far your clock may be from ours; 5 seconds otherwise, 60 at most. */
  readonly skewSeconds?: number;
  readonly now?: Date;
}

/** A bearer is a kilobyte; nothing longer is looked at. */
const MAX_LENGTH = 8_192;
const MAX_SKEW = 60;
/** RFC 7518 3.2. */
const MIN_SECRET = 32;

/**
 * Verifies a bearer offline.
 * @param token the header as it came. Missing, empty or sent twice it is no bearer.
 * @throws Problem `bearer_invalid` (401) for whatever is wrong with it, `bearer_forbidden` (403) for a good one of somebody
 * else or of too little; `request_malformed` when the caller's own options are wrong.
 */
export async function verifyBearer(
  token: string | readonly string[] | undefined,
  options: VerifyBearer,
): Promise<BearerClaims> {
  const { keys, audience, issuer, skewSeconds = 5, now } = options;
  refuseMisuse(options);
  if (token === undefined) throw invalid('missing');
  if (typeof token !== 'string' || token === '' || token.length > MAX_LENGTH) throw invalid('malformed');
  const rules: JWTVerifyOptions = {
    audience,
    issuer,
    typ: 'at+jwt',
    // By the kind of key, never by what the token says of itself (RFC 8725 3.1).
    algorithms: keys instanceof Uint8Array ? ['HS256'] : ['EdDSA'],
    requiredClaims: ['exp', 'iat', 'sub', 'jti', 'aud'],
    clockTolerance: Math.min(Math.max(skewSeconds, 0), MAX_SKEW),
    // Any age will do, `exp` bounds it: with this the library looks at `iat` by the same clock, and refuses the future.
    maxTokenAge: Number.MAX_SAFE_INTEGER,
    ...(now === undefined ? {} : { currentDate: now }),
  };
  const { payload } = await verified(token, keys, rules);
  const parsed = bearerClaimsSchema.safeParse(payload);
  if (!parsed.success) throw invalid('claims');
  const claims = parsed.data;
  if (options.user !== undefined && claims.sub !== options.user) throw forbidden('it is of another user');
  if (options.tenant !== undefined && claims.tenant !== options.tenant)
    throw forbidden('it is of another tenant');
  if (options.scope !== undefined && !allows(claims.scope, options.scope))
    throw forbidden('it does not allow that');
  return claims;
}

async function verified(
  token: string,
  keys: VerifyBearer['keys'],
  rules: JWTVerifyOptions,
): Promise<JWTVerifyResult> {
  try {
    if (keys instanceof Uint8Array) return await jwtVerify(token, keys, rules);
    return await jwtVerify(
      token,
      createLocalJWKSet({ keys: keys.keys.map((key) => ({ ...key, kty: 'OKP' })) }),
      rules,
    );
  } catch (cause) {
    throw invalid(reasonOf(cause));
  }
}

/** Wrong for every request is a mistake of the program, and no bearer's. */
function refuseMisuse(options: VerifyBearer): void {
  const { keys, audience, issuer } = options;
  if (!isText(audience) || !isText(issuer)) throw misused('audience and issuer are needed');
  if (keys instanceof Uint8Array) {
    if (keys.byteLength < MIN_SECRET) throw misused('the secret is too short');
  } else if (!Array.isArray(Object(keys).keys)) {
    throw misused('keys is the document at /.well-known/jwks.json, or the bytes of a secret');
  }
  // NaN comes before no moment and after none: nothing would ever have run out.
  const clock = [options.skewSeconds ?? 0, options.now?.getTime() ?? 0];
  if (!clock.every(Number.isFinite)) throw misused('skewSeconds and now have to be a number and a moment');
  // A path without the parameter it was to be compared with: passed by, anybody's bearer would do.
  for (const name of ['user', 'tenant', 'scope'] as const)
    if (Object.hasOwn(options, name) && !isText(options[name]))
      throw misused(`${name} is there and says nothing: leave it out, or name what the request is about`);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

const REASONS: Readonly<Record<string, string>> = {
  aud: 'aud',
  iss: 'iss',
  typ: 'typ',
  'iat check_failed': 'not_yet',
};

/** Of one word each: neither the token nor anything it says is repeated. */
function reasonOf(cause: unknown): string {
  if (cause instanceof errors.JWTExpired) return 'expired';
  if (cause instanceof errors.JWTClaimValidationFailed)
    return REASONS[`${cause.claim} ${cause.reason}`] ?? REASONS[cause.claim] ?? 'claims';
  if (cause instanceof errors.JWSSignatureVerificationFailed) return 'signature';
  if (cause instanceof errors.JWKSNoMatchingKey || cause instanceof errors.JWKSMultipleMatchingKeys)
    return 'key';
  if (cause instanceof errors.JOSEAlgNotAllowed) return 'alg';
  return 'malformed';
}

/** `tools` allows `tools:calendar`; `tools:calendar` allows itself. */
function allows(held: string, needed: string): boolean {
  return held.split(' ').some((one) => one === needed || needed.startsWith(`${one}:`));
}

function invalid(reason: string): Problem {
  return new Problem('bearer_invalid', {
    detail: `the bearer is not good here: ${reason}`,
    members: { reason },
  });
}

function forbidden(detail: string): Problem {
  return new Problem('bearer_forbidden', { detail: `the bearer is good, but ${detail}` });
}

function misused(detail: string): Problem {
  return new Problem('request_malformed', { detail: `verifyBearer: ${detail}` });
}
