// Wire schemas of actions and approval requests. An action holds what its executor can find out alone, and is what a yes is
// given to; a request adds what only the gateway knows of its caller. A field that no row here names is refused: nobody
// sends `approved`, `tier` or `requester` along (R43, H53).
import { z } from 'zod';
import { durationSchema, listOf, timeSchema } from './common.ts';
import { jsonFault } from './strict-json.ts';
import { TIERS } from './tier.ts';

export type { Tier } from './tier.ts';

export const tierSchema = z.enum(TIERS);

export const sha256Schema = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .describe('SHA-256, lower-case hex');

/** Longest single string of an action, in UTF-16 units. The body limit of the API bounds the whole. */
const MAX_TEXT = 262_144;

// execve ends every string at NUL, and a lone surrogate has no bytes: what was shown would not be what runs.
const plain = z
  .string()
  .max(MAX_TEXT)
  .refine((text) => !text.includes('\0') && text.isWellFormed(), {
    error: 'no NUL and no lone surrogate',
  });
const path = plain.max(4_096).regex(/^(\/|[A-Za-z]:[\\/])/, { error: 'an absolute path' });
const integer64 = z.string().regex(/^(0|[1-9]\d{0,19})$/, { error: 'an unsigned integer as text' });

/** The folder it runs in: its real path, and which folder that was (a rename puts another one there). */
export const cwdSchema = z.strictObject({ path, device: integer64, inode: integer64 });

/** A file that was opened and hashed: the real path, after links. */
export const hashedFileSchema = z.strictObject({ path, sha256: sha256Schema });

/** An object whose names are the sender's own. Looked at before zod does, which leaves `__proto__` out without a word. */
const named = <T extends z.ZodType>(schema: T) =>
  z
    .unknown()
    .superRefine((value, context) => {
      const fault = jsonFault(value);
      if (fault !== null) context.addIssue({ code: 'custom', message: `no digest: ${fault}` });
    })
    .meta({ type: 'object' })
    .pipe(schema);

const envSchema = named(
  z
    .record(z.string().regex(/^[^=\0]{1,1024}$/), plain)
    .refine((env) => Object.keys(env).length <= 1_024, { error: 'at most 1,024 variables' }),
);

export const stdinSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }).describe('nothing to read'),
  z.strictObject({ kind: z.literal('terminal') }).describe('a person types'),
  z
    .strictObject({ kind: z.literal('bytes'), sha256: sha256Schema, size: z.int().min(0) })
    .describe('read whole before it was asked'),
]);

const executed = {
  kind: z.literal('exec'),
  cwd: cwdSchema,
  program: hashedFileSchema.describe('what is started: for a shell line, the shell'),
  interpreter: hashedFileSchema
    .exactOptional()
    .describe(
      'what reads the program, where it begins with #!: then this is started, with the program’s path',
    ),
  scripts: z.array(hashedFileSchema).max(64).describe('files it is given to run, in the order of the words'),
  env: envSchema.describe('all it gets'),
  stdin: stdinSchema,
  host: z.string().min(1).max(200).describe('the machine that runs it, by id'),
};

export const execArgvSchema = z.strictObject({
  ...executed,
  argv: z.array(plain).min(1).max(65_536).describe('started without a shell'),
});
export const execShellSchema = z.strictObject({
  ...executed,
  shell: plain.min(1).describe('a line that a shell reads: approved as a whole'),
});

export const toolActionSchema = z.strictObject({
  kind: z.literal('tool'),
  tool: plain.min(1).max(1_000).describe('as its runtime names it, with the server it belongs to'),
  arguments: named(z.record(z.string(), z.json())),
  cwd: cwdSchema.nullable(),
  host: executed.host,
});

export const messageActionSchema = z.strictObject({
  kind: z.literal('message'),
  to: z.strictObject({
    channel: plain.min(1).max(200),
    account: plain.min(1).max(200),
    identifier: plain.min(1).max(1_000),
  }),
  text: z
    .string()
    .max(MAX_TEXT)
    .refine((text) => text.isWellFormed(), { error: 'no lone surrogate' }),
  attachments: z
    .array(z.strictObject({ name: plain.max(1_000), sha256: sha256Schema, size: z.int().min(0) }))
    .max(100),
  host: executed.host,
});

/** Any action. */
export const actionSchema = z.union([execArgvSchema, execShellSchema, toolActionSchema, messageActionSchema]);

export type ExecArgv = z.infer<typeof execArgvSchema>;
export type ExecShell = z.infer<typeof execShellSchema>;
export type ExecAction = ExecArgv | ExecShell;
export type ToolAction = z.infer<typeof toolActionSchema>;
export type MessageAction = z.infer<typeof messageActionSchema>;
export type Action = z.infer<typeof actionSchema>;
export type Cwd = z.infer<typeof cwdSchema>;
export type HashedFile = z.infer<typeof hashedFileSchema>;
export type Stdin = z.infer<typeof stdinSchema>;

/**
 * What the gateway adds to an action, from its authenticated caller and its own books. Times are integers, milliseconds
 * since the epoch. What a request is, for ever: a change of any of it is another request (R21, R37).
 */
export const requestFactsSchema = z.strictObject({
  actionDigest: sha256Schema,
  requester: z
    .string()
    .min(1)
    .max(200)
    .nullable()
    .describe('the person it is asked for; null when none is known'),
  agent: z.string().min(1).max(200),
  session: z.string().min(1).max(200).nullable(),
  tier: tierSchema,
  policy: z.int().min(0).describe('version of the policy that asked'),
  nonce: z.string().regex(/^[A-Za-z0-9_-]{22,86}$/, { error: 'at least 128 bits, base64url' }),
  expiresAt: z.int().min(0),
});
export type RequestFacts = z.infer<typeof requestFactsSchema>;

export const approvalStateSchema = z.enum([
  'pending',
  'approved',
  'denied',
  'expired',
  'cancelled',
  'superseded',
  'redeemed',
  'finished',
  'lost',
]);
export type ApprovalState = z.infer<typeof approvalStateSchema>;

export const factorKindSchema = z.enum(['totp', 'recovery', 'passkey']);
export type FactorKind = z.infer<typeof factorKindSchema>;

/** Why a tier: the rule that fired and its sentence. */
export const reasonSchema = z.object({
  rule: z.string(),
  tier: tierSchema,
  why: z.string(),
  command: z.int().optional().describe('which of the commands it is about, counted from 0'),
});

/** Who must say yes, how many, how proven. */
export const needSchema = z.object({
  who: z.enum(['owners', 'approvers']),
  people: z.array(z.string()).describe('those who may decide this one, by id'),
  quorum: z.int().min(1),
  factors: z.array(factorKindSchema).describe('any one of them; empty: no proof beside who they are'),
});

/** One command that would run, as the classifier listed it. */
export const listedSchema = z.object({
  text: z.string().describe('its words, escaped'),
  tier: tierSchema,
  via: z.array(z.string()).optional().describe('the wrappers it runs in, outermost first'),
});

/** One word of one approver on one request. */
export const decisionSchema = z.object({
  decision: z.enum(['approve', 'deny']),
  by: z.string().describe('the person, or what ended it'),
  surface: z.string(),
  factors: z.array(factorKindSchema),
  at: timeSchema,
  reason: z.string().optional(),
});

export const runSchema = z.object({
  grant: z.string().describe('grant_…'),
  redeemedAt: timeSchema.optional(),
  startedAt: timeSchema.optional(),
  finishedAt: timeSchema.optional(),
  lostAt: timeSchema.optional().describe('its host fell silent: it may have run, and may not'),
  failure: z.string().optional().describe('why nothing was started though it was redeemed'),
  exitCode: z.int().nullable().optional(),
  signal: z.string().nullable().optional(),
  changed: z
    .enum(['program', 'script'])
    .optional()
    .describe('what of it was not what was approved: its machine ended it right after the start'),
  outputDigest: sha256Schema.optional(),
  outputSize: z.int().optional(),
  output: z.string().optional().describe('its end, where the owner keeps it; for those who decide'),
});

export const approvalRowSchema = z.object({
  id: z.string(),
  state: approvalStateSchema,
  tier: tierSchema,
  reasons: z.array(reasonSchema),
  commands: z.array(listedSchema).optional(),
  actionDigest: sha256Schema,
  requestDigest: sha256Schema,
  short: z.string().describe('the first 50 bits of requestDigest: K7QD2-M4XA9'),
  action: actionSchema.optional().describe('for those who may decide, and for the requester'),
  facts: requestFactsSchema.optional().describe('what requestDigest is taken over'),
  requester: z.string().nullable(),
  agent: z.string(),
  host: z.string(),
  here: z
    .literal(true)
    .optional()
    .describe('it would run on the gateway’s own machine; for those who decide'),
  need: needSchema.optional(),
  proof: z
    .object({
      seconds: z
        .int()
        .describe(
          'so long a proof given for it counts again: same agent, tier, machine and session; 0: never',
        ),
      until: timeSchema.optional().describe('so long an earlier one counts for it, and none is asked for'),
    })
    .optional()
    .describe('of one request that waits: what a proof of the person who looks is worth'),
  decisions: z.array(decisionSchema).describe('every word given, in order'),
  decision: decisionSchema.optional().describe('the word that ended it'),
  flags: z.array(z.string()).optional().describe('what stands out: denied_before, burst'),
  because: z
    .string()
    .optional()
    .describe('why the policy allowed or denied it at once; of what people were asked, what ended it'),
  endedBy: z
    .string()
    .optional()
    .describe('what ended it where no person did, whoever had allowed it: unused, changed_script …'),
  hint: z.string().optional().describe('what would help'),
  pausedUntil: timeSchema
    .optional()
    .describe('of a denial: its session was told no too often in a row, and asks nothing until then'),
  told: z
    .enum(['none', 'queued', 'delivered', 'failed'])
    .optional()
    .describe('how far people have heard of it; none: there is nowhere to tell anybody'),
  names: z
    .record(z.string(), z.string())
    .optional()
    .describe('names of the people in it, by id; for those who decide'),
  run: runSchema.optional(),
  grant: z.string().optional().describe('for the program that asked, once it is approved: a signed JWS'),
  createdAt: timeSchema,
  expiresAt: timeSchema,
});

export const approvalListSchema = listOf(approvalRowSchema);

export const approvalListQuerySchema = z.strictObject({
  show: z.enum(['open', 'history', 'all']).default('open'),
  agent: z.string().max(200).optional(),
  asked: z
    .enum(['people', 'nobody'])
    .optional()
    .describe('those that people were asked about; those that the policy alone let run or refused'),
  after: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

/** What an agent's side sends. Who it is comes from the door; how risky it is, from us. */
export const approvalAskSchema = z.strictObject({
  action: actionSchema,
  session: z.string().min(1).max(200).optional().describe('a handle that was issued to this agent'),
});

export const approvalWaitQuerySchema = z.strictObject({
  wait: z.coerce.number().int().min(0).max(60).default(0).describe('seconds to wait for a change'),
  stays: z
    .enum(['true', 'false'])
    .default('false')
    .describe('true: whoever asked stays on the line. Cut off, and not back in time, it is taken back'),
  for: z
    .enum(['yes'])
    .optional()
    .describe(
      '`yes`: what waits is named by five characters at least, and by none that fit what ended within a day',
    ),
});

export const decisionFactorSchema = z.strictObject({
  kind: factorKindSchema,
  value: z
    .union([z.string().min(1).max(128), z.record(z.string(), z.unknown())])
    .describe('a code; of a passkey {challenge, response}'),
});

/** What a browser needs to prove a passkey for this request and no other. */
export const proofBegunSchema = z.object({
  challenge: z.string(),
  options: z.record(z.string(), z.json()),
});

export const decideSchema = z.strictObject({
  decision: z.enum(['approve', 'deny']),
  factor: decisionFactorSchema.optional(),
  reason: z.string().max(1_000).optional().describe('told to the requester'),
});

/** What of an action, or of a request, can be another one by the time it would run. */
export const CHANGEABLE = [
  ...['argv', 'program', 'script', 'cwd', 'env', 'stdin', 'host'],
  ...['agent', 'session', 'policy'],
] as const;
export const approvalCancelSchema = z.strictObject({
  changed: z
    .enum(CHANGEABLE)
    .optional()
    .describe('it would not run as it was asked any more: what is another one now'),
});

export type ApprovalCancel = z.input<typeof approvalCancelSchema>;

/** Without ids: everything that waits. */
export const approvalDenyAllSchema = z.strictObject({ reason: z.string().max(1_000).optional() });
export const approvalDenyAllAnswerSchema = z.object({
  denied: z.int().min(0),
  paused: z
    .array(z.object({ agent: z.string(), session: z.string().nullable(), until: timeSchema }))
    .optional()
    .describe('whose sessions were told no too often in a row, and ask nothing until then'),
});
export type DeniedAll = z.infer<typeof approvalDenyAllAnswerSchema>;

/** "Always allow" what a request asked. */
export const approvalAllowSchema = z.strictObject({
  for: durationSchema.default('30d'),
  preview: z.boolean().default(false).describe('only show the rule'),
});
export const approvalAllowAnswerSchema = z.object({
  rule: z.string().optional(),
  text: z.string().describe('the rule in words'),
  until: timeSchema,
});

export type Reason = z.infer<typeof reasonSchema>;
export type Need = z.infer<typeof needSchema>;
export type Decision = z.infer<typeof decisionSchema>;
export type ApprovalRow = z.infer<typeof approvalRowSchema>;
export type ApprovalAsk = z.infer<typeof approvalAskSchema>;
export type Decide = z.infer<typeof decideSchema>;
