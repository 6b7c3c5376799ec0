// H42, H43, H45, R42, R45: what a command is given, and the yes it runs by. Whatever of it is another one, nothing runs.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Stdin } from '@countersign/protocol/approval';
import { Problem } from '@countersign/protocol/problem';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newSigner } from '../testing/fake-gateway.ts';
import { Place } from '../testing/granted-run.ts';
import type { Plan } from './derive.ts';

let place: Place;

beforeEach(() => {
  place = new Place();
  place.script('tool');
});

afterEach(() => place[Symbol.dispose]());

type Between = NonNullable<Parameters<Place['run']>[1]>;

function bytes(text: string): { stdin: Stdin; input: Buffer } {
  const input = Buffer.from(text);
  const sha256 = createHash('sha256').update(input).digest('hex');
  return { input, stdin: { kind: 'bytes', sha256, size: input.length } };
}

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

const ENV = { PATH: '/usr/bin:/bin', HOME: '/h', CI: '1' };

describe.skipIf(process.platform === 'win32')('what it is given is another one', () => {
  const asked = (): Plan =>
    place.plan({ argv: [place.at('tool'), 'a'] }, { env: ENV, named: ['CI'], stdin: bytes('in').stdin });
  const argv = (...words: string[]) => ({ run: { argv: [place.at('tool'), ...words] } });
  const cases: readonly (readonly [string, string, () => Between])[] = [
    ['H42: a named variable', 'env', () => ({ plan: { env: { ...ENV, CI: '2' } } })],
    ['H42: PATH', 'env', () => ({ plan: { env: { ...ENV, PATH: '/bin:/usr/bin' } } })],
    ['H42: one more that always goes along', 'env', () => ({ plan: { env: { ...ENV, LC_ALL: 'C' } } })],
    ['H42: one less', 'env', () => ({ plan: { named: [] } })],
    [
      'H42: one more that is named',
      'env',
      () => ({ plan: { env: { ...ENV, LD_PRELOAD: '/x.so' }, named: ['CI', 'LD_PRELOAD'] } }),
    ],
    ['H45: a word', 'argv', () => ({ plan: argv('b') })],
    ['H45: one word more', 'argv', () => ({ plan: argv('a', 'b') })],
    ['H45: one word less', 'argv', () => ({ plan: argv() })],
    ['H45: an empty word at the end', 'argv', () => ({ plan: argv('a', '') })],
    ['H43: a space at the end of a word', 'argv', () => ({ plan: argv('a ') })],
    ['H45: a line instead of words', 'argv', () => ({ plan: { run: { shell: `${place.at('tool')} a` } } })],
    ['H45: what it reads', 'stdin', () => ({ input: Buffer.from('on') })],
    ['H45: nothing to read', 'stdin', () => ({ input: null })],
    ['H45: what it says that it reads', 'stdin', () => ({ plan: { stdin: bytes('on').stdin } })],
    ['H45: the machine', 'host', () => ({ plan: { host: 'ins_b' } })],
  ];

  test.each(cases)('%s', async (_, field, between) => {
    const out = await place.run(asked(), { input: bytes('in').input, ...between() });
    expect(out.ran).toMatchObject({ outcome: 'refused', changed: field, why: `changed: ${field}` });
    expect([place.runs, out.redeemed, out.reports]).toEqual([0, 0, []]);
  });

  test('and where all of it is the same, it runs', async () => {
    const out = await place.run(asked(), { input: bytes('in').input });
    expect(out.ran).toMatchObject({ outcome: 'ended', exitCode: 0 });
    expect([place.runs, out.redeemed]).toEqual([1, 1]);
  });
});

describe.skipIf(process.platform === 'win32')('R45: a variable that nobody named', () => {
  const hooks = () => ({
    ...{ LD_PRELOAD: '/x.so', LD_LIBRARY_PATH: '/x', GIT_SSH_COMMAND: 'x', GIT_DIR: '/x', PYTHONPATH: '/x' },
    ...{ NODE_OPTIONS: `--require=${place.file('evil.cjs', 'console.log("evil")')}`, PERL5OPT: '-Mx' },
    ...{ BASH_ENV: place.file('evil.sh', 'echo evil'), ENV: place.at('evil.sh'), RUBYOPT: '-rx' },
    ...{ COUNTERSIGN_HOME: '/x', SHELLOPTS: 'xtrace', PS4: '$(echo evil)', constructor: 'x' },
  });
  const env = { PATH: '/usr/bin:/bin', HOME: '/h' };

  test.each(['before it was asked', 'while people were asked'])('set %s', async (when) => {
    const injected = { ...env, ...hooks() };
    const run = async (run: Plan['run']) => {
      const plan = place.plan(run, { env: when === 'before it was asked' ? injected : env });
      const { ran, output } = await place.run(plan, { plan: { env: injected } });
      return [ran.outcome, output];
    };
    expect(await run({ argv: ['env'] })).toEqual(['ended', 'HOME=/h\nPATH=/usr/bin:/bin\n']);
    // Those that start something by themselves, in the hands of who would.
    expect(await run({ shell: 'echo good' })).toEqual(['ended', 'good\n']);
    expect(await run({ argv: [process.execPath, '-e', 'console.log("good")'] })).toEqual(['ended', 'good\n']);
  });

  test('and one that was named does arrive: what is kept back is kept back by us', async () => {
    const plan = place.plan({ shell: 'echo good' }, { env: { ...env, ...hooks() }, named: ['BASH_ENV'] });
    const { output } = await place.run(plan);
    expect(output).toBe(existsSync('/bin/bash') ? 'evil\ngood\n' : 'good\n');
  });
});

describe.skipIf(process.platform === 'win32')('R42: by no yes, or not by this one', () => {
  const fails = (cause: Error) => ({ redeem: () => Promise.reject(cause) });
  const over = (field: string) => fails(new Problem('policy_denied', { members: { field } }));
  const anHourAgo = {
    iat: Date.UTC(2026, 10, 25, 11) / 1_000,
    exp: Date.UTC(2026, 10, 25, 11) / 1_000 + 120,
  };
  const inAnHour = { iat: anHourAgo.iat + 7_200, exp: anHourAgo.exp + 7_200 };
  const cases: readonly (readonly [string, Between, RegExp, string?])[] = [
    ['while the gateway is away', fails(new TypeError('fetch failed')), /fetch failed/],
    ['after the policy changed', over('policy'), /^changed: policy$/, 'policy'],
    ['after the session ended', over('session'), /^changed: session$/, 'session'],
    ['that has run out', { claims: anHourAgo }, /run out/],
    ['from the future', { claims: inAnHour }, /no grant/],
    ['of another key', { keys: [newSigner().publicJwk] }, /no grant/],
    ['without a key to check it by', { keys: [] }, /no grant/],
    ['for another machine', { claims: { aud: 'ins_b' } }, /another machine/],
    ['for another command', { claims: { actionDigest: '0'.repeat(64) } }, /not what was approved/],
    ['for another request', { claims: { requestDigest: '0'.repeat(64) } }, /another request/],
    ['that is none at all', { grant: '' }, /no grant/],
    [
      'that needs no signature',
      { grant: `${encoded({ alg: 'none' })}.${encoded({ aud: 'ins_a' })}.` },
      /no grant/,
    ],
  ];

  test.each(cases.map(([name, between, why, changed = null]) => ({ name, between, why, changed })))(
    'a yes $name',
    async ({ between, why, changed }) => {
      const out = await place.run(place.plan({ argv: ['tool'] }), between);
      expect(out.ran).toMatchObject({ outcome: 'refused', changed, isRedeemed: false });
      expect(out.ran).toMatchObject({ why: expect.stringMatching(why) });
      expect([place.runs, out.redeemed, out.reports]).toEqual([0, 0, []]);
    },
  );

  test('a yes that was taken back while it was looked at', async () => {
    const signal = AbortSignal.abort();
    const out = await place.run(place.plan({ argv: ['tool'] }), { signal });
    expect([out.ran.outcome, place.runs, out.redeemed]).toEqual(['refused', 0, 0]);
  });

  test('R40: the same yes twice runs once', async () => {
    const spent = new Set<string>();
    const redeem = async (grant: string) => {
      if (spent.has(grant)) throw new Problem('grant_redeemed');
      spent.add(grant);
    };
    const plan = place.plan({ argv: ['tool'] });
    const { grant, ran } = await place.run(plan, { redeem });
    const again = await place.run(plan, { redeem, grant });
    expect([ran.outcome, again.ran.outcome, place.runs]).toEqual(['ended', 'refused', 1]);
    expect(again.ran).toMatchObject({ why: new Problem('grant_redeemed').message, isRedeemed: false });
  });
});
