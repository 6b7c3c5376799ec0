// Wire schemas of factors: what a person proves besides their chat or their browser.
import { z } from 'zod';
import { timeSchema } from './common.ts';

export const factorRowSchema = z.object({
  id: z.string(),
  kind: z.enum(['totp', 'passkey']),
  label: z.string(),
  state: z.enum(['pending', 'active', 'removed']),
  person: z.string(),
  origin: z.string().optional().describe('where a passkey works'),
  createdAt: timeSchema,
  lastUsedAt: timeSchema.optional(),
});

export const factorListSchema = z.object({
  items: z.array(factorRowSchema),
  recoveryCodes: z.number().int().describe('how many are left'),
});

const personRef = z.string().min(1).max(200);
export const factorWhoseSchema = z.strictObject({
  person: personRef.optional().describe('id, its beginning or name; the device’s own, or the only owner'),
});
export const factorOwnerSchema = factorWhoseSchema.extend({
  label: z.string().min(1).max(100).optional(),
});

export const totpEnrolledSchema = z.object({
  id: z.string(),
  secret: z.string().describe('base32, shown once'),
  uri: z.string(),
});

export const factorConfirmSchema = z.strictObject({ code: z.string().min(6).max(20) });

/** WebAuthn options as the browser takes them (JSON form); their insides are the standard's. */
export const passkeyOptionsSchema = z.object({ options: z.record(z.string(), z.json()) });
export const passkeyFinishSchema = z.strictObject({
  label: z.string().min(1).max(100).optional(),
  person: personRef.optional(),
  response: z.record(z.string(), z.json()),
});

export const recoveryCodesSchema = z.object({ codes: z.array(z.string()).length(10) });

/** Everything lost: announced to every owner, delayed, stoppable. */
export const recoveryRowSchema = z.object({
  id: z.string(),
  person: z.string(),
  state: z.enum(['announced', 'stopped', 'done']),
  startedAt: timeSchema,
  readyAt: timeSchema.describe('before that it cannot be carried out'),
  endedAt: timeSchema.optional(),
  ends: z
    .object({ factors: z.number().int(), recoveryCodes: z.number().int(), devices: z.number().int() })
    .describe('what it would end, or ended'),
});
export const recoveryListSchema = z.object({ items: z.array(recoveryRowSchema) });
export const recoveryStartSchema = z.strictObject({ person: personRef });

export type RecoveryRow = z.infer<typeof recoveryRowSchema>;
export type TotpEnrolled = z.infer<typeof totpEnrolledSchema>;
export type FactorRow = z.infer<typeof factorRowSchema>;
export type FactorList = z.infer<typeof factorListSchema>;
