// Wire schema of the overview: what needs somebody now, as rows of the other lists.
import { z } from 'zod';
import { tierSchema } from './approval.ts';
import { timeSchema } from './common.ts';
import { deviceRowSchema } from './device.ts';
import { recoveryRowSchema } from './factor.ts';
import { accountStatusSchema, checkSchema, pendingChangeSchema } from './gateway.ts';
import { pairingRowSchema } from './pairing.ts';

/** Of a request no more than that it waits: what it is stands where it is decided. */
const waitingApprovalSchema = z.object({
  id: z.string(),
  short: z.string(),
  tier: tierSchema,
  agent: z.string(),
  createdAt: timeSchema,
  expiresAt: timeSchema,
});

const needSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('pairing'), since: timeSchema, pairing: pairingRowSchema }),
  z.object({ kind: z.literal('approval'), since: timeSchema, approval: waitingApprovalSchema }),
  z.object({ kind: z.literal('device'), since: timeSchema, device: deviceRowSchema }),
  z.object({ kind: z.literal('recovery'), since: timeSchema, recovery: recoveryRowSchema }),
  z.object({ kind: z.literal('config'), since: timeSchema.optional(), change: pendingChangeSchema }),
  z.object({ kind: z.literal('channel'), since: timeSchema.optional(), channel: accountStatusSchema }),
  z.object({ kind: z.literal('check'), since: timeSchema.optional(), check: checkSchema }),
]);

const count = z.number().int();

export const overviewSchema = z.object({
  at: timeSchema,
  needs: z.array(needSchema).describe('recoveries first, then oldest first'),
  more: count.describe('how many more there are'),
  day: z.object({
    since: timeSchema.describe('the beginning of an hour, a day ago'),
    counts: z.object({
      admitted: count.describe('messages that were let through to the agent'),
      answered: count,
      unanswered: count.describe('given up, or answered by an error'),
      asked: count.describe('people who asked to be let in'),
      letIn: count,
      turnedAway: count,
      signedIn: count.describe('browsers that signed in by a code'),
      ranUnasked: count.describe('commands that the policy let run'),
      putToPeople: count.describe('commands that somebody was asked about'),
      saidYes: count.describe('that were approved'),
      saidNo: count.describe('that were denied'),
      refused: count.describe(
        'calls, commands and sign-ins that were refused; repeated ones count once a minute',
      ),
      undelivered: count,
    }),
  }),
  health: z.object({
    version: z.string(),
    startedAt: timeSchema.optional(),
    agent: z.string(),
    isolation: count,
    testEndpoints: z.boolean(),
    channels: z.array(accountStatusSchema),
  }),
});
export type Overview = z.infer<typeof overviewSchema>;
export type Need = Overview['needs'][number];
