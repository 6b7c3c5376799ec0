// Two programs that share no code, and receipts that a trusted key signed whatever they say: both take the same ones. What one
// refuses and the other takes is a form, or a rule, that one of them forgot.
import { join } from 'node:path';
import type { Json } from '@countersign/protocol/canonical';
import type { Receipt } from '@countersign/protocol/receipt';
import { verifyReceipt } from '@countersign/protocol/verify-receipt';
import { beforeAll, expect, test } from 'vitest';
import { Forger, type Made, made } from '../packages/countersign/src/testing/receipts.ts';
import { root } from '../scripts/lib/node.mjs';

type Story = (receipt: Receipt) => void;

const forger = new Forger();
let whole: Made;
let whatIsWrong: (receipt: unknown, keys: readonly object[]) => string | null;

beforeAll(async () => {
  whole = await made();
  ({ whatIsWrong } = await import(join(root, 'examples/verify-receipt/verify.mjs')));
});

/** Whatever its form says. */
const put = (path: string, value: Json): Story => {
  const names = path.split('.');
  const last = names.pop() ?? '';
  return (receipt) => {
    const at = names.reduce<object>((part, name) => Object(Reflect.get(part, name)), receipt);
    Reflect.set(at, last, value);
  };
};
/** An event more, behind the start. */
const also = (change: Partial<Receipt['events'][number]['body']>): Story => {
  return ({ events, heads }) => {
    const at = events.findIndex(({ body }) => body.type === 'approval.started');
    const start = events[at];
    if (start === undefined) throw new Error('it was never started');
    for (const { body } of events.slice(at + 1)) body.seq += 1;
    events.splice(at + 1, 0, { ...start, body: { ...start.body, seq: start.body.seq + 1, ...change } });
    for (const head of heads) head.seq += 1;
  };
};

const STORIES: Readonly<Record<string, Story>> = {
  'as it is': () => undefined,
  'two starts': also({}),
  'two answers of the policy': also({ type: 'approval.allowed' }),
  'lost in between': also({ type: 'approval.lost' }),
  'a kind of event that nobody knows': also({ type: 'approval.whatever' }),
  'a state that nobody knows': put('request.state', 'done'),
  'a surface that is none': put('decisions.0.surface', 'moon'),
  'half an exit code': put('run.exitCode', 3.5),
  'a signal that is a number': put('run.signal', 7),
  'a reason that is a number': put('decisions.0.reason', 5),
  'never started, and finished': put('run.failure', 'no such folder'),
  'the thirtieth of February': put('at', '2027-02-30T00:00:00.000Z'),
  'a thirteenth month': put('heads.0.at', '2027-13-01T00:00:00.000Z'),
  'keys that are a word': put('keys', 'none'),
  'a gateway that is a list': put('gateway', ['x']),
  'a person that is no name': put('people.prn_x', { name: 'Ana' }),
  'more in an event': put('events.0.body.more', 1),
  'more in the action': put('request.action.approved', true),
  'a head more': ({ heads }) => heads.push(...heads.map((head) => ({ ...head, writer: 'wri_x' }))),
};

/** Another version may have kinds of events that this one does not know; whoever came back was not lost. */
const TAKEN = ['as it is', 'a kind of event that nobody knows', 'lost in between'];

test.each(Object.keys(STORIES))('of "%s" both say the same', async (name) => {
  const told = structuredClone(whole.receipt);
  STORIES[name]?.(told);
  const document = forger.resigned(told);
  const ours = (await verifyReceipt(document, forger.keys)).ok;
  const theirs = whatIsWrong(document, forger.keys) === null;
  expect({ ours, theirs }).toEqual({ ours: TAKEN.includes(name), theirs: TAKEN.includes(name) });
});
