// A receipt: one request as a document that is checked without us. Who asked, what exactly, who answered and how proven, what
// ran and how it ended; the audit events that say so, the heads of the chains they stand on, the grant; all of it signed with
// the gateway's own key. Nothing in it is believed because it stands there: verify-receipt.ts.
import { z } from 'zod';
import {
  actionSchema,
  approvalStateSchema,
  decisionSchema,
  needSchema,
  requestFactsSchema,
  runSchema,
  sha256Schema,
  tierSchema,
} from './approval.ts';
import { timeSchema } from './common.ts';

// The last letter carries bits that mean nothing: one text for one value, or a receipt could be changed and verify.
const hash = z
  .string()
  .regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/)
  .describe('SHA-256, base64url');
const signatureSchema = z.strictObject({
  kid: hash.describe('RFC 7638 thumbprint of the gateway’s key'),
  value: z
    .string()
    .regex(/^[A-Za-z0-9_-]{85}[AQgw]$/)
    .describe('Ed25519, base64url'),
});

/** The hashed body of an event: docs/spec/audit.md 1.3. */
export const eventBodySchema = z.strictObject({
  v: z.literal(1),
  writer: z.string(),
  seq: z.int().min(1),
  prev: z.string(),
  id: z.string(),
  type: z.string(),
  at: z.int().min(0),
  actor: z.string(),
  subject: z.record(z.string(), z.json()),
  outcome: z.enum(['ok', 'denied', 'failed']),
  reason: z.string().nullable(),
  personal: z.string().nullable(),
});
export type ReceiptEvent = z.infer<typeof eventBodySchema>;

/** How far a chain had come at a moment: `countersign.head.v1` over all but the signature. */
export const signedHeadSchema = z.strictObject({
  gateway: z.string().describe('the installation'),
  writer: z.string(),
  seq: z.int().min(1),
  hash,
  at: timeSchema,
  signature: signatureSchema,
});
export type SignedHead = z.infer<typeof signedHeadSchema>;

/** `countersign_purpose` of a published key: each signs one kind of thing. */
export type KeyPurpose = 'bearer' | 'grant' | 'gateway';

export const RECEIPT_KIND = 'countersign.receipt.v1';

export const receiptSchema = z.strictObject({
  kind: z.literal(RECEIPT_KIND),
  gateway: z.string().describe('the installation'),
  issuer: z.string().describe('its name in grants'),
  at: timeSchema.describe('when this was written'),
  request: z.strictObject({
    id: z.string(),
    state: approvalStateSchema,
    tier: tierSchema,
    short: z.string(),
    action: actionSchema,
    facts: requestFactsSchema,
    actionDigest: sha256Schema,
    requestDigest: sha256Schema,
    requester: z.string().nullable(),
    agent: z.string(),
    host: z.string(),
    need: needSchema.strict().exactOptional(),
    because: z.string().exactOptional(),
    createdAt: timeSchema,
    expiresAt: timeSchema,
  }),
  decisions: z.array(decisionSchema.strict()),
  elevation: z
    .strictObject({
      id: z.string(),
      by: z.string(),
      surface: z.string(),
      factors: z.array(z.string()),
      at: timeSchema,
    })
    .exactOptional()
    .describe('where it ran unasked because an owner had proven that it may: who, where, with what, when'),
  grant: z
    .string()
    .max(16_384)
    .nullable()
    .describe('the JWS that allowed it; null where there never was one'),
  run: runSchema.omit({ output: true }).strict().nullable(),
  events: z
    .array(z.strictObject({ body: eventBodySchema, hash }))
    .min(1)
    .max(1_000)
    .describe('every event about it, chain by chain, in order'),
  heads: z.array(signedHeadSchema).min(1).describe('of the chains they stand on, when this was written'),
  people: z.record(z.string(), z.string()).describe('what the gateway calls the people in it'),
  keys: z
    .array(z.looseObject({ kty: z.string(), kid: z.string() }))
    .describe('to find the right one among trusted ones; nothing is trusted because it stands here'),
  signature: signatureSchema.describe('`countersign.receipt.v1` over all but this member'),
});
export type Receipt = z.infer<typeof receiptSchema>;
