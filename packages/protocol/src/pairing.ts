// Wire schemas of pairing requests: an unknown person who wrote, waiting for a yes.
import { z } from 'zod';
import { durationSchema, listOf, timeSchema } from './common.ts';

export const pairingStateSchema = z.enum([
  'pending',
  'waiting',
  'approved',
  'denied',
  'expired',
  'revoked',
  'blocked',
]);

export const pairingRowSchema = z.object({
  id: z.string(),
  channel: z.string(),
  account: z.string(),
  identifier: z.string().describe('the immutable native id: what a yes is given to'),
  alias: z
    .string()
    .optional()
    .describe('another id of theirs, by the word of the channel itself: their number'),
  hidden: z.boolean().optional().describe('true: the channel knows another id of theirs, and did not say it'),
  username: z.string().optional().describe('a claim by the sender'),
  displayName: z.string().optional().describe('a claim by the sender'),
  code: z.string().optional().describe('only while it can be approved with it'),
  state: pairingStateSchema,
  firstWords: z.string().optional(),
  person: z.string().optional().describe('whose peer it became'),
  createdAt: timeSchema,
  expiresAt: timeSchema,
  decidedAt: timeSchema.optional(),
  decidedBy: z.string().optional(),
  accessUntil: timeSchema.optional(),
});

export const pairingListQuerySchema = z.strictObject({
  channel: z.string().optional(),
  account: z.string().optional(),
  show: z.enum(['open', 'approved', 'blocked', 'all']).default('open'),
  after: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

/** The code travels in a body, never in a path: paths end in logs. */
export const pairingFindSchema = z.strictObject({
  what: z.string().min(1).max(300).describe('an id, a code, an identifier, or @name among pending requests'),
  channel: z.string().optional(),
  account: z.string().optional(),
});

export const pairingFoundSchema = z.object({
  pairing: pairingRowSchema,
  by: z.enum(['id', 'code', 'identifier', 'username']),
});

export const pairingApproveSchema = z.strictObject({
  for: durationSchema.optional().describe('how long the access lasts; without it, until revoked'),
  name: z.string().min(1).max(200).optional().describe('the name of the person in your list'),
});

export const pairingRevokeSchema = z.strictObject({
  channel: z.string(),
  account: z.string().optional(),
  identifier: z.string().min(1).max(300),
});

export const pairingResetSchema = z.strictObject({
  channel: z.string().optional(),
  account: z.string().optional(),
  identifier: z.string().optional(),
});

export const pairingListSchema = listOf(pairingRowSchema);
export type PairingRow = z.infer<typeof pairingRowSchema>;
export type PairingFound = z.infer<typeof pairingFoundSchema>;
export type PairingShow = z.infer<typeof pairingListQuerySchema>['show'];
