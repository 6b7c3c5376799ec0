// Wire schemas of devices: browsers and nodes with a key, what they ask for, what they hold.
import { z } from 'zod';
import { listOf, timeSchema } from './common.ts';
import { publicJwkSchema } from './gateway.ts';

export const deviceRoleSchema = z.enum(['operator', 'node']);
export const deviceScopeSchema = z.enum(['approvals', 'manage', 'node', 'pairing', 'read']);

/** A device, or a request to become one (`state: "pending"`, an id that begins with devreq_). */
export const deviceRowSchema = z.object({
  id: z.string(),
  state: z.enum(['pending', 'approved', 'rejected', 'superseded', 'paired', 'expired', 'revoked']),
  role: deviceRoleSchema,
  scopes: z.array(deviceScopeSchema).describe('what it asks for, or was granted'),
  active: z.array(deviceScopeSchema).optional().describe('what it may do right now'),
  name: z.string().describe('as it calls itself: a claim'),
  person: z.string().optional().describe('whose it is'),
  key: z.string().describe('RFC 7638 thumbprint of its key'),
  via: z.enum(['claim', 'approval', 'login']).optional(),
  proven: z.boolean().optional().describe('a factor of its person was proven on it'),
  address: z.string().optional(),
  createdAt: timeSchema,
  lastSeenAt: timeSchema.optional(),
  expiresAt: timeSchema.optional(),
  decidedBy: z.string().optional(),
  endedAt: timeSchema.optional(),
  endedWhy: z.string().optional(),
  /** What it will be able to do, in words. */
  asks: z.array(z.string()).optional(),
});

export const deviceListSchema = listOf(deviceRowSchema);

export const deviceListQuerySchema = z.strictObject({
  show: z.enum(['live', 'pending', 'all']).default('live'),
  role: deviceRoleSchema.optional(),
  after: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

/** `request`: a device's own id stands for what that device asks now. */
export const deviceShowQuerySchema = z.strictObject({ as: z.literal('request').optional() });

export const deviceApproveSchema = z.strictObject({
  for: z.string().min(1).max(200).optional().describe('whose it becomes; the only owner otherwise'),
});
export const deviceRenameSchema = z.strictObject({ name: z.string().min(1).max(200) });

export const setupRequestSchema = z.strictObject({
  role: deviceRoleSchema.default('operator'),
  scopes: z.array(deviceScopeSchema).max(5).optional(),
});
export const setupSchema = z.object({
  setupCode: z.string().describe('standard base64 of {"url","token"}'),
  expiresAt: timeSchema,
  asks: z.array(z.string()).optional().describe('what a device can ask for with it, in words'),
});

export const loginStateSchema = z.object({
  available: z.boolean().describe('whether a code can be sent to an owner’s chat now'),
  digits: z.number().int().describe('how many digits a code has'),
  gateway: z.string(),
  nonce: z.string(),
  ts: z.number().int(),
});

export const loginChallengeSchema = z.strictObject({
  key: publicJwkSchema,
  nonce: z.string().min(1).max(200),
  ts: z.number().int(),
  signature: z.string().length(86),
  ticket: z.string().max(64).optional(),
});

export const loginAskedSchema = z.object({
  requestId: z.string(),
  phrase: z.string(),
  expiresAt: timeSchema,
});

export const loginVerifySchema = z.strictObject({
  requestId: z.string().min(1).max(100),
  code: z.string().min(1).max(64),
  nonce: z.string().min(1).max(200),
  ts: z.number().int(),
  signature: z.string().length(86),
});

/** What a device gets when it is let in; the same over the socket. */
export const helloSchema = z.object({
  device: z.string().describe('RFC 7638 thumbprint of its key'),
  id: z.string(),
  role: deviceRoleSchema,
  scopes: z.array(deviceScopeSchema),
  token: z.string(),
  expiresAt: timeSchema,
  nonce: z.string().describe('for the first DPoP proof'),
});

export type DeviceRow = z.infer<typeof deviceRowSchema>;
export type Setup = z.infer<typeof setupSchema>;
export type Hello = z.infer<typeof helloSchema>;
