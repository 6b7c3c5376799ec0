// Wire schemas of notifications in a browser: who is told, and how that fares. An endpoint is never shown again.
import { z } from 'zod';
import { timeSchema } from './common.ts';

const base64url = (min: number, max: number) =>
  z
    .string()
    .min(min)
    .max(max)
    .regex(/^[A-Za-z0-9_-]+$/, 'base64url without padding');

export const pushRowSchema = z.object({
  id: z.string(),
  device: z.string().describe('whose browser is told'),
  name: z.string().describe('as that device calls itself: a claim'),
  mine: z.boolean().describe('of the device that asks'),
  createdAt: timeSchema,
  lastOkAt: timeSchema.optional().describe('when the push service last took a notification'),
  failing: z.string().optional().describe('why the last notification was given up'),
});

export const pushListSchema = z.object({
  publicKey: z.string().describe('applicationServerKey for PushManager.subscribe'),
  items: z.array(pushRowSchema),
});

/** A PushSubscription as the browser prints it, and the language it is to be told in. */
export const pushSubscribeSchema = z.strictObject({
  endpoint: z.string().min(1).max(2048),
  keys: z.strictObject({ p256dh: base64url(87, 87), auth: base64url(22, 22) }),
  language: z.enum(['en', 'de']).default('en'),
});

export const pushTestSchema = z.object({
  fate: z.enum(['delivered', 'gone', 'later', 'refused']).describe('what the push service said'),
  why: z.string().optional(),
});

export type PushRow = z.infer<typeof pushRowSchema>;
export type PushList = z.infer<typeof pushListSchema>;
export type PushSubscribe = z.input<typeof pushSubscribeSchema>;
export type PushTest = z.infer<typeof pushTestSchema>;
