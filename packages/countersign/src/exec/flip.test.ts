// R36, H45: any single part of an action, or of what the gateway adds, is another one: it is named, and both digests are others. The
// parts are taken from the schemas: a new one has to be told here what it is called, or this fails.
import { actionDigest, requestDigest } from '@countersign/protocol/action-digest';
import {
  type ApprovalRow,
  cwdSchema,
  type ExecAction,
  execArgvSchema,
  execShellSchema,
  hashedFileSchema,
  type RequestFacts,
  requestFactsSchema,
  stdinSchema,
} from '@countersign/protocol/approval';
import { canonicalJson, type Json } from '@countersign/protocol/canonical';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { wrongAnswer } from './answer.ts';
import { changedFact, changedField, type Field, isField } from './changed.ts';

/** What whoever has to find it is told. `kind` has one value alone. */
const FIELDS: Readonly<Record<string, Field | null>> = {
  ...{ kind: null, host: 'host', cwd: 'cwd', env: 'env', argv: 'argv', shell: 'argv' },
  ...{ program: 'program', interpreter: 'program', scripts: 'script', stdin: 'stdin' },
};

/** Null: it has no name of its own, and is another request altogether. */
const FACTS: Readonly<Record<string, Field | null>> = {
  ...{ agent: 'agent', session: 'session', policy: 'policy' },
  ...{ actionDigest: null, requester: null, tier: null, nonce: null, expiresAt: null },
};

const execSchema = z.union([execArgvSchema, execShellSchema]);

const sha256 = fc.stringMatching(/^[0-9a-f]{64}$/);
const text = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((value) => !value.includes('\0'));
const path = text.map((value) => `/${value}`);
const integer = fc.bigInt({ min: 0n, max: 2n ** 63n }).map(String);
const hashedFile = fc.record({ path, sha256 });
const name = fc.stringMatching(/^[A-Z_]{1,8}$/);

const common = {
  kind: fc.constant('exec' as const),
  cwd: fc.record({ path, device: integer, inode: integer }),
  program: hashedFile,
  interpreter: hashedFile,
  scripts: fc.array(hashedFile, { minLength: 1, maxLength: 3 }),
  env: fc.dictionary(name, text, { minKeys: 1, maxKeys: 3 }),
  stdin: fc.record({ kind: fc.constant('bytes' as const), sha256, size: fc.nat() }),
  host: fc.stringMatching(/^[a-z]{1,9}$/),
};
const argvAction = fc.record({ ...common, argv: fc.array(text, { minLength: 2, maxLength: 4 }) });
const shellAction = fc.record({ ...common, shell: text.filter((line) => line !== '') });
const facts = fc.record({
  ...{ actionDigest: sha256, requester: name, agent: name, session: name },
  ...{ tier: fc.constantFrom('read' as const, 'write' as const), policy: fc.nat(), expiresAt: fc.nat() },
  nonce: fc.stringMatching(/^[a-z]{22}$/),
});

function otherText(value: string): string {
  if (/^[0-9a-f]{64}$/.test(value)) return value.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
  return /^\d+$/.test(value) ? String(BigInt(value) + 1n) : `${value}_`;
}

/** Every value that is the same but for one place in it. */
function* others(value: Json): Generator<Json> {
  if (typeof value === 'string') yield otherText(value);
  else if (typeof value === 'number') yield value + 1;
  else if (Array.isArray(value)) yield* otherLists(value);
  else if (typeof value === 'object' && value !== null)
    for (const [key, inner] of Object.entries(value))
      if (key !== 'kind') for (const other of others(inner ?? null)) yield { ...value, [key]: other };
}

function* otherLists(list: readonly Json[]): Generator<Json> {
  for (const [at, inner] of list.entries()) {
    for (const other of others(inner)) yield list.with(at, other);
    yield list.toSpliced(at, 1);
    yield list.toSpliced(at, 0, inner);
    const next = list[at + 1];
    if (next !== undefined && canonicalJson(next) !== canonicalJson(inner))
      yield list.toSpliced(at, 2, next, inner);
  }
}

/** What has no place inside it: a name of a variable, another kind of input, something that is not there. */
function* replaced(key: string, action: ExecAction): Generator<object> {
  const { interpreter: _, ...without } = action;
  const [[variable = '', value = ''] = [], ...left] = Object.entries(action.env);
  if (key === 'interpreter') yield without;
  if (key === 'env')
    for (const env of [left, [...left, [`${variable}x`, value]], [...Object.entries(action.env), ['x', '']]])
      yield { ...action, env: Object.fromEntries(env) };
  if (key === 'stdin') for (const kind of ['none', 'terminal']) yield { ...action, stdin: { kind } };
}

function* flipped(action: ExecAction): Generator<readonly [key: string, other: ExecAction]> {
  for (const [key, value] of Object.entries(action)) {
    if (key === 'kind') continue;
    for (const other of others(value)) yield [key, execSchema.parse({ ...action, [key]: other })];
    for (const other of replaced(key, action)) yield [key, execSchema.parse(other)];
  }
}

const keys = (...schemas: readonly { readonly shape: object }[]) =>
  [...new Set(schemas.flatMap(({ shape }) => Object.keys(shape)))].sort();

describe('every part is known here', () => {
  test('of an action, and of what it consists of', () => {
    expect(Object.keys(FIELDS).sort()).toEqual(keys(execArgvSchema, execShellSchema));
    const [argv, shell] = [fc.sample(argvAction, 1)[0], fc.sample(shellAction, 1)[0]];
    expect(Object.keys(argv ?? {}).sort()).toEqual(keys(execArgvSchema));
    expect(Object.keys(shell ?? {}).sort()).toEqual(keys(execShellSchema));
    expect(Object.keys(argv?.cwd ?? {}).sort()).toEqual(keys(cwdSchema));
    expect(Object.keys(argv?.program ?? {}).sort()).toEqual(keys(hashedFileSchema));
    expect(Object.keys(argv?.stdin ?? {}).sort()).toEqual(keys(...stdinSchema.options));
    expect(stdinSchema.options.map(({ shape }) => shape.kind.value)).toEqual(['none', 'terminal', 'bytes']);
    expect(execArgvSchema.shape.kind.values).toEqual(new Set(['exec']));
  });

  test('of what the gateway adds', () => {
    expect(Object.keys(FACTS).sort()).toEqual(keys(requestFactsSchema));
    expect(Object.keys(fc.sample(facts, 1)[0] ?? {}).sort()).toEqual(keys(requestFactsSchema));
  });

  test('and each has a word that is said', () => {
    for (const field of [...Object.values(FIELDS), ...Object.values(FACTS)])
      if (field !== null) expect(isField(field), field).toBe(true);
    for (const no of ['kind', 'tier', '', 'constructor', null]) expect(isField(no)).toBe(false);
  });
});

test.each([
  ['words', argvAction],
  ['a line', shellAction],
] as const)('R36: any single part of an action of %s is another one: it is named', async (_, action) => {
  await fc.assert(
    fc.asyncProperty(action, async (asked) => {
      const digest = await actionDigest(asked);
      expect(changedField(asked, execSchema.parse(structuredClone(asked)))).toBeNull();
      const seen = new Set<string>(['kind']);
      for (const [key, now] of flipped(asked)) {
        seen.add(key);
        expect([changedField(asked, now), changedField(now, asked)], key).toEqual([FIELDS[key], FIELDS[key]]);
        expect(await actionDigest(now), key).not.toBe(digest);
      }
      expect([...seen].sort()).toEqual(Object.keys(asked).sort());
    }),
    { numRuns: 60 },
  );
});

test('R36: words instead of the same line, and the other way round, are others', () =>
  fc.assert(
    fc.property(argvAction, ({ argv, ...left }) => {
      const line = { ...left, shell: argv.join(' ') };
      const words = { ...left, argv };
      expect([changedField(words, line), changedField(line, words)]).toEqual(['argv', 'argv']);
    }),
  ));

function* flippedFacts(asked: RequestFacts): Generator<readonly [key: string, other: RequestFacts]> {
  for (const [key, value] of Object.entries(asked))
    for (const other of key === 'tier' ? ['destructive'] : others(value))
      yield [key, requestFactsSchema.parse({ ...asked, [key]: other })];
  for (const key of ['session', 'requester'])
    yield [key, requestFactsSchema.parse({ ...asked, [key]: null })];
}

test('R36: any single fact is another one: it is another request, and what can be told of it is named', () =>
  fc.assert(
    fc.asyncProperty(facts, async (asked) => {
      const digest = await requestDigest(asked);
      const seen = new Set<string>();
      for (const [key, now] of flippedFacts(asked)) {
        seen.add(key);
        expect([changedFact(asked, now), changedFact(now, asked)], key).toEqual([FACTS[key], FACTS[key]]);
        expect(await requestDigest(now), key).not.toBe(digest);
      }
      expect([...seen].sort()).toEqual(Object.keys(asked).sort());
    }),
  ));

async function answer(action: ExecAction, asked: RequestFacts): Promise<ApprovalRow> {
  const digests = { actionDigest: asked.actionDigest, requestDigest: await requestDigest(asked) };
  const { agent, requester, tier } = asked;
  const at = '2026-11-25T12:00:00.000Z';
  return {
    ...{
      id: 'apr_a',
      state: 'approved',
      reasons: [],
      short: '',
      decisions: [],
      createdAt: at,
      expiresAt: at,
    },
    ...{ ...digests, agent, requester, tier, action, facts: asked, host: action.host, grant: 'a.b.c' },
  };
}

test('R36: an answer with any single fact of another request is no answer to this one', () =>
  fc.assert(
    fc.asyncProperty(argvAction, facts, async (action, given) => {
      const asked = { ...given, actionDigest: await actionDigest(action) };
      const before = await answer(action, asked);
      expect(await wrongAnswer({ action, before, row: before })).toBeNull();
      expect(await wrongAnswer({ action, before: null, row: before })).toBeNull();
      for (const [key, now] of flippedFacts(asked)) {
        const [wrong, field] = [
          await wrongAnswer({ action, before, row: await answer(action, now) }),
          FACTS[key],
        ];
        expect(wrong, key).toMatchObject({
          changed: field,
          why: field === null ? 'the gateway said yes to something else' : `changed: ${field}`,
        });
        // Nor is one whose name is that of another.
        const mixed = { ...before, facts: now };
        expect(await wrongAnswer({ action, before: null, row: mixed }), key).toMatchObject({ changed: null });
      }
      for (const missing of ['grant', 'facts'] as const) {
        const { [missing]: _, ...row } = before;
        expect((await wrongAnswer({ action, before, row }))?.why).toContain('no grant');
      }
      const other = await answer(action, { ...asked, actionDigest: otherText(asked.actionDigest) });
      for (const row of [other, { ...other, actionDigest: asked.actionDigest }])
        expect((await wrongAnswer({ action, before: null, row }))?.why).toContain('something else');
      const elsewhere = await wrongAnswer({ action, before, row: { ...before, host: `${action.host}x` } });
      expect(elsewhere?.why).toContain('something else');
    }),
  ));
