// Wire schemas of linking an account by a phone: begun by one call, followed by others, one step at a time.
import { z } from 'zod';
import { timeSchema } from './common.ts';

export const channelLoginSchema = z.strictObject({
  account: z.string().min(1).max(32).default('default'),
  force: z.boolean().default(false).describe('start over, whatever is linked'),
  phone: z
    .string()
    .min(5)
    .max(32)
    .optional()
    .describe('link by a code typed into the phone of this number, instead of a picture'),
});

export const loginStepSchema = z.object({
  id: z.string().describe('names this linking; whoever has it can follow it'),
  channel: z.string(),
  account: z.string(),
  step: z.number().int().describe('counts the steps: ask for the one after it'),
  state: z.enum(['starting', 'picture', 'code', 'finishing', 'linked', 'failed']),
  text: z.string().optional().describe('what to draw as a QR code, or the code to type into the phone'),
  expiresAt: timeSchema.optional(),
  login: z.string().optional().describe('who we are there'),
  problem: z.object({ code: z.string(), detail: z.string(), hint: z.string().optional() }).optional(),
});

export const channelLogoutSchema = z.strictObject({
  account: z.string().min(1).max(32).default('default'),
});
export const channelLoggedOutSchema = z.object({
  channel: z.string(),
  account: z.string(),
  told: z.boolean().describe('false: the service could not be told; remove the device on the phone'),
});

export type ChannelLogin = z.input<typeof channelLoginSchema>;
export type LoginStepRow = z.infer<typeof loginStepSchema>;
export type ChannelLoggedOut = z.infer<typeof channelLoggedOutSchema>;
