// Wire schemas of people, their peers and their sessions.
import { z } from 'zod';
import { listOf, timeSchema } from './common.ts';

export const roleSchema = z.enum(['owner', 'approver', 'user']);

export const peerRowSchema = z.object({
  channel: z.string(),
  account: z.string(),
  identifier: z.string(),
  ceiling: roleSchema.describe('the most this peer may act as'),
  blocked: z.boolean(),
  username: z.string().optional(),
  displayName: z.string().optional(),
  accessUntil: timeSchema.optional(),
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

export const sessionRowSchema = z.object({
  id: z.string(),
  key: z.string(),
  person: z.string(),
  channel: z.string(),
  account: z.string(),
  createdAt: timeSchema,
  lastTurnAt: timeSchema,
});

export const pageQuerySchema = z.strictObject({
  after: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

export const personListSchema = listOf(personRowSchema);
export const sessionListSchema = listOf(sessionRowSchema);
export type PersonRow = z.infer<typeof personRowSchema>;
export type SessionRow = z.infer<typeof sessionRowSchema>;
export type RoleName = z.infer<typeof roleSchema>;
