// Between a program that asks, the gateway, and a machine elsewhere that runs what it is granted (an exec host). The machine
// derives the action itself, and starts nothing without a grant that it verified itself; what is said here asks and tells.
import { z } from 'zod';
import {
  approvalRowSchema,
  execArgvSchema,
  execShellSchema,
  requestFactsSchema,
  sha256Schema,
} from './approval.ts';

/** Of one frame of output, before base64. Frames of `/ws` end at 256 KiB. */
export const MAX_OUTPUT_BYTES = 48 * 1024;
/** Frames of one job on the way at once: whoever sends more is not heard any more (frames that wait end a socket). */
export const MAX_UNACKED = 8;
/** Of an action in a frame, as UTF-8. */
export const MAX_ACTION_BYTES = 240_000;

const job = z.string().regex(/^job_[a-z2-7]{24}$/, { error: 'a job' });
const text = z.string().max(262_144);
const base64 = z
  .string()
  .max(1_048_576)
  .regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, { error: 'standard base64' });
const seq = z.int().min(0);
const ended = {
  exitCode: z.int().min(0).max(255).nullable(),
  signal: z
    .string()
    .regex(/^SIG[A-Z0-9+-]{1,20}$/)
    .nullable(),
  outputDigest: sha256Schema.optional(),
  outputSize: seq.optional(),
  changed: z
    .enum(['program', 'script'])
    .optional()
    .describe('its machine ended it right after the start: what it read is not what was approved'),
};

/** `SIGPIPE`: nobody reads its output any more. The command is not sent it: it meets a closed pipe. */
export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGPIPE'] as const;
export type RemoteSignal = (typeof SIGNALS)[number];

const envNamed = z
  .record(z.string().regex(/^[^=\0]{1,1024}$/), text)
  .refine((env) => Object.keys(env).length <= 256, { error: 'at most 256 variables' });

const command = {
  argv: z.array(text).min(1).max(65_536).optional().describe('started without a shell'),
  shell: text.min(1).optional().describe('a line that a shell reads'),
  cwd: z.string().min(1).max(4_096).nullable().describe('on that machine; null: where its node was started'),
  env: envNamed.describe('beside what that machine passes on'),
  stdin: base64.nullable().describe('all it reads; null: nothing'),
};
const oneOf = ({ argv, shell }: { readonly argv?: unknown; readonly shell?: unknown }) =>
  (argv === undefined) !== (shell === undefined);
const ONE = { error: 'either argv or shell' };

/** Who asks for a command on another machine. */
export const execAskSchema = z
  .strictObject({
    host: z.string().min(1).max(200).describe('the machine: its id, or its name where one of them has it'),
    ...command,
    cwd: command.cwd.optional(),
    env: envNamed.optional(),
    stdin: base64.nullable().optional(),
    session: z.string().min(1).max(200).optional().describe('a handle: for whom'),
  })
  .refine(oneOf, ONE);
export type ExecAsk = z.input<typeof execAskSchema>;

export const execQuerySchema = z.strictObject({
  /** Everything up to here was taken, and is kept no longer. */
  after: z.coerce.number().int().min(0).default(0).describe('output up to this number was taken'),
  seen: z.coerce.number().int().min(0).default(0).describe('`version` of the answer before'),
  wait: z.coerce.number().int().min(0).max(60).default(0).describe('seconds to wait for a change'),
});
export const execSignalSchema = z.strictObject({ signal: z.enum(SIGNALS) });

export const execJobSchema = z.object({
  id: z.string(),
  host: z.string().describe('the machine, by id'),
  state: z.enum(['asked', 'granted', 'running', 'ended', 'refused', 'lost']),
  version: z.int().describe('larger with each change'),
  approval: approvalRowSchema,
  output: z.array(z.object({ seq, stream: z.enum(['out', 'err']), data: z.string().describe('base64') })),
  dropped: z.int().describe('bytes of output that nobody took in time'),
  end: z.object(ended).optional(),
  why: z.string().optional().describe('of `refused` and `lost`'),
  field: z.string().optional().describe('of the action: what changed since it was asked'),
  hint: z.string().optional(),
});
export type ExecJob = z.output<typeof execJobSchema>;

/** What a machine says. */
export const nodeSaysSchemas = [
  z.strictObject({
    type: z.literal('exec.derived'),
    job,
    action: z.union([execArgvSchema, execShellSchema]),
  }),
  z.strictObject({
    type: z.literal('exec.refused'),
    job,
    why: z.string().max(1_000),
    hint: z.string().max(1_000).optional(),
    field: z.string().max(40).optional(),
  }),
  z.strictObject({ type: z.literal('exec.started'), job }),
  z.strictObject({
    type: z.literal('exec.output'),
    job,
    /** From 1, without a gap; the end has one, too. */
    seq: seq.min(1),
    stream: z.enum(['out', 'err']),
    data: base64.min(1).max((MAX_OUTPUT_BYTES / 3) * 4),
  }),
  z.strictObject({ type: z.literal('exec.ended'), job, seq: seq.min(1), ...ended }),
] as const;
export type NodeSays = z.output<(typeof nodeSaysSchemas)[number]>;

/** What a machine is told. */
export const nodeHearsSchemas = [
  z.object({ type: z.literal('exec.derive'), job, ...command }).refine(oneOf, ONE),
  z.object({ type: z.literal('exec.granted'), job, grant: z.string(), facts: requestFactsSchema }),
  /** It holds everything up to there: more may come. */
  z.object({ type: z.literal('exec.ack'), job, seq }),
  z.object({ type: z.literal('exec.signal'), job, signal: z.enum(SIGNALS) }),
  /** Nobody waits: what has not begun never begins, and what it prints is not sent. */
  z.object({ type: z.literal('exec.drop'), job }),
] as const;
export type NodeHears = z.output<(typeof nodeHearsSchemas)[number]>;

/** The public key of grants, as its machines pin it. */
export const gatewayKeySchema = z.looseObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().length(43),
  kid: z.string().min(1).max(200),
});
export type GatewayKey = z.output<typeof gatewayKeySchema>;

/** All that a machine hears on its socket; anything else is another version's, and is left out. */
export const nodeFrameSchema = z.union([
  z.object({
    type: z.literal('connect.challenge'),
    gateway: z.string().min(1).max(200),
    nonce: z.string().min(1).max(200),
    ts: z.int(),
  }),
  z.object({
    type: z.literal('hello'),
    id: z.string().regex(/^dev_[a-z2-7]{24}$/),
    role: z.literal('node'),
    token: z.string(),
    nonce: z.string(),
    gatewayKey: gatewayKeySchema,
  }),
  z.object({ type: z.literal('token'), token: z.string(), nonce: z.string() }),
  z.object({
    type: z.literal('error'),
    code: z.string(),
    hint: z.string(),
    reason: z.string().optional(),
    requestId: z.string().optional(),
    command: z.string().optional(),
  }),
  ...nodeHearsSchemas,
]);
export type NodeFrame = z.output<typeof nodeFrameSchema>;

/** What a paired machine keeps beside its key. */
export const nodePlaceSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  /** Thumbprint of the gateway’s own key: a signature for it opens no other. */
  gateway: z.string().min(1).max(200),
  gatewayKey: gatewayKeySchema.optional().describe('pinned when it was let in'),
  device: z.string().optional(),
  name: z.string().max(200).optional().describe('what it was told to call itself'),
});
export type NodePlace = z.output<typeof nodePlaceSchema>;
