// R57, H66: a configuration that would make bearers guessable, or send them somewhere else than it says, is none.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from './load.ts';

/** Paths of the mistakes; none when it is let pass. */
function mistakes(config: object, env: Record<string, string> = {}): readonly string[] {
  const home = mkdtempSync(join(tmpdir(), 'cs-config-'));
  writeFileSync(join(home, 'countersign.jsonc'), JSON.stringify(config), { mode: 0o600 });
  const loaded = loadConfig({ home, env, built: new Set(['webchat']) });
  return loaded.ok ? [] : loaded.mistakes.map(({ path }) => path);
}

const audience = (keys: object) => ({ bearer: { audiences: { tools: keys } } });
const AT = ['bearer.audiences.tools.secret'];
const GOOD = 'a'.repeat(32);

describe('the secret of an audience', () => {
  test.each<[string, object, Record<string, string>, readonly string[]]>([
    ['of 32 bytes', { alg: 'HS256', secret: GOOD }, {}, []],
    ['of 31', { alg: 'HS256', secret: GOOD.slice(1) }, {}, AT],
    ['of 31, in the environment', { alg: 'HS256', secret: { env: 'S' } }, { S: GOOD.slice(1) }, AT],
    ['of 32, in the environment', { alg: 'HS256', secret: { env: 'S' } }, { S: GOOD }, []],
    ['missing', { alg: 'HS256' }, {}, AT],
    ['for a signature that has none', { alg: 'EdDSA', secret: GOOD }, {}, AT],
    ['for the usual signature', { secret: GOOD }, {}, AT],
  ])('%s', (_, keys, env, expected) => {
    expect(mistakes(audience(keys), env)).toEqual(expected);
  });

  test('of an audience that follows the usual signature counts as well', () => {
    const config = { bearer: { alg: 'HS256', audiences: { tools: { secret: { env: 'S' } } } } };
    expect(mistakes(config, { S: 'short' })).toEqual(AT);
    expect(mistakes(config, { S: GOOD })).toEqual([]);
  });
});

test.each([
  'https://tools.example/',
  'https://tools.example:443',
  'https://ana@tools.example',
  'https://ana:x@tools.example',
  'HTTPS://tools.example',
  'https://Tools.example',
  'https://tööls.example',
  'https://tools.example/v1',
  'https://tools.example?x',
  'tools.example',
  'null',
  '*',
])('H66: %s is no origin that a bearer may go to', (origin) => {
  expect(mistakes(audience({ origins: [origin] }))).toEqual(['bearer.audiences.tools.origins[0]']);
});

test.each([
  'https://ana@tools.example/v1',
  'https://ana:pass@tools.example',
  'ftp://tools.example',
  'https://t/?k=1',
])('H66: %s is no address to send anybody to', (url) => {
  expect(mistakes({ proxy: { upstream: url } })).toEqual(['proxy.upstream']);
  expect(mistakes({ users: { kind: 'http', url } })).toEqual(['users.url']);
});

test('I-13: a directory of users is not asked over the open network', () => {
  expect(mistakes({ users: { kind: 'http', url: 'http://users.example/who' } })).toEqual(['users.url']);
  expect(mistakes({ users: { kind: 'http', url: 'http://127.0.0.1:9/who' } })).toEqual([]);
});

test('R57: what a bearer says of itself is nobody’s attribute', () => {
  for (const claim of ['sub', 'act', 'tenant', 'exp', 'scope', 'cnf', 'client_id'])
    expect(mistakes({ users: { claims: { [claim]: 'x' } } })).toEqual([`users.claims.${claim}`]);
});
