// The form from the schema, its changes as a body, and the lines that are shown before saving. The schema is the real one:
// a key that comes to be has a control and a name, or this fails.
import type { ConfigLine } from '@countersign/protocol/config';
import { expect, test } from 'vitest';
import { configJsonSchema } from '../packages/countersign/src/config/schema.ts';
import {
  changesOf,
  type Draft,
  isChanged,
  MASK,
  mistakesOf,
  reverseOf,
  shownOf,
  wished,
} from '../packages/ui/src/pages/settings/changes.ts';
import { countOf, rowsOf } from '../packages/ui/src/pages/settings/diff.ts';
import { faultOf, jsonTyped, listTyped, numberTyped } from '../packages/ui/src/pages/settings/faults.ts';
import { type Field, sectionsOf } from '../packages/ui/src/pages/settings/fields.ts';
import { matches, sectionOf } from '../packages/ui/src/pages/settings/find.ts';
import { bytesSay, nameOf, sectionName, valueSay } from '../packages/ui/src/pages/settings/words.ts';
import { german } from '../packages/ui/src/text/de.ts';
import { english } from '../packages/ui/src/text/en.ts';

const WRITTEN = {
  agent: { kind: 'echo', timeout: '5m' },
  channels: {
    telegram: {
      botToken: MASK,
      dmPolicy: 'allowlist',
      allowFrom: ['1', '2'],
      accounts: { support: { botToken: { env: 'SUPPORT' } } },
    },
  },
};
const SECTIONS = sectionsOf(configJsonSchema(), WRITTEN);
const NOTHING: Draft = new Map();

function field(path: string, sections = SECTIONS): Field {
  const found = sections.flatMap(({ fields }) => fields).find((one) => one.path === path);
  if (found === undefined) throw new Error(`no field ${path}`);
  return found;
}

test('every key of the schema stands in the form, by its section, with a control and a sentence', () => {
  expect(SECTIONS.map(({ id }) => id)).toEqual([
    ...['gateway', 'agent', 'proxy', 'session', 'bearer', 'users', 'channels.pairing', 'channels.webchat'],
    ...['channels.telegram', 'channels.telegram.accounts.support', 'login', 'approvals', 'state'],
  ]);
  for (const { fields } of SECTIONS)
    for (const one of fields) {
      expect([one.path, one.sentence]).toEqual([one.path, expect.stringMatching(/\.$/)]);
      expect([one.path, nameOf(one, english.settings)]).not.toEqual([one.path, one.key]);
      if (one.control.is === 'elsewhere') expect(['store', 'keys']).toContain(one.path);
    }
});

test('a channel that asks for more has every key in the form, named in both languages, its secrets as secrets', () => {
  const written = { channels: { whatsapp: {}, 'whatsapp-cloud': {}, twilio: {}, xmpp: {} } };
  const found = sectionsOf(configJsonSchema(), written).filter(({ channel }) => channel !== null);
  expect(found.map(({ id }) => id)).toEqual([
    ...[
      'channels.webchat',
      'channels.whatsapp',
      'channels.whatsapp-cloud',
      'channels.twilio',
      'channels.xmpp',
    ],
  ]);
  const fields = found.flatMap((section) => section.fields);
  for (const one of fields)
    for (const says of [english.settings, german.settings])
      expect([one.path, nameOf(one, says)]).not.toEqual([one.path, one.key]);
  const secrets = fields.filter(({ control }) => control.is === 'secret').map(({ path }) => path);
  expect(secrets).toEqual([
    ...['accessToken', 'appSecret', 'verifyToken'].map((key) => `channels.whatsapp-cloud.${key}`),
    'channels.twilio.authToken',
    'channels.xmpp.password',
  ]);
  // What is warned of is a key or a section of the form: a warning nobody sees is none.
  const paths = [...SECTIONS, ...found].flatMap(({ id, fields: inside }) => [
    id,
    ...inside.map(({ path }) => path),
  ]);
  for (const path of Object.keys(english.settings.warnings)) expect(paths).toContain(path);
});

test('the control fits the kind, with limits, default and marks of the schema', () => {
  expect(field('login.codeTtl')).toMatchObject({
    control: { is: 'duration', least: '1s', most: '10m' },
    standard: '60s',
    isGuarded: true,
  });
  expect(field('agent.history.bytes').control).toEqual({
    is: 'number',
    least: 0,
    most: 1_048_576,
    unit: 'bytes',
  });
  expect(field('gateway.port')).toMatchObject({ needsRestart: true, isGuarded: false });
  expect(field('session.dmScope').control).toMatchObject({
    is: 'choice',
    options: expect.arrayContaining(['main']),
  });
  expect(field('agent.apiKey').control.is).toBe('secret');
  expect(field('proxy.apiKey')).toMatchObject({ control: { is: 'secret' }, isGuarded: true });
  expect(field('gateway.publicUrl')).toMatchObject({
    control: { is: 'text' },
    isNullable: true,
    standard: null,
  });
  expect(field('bearer.audiences').control.is).toBe('json');
  expect(field('login.deliverTo').control).toMatchObject({
    is: 'list',
    options: expect.arrayContaining(['telegram']),
  });
  expect(field('channels.telegram.allowFrom').control.is).toBe('people');
  expect(field('channels.pairing.message').control).toEqual({ is: 'text', isLong: true });
});

test('an account has the channel’s keys for its defaults', () => {
  const at = 'channels.telegram.accounts.support';
  expect(field(`${at}.dmPolicy`)).toMatchObject({
    standard: 'allowlist',
    inherits: 'channels.telegram.dmPolicy',
  });
  expect(field(`${at}.mode`).standard).toBe('polling');
  expect(isChanged(field(`${at}.dmPolicy`), WRITTEN, NOTHING)).toBe(false);
});

test('a wish for what is there already is none, and a changed value is told from the default', () => {
  const timeout = field('agent.timeout');
  const draft = wished(NOTHING, timeout, { value: '3m' }, WRITTEN);
  expect(shownOf(timeout, WRITTEN, draft)).toBe('3m');
  expect(wished(draft, timeout, { value: '5m' }, WRITTEN).size).toBe(0);
  expect(isChanged(timeout, WRITTEN, NOTHING)).toBe(true);
  const reset = wished(NOTHING, timeout, { unset: true }, WRITTEN);
  expect([shownOf(timeout, WRITTEN, reset), isChanged(timeout, WRITTEN, reset)]).toEqual(['2m', false]);
  const model = field('agent.model');
  expect(wished(NOTHING, model, { value: 'default' }, WRITTEN).size).toBe(0);
  expect(wished(NOTHING, model, { unset: true }, WRITTEN).size).toBe(0);
});

test('changes become a body: sets and resets by path; a section that is not there as one, and none when nothing is left', () => {
  const body = (wishes: Draft, written: typeof WRITTEN | object = WRITTEN) =>
    changesOf(wishes, JSON.parse(JSON.stringify(written)), SECTIONS);
  expect(
    body(
      new Map([
        ['agent.model', { value: 'x' }],
        ['agent.timeout', { unset: true }],
      ]),
    ),
  ).toEqual([
    { path: 'agent.model', value: 'x' },
    { path: 'agent.timeout', unset: true },
  ]);
  const proxy: Draft = new Map([
    ['proxy.upstream', { value: 'https://a.example' }],
    ['proxy.timeout', { value: '1m' }],
  ]);
  expect(body(proxy)).toEqual([{ path: 'proxy', value: { upstream: 'https://a.example', timeout: '1m' } }]);
  const has = { proxy: { upstream: 'https://b.example', timeout: '2m' } };
  expect(body(proxy, has)).toHaveLength(2);
  const gone: Draft = new Map([...proxy.keys()].map((path) => [path, { unset: true } as const]));
  expect(body(gone, has)).toEqual([{ path: 'proxy', unset: true }]);
});

test('the way back sets what was written and takes away what was not, and there is none over a secret', () => {
  const changes = [
    { path: 'agent.model', value: 'x' },
    { path: 'agent.timeout', unset: true as const },
  ];
  expect(reverseOf(changes, WRITTEN)).toEqual([
    { path: 'agent.model', unset: true },
    { path: 'agent.timeout', value: '5m' },
  ]);
  expect(reverseOf([{ path: 'channels.telegram.botToken', value: 'new' }], WRITTEN)).toBeNull();
  const at = 'channels.telegram.accounts.support.botToken';
  expect(reverseOf([{ path: at, value: 'new' }], WRITTEN)).toEqual([{ path: at, value: { env: 'SUPPORT' } }]);
});

test('a mistake stands at its field, also one inside of a list, and not at a neighbour', () => {
  const mistakes = [
    { path: 'channels.pairing.notifyOn[1]', message: 'm', hint: 'h' },
    { path: 'login.codeTtlX', message: 'm', hint: 'h' },
  ];
  expect(mistakesOf(field('channels.pairing.notifyOn'), mistakes)).toHaveLength(1);
  expect(mistakesOf(field('login.codeTtl'), mistakes)).toEqual([]);
});

test.each([
  ['login.codeTtl', '90s', null],
  ['login.codeTtl', '11m', 'range'],
  ['login.codeTtl', '2x', 'duration'],
  ['login.codeDigits', 9, 'range'],
  ['login.codeDigits', '8a', 'number'],
  ['agent.url', null, null],
  ['agent.model', '', 'empty'],
  ['bearer.audiences', '{', 'json'],
  ['agent.apiKey', '', 'empty'],
])('%s = %j: %s', (path, value, fault) => {
  expect(faultOf(field(path), value)).toBe(fault);
});

test('what is typed is read as what it says, and kept where it says nothing', () => {
  expect([numberTyped(' 12 '), numberTyped('-3'), numberTyped('1e9'), numberTyped('')]).toEqual([
    12,
    -3,
    '1e9',
    '',
  ]);
  expect(listTyped(' a \n\n b\n')).toEqual(['a', 'b']);
  expect([jsonTyped('{"a":1}'), jsonTyped('{a'), jsonTyped('7')]).toEqual([{ a: 1 }, '{a', '7']);
});

test('searching finds by name, key and sentence, all words of it', () => {
  const one = field('login.codeTtl');
  const found = (search: string) =>
    matches({ field: one, name: nameOf(one, english.settings) }, 'Sign-in by code', search);
  expect(['codettl', 'lifetime sign-in', 'LIVES', 'login code'].every(found)).toBe(true);
  expect(found('lifetime pairing')).toBe(false);
  expect(sectionOf('login.codeTtl', SECTIONS)?.id).toBe('login');
});

test('values and names in words; what others wrote is written out', () => {
  const says = english.settings;
  expect([bytesSay(65_536), bytesSay(1_048_576), bytesSay(1_000)]).toEqual(['64 KiB', '1 MiB', '1000 B']);
  expect(valueSay(['a\u202Eb'], says)).toBe('a\\u{202E}b');
  expect([valueSay(null, says), valueSay(true, says), valueSay([], says)]).toEqual([
    'nothing',
    'on',
    'empty',
  ]);
  expect(SECTIONS.map((section) => sectionName(section, english))).toContain('Telegram · support');
});

test('left-out lines are a gap, and what goes and comes is counted', () => {
  const lines: ConfigLine[] = [
    { line: 3, kind: 'same', text: 'a' },
    { line: 4, kind: 'gone', text: 'b' },
    { line: 4, kind: 'new', text: 'c' },
    { line: 5, kind: 'same', text: 'd' },
    { line: 9, kind: 'same', text: 'e' },
  ];
  expect(rowsOf(lines).map(({ kind }) => kind)).toEqual([
    'gap',
    'same',
    'gone',
    'new',
    'same',
    'gap',
    'same',
  ]);
  expect(countOf(lines)).toEqual({ added: 1, removed: 1 });
});
