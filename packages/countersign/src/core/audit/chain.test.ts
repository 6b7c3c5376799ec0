// Whoever can write the database can change the past; the chain makes every such change visible.

import { createHash } from 'node:crypto';
import { canonicalJson, type Json, signedBytes } from '@countersign/protocol/canonical';
import type { EventId, WriterId } from '@countersign/protocol/ids';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bodyText, eventHash, GENESIS, makeEvent, verifyChain } from './chain.ts';
import type { EventBody, EventDraft, StoredEvent } from './event.ts';

const WRITER: WriterId = 'wri_one';

function draft(n: number): EventDraft {
  return {
    type: 'pairing.requested',
    at: 1_000 + n,
    actor: { kind: 'sender' },
    subject: { pairing: `pair_${n}`, channel: 'webchat', account: 'default' },
    outcome: 'ok',
    personal: { identifier: `+1555000${n}`, name: 'Ana' },
  };
}

function chain(length: number): StoredEvent[] {
  const events: StoredEvent[] = [];
  let prev = GENESIS;
  for (let seq = 1; seq <= length; seq += 1) {
    const id: EventId = `evt_${seq}`;
    const event = makeEvent(draft(seq), {
      writer: WRITER,
      seq,
      prev,
      id,
      salt: new Uint8Array(16).fill(seq),
    });
    events.push(event);
    prev = event.hash;
  }
  return events;
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new Error(`nothing at ${index}`);
  return item;
}

/** The chain with the event at `index` replaced. */
function changed(
  events: StoredEvent[],
  index: number,
  change: (event: StoredEvent) => StoredEvent,
): StoredEvent[] {
  return events.with(index, change(at(events, index)));
}

test('an untouched chain verifies to its head', () => {
  const events = chain(5);
  expect(verifyChain(events)).toEqual({ ok: true, seq: 5, hash: at(events, 4).hash });
});

test('a range verifies from the head before it', () => {
  const events = chain(5);
  const from = { seq: 2, hash: at(events, 1).hash };
  expect(verifyChain(events.slice(2), from)).toEqual({ ok: true, seq: 5, hash: at(events, 4).hash });
});

describe('what was done to the past is found', () => {
  const edits: Readonly<Record<keyof EventBody, Partial<EventBody>>> = {
    v: { v: 2 as 1 },
    writer: { writer: 'wri_two' },
    seq: { seq: 9 },
    prev: { prev: 'x' },
    id: { id: 'evt_other' },
    type: { type: 'pairing.approved' },
    at: { at: 7 },
    actor: { actor: 'host' },
    subject: { subject: {} },
    outcome: { outcome: 'denied' },
    reason: { reason: 'because' },
    personal: { personal: null },
  };
  for (const [field, edit] of Object.entries(edits)) {
    test(`an edited ${field}`, () => {
      const events = changed(chain(5), 2, (event) => ({ ...event, body: { ...event.body, ...edit } }));
      expect(verifyChain(events)).toMatchObject({ ok: false, brokenAt: 3 });
    });
  }

  test('an edited event with its hash made new breaks the next one', () => {
    const events = changed(chain(5), 2, (event) => {
      const body: EventBody = { ...event.body, outcome: 'denied' };
      return { ...event, body, hash: eventHash(body) };
    });
    expect(verifyChain(events)).toEqual({ ok: false, brokenAt: 4, why: 'prev' });
  });

  test('a deleted event', () => {
    expect(verifyChain(chain(5).toSpliced(2, 1))).toEqual({ ok: false, brokenAt: 3, why: 'gap' });
  });

  test('a deleted event whose followers were numbered anew', () => {
    const events = chain(5).toSpliced(2, 1);
    const renumbered = events.map((event, index) => ({ ...event, body: { ...event.body, seq: index + 1 } }));
    expect(verifyChain(renumbered)).toEqual({ ok: false, brokenAt: 3, why: 'prev' });
  });

  test("two events in each other's place", () => {
    const events = chain(5);
    const swapped = events.with(1, at(events, 2)).with(2, at(events, 1));
    expect(verifyChain(swapped)).toEqual({ ok: false, brokenAt: 2, why: 'gap' });
  });

  test('a beginning that was cut off', () => {
    expect(verifyChain(chain(5).slice(1))).toEqual({ ok: false, brokenAt: 1, why: 'gap' });
  });

  test('a changed personal part', () => {
    const events = changed(chain(5), 2, (event) => ({
      ...event,
      personal: { salt: event.personal?.salt ?? '', data: { identifier: '+15550009', name: 'Ana' } },
    }));
    expect(verifyChain(events)).toEqual({ ok: false, brokenAt: 3, why: 'personal' });
  });

  test('text without a canonical form', () => {
    const events = changed(chain(3), 1, (event) => ({ ...event, body: { ...event.body, actor: '\ud800' } }));
    expect(verifyChain(events)).toEqual({ ok: false, brokenAt: 2, why: 'hash' });
  });
});

test('a forgotten personal part still verifies', () => {
  const events = changed(chain(5), 2, (event) => ({ ...event, personal: null }));
  expect(verifyChain(events)).toMatchObject({ ok: true });
});

test('the body names nobody: the personal part is a commitment that a guess cannot be checked against', () => {
  const [first, second] = [1, 2].map((salt) =>
    makeEvent(draft(1), {
      writer: WRITER,
      seq: 1,
      prev: GENESIS,
      id: 'evt_1',
      salt: new Uint8Array(16).fill(salt),
    }),
  );
  expect(JSON.stringify(first?.body)).not.toContain('+1555');
  expect(first?.body.personal).not.toBe(second?.body.personal);
});

test('a personal part without salt is refused', () => {
  expect(() => makeEvent(draft(1), { writer: WRITER, seq: 1, prev: GENESIS, id: 'evt_1' })).toThrow(/salt/);
});

test('the hash is SHA-256 of the signed bytes, whatever the body holds', () => {
  const text = fc.string({ unit: 'grapheme' });
  const json = fc.json().map((made): Json => JSON.parse(made));
  const bodies = fc.record({
    v: fc.constant(1 as const),
    writer: text.map((t): WriterId => `wri_${t}`),
    seq: fc.nat(),
    prev: text,
    id: text.map((t): EventId => `evt_${t}`),
    type: fc.constantFrom('pairing.requested' as const, 'message.admitted' as const),
    at: fc.maxSafeNat(),
    actor: text,
    subject: fc.dictionary(text, json),
    outcome: fc.constantFrom('ok' as const, 'denied' as const),
    reason: fc.option(text),
    personal: fc.option(text),
  });
  fc.assert(
    fc.property(bodies, (body) => {
      expect(bodyText(body)).toBe(canonicalJson({ ...body }));
      const bytes = signedBytes('countersign.audit.v1', { ...body });
      expect(eventHash(body)).toBe(createHash('sha256').update(bytes).digest('base64url'));
    }),
  );
});
