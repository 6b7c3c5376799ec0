// Documents of a policy: version 1 is OpenClaw's, read and never written; version 2 is ours. In version 2 `defaults` and
// `agents` are what the strictest reader of version 1 may take from it, and `stepUp.entries` is what holds. And the answer
// to "what would happen to this command".
import { z } from 'zod';
import { actionSchema, tierSchema } from './approval.ts';
import { durationSchema, timeSchema } from './common.ts';

export const securitySchema = z.enum(['deny', 'allowlist', 'full']);
export const askSchema = z.enum(['off', 'on-miss', 'always']);

const stated = {
  security: securitySchema.optional(),
  ask: askSchema.optional(),
  askFallback: securitySchema.optional(),
  autoAllowSkills: z.boolean().optional(),
};

const name = z.string().min(1).max(200);
const text = z.string().max(4_096);
const ruleId = z.string().min(1).max(500);

/** Members we do not know of are somebody else's: left alone. A known one with a value we do not know is a mistake (R42). */
export const execApprovalsV1Schema = z.looseObject({
  version: z.literal(1),
  defaults: z.looseObject(stated).optional(),
  agents: z
    .record(
      name,
      z.looseObject({
        ...stated,
        allowlist: z
          .array(
            z.union([
              z.looseObject({ id: text.optional(), pattern: text, argPattern: text.optional() }),
              z.string().max(4_096),
            ]),
          )
          .max(10_000)
          .optional(),
        mcpTools: z
          .array(z.looseObject({ server: text, tool: text }))
          .max(10_000)
          .optional(),
      }),
    )
    .optional(),
});

export const allowRuleSchema = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.literal('exact'),
      id: ruleId,
      key: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .describe('which command: approval.md, section 7'),
      text: z.string().max(262_144).describe('as it was shown when it was kept'),
      until: timeSchema,
    })
    .describe('one command, exactly, until a day'),
  z
    .strictObject({ kind: z.literal('program'), id: ruleId, pattern: text })
    .describe('of version 1: a program by its real path, `*` within a folder, `**` across'),
  z
    .strictObject({ kind: z.literal('tool'), id: ruleId, server: text, tool: text })
    .describe('of version 1: a tool of a server'),
  z
    .strictObject({ kind: z.literal('dead'), id: ruleId, pattern: text, why: text })
    .describe('kept as it was found; allows nothing'),
]);

/** What holds for an agent. */
export const policyEntrySchema = z.strictObject({
  security: securitySchema.describe('what may run: nothing, what is on a list, anything below the floor'),
  ask: askSchema.describe('when a person is asked: never, when it is on no list, every time'),
  free: z
    .enum(['none', 'read', 'write', 'elevated'])
    .default('none')
    .describe('up to which tier nobody is asked; nothing destructive ever runs unasked'),
  rules: z.array(allowRuleSchema).max(10_000).default([]),
});

/** What a reader of version 1 sees. */
const visibleEntrySchema = z.strictObject({
  security: securitySchema,
  ask: askSchema,
  askFallback: z.literal('deny').default('deny').describe('silence is a no'),
  allowlist: z.array(z.never()).max(0).default([]),
});

const tierTermsSchema = z.strictObject({
  timeout: durationSchema.default('10m').describe('silence for so long is a no; 10s to 24h'),
  lifetime: durationSchema.default('2m').describe('how long a yes can be used; 10s to 10m'),
  who: z.enum(['owners', 'approvers']).default('approvers'),
});

const quorumSchema = z.int().min(1).max(10).default(1);

export const execApprovalsV2Schema = z
  .strictObject({
    $schema: z.string().max(2_048).optional(),
    version: z.literal(2),
    defaults: visibleEntrySchema,
    agents: z.record(name, visibleEntrySchema).default({}),
    stepUp: z
      .strictObject({
        totp: z
          .strictObject({
            enabled: z.boolean().default(true),
            scope: z
              .enum(['elevated', 'destructive', 'all'])
              .default('elevated')
              .describe('from which tier on a proof is asked for, once somebody has a factor'),
            cooldown: durationSchema
              .or(z.literal('0s'))
              .default('5m')
              .describe('how long a proof counts for further requests, never destructive ones; 0s to 1h'),
          })
          .prefault({}),
        passkey: z
          .strictObject({
            only: z
              .array(tierSchema)
              .max(4)
              .default([])
              .describe('tiers that nothing but a passkey releases'),
          })
          .prefault({}),
        selfApproval: z
          .enum(['never', 'owner'])
          .default('never')
          .describe('may an owner decide what was asked for themselves, with a proof'),
        entries: z
          .strictObject({
            defaults: policyEntrySchema.optional(),
            agents: z.record(name, policyEntrySchema).default({}),
          })
          .prefault({})
          .describe('what holds; where it says nothing, `defaults` and `agents` above hold as they stand'),
      })
      .prefault({}),
    quorum: z
      .strictObject({
        read: quorumSchema,
        write: quorumSchema,
        elevated: quorumSchema,
        destructive: quorumSchema,
      })
      .prefault({})
      .describe('how many people must say yes'),
    tiers: z
      .strictObject({
        read: tierTermsSchema.prefault({}),
        write: tierTermsSchema.prefault({}),
        elevated: tierTermsSchema.prefault({}),
        destructive: tierTermsSchema.prefault({}),
      })
      .prefault({}),
  })
  .describe('Who must say yes before something runs');

/** The JSON Schema of version 2, as published. */
export function execApprovalsJsonSchema(): Record<string, unknown> {
  return { title: 'exec-approvals, version 2', ...z.toJSONSchema(execApprovalsV2Schema, { io: 'input' }) };
}

/** What would happen to it: a shell line, or an action as an executor would send it. */
export const policyTestAskSchema = z.union([
  z.strictObject({
    command: z.string().min(1).max(262_144).describe('a shell line'),
    agent: name.default('main'),
    cwd: z.string().max(4_096).optional().describe('where it would run; an absolute path'),
  }),
  z.strictObject({ action: actionSchema, agent: name.default('main') }),
]);

/** How a command was understood, and what the policy says to it. */
export const policyTestSchema = z.object({
  tier: tierSchema,
  reasons: z.array(
    z.object({
      rule: z.string(),
      tier: tierSchema,
      why: z.string(),
      command: z.int().optional().describe('which of the commands it is about, counted from 0'),
    }),
  ),
  outcome: z.enum(['allow', 'deny', 'require']),
  because: z.string().optional().describe('why it is allowed or denied: free, rule, full, no_approver …'),
  hint: z.string().optional(),
  rule: z.string().optional().describe('the rule of the list that fits'),
  need: z
    .object({
      factors: z.array(z.string()),
      quorum: z.int(),
      who: z.array(z.string()).describe('names of those who would be asked'),
      timeout: durationSchema,
    })
    .optional(),
  commands: z
    .array(z.object({ text: z.string(), tier: tierSchema, via: z.array(z.string()) }))
    .describe('everything that would run, as it was understood'),
  always: z.object({ ok: z.boolean(), why: z.string().optional() }).describe('may a rule be kept for it'),
  source: z.string().describe('which entry of the policy answered: defaults, agents.main'),
  note: z
    .string()
    .optional()
    .describe('of a line that nothing was looked up for: what may make it otherwise when it is asked'),
});

export const policyChangeSchema = z.object({
  path: z.string().describe('`agents.main.ask`, `tiers.write.timeout`'),
  from: z.string().nullable(),
  to: z.string().nullable(),
});

/** A rule of a list, with whose it is. */
export const policyRuleRowSchema = z.object({
  id: z.string(),
  agent: z.string().nullable().describe('null: for every agent that is not named'),
  kind: z.enum(['exact', 'program', 'tool', 'dead']),
  text: z.string(),
  until: timeSchema.optional(),
  why: z.string().optional().describe('why it allows nothing'),
});

/** What holds, value by value, with where each is from (E-14). */
export const policyViewSchema = z.object({
  version: z.int().min(0),
  defaults: z.object({ security: securitySchema, ask: askSchema, free: z.string() }),
  agents: z.array(
    z.object({ agent: name, security: securitySchema, ask: askSchema, free: z.string(), source: z.string() }),
  ),
  totp: z.object({ enabled: z.boolean(), scope: z.string(), cooldown: z.string() }),
  selfApproval: z.enum(['never', 'owner']),
  tiers: z.array(
    z.object({
      tier: tierSchema,
      timeout: z.string(),
      lifetime: z.string(),
      who: z.enum(['owners', 'approvers']),
      quorum: z.int(),
      passkeyOnly: z.boolean(),
    }),
  ),
  rules: z.array(policyRuleRowSchema),
});

export const policyImportSchema = z.strictObject({
  document: z.string().max(1_000_000).describe('exec-approvals.json, version 1 or 2, as text'),
  dryRun: z.boolean().default(false),
});
export const policyChangedSchema = z.object({
  version: z.int().min(0),
  changes: z.array(policyChangeSchema),
  notes: z.array(z.string()).describe('what was read and allows nothing, and what was not taken over'),
});
export const policySetSchema = z.strictObject({
  path: z
    .string()
    .min(1)
    .max(500)
    .describe('`selfApproval`, `tiers.write.timeout`, `defaults.ask`, `agents.main.free`'),
  value: z.string().max(500),
});
export const policyExportSchema = z.object({ document: z.string() });

export type ExecApprovalsV1 = z.infer<typeof execApprovalsV1Schema>;
export type ExecApprovalsV2 = z.infer<typeof execApprovalsV2Schema>;
export type ExecApprovalsV2Input = z.input<typeof execApprovalsV2Schema>;
export type PolicyEntryWire = z.infer<typeof policyEntrySchema>;
export type AllowRuleWire = z.infer<typeof allowRuleSchema>;
export type PolicyTestAsk = z.input<typeof policyTestAskSchema>;
export type PolicyTest = z.infer<typeof policyTestSchema>;
export type PolicyView = z.infer<typeof policyViewSchema>;
export type PolicyRuleRow = z.infer<typeof policyRuleRowSchema>;
export type PolicyChanged = z.infer<typeof policyChangedSchema>;
