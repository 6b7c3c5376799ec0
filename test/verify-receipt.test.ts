// A receipt in the hands of somebody who has no gateway: our own program and the small one in examples/, which shares no code
// with it, come to the same word on the same file. The attacks: one value changed, a name given twice, keys of one's own, the
// keys inside the receipt taken for trust.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json } from '@countersign/protocol/canonical';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  acceptedWhenSigned,
  asJson,
  changed,
  Forger,
  leaves,
  type Made,
  made,
  STORIES,
  unproven,
} from '../packages/countersign/src/testing/receipts.ts';
import { root } from '../scripts/lib/node.mjs';

const EXAMPLE = join(root, 'examples/verify-receipt/verify.mjs');
const folder = mkdtempSync(join(tmpdir(), 'countersign-receipt-'));
let whole: Made;
let whatIsWrong: (receipt: unknown, keys: readonly object[]) => string | null;

beforeAll(async () => {
  whole = await made();
  ({ whatIsWrong } = await import(EXAMPLE));
  writeFileSync(join(folder, 'jwks.json'), JSON.stringify({ keys: whole.keys }));
  writeFileSync(join(folder, 'foreign.json'), JSON.stringify({ keys: new Forger().keys }));
  writeFileSync(join(folder, 'none.json'), '{}');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function written(text: string): string {
  const file = join(folder, 'receipt.json');
  writeFileSync(file, text);
  return file;
}

function run(program: readonly string[], ...args: readonly string[]) {
  const [first = '', ...rest] = program;
  const { status, stdout, stderr } = spawnSync(first, [...rest, ...args], { cwd: folder, encoding: 'utf8' });
  return { status, stdout, stderr };
}

const ours = (...args: readonly string[]) =>
  run([process.execPath, join(root, 'packages/countersign/bin/countersign.js'), 'verify-receipt'], ...args);
const theirs = (...args: readonly string[]) => run([process.execPath, EXAMPLE], ...args);

test('with the keys of the gateway both say yes, and what happened', () => {
  const file = written(JSON.stringify(whole.receipt, null, 2));
  const own = ours(file, '--keys', 'jwks.json');
  expect([own.status, own.stderr]).toEqual([0, '']);
  for (const said of [
    'git push origin main',
    '"Ari"',
    '"Rita"',
    'page, no factor',
    'exit code 3',
    `head ${whole.receipt.heads[0]?.writer}`,
    'ok    the gateway signed it',
    '-     where it ran elevated, an owner had proven it: there was none',
    'verified: ',
  ])
    expect(own.stdout).toContain(said);
  const other = theirs(file, 'jwks.json');
  expect([other.status, other.stderr]).toEqual([0, '']);
  expect(JSON.parse(other.stdout)).toMatchObject({ state: 'finished', run: { exitCode: 3 } });
});

test('without keys neither says yes: exit 11, and so it is with a home full of keys', () => {
  const file = written(JSON.stringify(whole.receipt));
  const own = ours(file);
  expect(own.status).toBe(11);
  // Who wrote it is just what is not known.
  expect(own.stdout).not.toMatch(/^(?:ok|verified)/m);
  expect(own.stdout).toContain('open  the gateway signed it');
  expect(ours(file).stderr).toContain('of the gateway: --keys jwks.json');
  expect(theirs(file).status).toBe(11);
});

test('another gateway’s keys, another text, no receipt at all: exit 14; no keys in the file: exit 2', () => {
  const { receipt } = whole;
  const file = written(JSON.stringify(receipt));
  expect([ours(file, '--keys', 'foreign.json').status, theirs(file, 'foreign.json').status]).toEqual([
    14, 14,
  ]);
  expect([ours(file, '--keys', 'none.json').status, ours('nowhere.json').status]).toEqual([2, 2]);
  // The keys inside it, by another way.
  expect(ours(file, '--keys', file).status).toBe(2);
  for (const args of [
    ['nowhere.json', 'jwks.json'],
    [file, 'nowhere.json'],
    [file, 'none.json'],
    [file, file],
  ]) {
    const { status, stderr } = theirs(...args);
    expect([args, status, stderr]).toEqual([args, 2, expect.stringMatching(/^error: [^\n]+\n$/)]);
  }
  const twice = JSON.stringify(receipt).replace('{"kind"', '{"kind":"countersign.receipt.v1","kind"');
  const texts = [twice, 'no json', '{}', '[]', 'null', JSON.stringify({ ...receipt, run: null })];
  for (const text of texts) {
    const wrong = written(text);
    const statuses = [ours(wrong, '--keys', 'jwks.json').status, theirs(wrong, 'jwks.json').status];
    expect([text.slice(0, 40), ...statuses]).toEqual([text.slice(0, 40), 14, 14]);
  }
  const wrong = ours(written('{}'), '--keys', 'jwks.json', '--json');
  expect(JSON.parse(wrong.stdout)).toMatchObject({ ok: false });
  expect(JSON.parse(wrong.stderr)).toMatchObject({ code: 'receipt_invalid' });
});

test('R47: a receipt that would clear the screen, or colour it, is told in plain letters by both, and said to be wrong', () => {
  const evil = '\u001b[2J\u009b32mok\u202e everything verifies\u001b[8m';
  const { receipt } = whole;
  const forger = new Forger();
  const [first, ...rest] = receipt.events;
  if (first === undefined) throw new Error('a receipt without events');
  const subject = { ...first.body.subject, approval: 'appr_other' };
  const texts = [
    JSON.stringify({ ...receipt, [evil]: 1 }),
    JSON.stringify({
      ...receipt,
      events: [{ ...first, body: { ...first.body, type: evil, subject } }, ...rest],
    }),
    // Signed by whoever wrote it: whole, and not trusted.
    JSON.stringify(forger.resigned({ ...receipt, people: { [receipt.request.requester ?? '']: evil } })),
    `{"${evil}": no json`,
  ];
  for (const text of texts) {
    const file = written(text);
    for (const { status, stdout, stderr } of [ours(file, '--keys', 'jwks.json'), ours(file), theirs(file)]) {
      expect(status).not.toBe(0);
      expect(`${stdout}${stderr}`.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
  }
});

test('the small verifier refuses every single value changed, and every story that does not follow', () => {
  const value = asJson(whole.receipt);
  expect(whatIsWrong(value, whole.keys)).toBeNull();
  for (const path of leaves(value)) {
    expect([path.join('.'), whatIsWrong(changed(value, path), whole.keys)]).not.toContain(null);
  }
  const forger = new Forger();
  expect(whatIsWrong(forger.resigned(whole.receipt), forger.keys)).toBeNull();
  for (const purpose of ['gateway', 'grant']) {
    const keys = forger.keys.map((key) => ({ ...key, countersign_purpose: purpose }));
    expect([purpose, whatIsWrong(forger.resigned(whole.receipt), keys)]).not.toContain(null);
  }
  for (const [name, change] of Object.entries(STORIES)) {
    const told = structuredClone(whole.receipt);
    change(told);
    expect([name, whatIsWrong(forger.resigned(told), forger.keys)]).not.toContain(null);
  }
});

test('the small verifier knows every member: one more, or one less, is no receipt, whoever signs', () => {
  const forger = new Forger();
  const parts = ['request', 'run', 'decisions', 'heads'] as const;
  for (const part of parts) {
    const told = structuredClone(whole.receipt);
    const [one] = [told[part]].flat();
    Object.assign(one ?? {}, { more: 'x' });
    const wrong = whatIsWrong(forger.resigned(told), forger.keys);
    expect([part, wrong]).toEqual([part, expect.stringContaining('more belongs to no receipt')]);
  }
  const said = { ...whole.receipt, more: 'x' };
  expect(whatIsWrong(forger.resigned(said), forger.keys)).toBe('.more belongs to no receipt');
  const { tier: _, ...request } = whole.receipt.request;
  const less = { ...whole.receipt, request } as typeof whole.receipt;
  expect(whatIsWrong(forger.resigned(less), forger.keys)).toBe('request is not whole: tier');
  const soon = { ...whole.receipt, at: 'soon' };
  expect(whatIsWrong(forger.resigned(soon), forger.keys)).toBe('.at is no time');
});

test('the small verifier, whoever signs: every value but a few is held against events, digests and the grant', async () => {
  const isWhole = (document: Json, keys: Forger['keys']) => whatIsWrong(document, keys) === null;
  for (const { receipt } of [whole, await made('failed')])
    expect(await acceptedWhenSigned(receipt, isWhole)).toEqual(unproven(receipt));
});
