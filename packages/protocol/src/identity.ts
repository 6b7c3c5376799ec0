// Wire schemas of people, their peers and their sessions.
import { z } from 'zod';
import { listOf, timeSchema } from './common.ts';

export const roleSchema = z.enum(['owner', 'approver', 'user']);

const peerNameSchema = z.object({ channel: z.string(), account: z.string(), identifier: z.string() });

export const peerRowSchema = peerNameSchema.extend({
  ceiling: roleSchema.describe('the most this peer may act as'),
  assurance: z.enum(['low', 'medium', 'high']).describe('what the channel proves of whoever writes there'),
  blocked: z.boolean(),
  username: z.string().optional(),
  displayName: z.string().optional(),
  accessUntil: timeSchema.optional(),
  lastSeenAt: timeSchema.optional().describe('when it last spoke to the agent, where that is known'),
});

export const personRowSchema = z.object({
  id: z.string(),
  name: z.string(),
  role: roleSchema,
  state: z.enum(['active', 'suspended', 'blocked']),
  peers: z.array(peerRowSchema),
  createdAt: timeSchema,
});

export const personAddSchema = z.strictObject({
  name: z.string().min(1).max(200),
  role: roleSchema.default('user'),
  peer: z.string().optional().describe('<channel>[:<account>]:<id>'),
});

export const personRoleSchema = z.strictObject({ role: roleSchema });
export const personRenameSchema = z.strictObject({ name: z.string().min(1).max(200) });

const CHAT = '<channel>[:<account>]:<id>, or the pairing code of a stranger who waits';

/** Codes travel in a body, never in a path: paths end in logs. */
export const personLinkSchema = z.strictObject({
  peer: z.string().min(1).max(300).describe(CHAT),
  as: roleSchema.optional().describe('the most that chat may act as; without it, a user'),
  via: z.string().min(1).max(300).optional().describe('which chat of the person is sent its code'),
  codes: z
    .tuple([z.string().max(64), z.string().max(64)])
    .optional()
    .describe('what the two chats were sent, once they were'),
});

export const personLinkedSchema = z.object({
  state: z
    .enum(['offered', 'linked', 'changed'])
    .describe('offered: two codes are on their way, give them back to finish'),
  person: personRowSchema,
  peer: peerNameSchema,
  ceiling: roleSchema.optional(),
  actsAs: roleSchema.optional().describe('the lower of the role of the person and the ceiling of the chat'),
  sentTo: z.array(peerNameSchema).optional().describe('the chats that were sent a code'),
  expiresAt: timeSchema.optional(),
});

export const personUnlinkSchema = z.strictObject({ peer: z.string().min(1).max(300).describe(CHAT) });
export const personUnlinkedSchema = z.object({
  unlinked: peerNameSchema,
  person: personRowSchema,
  lastOwnerChat: z.boolean().describe('true when no chat is left in which an owner acts as one'),
});

export const sessionRowSchema = z.object({
  id: z.string(),
  key: z.string(),
  person: z.string(),
  channel: z.string(),
  account: z.string(),
  createdAt: timeSchema,
  lastTurnAt: timeSchema,
  endedAt: timeSchema.optional().describe('the next message of its key begins another'),
});

export const pageQuerySchema = z.strictObject({
  after: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

export const personListSchema = listOf(personRowSchema);
export const sessionListSchema = listOf(sessionRowSchema);
export type PersonLinked = z.infer<typeof personLinkedSchema>;
export type PersonUnlinked = z.infer<typeof personUnlinkedSchema>;
export type PersonRow = z.infer<typeof personRowSchema>;
export type SessionRow = z.infer<typeof sessionRowSchema>;
export type RoleName = z.infer<typeof roleSchema>;
