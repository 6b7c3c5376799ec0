import { describe, expect, test } from 'vitest';
import { shortId } from '../../shared/short-id.ts';
import { english } from '../../text/en.ts';
import { byOf, idsOf, isId, KIND_TYPES, lineOf, pageOfId, reasonOf, sentenceOf } from './words.ts';

const says = english.audit;
const PERSON = `prn_${'a'.repeat(24)}`;
const DEVICE = `dev_${'b'.repeat(24)}`;

/** The table the documents are made from; that it names every type the gateway writes is tested there. */
async function types(): Promise<string[]> {
  const table = new URL('../../../../../scripts/lib/docs-events.mjs', import.meta.url).href;
  const { EVENTS }: { EVENTS: Record<string, string> } = await import(table);
  return Object.keys(EVENTS).toSorted();
}

test('every type of event has a sentence, and there is none for a type that is not', async () => {
  expect(Object.keys(says.events).toSorted()).toEqual(await types());
});

test('no two types share a sentence, and none ends in a full stop: more stands beside it', () => {
  const sentences = Object.values(says.events);
  expect(new Set(sentences).size).toBe(sentences.length);
  for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z].*[^.]$/);
});

test('every type belongs to exactly one kind of the filter', async () => {
  const kinds = Object.values(KIND_TYPES);
  for (const type of await types()) {
    const fits = kinds.filter((wanted) =>
      wanted.some((one) => (one.endsWith('.') ? type.startsWith(one) : type === one)),
    );
    expect(fits, type).toHaveLength(1);
  }
});

test('a type of a newer gateway is said as it is, and is no way to a prototype', () => {
  expect(sentenceOf({ type: 'approval.decided' }, says)).toContain('approval.decided');
  expect(sentenceOf({ type: 'constructor' }, says)).toContain('constructor');
});

describe('who did it', () => {
  test.each([
    ['host', { how: 'host' }],
    ['system', { how: 'system' }],
    [`host+${PERSON}`, { how: 'hostAs', person: PERSON }],
    [`${PERSON}@chat`, { how: 'person', person: PERSON, device: null, surface: 'chat' }],
    [
      `${PERSON}@device:${DEVICE}`,
      { how: 'person', person: PERSON, device: DEVICE, surface: `device:${DEVICE}` },
    ],
    ['<b>@x', { how: 'other', text: '<b>@x' }],
    ['', { how: 'other', text: '' }],
  ])('%s', (actor, by) => {
    expect(byOf(actor)).toEqual(by);
  });
});

test('an event leads to the ids it holds, the person first, each once; other text leads nowhere', () => {
  const subject = {
    session: `ses_${'c'.repeat(24)}`,
    principal: PERSON,
    again: PERSON,
    channel: 'telegram',
    note: 'javascript:alert(1)',
    count: 3,
    gone: null,
  };
  expect(idsOf({ subject })).toEqual([PERSON, subject.session]);
  expect(lineOf({ a: [1] })).toBe('{"a":[1]}');
});

test('an id is known by its form, and leads to its page', () => {
  expect(isId('devreq_abcdefgh')).toBe(true);
  expect(isId('PRN_abcdefgh')).toBe(false);
  expect(isId('prn_abc/../x')).toBe(false);
  expect(pageOfId(PERSON)).toEqual({ page: 'people', query: { open: PERSON } });
  expect(pageOfId('turn_abcdefgh')).toBeNull();
  expect(shortId(PERSON)).toBe('prn_aaaaaa…');
  expect(shortId('prn_abc')).toBe('prn_abc');
});

test('what was approved and not run, because it would have been another thing, is no change of mind', () => {
  for (const what of Object.keys(english.approvals.changed.what)) {
    const reason = `changed_${what}`;
    expect(sentenceOf({ type: 'approval.cancelled', reason }, says)).toBe(says.changed);
    expect(reasonOf(reason, says), reason).not.toBeNull();
  }
  expect(sentenceOf({ type: 'approval.cancelled', reason: 'asker_gone' }, says)).toBe(says.gone);
  expect(sentenceOf({ type: 'approval.cancelled', reason: 'requester' }, says)).toBe(
    says.events['approval.cancelled'],
  );
});
