// R47, R67: whoever calls themselves as somebody known is called, in letters of another alphabet, with something unseen
// between them, or by a number that differs in one digit, is pointed out; who merely has a name of their own is not.
import { expect, test } from 'vitest';
import { isWarning, type Known, knownNames, likenesses } from './look-alikes.ts';
import { isOneApart, sameName, skeleton } from './skeleton.ts';

const chat = (channel: string, identifier: string, more: object = {}) => ({
  channel,
  account: 'default',
  identifier,
  ...more,
});
const olga: Known = {
  id: 'prn_olga',
  name: 'Olga Petrov',
  role: 'owner',
  state: 'active',
  peers: [chat('telegram', '555001222', { username: 'olga_p' }), chat('whatsapp', '+4915112345678')],
};
const bill: Known = { id: 'prn_bill', name: 'Bill', role: 'user', state: 'active', peers: [] };
const known = knownNames([olga, bill]);
const of = (displayName: string, more: object = {}) =>
  likenesses({ ...chat('telegram', '987654321'), displayName, ...more }, known);
const kinds = (displayName: string, more: object = {}) => of(displayName, more).map(({ kind }) => kind);

test.each([
  ['as it is', 'Olga Petrov'],
  ['another case', 'OLGA PETROV'],
  ['other separators', 'olga.petrov'],
  ['wide letters', 'Ｏｌｇａ　Ｐｅｔｒｏｖ'],
  ['mathematical letters', '𝓞𝓵𝓰𝓪 𝓟𝓮𝓽𝓻𝓸𝓿'],
  ['a zero-width space', 'Ol\u200Bga Petrov'],
  ['a turned text', '\u202EOlga Petrov\u202C'],
  ['a soft hyphen and tags', 'Ol\u00ADga\u{E0041} Petrov'],
  ['a filler that looks like a space', 'Olga\u3164Petrov'],
])('the same name as an owner, %s', (_, name) => {
  const [first] = of(name);
  expect(first).toMatchObject({ kind: 'same-name', person: { id: 'prn_olga', role: 'owner' } });
});

test.each([
  ['Cyrillic', '\u041Elg\u0430 \u0420\u0435tr\u043Ev'],
  ['Greek', '\u039Flga Petr\u03BFv'],
  ['a zero', '0lga Petr0v'],
  ['a one', 'O1ga Petrov'],
  ['a capital I', 'OIga Petrov'],
  ['accents', 'Ólgá Petrøv'],
  ['stacked marks', 'O\u0301\u0302\u0303lga Petrov'],
  ['small capitals', 'Oʟɢᴀ Pᴇᴛʀᴏᴠ'],
])('looks like an owner, by %s', (_, name) => {
  const [first] = of(name);
  expect(first).toMatchObject({ kind: 'look-alike', person: { id: 'prn_olga' } });
});

test('a user name of a chat counts as a name, and is compared with what is claimed as one', () => {
  expect(kinds('Somebody', { username: 'OLGA-P' })).toEqual(['same-name']);
  expect(kinds('Bi\u0456l')).toContain('mixed-script');
  expect(kinds('BiII')).toEqual(['look-alike']);
});

test.each(['Olg', 'Olga', 'Petrov Olga', 'Bilal', '', '   ', '😀', 'Вера'])(
  '%s is a name of its own',
  (name) => {
    expect(of(name)).toEqual([]);
  },
);

test('a name of pictures alone is like itself and like no other', () => {
  const cat = knownNames([{ ...bill, name: '🐈' }]);
  const named = (displayName: string) => likenesses({ ...chat('telegram', '1'), displayName }, cat);
  expect(named('🐈')).toMatchObject([{ kind: 'same-name' }]);
  expect(named('🐕')).toEqual([]);
  expect(named('***')).toEqual([]);
});

test.each([
  ['555001223', 'near-number'],
  ['55500122', 'near-number'],
  ['5550012220', 'near-number'],
  ['555001222 ', null],
  ['550501222', 'near-number'],
  ['555001111', null],
])('R22: the number %s beside 555001222: %s', (identifier, kind) => {
  const found = likenesses(chat('telegram', identifier), known).map((one) => one.kind);
  expect(found).toEqual(kind === null ? [] : [kind]);
});

test('numbers of different services have nothing to do with each other, but telephone numbers do', () => {
  expect(likenesses(chat('signal', '555001223'), known)).toEqual([]);
  expect(likenesses(chat('signal', '+4915112345679'), known)).toMatchObject([{ kind: 'near-number' }]);
  const [same] = likenesses(chat('signal', '+4915112345678'), known);
  expect(same).toMatchObject({ kind: 'same-number', like: 'whatsapp:+4915112345678' });
  expect(same !== undefined && isWarning(same)).toBe(false);
});

test('a chat that is somebody’s already is not like anybody: it is theirs', () => {
  const again = likenesses({ ...chat('telegram', '555001222'), displayName: 'Bill' }, known);
  expect(again).toMatchObject([{ kind: 'theirs', person: { id: 'prn_olga' } }]);
  const other = { ...chat('telegram', '555001222'), account: 'support' };
  expect(likenesses(other, known).map(({ kind }) => kind)).not.toContain('theirs');
});

test('who would be taken for an owner stands first', () => {
  const two = knownNames([
    { ...bill, name: 'Ana' },
    { ...olga, name: 'Аnа' },
  ]);
  const found = likenesses({ ...chat('telegram', '1'), displayName: 'Ana' }, two);
  expect(found.map((one) => 'person' in one && one.person.id)).toEqual(['prn_olga', 'prn_bill']);
});

test('what is unseen or of two alphabets is marked in any name', () => {
  expect(kinds('Ev\u200Be')).toEqual(['hidden']);
  expect(kinds('B\u043Eb')).toEqual(['mixed-script']);
});

test('a known name in which the unseen was written out is the same name still', () => {
  const kept = knownNames([{ ...bill, name: 'Ev\\u{200B}e' }]);
  const found = (displayName: string) => likenesses({ ...chat('telegram', '1'), displayName }, kept);
  for (const name of ['Eve', 'Ev\u200Be', 'Ev\\u{200B}e'])
    expect(found(name)[0], name).toMatchObject({ kind: 'same-name' });
});

test('prototype names are names like others', () => {
  for (const name of ['constructor', '__proto__', 'toString']) expect(of(name)).toEqual([]);
});

test('a skeleton is stable, short work, and never empty for something', () => {
  for (const text of ['Olga', 'ΝΙΚΗ', 'ВЕРА', '\uD800', '🐈', 'a'.repeat(100_000)]) {
    expect(skeleton(skeleton(text))).toBe(skeleton(text));
    expect(skeleton(text).length).toBeLessThanOrEqual(Math.max(2, text.length));
  }
  expect(sameName('ＡＢＣ-d')).toBe('abcd');
  expect([isOneApart('', '1'), isOneApart('12', '12'), isOneApart('1234', '2143')]).toEqual([
    true,
    false,
    false,
  ]);
});

test('1,000 people and 200 strangers are compared in the time of a blink', () => {
  const crowd = Array.from({ length: 1_000 }, (_, at) => ({
    ...bill,
    id: `prn_${at}`,
    name: `Person ${at}`,
    peers: [chat('telegram', String(600_000_000 + at * 137))],
  }));
  const names = knownNames(crowd);
  const start = performance.now();
  for (let at = 0; at < 200; at += 1)
    likenesses({ ...chat('telegram', String(700_000_000 + at * 991)), displayName: `Perѕon ${at}` }, names);
  expect(performance.now() - start).toBeLessThan(5_000);
});
