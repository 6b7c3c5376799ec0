// Wire schemas of the house itself: claim, status, channels, configuration, audit.
import { z } from 'zod';
import { listOf, timeSchema } from './common.ts';
import { signedHeadSchema } from './receipt.ts';

/** A public key as browsers export it. Private members make the whole request malformed. */
export const publicJwkSchema = z.union([
  z.strictObject({
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    x: z.string().length(43),
    y: z.string().length(43),
  }),
  z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string().length(43) }),
]);
export type PublicJwk = z.infer<typeof publicJwkSchema>;

const signatureSchema = z.string().length(86).describe('base64url of 64 bytes');

export const claimStateSchema = z.object({
  owned: z.boolean(),
  gateway: z.string(),
  nonce: z.string(),
  ts: z.number().int(),
});
export const claimTakeSchema = z.strictObject({
  secret: z.string().min(1).max(200),
  name: z.string().min(1).max(200),
  key: publicJwkSchema,
  nonce: z.string().min(1).max(200),
  ts: z.number().int(),
  signature: signatureSchema,
});
export const claimTakenSchema = z.object({ person: z.string(), name: z.string(), role: z.literal('owner') });
export const claimLinkSchema = z.object({ url: z.string(), expiresAt: timeSchema });
export type ClaimLink = z.infer<typeof claimLinkSchema>;

export const accountStatusSchema = z.object({
  channel: z.string(),
  account: z.string(),
  enabled: z.boolean(),
  dmPolicy: z.string(),
  state: z.enum(['off', 'starting', 'connected', 'retrying', 'failed']),
  detail: z.string().optional(),
  lastInboundAt: timeSchema.optional(),
  lastOutboundAt: timeSchema.optional(),
  hint: z.string().optional().describe('what to do about it'),
  probe: z.string().optional().describe('what a live check said'),
});
export const channelListSchema = listOf(accountStatusSchema);
export type AccountStatus = z.infer<typeof accountStatusSchema>;

export const addableListSchema = z.object({
  items: z.array(
    z.object({
      channel: z.string(),
      needs: z.string(),
      fields: z.array(
        z.object({ key: z.string(), needs: z.string(), secret: z.boolean(), optional: z.boolean() }),
      ),
    }),
  ),
});
export type Addable = z.infer<typeof addableListSchema>['items'][number];

const tokenSchema = z.union([
  z.string().min(1).max(8_192),
  z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/) }),
  z.strictObject({ file: z.string().min(1).max(4_096) }),
]);
export const channelAddSchema = z.strictObject({
  channel: z.string().min(1).max(64),
  account: z.string().min(1).max(32).default('default'),
  token: tokenSchema.describe('as text, { "env": "NAME" } or { "file": "PATH" } as the gateway reads them'),
  settings: z
    .record(z.string().min(1).max(64), z.string().min(1).max(1_024))
    .default({})
    .describe('further keys of the account, by name'),
  secrets: z
    .record(z.string().min(1).max(64), tokenSchema)
    .default({})
    .describe('further secrets of the account, by name, each written as the token is'),
  apiRoot: z.string().min(1).max(1_024).optional(),
  localApi: z.boolean().default(false),
  check: z.boolean().default(true).describe('false: written without asking the service'),
});
export const channelAddedSchema = z.object({
  channel: z.string(),
  account: z.string(),
  path: z.string().describe('the configuration file'),
  login: z.string().optional().describe('who we are there, as the service said'),
  tokenFrom: z.enum(['literal', 'env', 'file']),
  running: z.boolean().describe('true when a running gateway has taken it up'),
  webhook: z.string().optional().describe('where the platform has to be told to deliver'),
});
export type ChannelAdd = z.input<typeof channelAddSchema>;
export type ChannelAdded = z.infer<typeof channelAddedSchema>;

export const gatewayStatusSchema = z.object({
  version: z.string(),
  pid: z.number().int(),
  running: z.boolean(),
  startedAt: timeSchema.optional(),
  home: z.string(),
  addresses: z.array(z.string()),
  store: z.string(),
  owned: z.boolean(),
  agent: z.string(),
  isolation: z.number().int(),
  testEndpoints: z.boolean(),
  ui: z.enum(['built', 'missing']),
  pendingPairings: z.number().int(),
  pendingApprovals: z
    .number()
    .int()
    .optional()
    .describe('requests that wait for a yes or a no; left out where none does'),
  channels: z.array(accountStatusSchema),
  elevated: z
    .array(z.object({ agent: z.string(), until: timeSchema }))
    .optional()
    .describe('agents that may do what is elevated unasked, and until when; left out where none may'),
});
export type GatewayStatus = z.infer<typeof gatewayStatusSchema>;

export const checkSchema = z.object({
  name: z.string(),
  level: z.enum(['ok', 'note', 'warning', 'error']),
  message: z.string(),
  hint: z.string().optional(),
});
export const doctorSchema = z.object({ items: z.array(checkSchema) });
export type DoctorCheck = z.infer<typeof checkSchema>;

export const configSetSchema = z.strictObject({ path: z.string().min(1).max(500), value: z.json() });
export const pendingChangeSchema = z.object({
  path: z.string(),
  why: z.enum(['guarded', 'mass_removal']),
  channel: z.string().optional(),
  account: z.string().optional(),
  inForce: z.json().describe('what the gateway works with; secrets masked'),
  asked: z.json().describe('what the file says; secrets masked'),
  gone: z.array(z.string()).optional().describe('who is missing from the list'),
});
export const pendingListSchema = z.object({ items: z.array(pendingChangeSchema) });
export type PendingChange = z.infer<typeof pendingChangeSchema>;
export const configPathSchema = z.strictObject({ path: z.string().min(1).max(500) });

export const auditEventSchema = z.object({
  id: z.string(),
  writer: z.string(),
  seq: z.number().int(),
  at: timeSchema,
  type: z.string(),
  actor: z.string(),
  outcome: z.enum(['ok', 'denied', 'failed']),
  reason: z.string().optional(),
  subject: z.record(z.string(), z.json()),
  personal: z.record(z.string(), z.string()).optional(),
  hash: z.string(),
});
export const auditListSchema = listOf(auditEventSchema);
export type AuditEvent = z.infer<typeof auditEventSchema>;
export const auditListQuerySchema = z.strictObject({
  session: z.string().optional(),
  person: z.string().optional(),
  type: z.string().optional(),
  types: z
    .string()
    .max(1_000)
    .optional()
    .describe('several, with commas between them; one that ends in a dot means all that begin so'),
  about: z
    .array(z.string().max(100))
    .max(2)
    .optional()
    .describe('any id that the event names, or that did it; given twice: both'),
  outcome: z.enum(['ok', 'denied', 'failed']).optional(),
  since: z.iso.datetime({ offset: true }).optional(),
  until: z.iso.datetime({ offset: true }).optional(),
  after: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});
export const auditVerifySchema = z.object({
  ok: z.boolean(),
  events: z.number().int(),
  heads: z.array(z.object({ writer: z.string(), seq: z.number().int(), hash: z.string() })),
  signed: z.array(signedHeadSchema).optional().describe('the heads, to be kept elsewhere'),
  broken: z.object({ writer: z.string(), seq: z.number().int(), why: z.string() }).optional(),
});
export type AuditVerdict = z.infer<typeof auditVerifySchema>;
