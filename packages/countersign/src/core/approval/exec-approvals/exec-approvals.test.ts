// E-12, E-13, E-14: a policy brought from elsewhere is never weaker here than there, and ours is never weaker in the
// eyes of a reader who knows only version 1. There is modelled below, from its documentation: who wins, what a miss is.
import { type Action, actionSchema } from '@countersign/protocol/approval';
import { execApprovalsJsonSchema, execApprovalsV2Schema } from '@countersign/protocol/policy';
import { TIERS, type Tier } from '@countersign/protocol/tier';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ruleFor } from '../always.ts';
import { judge } from '../judge.ts';
import { DEFAULT_POLICY, type Entry, entryOf, type Policy } from '../policy.ts';
import { durationText, millisOf } from './durations.ts';
import { readExecApprovals } from './read.ts';
import { documentOf } from './version-2.ts';

const NOW = Date.UTC(2026, 10, 26);
const HASH = 'a'.repeat(64);
const HOME = '/home/ana';

const read = (document: unknown, current: Policy = DEFAULT_POLICY) =>
  readExecApprovals(JSON.stringify(document), current, NOW);

function policyOf(document: unknown): Policy {
  const result = read(document);
  if (result.outcome === 'mistakes') throw new Error(JSON.stringify(result.mistakes));
  return result.policy;
}

const notesOf = (document: unknown) => {
  const result = read(document);
  return result.outcome === 'read' ? result.notes : result.mistakes;
};

const command = (path: string, argv0 = path): Action =>
  actionSchema.parse({
    kind: 'exec',
    argv: [argv0, 'x'],
    cwd: { path: HOME, device: '1', inode: '2' },
    program: { path, sha256: HASH },
    scripts: [],
    env: { PATH: '/usr/bin' },
    stdin: { kind: 'none' },
    host: 'ins_a',
  });

const ORDER = { allow: 0, ask: 1, deny: 2 } as const;

/** What ours says: 0 runs, 1 asks, 2 refuses. */
function ours(policy: Policy, agent: string, action: Action, tier: Tier): number {
  const risk = { tier, always: { ok: true } } as const;
  const rule = ruleFor(entryOf(policy, agent).rules, { action, agent, risk, home: HOME }, NOW);
  const candidates = [{ principal: 'prn_owner', role: 'owner', factors: ['totp'] }] as const;
  const question = { tier, agent, rule: rule?.id ?? null, requester: null, candidates, elevatedUntil: null };
  const { outcome } = judge(policy, question, NOW);
  return outcome === 'require' ? ORDER.ask : ORDER[outcome];
}

interface TheirEntry {
  readonly security?: 'deny' | 'allowlist' | 'full';
  readonly ask?: 'off' | 'on-miss' | 'always';
  readonly allowlist?: readonly { readonly pattern: string }[] | undefined;
}
interface Theirs {
  readonly defaults?: TheirEntry;
  readonly agents?: Readonly<Record<string, TheirEntry>> | undefined;
}

/** What a runtime of version 1 does: an agent's word, else that of `*`, else of `defaults`, else full and off. */
function theirs({ defaults, agents = {} }: Theirs, name: string, action: Action): number {
  const levels = [agents[name], name === 'main' ? agents['default'] : undefined, agents['*'], defaults];
  const security = levels.find((level) => level?.security !== undefined)?.security ?? 'full';
  const ask = levels.find((level) => level?.ask !== undefined)?.ask ?? 'off';
  if (security === 'deny') return ORDER.deny;
  if (ask === 'always') return ORDER.ask;
  if (security === 'full') return ORDER.allow;
  const lists = [levels[0], levels[1], levels[2]].flatMap((level) => level?.allowlist ?? []);
  const path = action.kind === 'exec' ? action.program.path : '';
  const hit = lists.some(({ pattern }) => pattern === '*' || fits(pattern.replace(/^~/, HOME), path));
  return hit ? ORDER.allow : ask === 'off' ? ORDER.deny : ORDER.ask;
}

function fits(pattern: string, path: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replace(/\*\*|\*|\?/g, (star) => (star === '**' ? '.*' : star === '*' ? '[^/]*' : '[^/]'));
  return pattern.includes('/') && new RegExp(`^${source}$`).test(path);
}

const entry = fc.record(
  {
    security: fc.constantFrom('deny', 'allowlist', 'full'),
    ask: fc.constantFrom('off', 'on-miss', 'always'),
    askFallback: fc.constantFrom('deny', 'allowlist', 'full'),
    autoAllowSkills: fc.boolean(),
  },
  { requiredKeys: [] },
);
const patterns = [
  '/usr/bin/git',
  '/usr/bin/*',
  '~/bin/**',
  '*',
  '**',
  'git',
  '/usr/**/rg',
  '/opt/../usr/bin/git',
];
const agent = fc
  .tuple(entry, fc.array(fc.constantFrom(...patterns), { maxLength: 3 }))
  .map(([level, list]) => ({ ...level, allowlist: list.map((pattern) => ({ id: 'x', pattern })) }));
const documents = fc.record(
  {
    version: fc.constant(1),
    defaults: entry,
    agents: fc.dictionary(fc.constantFrom('main', 'ops', '*', 'default'), agent),
  },
  { requiredKeys: ['version'] },
);
const actions = fc.constantFrom(
  command('/usr/bin/git', 'git'),
  command('/usr/bin/rg'),
  command(`${HOME}/bin/a/tool`),
  command('/tmp/git', 'git'),
);

describe('version 1', () => {
  test('never weaker than where it came from: any document, any agent, any program, any tier', () => {
    fc.assert(
      fc.property(
        documents,
        fc.constantFrom('main', 'ops', 'other'),
        actions,
        fc.constantFrom(...TIERS),
        (document, name, action, tier) => {
          const there = theirs(document, name, action);
          expect(ours(policyOf(document), name, action, tier)).toBeGreaterThanOrEqual(there);
        },
      ),
      { numRuns: 4_000 },
    );
  });

  test('the document of the manual', () => {
    const document = {
      version: 1,
      socket: { path: '~/.openclaw/exec-approvals.sock', token: 'x' },
      defaults: { security: 'deny', ask: 'on-miss', askFallback: 'deny', autoAllowSkills: false },
      agents: {
        main: {
          security: 'allowlist',
          ask: 'on-miss',
          askFallback: 'full',
          autoAllowSkills: true,
          allowlist: [
            { id: 'B0C8', pattern: '~/Projects/**/bin/rg', lastUsedAt: 1_737_150_000_000 },
            { pattern: '/usr/bin/git', argPattern: '^status$' },
            'git',
          ],
          mcpTools: [{ server: 'files', tool: 'read', source: 'x', addedAt: 1 }],
        },
      },
    };
    expect(policyOf(document).agents['main']).toMatchInlineSnapshot(`
      {
        "ask": "on-miss",
        "free": "none",
        "rules": [
          {
            "id": "agents.main.allowlist.0",
            "kind": "program",
            "pattern": "~/Projects/**/bin/rg",
          },
          {
            "id": "agents.main.allowlist.1",
            "kind": "dead",
            "pattern": "/usr/bin/git",
            "why": "a pattern of arguments is not read",
          },
          {
            "id": "agents.main.allowlist.2",
            "kind": "dead",
            "pattern": "git",
            "why": "not a whole path: write where the program is",
          },
          {
            "id": "agents.main.mcpTools.0",
            "kind": "tool",
            "server": "files",
            "tool": "read",
          },
        ],
        "security": "allowlist",
      }
    `);
    expect(policyOf(document).defaults).toMatchObject({ security: 'deny', ask: 'on-miss', free: 'none' });
    expect(notesOf(document)).toMatchInlineSnapshot(`
      [
        {
          "path": "agents.main.askFallback",
          "text": "not taken over: silence is a no here",
        },
        {
          "path": "agents.main.autoAllowSkills",
          "text": "not taken over: what brings its own code is asked about",
        },
        {
          "path": "agents.main.allowlist.1",
          "text": "allows nothing here: a pattern of arguments is not read",
        },
        {
          "path": "agents.main.allowlist.2",
          "text": "allows nothing here: not a whole path: write where the program is",
        },
      ]
    `);
  });

  test('full and off keeps the floor', () => {
    const policy = policyOf({ version: 1, defaults: { security: 'full', ask: 'off' } });
    const outcomes = TIERS.map((tier) => ours(policy, 'main', command('/usr/bin/x'), tier));
    expect(outcomes).toEqual([ORDER.allow, ORDER.allow, ORDER.allow, ORDER.ask]);
  });

  test('a document that says nothing changes nothing', () => {
    for (const document of [{ version: 1 }, { version: 1, defaults: {}, agents: {} }])
      expect(policyOf(document)).toEqual(DEFAULT_POLICY);
  });

  test('what it does not speak of stays: proofs, terms, version', () => {
    const current: Policy = {
      ...DEFAULT_POLICY,
      version: 7,
      totp: { enabled: true, scope: 'all', cooldownMs: 0 },
    };
    const result = read({ version: 1, defaults: { security: 'full' } }, current);
    expect(result).toMatchObject({ policy: { version: 7, totp: current.totp } });
  });

  test('an older name of the main agent is read as the main agent', () => {
    const policy = policyOf({
      version: 1,
      agents: { default: { security: 'deny' }, main: { ask: 'always' } },
    });
    expect(policy.agents['main']).toMatchObject({ security: 'deny', ask: 'always' });
    expect(policy.agents['default']).toBeUndefined();
  });

  test('names of tools that could be split two ways allow nothing', () => {
    const tools = ['a__b', 'a', '_a', 'a_'].flatMap((server) => [
      { server, tool: 'b__c' },
      { server, tool: '_b' },
    ]);
    const rules = policyOf({ version: 1, agents: { main: { mcpTools: tools } } }).agents['main']?.rules ?? [];
    expect(rules.map(({ kind }) => kind)).toEqual(tools.map(() => 'dead'));
  });
});

describe('a document with a mistake changes nothing', () => {
  const cases: Readonly<Record<string, string>> = {
    'no JSON': '{',
    'a name twice': '{"version":1,"defaults":{"security":"deny"},"defaults":{"security":"full"}}',
    'another version': '{"version":3}',
    'no version': '{}',
    'a list': '[]',
    'an unknown word': '{"version":1,"defaults":{"security":"auto"}}',
    'a word in capitals': '{"version":1,"defaults":{"ask":"ALWAYS"}}',
    'an agent that is none': '{"version":1,"agents":{"main":"full"}}',
    'an unknown member of version 2': '{"version":2,"defaults":{"security":"deny","ask":"always"},"also":1}',
    'version 2 without defaults': '{"version":2}',
    'a destructive tier that runs unasked':
      '{"version":2,"defaults":{"security":"deny","ask":"always"},"stepUp":{"entries":{"defaults":{"security":"full","ask":"off","free":"destructive"}}}}',
    'two words on one agent':
      '{"version":2,"defaults":{"security":"full","ask":"off"},"stepUp":{"entries":{"defaults":{"security":"allowlist","ask":"on-miss"}}}}',
    'silence that is a yes':
      '{"version":2,"defaults":{"security":"deny","ask":"always","askFallback":"full"}}',
    'a yes that lives for a day':
      '{"version":2,"defaults":{"security":"deny","ask":"always"},"tiers":{"write":{"lifetime":"1d"}}}',
    'a cool-down of a week':
      '{"version":2,"defaults":{"security":"deny","ask":"always"},"stepUp":{"totp":{"cooldown":"7d"}}}',
    'a rule for ever': `{"version":2,"defaults":{"security":"deny","ask":"always"},"stepUp":{"entries":{"defaults":{"security":"deny","ask":"always","rules":[{"kind":"exact","id":"r","key":"${HASH}","text":"x","until":"2099-01-01T00:00:00.000Z"}]}}}}`,
    'a quorum of nobody':
      '{"version":2,"defaults":{"security":"deny","ask":"always"},"quorum":{"destructive":0}}',
  };
  for (const [name, text] of Object.entries(cases)) {
    test(name, () => {
      const result = readExecApprovals(text, DEFAULT_POLICY, NOW);
      expect(result.outcome).toBe('mistakes');
      if (result.outcome === 'mistakes') expect(result.mistakes.length).toBeGreaterThan(0);
    });
  }
});

const rules = fc.oneof(
  fc.record({
    kind: fc.constant('exact' as const),
    id: fc.constantFrom('r1', 'r2'),
    key: fc.constant(HASH),
    text: fc.string({ unit: 'grapheme' }),
    until: fc.integer({ min: 0, max: NOW + 90 * 86_400_000 }),
  }),
  fc.record({
    kind: fc.constant('program' as const),
    id: fc.constant('r'),
    pattern: fc.constant('/usr/bin/*'),
  }),
  fc.record({
    kind: fc.constant('tool' as const),
    id: fc.constant('r'),
    server: fc.constant('files'),
    tool: fc.constant('read'),
  }),
);
const entries: fc.Arbitrary<Entry> = fc.record({
  security: fc.constantFrom('deny', 'allowlist', 'full'),
  ask: fc.constantFrom('off', 'on-miss', 'always'),
  free: fc.constantFrom('none', 'read', 'write', 'elevated'),
  rules: fc.array(rules, { maxLength: 3 }),
});
const terms = fc.record({
  timeoutMs: fc.constantFrom(10_000, 90_000, 600_000, 86_400_000),
  lifetimeMs: fc.constantFrom(10_000, 120_000, 600_000),
  quorum: fc.integer({ min: 1, max: 10 }),
  who: fc.constantFrom('owners', 'approvers'),
  passkeyOnly: fc.boolean(),
});
const policies: fc.Arbitrary<Policy> = fc.record({
  version: fc.constant(0),
  defaults: entries,
  agents: fc.dictionary(fc.constantFrom('main', 'ops', 'toString', '*'), entries, { noNullPrototype: true }),
  totp: fc.record({
    enabled: fc.boolean(),
    scope: fc.constantFrom('elevated', 'destructive', 'all'),
    cooldownMs: fc.constantFrom(0, 1_500, 300_000, 3_600_000),
  }),
  tiers: fc.record({ read: terms, write: terms, elevated: terms, destructive: terms }),
  selfApproval: fc.constantFrom('never', 'owner'),
});

describe('version 2', () => {
  test('what is written is read back as it was', () => {
    fc.assert(
      fc.property(policies, (policy) => {
        const document = documentOf(policy);
        expect(execApprovalsV2Schema.safeParse(document).success).toBe(true);
        expect(policyOf(document)).toEqual(policy);
      }),
      { numRuns: 500 },
    );
  });

  test('a reader of version 1 allows nothing that ours does not, and nothing by a tap', () => {
    fc.assert(
      fc.property(policies, fc.constantFrom('main', 'ops', 'other'), actions, (policy, name, action) => {
        expect(theirs(documentOf(policy), name, action)).toBe(ORDER.deny);
      }),
    );
  });

  test('an entry that needs a proof reads deny and always; a list about which nobody is asked as it is', () => {
    const plain: Entry = { security: 'allowlist', ask: 'off', free: 'none', rules: [] };
    const document = documentOf({ ...DEFAULT_POLICY, agents: { ops: plain } });
    expect(document.defaults).toMatchObject({ security: 'deny', ask: 'always' });
    expect(document.agents).toMatchObject({ ops: { security: 'allowlist', ask: 'off', allowlist: [] } });
  });

  test('by hand, without entries of their own, the words stand as they are', () => {
    const policy = policyOf({
      version: 2,
      defaults: { security: 'allowlist', ask: 'on-miss' },
      agents: { ops: { security: 'full', ask: 'always' } },
      stepUp: { totp: { enabled: true, scope: 'all', cooldown: '10m' } },
      quorum: { destructive: 2 },
      tiers: { elevated: { timeout: '2m' } },
    });
    expect(policy).toMatchObject({
      defaults: { security: 'allowlist', ask: 'on-miss', free: 'none' },
      agents: { ops: { security: 'full', ask: 'always' } },
      totp: { scope: 'all', cooldownMs: 600_000 },
      tiers: { destructive: { quorum: 2 }, elevated: { timeoutMs: 120_000, quorum: 1 } },
      selfApproval: 'never',
    });
  });

  test('the published schema is the one that is read', async () => {
    const text = `${JSON.stringify(execApprovalsJsonSchema(), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot('../../../../../../docs/spec/exec-approvals.schema.json');
  });
});

test('durations are read back as they were written', () => {
  for (const millis of [0, 1, 1_500, 10_000, 90_000, 600_000, 3_600_000, 86_400_000])
    expect(millisOf(durationText(millis))).toBe(millis);
  for (const text of ['', '10', '1w', '-1s', '1.5m', '01m', ' 1m', '9999999ms'])
    expect(millisOf(text)).toBeNull();
});
