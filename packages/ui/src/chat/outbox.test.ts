import { describe, expect, test } from 'vitest';
import { Outbox, type Outgoing, storedRows } from './outbox.ts';

/** As much of a browser's storage as the outbox uses. */
function storage(most = Number.POSITIVE_INFINITY): Storage {
  const methods = {
    getItem(this: Record<string, unknown>, key: string) {
      return Object.hasOwn(this, key) ? this[key] : null;
    },
    setItem(this: Record<string, unknown>, key: string, value: string) {
      if (value.length > most) throw new DOMException('full', 'QuotaExceededError');
      this[key] = value;
    },
    removeItem(this: Record<string, unknown>, key: string) {
      delete this[key];
    },
  };
  return Object.create(methods);
}

const row = (id: string, more: Partial<Outgoing> = {}): Outgoing => ({
  id,
  text: id,
  at: 1,
  after: 0,
  fate: 'waiting',
  ...more,
});

describe('stored messages', () => {
  test('belong to the key they were written with', () => {
    const kept = storage();
    storedRows(kept, 'one', new EventTarget()).put(row('a'));
    expect(storedRows(kept, 'two', new EventTarget()).all()).toEqual([]);
    expect(storedRows(kept, 'one', new EventTarget()).all()).toEqual([row('a')]);
  });

  test('that are no messages are passed over', () => {
    const kept = storage();
    kept.setItem('countersign.say.one.x', '{"id":1}');
    kept.setItem('countersign.say.one.y', 'not json');
    expect(storedRows(kept, 'one', new EventTarget()).all()).toEqual([]);
  });

  test('that do not fit are kept as long as the page lives', () => {
    const rows = storedRows(storage(0), 'one', new EventTarget());
    rows.put(row('a'));
    expect(rows.all()).toEqual([row('a')]);
    rows.remove('a');
    expect(rows.all()).toEqual([]);
  });
});

test('messages keep their order when the clock is set back', () => {
  const outbox = new Outbox(storedRows(storage(), 'one', new EventTarget()), () => {});
  outbox.add('z', 'first', 1000, 0);
  outbox.add('a', 'second', 10, 0);
  expect(outbox.items().map((item) => item.text)).toEqual(['first', 'second']);
});

test('held messages are bounded: the oldest leave', () => {
  const outbox = new Outbox(storedRows(storage(), 'one', new EventTarget()), () => {});
  for (let count = 0; count < 30; count += 1) {
    outbox.add(`m${count}`, 'x', count, 0);
    outbox.mark(`m${count}`, 'held');
  }
  expect(outbox.items()).toHaveLength(20);
  expect(outbox.items()[0]?.id).toBe('m10');
});

test('R64: of a command that was taken no code stays, neither here nor in the storage', () => {
  const kept = storage();
  const outbox = new Outbox(storedRows(kept, 'one', new EventTarget()), () => {});
  const said = [
    '/approve K7QD2 492817',
    '/elevate 15m abcd-efgh-jkmn',
    'it is 492 817 then',
    '/deny K7QD2 492817',
  ];
  for (const [at, text] of said.entries()) {
    outbox.add(`m${at}`, text, at, 0);
    outbox.mark(`m${at}`, 'taken');
  }
  expect(outbox.items().map(({ text }) => text)).toEqual([
    '/approve K7QD2 ••••••',
    '/elevate 15m ••••••',
    'it is •••••• then',
    '/deny K7QD2 ••••••',
  ]);
  const stored = storedRows(kept, 'one', new EventTarget()).all();
  expect(stored.map(({ text }) => text)).toEqual(outbox.items().map(({ text }) => text));
  expect(outbox.items().map(({ fate }) => fate)).toEqual(Array(4).fill('taken'));
});
