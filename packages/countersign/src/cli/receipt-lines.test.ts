// R47: a receipt is a file that anybody may have written. The attack: one that clears the screen, says "ok" by itself and hides what
// follows, in a value that is printed, or in one that is only named because it is wrong.
import type { Json } from '@countersign/protocol/canonical';
import { type Receipt, receiptSchema } from '@countersign/protocol/receipt';
import { verifyReceipt } from '@countersign/protocol/verify-receipt';
import { beforeAll, expect, test } from 'vitest';
import { asJson, leaves, type Made, made } from '../testing/receipts.ts';
import { receiptLines } from './receipt-lines.ts';

const EVIL = '\u001b[2J\u001b[H\u009b32mok\u202e everything verifies\n\u001b[8m';
const MOVES = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

let whole: Made;
beforeAll(async () => {
  whole = await made('failed');
});

/** With that text in the place of one value. */
function withEvil(value: Json, [first, ...rest]: readonly (string | number)[]): Json {
  if (first === undefined) return EVIL;
  if (Array.isArray(value)) return value.map((one, at) => (at === first ? withEvil(one, rest) : one));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, one]) => [
    name,
    name === first ? withEvil(one, rest) : one,
  ]);
  return Object.fromEntries(members);
}

test('R47: whatever stands in a receipt, why it does not verify is one line that moves nothing', async () => {
  const document = asJson(whole.receipt);
  for (const path of leaves(document)) {
    const { checks, ok } = await verifyReceipt(withEvil(document, path), whole.keys);
    expect([path.join('.'), ok]).toEqual([path.join('.'), false]);
    for (const { fault } of checks)
      expect([path.join('.'), fault ?? '']).not.toContainEqual(expect.stringMatching(MOVES));
  }
  const named = { ...whole.receipt, [EVIL]: 1 };
  const { checks } = await verifyReceipt(asJson(named), whole.keys);
  expect(checks).toEqual([expect.objectContaining({ fault: expect.stringContaining('\\u{001B}') })]);
  expect(checks[0]?.fault).not.toMatch(MOVES);
});

test('R47: nor does any value of one that verifies by the keys inside it', () => {
  const document = asJson(whole.receipt);
  const written: string[] = [];
  for (const path of leaves(document)) {
    const parsed = receiptSchema.safeParse(withEvil(document, path));
    // What has not the form of one is not printed.
    if (!parsed.success) continue;
    const lines = receiptLines(parsed.data);
    expect([path.join('.'), lines.filter((line) => MOVES.test(line))]).toEqual([path.join('.'), []]);
    if (lines.some((line) => line.includes('everything verifies'))) written.push(path.join('.'));
  }
  expect(written).toEqual(
    expect.arrayContaining(['gateway', 'request.id', 'request.agent', 'decisions.0.by', 'heads.0.writer']),
  );
  const people: Receipt['people'] = { prn_x: EVIL };
  const asked = { ...whole.receipt, people, request: { ...whole.receipt.request, requester: 'prn_x' } };
  expect(
    receiptLines(asked)
      .join('\n')
      .split('\n')
      .filter((line) => MOVES.test(line)),
  ).toEqual([]);
});
