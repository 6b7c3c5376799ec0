// Wire schemas of service tokens, and of what an ingress asserts with one.
import { z } from 'zod';
import { durationSchema, listOf, timeSchema } from './common.ts';

export const tokenScopeSchema = z.enum(['request', 'runtime', 'ingress', 'backend', 'read']);

export const tokenRowSchema = z.object({
  id: z.string(),
  name: z.string(),
  scope: tokenScopeSchema,
  state: z.enum(['live', 'expired', 'revoked']),
  agent: z.string().optional(),
  accounts: z.array(z.string()).optional().describe('ingress: whose senders it may assert'),
  audiences: z.array(z.string()).optional().describe('runtime: may ask bearers for; backend: may introspect'),
  createdAt: timeSchema,
  expiresAt: timeSchema.optional(),
  lastUsedAt: timeSchema.optional().describe('to the minute'),
  revokedAt: timeSchema.optional(),
});
export const tokenListSchema = listOf(tokenRowSchema);

const word = z.string().min(1).max(300);
/** A platform’s own id: one line, nothing invisible. */
const platformId = z.string().regex(/^[^\p{C}]{1,256}$/u);
export const tokenCreateSchema = z.strictObject({
  scope: tokenScopeSchema,
  for: word.optional().describe('the agent: request and runtime; ingress for another agent than the house’s'),
  accounts: z.array(word).max(64).optional().describe('ingress: "<channel>:<account>", one or more'),
  audiences: z.array(word).max(64).optional().describe('runtime and backend: of bearer.audiences'),
  name: z.string().min(1).max(100).optional(),
  expires: durationSchema.optional().describe('how long it is good; left out: until it is revoked'),
});

export const tokenMadeSchema = tokenRowSchema.extend({
  token: z.string().describe('shown once'),
  hopSecret: z.string().optional().describe('ingress: what calls are signed with; shown once'),
  client: z
    .object({ socket: z.string(), host: z.string(), gatewayKey: z.record(z.string(), z.string()) })
    .describe('how a program on this machine reaches the gateway, and the key it pins'),
});

export const ingressAssertSchema = z.strictObject({
  channel: word,
  account: word.default('default'),
  sender: z.string().min(1).max(256).describe('the native id, as the channel writes it'),
  conversation: z
    .strictObject({ kind: z.enum(['direct', 'group', 'thread']), id: platformId })
    .optional()
    .describe('left out: the direct chat with the sender'),
  messageId: platformId.describe('the platform’s id of the message'),
  sentAt: timeSchema.optional().describe('when it was sent; older ones never begin a pairing'),
  displayName: z
    .string()
    .max(256)
    .optional()
    .describe('how the sender calls themselves: shown, never believed'),
  username: z.string().max(256).optional(),
  text: z
    .string()
    .max(4_096)
    .optional()
    .describe('first words for the owner’s list; never read as a command'),
});

export const ingressAnswerSchema = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('admitted'),
    handle: z.string().describe('x-countersign-session of every request for this sender'),
    expiresAt: timeSchema.describe('good until then, unless somebody ends it; assert again at each message'),
  }),
  z.object({
    state: z.literal('pairing'),
    say: z.string().optional().describe('the text with the code, to be said once; absent: say nothing'),
  }),
  z.object({
    state: z.literal('refused'),
    reason: z.enum(['not_admitted', 'session_shared']),
  }),
]);

export type TokenScopeName = z.infer<typeof tokenScopeSchema>;
export type TokenRow = z.infer<typeof tokenRowSchema>;
export type TokenCreate = z.input<typeof tokenCreateSchema>;
export type TokenMade = z.infer<typeof tokenMadeSchema>;
export type IngressAssert = z.input<typeof ingressAssertSchema>;
export type IngressAnswer = z.infer<typeof ingressAnswerSchema>;
