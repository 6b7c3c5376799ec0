// H38: the file as it may be shown. What a comment says of a secret is a secret too, and a form that shows half of a word
// has told the other half.
import { expect, test } from 'vitest';
import { holdsMask, maskedText } from './masked-text.ts';

const shown = (text: string) => maskedText(text)?.text;

test.each([
  ['{ // "botToken": "1:canary"\n}', '{ // "botToken": "[secret]"\n}'],
  ["{ // apiKey = 'canary x'\n}", '{ // apiKey = "[secret]"\n}'],
  ['{ /* password: canary, once */ }', '{ /* password: "[secret]", once */ }'],
  ['{ // amqp://me:canary@host/x\n}', '{ // amqp://[secret]\n}'],
  ['{ // old sk-canary0123456789abcdef\n}', '{ // old [secret]\n}'],
  ['{ // "botToken": { "env": "NAME" }\n}', '{ // "botToken": { "env": "NAME" }\n}'],
  ['{ // see https://docs.example/a/long/page2/of/words\n}', undefined],
  ['{ // ask Ana, +15555550123\n}', undefined],
])('comments: %j', (text, expected) => {
  expect(shown(text)).toBe(expected ?? text);
});

test('a word of a comment that holds a secret of the file is not shown in part', () => {
  const text = '{ "agent": { "apiKey": "c4na" } } // xc4naryc4naryc4naryc4nary, and c4na\n';
  expect(shown(text)).toBe('{ "agent": { "apiKey": "[secret]" } } // [secret], and [secret]\n');
});

test('what only names a secret is shown, and what looks like a name and is none is not', () => {
  const key = (written: string) => shown(`{ "agent": { "apiKey": ${written} } }`);
  expect(key('{ "env": "KEY" }')).toContain('"KEY"');
  expect(key('{ "file": "keys/agent" }')).toContain('keys/agent');
  for (const written of ['{ "env": "sk-canary" }', '{ "env": "A", "x": "canary" }', '["canary"]', '7777'])
    expect(key(written)).toBe('{ "agent": { "apiKey": "[secret]" } }');
  expect(key('null')).toContain('null');
});

test('the address of a database keeps its password to itself, and a mistyped key its value', () => {
  expect(shown('{ "store": "postgres://u:canary@h/d" }')).toBe('{ "store": "postgres://[secret]" }');
  expect(shown('{ "store": "sqlite:x.db" }')).toContain('sqlite:x.db');
  const url = '{ "agent": { "url": "https://me:canary@h/v1" } } // https://me:canary@h/v1 it is\n';
  expect(shown(url)).toBe('{ "agent": { "url": "https://[secret]" } } // https://[secret] it is\n');
  expect(shown('{ "agent": { "url": "https://h:8080/v1?x=a@b" } }')).toContain('https://h:8080/v1?x=a@b');
  expect(shown('{ "stroe": "postgres://u:canary@h/d", "agent": { "x": ["canary"] } }')).not.toContain(
    'canary',
  );
});

test('text in quotes that looks like a comment is no comment, and a broken file is not shown', () => {
  const text = '{ "channels": { "pairing": { "message": "// token: {code} /* " } } }';
  expect(shown(text)).toBe(text);
  expect(maskedText('{ "agent": ')).toBeNull();
  expect(maskedText('[1]')).toBeNull();
  expect(maskedText('')).toMatchObject({ text: '', tree: {} });
});

test('a mask is known wherever it lies in a value', () => {
  expect(holdsMask({ a: [{ b: 'postgres://[secret]' }] })).toBe(true);
  expect(holdsMask({ a: ['secret', 1, null] })).toBe(false);
});
