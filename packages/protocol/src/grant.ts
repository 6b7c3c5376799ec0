// A grant as its executor reads it: signed permission for one action on one machine, for two minutes, once. Verified
// offline, from a key that was pinned; whether it was spent already, the gateway says, and nobody else.
import * as errors from 'jose/errors';
import { createLocalJWKSet } from 'jose/jwks/local';
import { jwtVerify } from 'jose/jwt/verify';
import { z } from 'zod';
import { factorKindSchema, sha256Schema, tierSchema } from './approval.ts';
import { durationSchema, listOf, timeSchema } from './common.ts';
import { Problem, type ProblemCode } from './problem.ts';

const word = z.string().min(1).max(256);

export const grantClaimsSchema = z.looseObject({
  iss: word.describe('the gateway'),
  aud: word.describe('the machine that may run it, and no other'),
  sub: word.describe('the person it is asked for; agent:<name> where none is known'),
  act: z.object({ sub: word }).describe('the agent'),
  actionDigest: sha256Schema,
  requestDigest: sha256Schema,
  tier: tierSchema,
  approvers: z
    .array(
      z.object({
        sub: word,
        surface: z.enum(['chat', 'page', 'host']),
        factors: z.array(factorKindSchema),
        at: z.int(),
      }),
    )
    .describe('who said yes, and how proven; empty where the policy allowed it'),
  iat: z.int(),
  exp: z.int(),
  jti: word.describe('grant_…: redeemed once'),
});
export type GrantClaims = z.output<typeof grantClaimsSchema>;

export const GRANT_TYPE = 'countersign-grant+jwt';

export const redeemSchema = z.strictObject({ grant: z.string().min(1).max(16_384) });
export const redeemedSchema = z.object({ redeemed: z.literal(true) });

const exitCode = z.int().min(0).max(255).nullable();
const signal = z
  .string()
  .regex(/^SIG[A-Z0-9+-]{1,20}$/)
  .nullable();

/** What its executor says of a run. `running` is said again and again: silence means lost. */
export const reportSchema = z.discriminatedUnion('what', [
  z.strictObject({ grant: word, what: z.literal('started') }),
  z.strictObject({ grant: word, what: z.literal('running') }),
  z
    .strictObject({ grant: word, what: z.literal('failed'), why: z.string().max(1_000) })
    .describe('redeemed, and nothing was started'),
  z.strictObject({
    grant: word,
    what: z.literal('finished'),
    exitCode,
    signal,
    outputDigest: sha256Schema.optional().describe('of stdout, then stderr, each as its own SHA-256 in hex'),
    outputSize: z.int().min(0).optional(),
    changed: z
      .enum(['program', 'script'])
      .optional()
      .describe('its machine ended it right after the start: what it read is not what was approved'),
    output: z.string().max(65_536).optional().describe('its end, where the owner keeps it; sealed'),
  }),
]);
export type GrantReport = z.infer<typeof reportSchema>;
export const reportedSchema = z.object({ reported: z.literal(true) });

export const elevationSchema = z.object({
  id: z.string(),
  agent: z.string(),
  by: z.string().describe('the owner'),
  name: z.string().optional(),
  session: z.string().nullable().describe('null: what nobody else asks for'),
  surface: z.enum(['chat', 'page', 'host']),
  createdAt: timeSchema,
  until: timeSchema,
});
export type ElevationRow = z.infer<typeof elevationSchema>;
export const elevationListSchema = listOf(elevationSchema);

const agentName = z.string().min(1).max(200);

export const elevateSchema = z.strictObject({
  for: durationSchema.describe('a minute to an hour'),
  agent: agentName.optional().describe('the house’s own where none is named'),
  session: z.string().min(1).max(200).optional().describe('only what is asked in this one'),
});
export const elevationEndSchema = z.strictObject({
  id: z.string().min(1).max(200).optional().describe('every one where none is named'),
});
export const elevationEndedSchema = z.object({ ended: z.int().min(0) });

export interface VerifyGrant {
  /** The pinned key, or keys, of the gateway: public JWKs (Ed25519). */
  readonly keys: readonly object[];
  /** This machine, as the action names it. */
  readonly host: string;
  /** Computed here, from what would be started. */
  readonly actionDigest: string;
  /** The request it was given to, where that is known. */
  readonly requestDigest?: string;
  /** How far our clock may be from the gateway's; 30 seconds otherwise. */
  readonly skewSeconds?: number;
  readonly now: Date;
}

const MAX_LENGTH = 16_384;

/**
 * @throws Problem `grant_invalid` (no grant of that gateway), `grant_wrong_host`, `grant_expired`, `grant_digest_mismatch`.
 */
export async function verifyGrant(token: string, options: VerifyGrant): Promise<GrantClaims> {
  const { keys, host, actionDigest, requestDigest, skewSeconds = 30, now } = options;
  if (token.length > MAX_LENGTH) throw refused('grant_invalid', 'malformed');
  const claims = await signed(token, keys, skewSeconds, now);
  if (claims.aud !== host) throw refused('grant_wrong_host', 'it is for another machine');
  if (claims.actionDigest !== actionDigest)
    throw refused('grant_digest_mismatch', 'what would run is not what was approved');
  if (requestDigest !== undefined && claims.requestDigest !== requestDigest)
    throw refused('grant_digest_mismatch', 'it was given to another request');
  return claims;
}

async function signed(
  token: string,
  keys: readonly object[],
  skewSeconds: number,
  now: Date,
): Promise<GrantClaims> {
  try {
    const set = createLocalJWKSet({ keys: keys.map((key) => ({ ...key, kty: 'OKP' })) });
    const { payload } = await jwtVerify(token, set, {
      typ: GRANT_TYPE,
      algorithms: ['EdDSA'],
      requiredClaims: ['iss', 'aud', 'sub', 'iat', 'exp', 'jti'],
      clockTolerance: skewSeconds,
      // With it the library looks at `iat` by the same clock, and refuses the future: no clock agreement, nothing runs.
      maxTokenAge: Number.MAX_SAFE_INTEGER,
      currentDate: now,
    });
    return grantClaimsSchema.parse(payload);
  } catch (cause) {
    if (cause instanceof errors.JWTExpired) throw refused('grant_expired', 'it has run out');
    throw refused('grant_invalid', 'no grant of that gateway', cause);
  }
}

function refused(code: ProblemCode, detail: string, cause?: unknown): Problem {
  return new Problem(code, { detail, ...(cause === undefined ? {} : { cause }) });
}
