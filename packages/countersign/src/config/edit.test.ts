import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Problem } from '@countersign/protocol/problem';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allowPerson, disallowPerson } from './allow-list.ts';
import { applyEdits, editConfig, setConfigValue, unsetConfigValue } from './edit.ts';
import { type JsonValue, readJsonc } from './jsonc.ts';
import { parsePath } from './mistakes.ts';
import { getConfigValue } from './read-value.ts';

function placeWith(text: string | null) {
  const home = mkdtempSync(join(tmpdir(), 'cs-edit-'));
  const file = join(home, 'countersign.jsonc');
  if (text !== null) writeFileSync(file, text, { mode: 0o600 });
  return { home, env: {}, file, read: () => readFileSync(file, 'utf8') };
}

const set = (text: string, path: string, value: JsonValue) =>
  applyEdits(text, () => [{ do: 'set', path: parsePath(path) ?? [], value }]);
const unset = (text: string, path: string) =>
  applyEdits(text, () => [{ do: 'unset', path: parsePath(path) ?? [] }]);

async function problemOf(work: Promise<unknown>): Promise<Problem> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const LIST = `{
  // who may write
  "channels": { "telegram": { "allowFrom": [
    "222", // Bob
    // Al, since May
    "333",
    "444" // Cy
  ] } }
}
`;

describe('set and unset on the text', () => {
  test('comments, order, CRLF, single quotes and the byte order mark stay', () => {
    const text =
      "\uFEFF// top\r\n{\r\n  gateway: { 'port': 1, /* here */ }, // after\r\n  // store\r\n  store: 'sqlite:a.db',\r\n}\r\n";
    const changed = set(text, 'gateway.port', 9000);
    expect(changed).toBe(text.replace("'port': 1", "'port': 9000"));
    expect(set(text, 'gateway.listen', '::1')).not.toMatch(/[^\r]\n/);
  });

  test('T8: a name beside a removed entry goes with it, above it or behind it, and no other name moves', () => {
    expect(set(LIST, 'channels.telegram.allowFrom', ['333', '444'])).toBe(
      LIST.replace('    "222", // Bob\n', ''),
    );
    expect(set(LIST, 'channels.telegram.allowFrom', ['222', '444'])).toBe(
      LIST.replace('    // Al, since May\n    "333",\n', ''),
    );
    expect(unset(LIST, 'channels.telegram.allowFrom[1]')).toBe(
      LIST.replace('    // Al, since May\n    "333",\n', ''),
    );
    expect(unset(LIST, 'channels.telegram.allowFrom.2')).not.toContain('Cy');
  });

  test('T8: an entry that is replaced does not keep the name of the one before', () => {
    const changed = set(LIST, 'channels.telegram.allowFrom[0]', '999');
    expect(changed).toContain('"999"');
    expect(changed).not.toContain('Bob');
    expect(changed).toContain('// Al, since May\n    "333"');
  });

  test('a heading that a blank line sets apart stays when the entry below it goes', () => {
    const text = '["store"]'.replace(
      '["store"]',
      '{ "login": { "deliverTo": [\n  // staff\n\n  // first\n  "telegram",\n  "slack"\n] } }',
    );
    expect(unset(text, 'login.deliverTo[0]')).toBe(
      '{ "login": { "deliverTo": [\n  // staff\n\n  "slack"\n] } }',
    );
  });

  test('nor does the heading go when every entry below it is another', () => {
    const text = '{ "a": [\n  // people of the shop\n\n  "1", // Bob\n  "2" // Al\n] }';
    const changed = set(text, 'a', ['3', '4']);
    expect(readJsonc(changed)).toMatchObject({ ok: true, value: { a: ['3', '4'] } });
    expect(changed).toContain('// people of the shop');
    expect(changed).not.toMatch(/Bob|Al\b/);
  });

  test('what is missing on the way is made', () => {
    expect(
      readJsonc(set('// nothing yet\n', 'channels.telegram.accounts.a.allowFrom[0]', '1')),
    ).toMatchObject({
      value: { channels: { telegram: { accounts: { a: { allowFrom: ['1'] } } } } },
    });
  });

  test.each([
    ['{ "gateway": 1 }', 'gateway.port'],
    ['{ "gateway": {} }', 'gateway[0]'],
    ['{ "login": { "deliverTo": [] } }', 'login.deliverTo[1]'],
    ['{ "login": { "deliverTo": [] } }', 'login.deliverTo.x'],
    ['{}', '__proto__.x'],
  ])('a path that leads nowhere is not_found: %s %s', (text, path) => {
    expect(() => set(text, path, 1)).toThrow(expect.objectContaining({ code: 'not_found' }));
  });

  test('setting what stands there already changes no byte', () => {
    expect(set(LIST, 'channels.telegram.allowFrom', ['222', '333', '444'])).toBe(LIST);
  });

  test('whatever list is set, the file then holds that list, and every entry that stayed has its own comment', () => {
    const id = fc.integer({ min: 1, max: 12 }).map(String);
    const list = fc.uniqueArray(id, { maxLength: 8 });
    const layout = fc.constantFrom('above', 'behind', 'inline', 'one line');
    fc.assert(
      fc.property(
        list,
        list,
        layout,
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        (before, after, where, eol, trailing) => {
          const entries = before.map((entry, index) => {
            const comma = index < before.length - 1 || trailing ? ',' : '';
            if (where === 'above') return `    // name-${entry}.${eol}    "${entry}"${comma}`;
            return where === 'behind'
              ? `    "${entry}"${comma} // name-${entry}.`
              : `    "${entry}" /* name-${entry}. */${comma}`;
          });
          const lines = where === 'one line' ? entries.join(' ') : `${eol}${entries.join(eol)}${eol}  `;
          const text = `{ // top.${eol}  "a": [${lines}], // tail.${eol}  "b": 1${eol}}${eol}`;
          const changed = set(text, 'a', after);
          const reading = readJsonc(changed);
          expect(reading).toMatchObject({ ok: true, value: { a: after, b: 1 } });
          expect(changed).toMatch(/top\.[\s\S]*tail\./);
          const kept = before.filter((entry) => changed.includes(`name-${entry}.`));
          for (const entry of kept) {
            const beside = {
              above: `// name-${entry}\\.\\s+"${entry}"`,
              behind: `"${entry}",? // name-${entry}\\.`,
              inline: `"${entry}",? /\\* name-${entry}\\. \\*/`,
              'one line': `"${entry}",? /\\* name-${entry}\\. \\*/`,
            };
            expect(changed).toMatch(new RegExp(beside[where]));
          }
          // Entries that stayed in order stay in place; at least the common beginning does.
          for (let i = 0; i < before.length && before[i] === after[i]; i++) expect(kept).toContain(before[i]);
        },
      ),
      { numRuns: 300 },
    );
  });
});

test('a list of ten thousand is written in one call, whatever changes in it; few changes keep every comment', () => {
  const ids = Array.from({ length: 10_000 }, (_, n) => String(100_000 + n));
  const lines = ids.map((id) => `  "${id}", // person ${id}`).join('\n');
  const text = `{ "channels": { "telegram": { "allowFrom": [\n${lines}\n] } } }`;
  const path = 'channels.telegram.allowFrom';
  const few = [...ids.filter((id) => id !== '100500' && id !== '109000'), 'new'];
  const edited = set(text, path, few);
  expect(readJsonc(edited)).toMatchObject({
    ok: true,
    value: { channels: { telegram: { allowFrom: few } } },
  });
  expect(edited.match(/\/\/ person/g)).toHaveLength(9_998);
  const many = ids.filter((_, n) => n % 3 !== 0);
  expect(readJsonc(set(text, path, many))).toMatchObject({
    ok: true,
    value: { channels: { telegram: { allowFrom: many } } },
  });
  const other = ids.map((id) => `x${id}`);
  expect(set(text, path, other)).not.toContain('person');
});

describe('set and unset on the file', () => {
  test('a file that is not there is made with a header, 0600 whatever the umask', async () => {
    const place = placeWith(null);
    const umask = process.umask(0);
    try {
      await setConfigValue(place, 'gateway.port', 9000);
    } finally {
      process.umask(umask);
    }
    expect(place.read()).toMatch(
      /^\/\/ The configuration of Countersign.*\n\{\n {2}"gateway": \{\n {4}"port": 9000\n {2}\}\n\}\n$/,
    );
    expect(statSync(place.file).mode & 0o777).toBe(0o600);
  });

  test('a change that would be a mistake leaves the file as it was, and says every mistake', async () => {
    const text = '{ "gateway": { "port": 1 } } // mine\n';
    const place = placeWith(text);
    const problem = await problemOf(setConfigValue(place, 'gateway', { prot: 1, port: 'x' }));
    expect(problem.code).toBe('config_invalid');
    expect(problem.members).toMatchObject({ mistakes: [{ path: 'gateway.port' }, { path: 'gateway.prot' }] });
    expect(place.read()).toBe(text);
    expect(readdirSync(place.home).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('a prototype key in a value is refused', async () => {
    const place = placeWith('{}');
    const problem = await problemOf(
      setConfigValue(place, 'gateway', JSON.parse('{ "__proto__": { "port": 1 } }')),
    );
    expect(problem.members).toMatchObject({ mistakes: [{ path: 'gateway.__proto__' }] });
  });

  test('the shell that edits need not have the gateway’s secrets', async () => {
    const place = placeWith('{ "agent": { "url": "https://a.example", "apiKey": { "env": "NOT_HERE" } } }');
    await setConfigValue(place, 'gateway.port', 1);
    expect(place.read()).toContain('"port": 1');
  });

  test('unset of what is not written is not_found; a near name is suggested', async () => {
    const place = placeWith('{ "gateway": { "port": 1 } }');
    const problem = await problemOf(unsetConfigValue(place, 'gateway.prot'));
    expect(problem).toMatchObject({ code: 'not_found', hint: 'did you mean "port"?' });
    await unsetConfigValue(place, 'gateway.port');
    expect(readJsonc(place.read())).toMatchObject({ value: { gateway: {} } });
  });

  test('a link stays a link, and the file behind it changes', async () => {
    const place = placeWith('{}');
    const home = mkdtempSync(join(tmpdir(), 'cs-edit-'));
    symlinkSync(place.file, join(home, 'countersign.jsonc'));
    await setConfigValue({ home, env: {} }, 'gateway.port', 5);
    expect(lstatSync(join(home, 'countersign.jsonc')).isSymbolicLink()).toBe(true);
    expect(place.read()).toContain('"port": 5');
  });

  test('two processes that edit at once lose nothing', async () => {
    const place = placeWith('{ "bearer": { "audiences": {\n  // kept\n} } }');
    const script = `
      import { setConfigValue } from ${JSON.stringify(join(import.meta.dirname, 'edit.ts'))};
      const [, , home, from] = process.argv;
      for (let i = Number(from); i < Number(from) + 10; i++) {
        await setConfigValue({ home, env: {} }, 'bearer.audiences.a' + i, { origins: [] });
      }`;
    const run = promisify(execFile);
    const child = (from: number) =>
      run(process.execPath, ['--input-type=module', '-e', script, '-', place.home, String(from)]);
    await Promise.all([child(0), child(10), child(20)]);
    const reading = readJsonc(place.read());
    const audiences = reading.ok ? reading.value : null;
    expect(audiences).toMatchObject({
      bearer: {
        audiences: Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`a${i}`, { origins: [] }])),
      },
    });
    expect(place.read()).toContain('// kept');
  });

  test('edits of one process take turns as well', async () => {
    const place = placeWith('{}');
    const names = Array.from({ length: 8 }, (_, i) => `a${i}`);
    await Promise.all(names.map((name) => setConfigValue(place, `bearer.audiences.${name}`, {})));
    for (const name of names) expect(place.read()).toContain(`"${name}"`);
  });

  test('a folder that cannot be written leaves the old file', async () => {
    const place = placeWith('{}');
    const missing = { home: place.home, env: { COUNTERSIGN_CONFIG: '/proc/nowhere/countersign.jsonc' } };
    await expect(setConfigValue(missing, 'gateway.port', 1)).rejects.toThrow();
    expect(existsSync('/proc/nowhere')).toBe(false);
  });
});

describe('beside an editor that takes no lock', () => {
  test('a file that is being saved in place is waited for, never written over as an empty one', async () => {
    const place = placeWith('');
    let turns = 0;
    const pause = async () => {
      turns += 1;
      writeFileSync(place.file, turns === 1 ? LIST.slice(0, 60) : LIST);
    };
    await setConfigValue(place, 'agent.model', 'm', { pause });
    expect(place.read()).toContain('"222", // Bob');
    expect(place.read()).toContain('"model": "m"');
    expect(turns).toBe(2);
  });

  test('what was saved while the change was being thought out is kept', async () => {
    const place = placeWith(LIST);
    let times = 0;
    const { changed } = await editConfig(place, () => {
      times += 1;
      if (times === 1) writeFileSync(place.file, LIST.replace('// Bob', '// Bob B.'));
      return [{ do: 'set', path: ['agent', 'model'], value: 'm' }];
    });
    expect({ changed, times }).toEqual({ changed: true, times: 2 });
    expect(place.read()).toContain('"222", // Bob B.');
    expect(place.read()).toContain('"model": "m"');
  });
});

describe('get', () => {
  test('gives what is written, else the default in the written form', () => {
    const place = placeWith('{ "channels": { "telegram": { "allowFrom": ["1"] } } }');
    expect(getConfigValue(place, 'channels.telegram.allowFrom')).toEqual({ value: ['1'], source: 'file' });
    expect(getConfigValue(place, 'channels.telegram.allowFrom[0]')).toEqual({ value: '1', source: 'file' });
    expect(getConfigValue(place, 'channels.pairing.tokenExpiry')).toEqual({ value: '1h', source: 'default' });
    expect(getConfigValue(place, 'gateway').value).toMatchObject({ port: 8787, listen: '127.0.0.1' });
    expect(getConfigValue(place, '').value).toMatchObject({
      agent: { waiting: { maxAge: '1h' } },
      proxy: null,
    });
    expect(() => getConfigValue(place, 'gateway.prot')).toThrow(
      expect.objectContaining({ code: 'not_found' }),
    );
  });

  test('never prints a secret that is written in the file', () => {
    const place = placeWith(`{ "store": "postgres://u:hunter2@h/d", "agent": { "apiKey": "hunter2" },
      "channels": { "telegram": { "botToken": "hunter2", "accounts": { "a": { "botToken": "hunter2" } } } } }`);
    for (const path of [
      '',
      'agent',
      'agent.apiKey',
      'channels',
      'channels.telegram.accounts.a.botToken',
      'store',
    ]) {
      const printed = JSON.stringify(getConfigValue(place, path));
      expect(printed).toContain('[secret]');
      expect(printed).not.toContain('hunter2');
    }
  });
});

describe('allowFrom', () => {
  const person = (native: string, account = 'default') => ({ channel: 'telegram' as const, account, native });

  test('approving twice writes once, and revoking takes the comment along', async () => {
    const place = placeWith(LIST);
    expect((await allowPerson(place, person('555'))).changed).toBe(true);
    expect((await allowPerson(place, person('555'))).changed).toBe(false);
    await disallowPerson(place, person('222'));
    expect(getConfigValue(place, 'channels.telegram.allowFrom').value).toEqual(['333', '444', '555']);
    expect(place.read()).not.toContain('Bob');
    expect((await disallowPerson(place, person('222'))).changed).toBe(false);
  });

  test('an approval for one account lets nobody in at another', async () => {
    const place = placeWith(`{ "channels": { "telegram": { "allowFrom": ["1"], "accounts": {
      "heir": {}, "own": { "allowFrom": ["9"] } } } } }`);
    await allowPerson(place, person('2'));
    const lists = () =>
      ['', '.accounts.heir', '.accounts.own'].map(
        (at) => getConfigValue(place, `channels.telegram${at}.allowFrom`).value,
      );
    expect(lists()).toEqual([['1', '2'], ['1'], ['9']]);
    await allowPerson(place, person('3', 'heir'));
    expect(lists()).toEqual([['1', '2'], ['1', '3'], ['9']]);
    await disallowPerson(place, person('1'));
    expect(lists()).toEqual([['2'], ['1', '3'], ['9']]);
  });
});

test('a file nobody may write but us is still refused when anybody may', async () => {
  const place = placeWith('{}');
  chmodSync(place.file, 0o606);
  expect((await problemOf(setConfigValue(place, 'gateway.port', 1))).code).toBe('config_invalid');
});
