// Every kind of update has a stated fate, and no bytes whatever make a person out of words.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { CHANNELS } from '../../config/native-ids.ts';
import { isInert } from '../../testing/channel/rig.ts';
import { TELEGRAM_PEER } from './traits.ts';
import { ASKED, isSecret, readUpdate, UPDATE_FATES, type Us, updateNumber } from './wire.ts';

/** The second in which the fixtures were said. */
const SAID = 1_795_600_800_000;
const US: Us = { account: 'default', id: 700_000_001, username: 'house_bot', since: SAID, catchingUp: false };
const PERSON = { channel: 'telegram', account: 'default', native: '555001' };

const fixtureSchema = z.object({
  cases: z.array(z.object({ what: z.string(), update: z.looseObject({ update_id: z.int() }) })),
});
const FOLDER = join(import.meta.dirname, 'fixtures');
const FIXTURES = new Map(
  readdirSync(FOLDER).map((file) => {
    const { cases } = fixtureSchema.parse(JSON.parse(readFileSync(join(FOLDER, file), 'utf8')));
    return [file.replace('.json', ''), cases];
  }),
);
const UPDATES = [...FIXTURES.values()].flatMap((cases) => cases.map(({ update }) => update));

function fixture(type: string, what: string): { readonly update_id: number } {
  const found = FIXTURES.get(type)?.find((one) => one.what === what);
  if (found === undefined) throw new Error(`there is no fixture ${type}/${what}`);
  return found.update;
}

const read = (what: string, us: Partial<Us> = {}) => readUpdate(fixture('message', what), { ...US, ...us });

describe('H18: every kind of update has a fate', () => {
  test('and a fixture', () => {
    expect([...FIXTURES.keys()].sort()).toEqual(Object.keys(UPDATE_FATES).sort());
  });

  test.each(Object.entries(UPDATE_FATES))('%s: %s', (type, fate) => {
    for (const { update } of FIXTURES.get(type) ?? []) {
      const inbound = readUpdate(update, US);
      if (fate === 'ignored') expect(inbound).toBeNull();
      // What we did not ask for may be noted, and nothing follows from it.
      if (fate === 'noted' && inbound !== null) expect(isInert(inbound)).toBe(true);
      expect(updateNumber(update)).toBe(update.update_id);
    }
  });

  test('what is asked for is exactly what is read', () => {
    const asked = Object.entries(UPDATE_FATES).filter(([, fate]) => fate === 'asked');
    expect(asked.map(([type]) => type).sort()).toEqual([...ASKED].sort());
  });

  test('a kind that nobody has heard of is let pass', () => {
    expect(readUpdate({ update_id: 5, telepathy: { from: { id: 1 } } }, US)).toBeNull();
    expect(updateNumber({ update_id: 5, telepathy: {} })).toBe(5);
  });
});

describe('a text in the direct chat', () => {
  test('is a message of the person whom Telegram names', () => {
    expect(read('text')).toEqual({
      peer: PERSON,
      assurance: 'medium',
      actor: 'human',
      conversation: { kind: 'direct', id: '555001' },
      messageId: expect.stringMatching(/^\d+$/),
      kind: 'text',
      text: 'Hello, is anybody there?',
      sentAt: SAID,
      arrived: 'live',
      forwarded: false,
      quoted: false,
      press: null,
      mentioned: true,
      displayName: 'Ana Example',
      username: 'ana_example',
      address: null,
    });
  });

  test('a caption is what was said; media without one says nothing', () => {
    expect(read('caption')).toMatchObject({ kind: 'text', text: 'look at this' });
    for (const what of ['photo', 'voice', 'sticker', 'contact'])
      expect(read(what)).toMatchObject({ kind: 'other', text: '' });
  });

  test('P-05: what was said before this connection waited; the same second counts as now', () => {
    expect(read('before we came')?.arrived).toBe('backlog');
    expect(read('text', { since: SAID + 999 })?.arrived).toBe('live');
    expect(read('text', { since: SAID + 1_000 })?.arrived).toBe('backlog');
  });

  test('H01: a user name that changes hands leaves the person who they are', () => {
    const stolen = JSON.parse(JSON.stringify(fixture('message', 'text')).replaceAll('555001', '555666'));
    expect(readUpdate(stolen, US)).toMatchObject({ username: 'ana_example', peer: { native: '555666' } });
  });
});

describe('somebody else’s words', () => {
  test.each(['forwarded from a person', 'forwarded from a hidden person', 'inline', 'linked channel'])(
    '%s: forwarded',
    (what) => expect(read(what)?.forwarded).toBe(true),
  );

  test('H58: of a reply only the own words are read', () => {
    expect(read('reply')).toMatchObject({ text: 'what is this?', forwarded: false, quoted: false });
  });

  test.each(['blockquote', 'expandable blockquote after spaces', 'code', 'pre'])('H58: %s: quoted', (what) =>
    expect(read(what)?.quoted).toBe(true),
  );

  test('a quotation further on is the sender’s own sentence', () => {
    expect(read('quotation later')?.quoted).toBe(false);
  });
});

describe('where it was said', () => {
  test.each([
    ['group', { kind: 'group', id: '-4009001' }],
    ['group command of ours', { kind: 'group', id: '-1001234567890' }],
    ['topic', { kind: 'thread', id: '-1001234567890/7' }],
    ['reply thread that is no topic', { kind: 'group', id: '-1001234567890' }],
    // H11: what does not add up is nowhere.
    ['private chat of another', { kind: 'unknown', id: '555002' }],
    ['group with the number of a person', { kind: 'unknown', id: '555001' }],
    ['kind of chat of next year', { kind: 'unknown', id: '555001' }],
  ])('%s', (what, conversation) => {
    expect(read(what)).toMatchObject({ peer: PERSON, conversation });
  });

  test.each([
    ['group', false],
    ['group mention', true],
    ['group mention of another', false],
    ['group text mention', true],
    ['group reply to us', true],
    ['group reply to another', false],
    ['group command of ours', true],
    ['group command of anybody', true],
    ['group command of another', false],
    ['group path in a sentence', false],
    ['topic', true],
    ['topic that we opened', false],
  ])('%s: mentioned %s', (what, mentioned) => {
    expect(read(what)?.mentioned).toBe(mentioned);
  });
});

describe('who is no person', () => {
  test.each([
    ['anonymous admin', 'anonymous'],
    ['as a channel', 'anonymous'],
    ['person behind a channel', 'anonymous'],
    ['linked channel', 'system'],
    ['Telegram itself', 'system'],
    ['another bot', 'bot'],
    ['ourselves', 'self'],
  ])('%s: %s', (what, actor) => {
    expect(read(what)?.actor).toBe(actor);
  });

  test.each(['business', 'guest', 'without a sender'])('%s: not said to us', (what) =>
    expect(read(what)).toBeNull(),
  );

  test.each(['joined', 'left', 'pinned', 'title', 'grown'])('%s: nothing was said', (what) =>
    expect(read(what)).toMatchObject({ kind: 'other', text: '' }),
  );
});

describe('presses', () => {
  const press = (what: string, us: Partial<Us> = {}) =>
    readUpdate(fixture('callback_query', what), { ...US, ...us });

  test('bring the value, the presser and no time', () => {
    expect(press('press')).toMatchObject({
      peer: PERSON,
      actor: 'human',
      kind: 'button',
      text: '',
      sentAt: null,
      arrived: 'live',
      conversation: { kind: 'direct', id: '555001' },
      messageId: expect.stringMatching(/^cb:4382/),
      press: { value: 'n0nce', handle: expect.stringMatching(/^4382/) },
    });
  });

  test('P-05: made while we were away decide nothing', () => {
    expect(press('press', { catchingUp: true })?.arrived).toBe('backlog');
  });

  test.each([
    ['press in a group', { kind: 'group', id: '-4009001' }],
    ['press by another in a direct chat', { kind: 'unknown', id: '555001' }],
    ['press on a card too old to be seen', { kind: 'unknown', id: 'unknown' }],
    ['press on an inline message', { kind: 'unknown', id: 'unknown' }],
  ])('%s: there, and nowhere else', (what, conversation) => {
    expect(press(what)).toMatchObject({ conversation });
  });

  test('without a value, or by a bot, are none', () => {
    expect(press('game')?.press).toBeNull();
    expect(press('press by a bot')?.actor).toBe('bot');
  });
});

test('an edit is another message, and says that it is one', () => {
  const edit = readUpdate(fixture('edited_message', 'edit'), US);
  expect(edit).toMatchObject({ kind: 'edit', messageId: expect.stringMatching(/^\d+:edit:1795600803$/) });
});

describe('ids', () => {
  test('are those of the configuration', () => {
    expect(TELEGRAM_PEER).toEqual(CHANNELS.telegram.shape);
  });

  test('H03: are numbers, each its own; nothing but the number is read', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 50), fc.nat(2 ** 50), fc.string(), (a, b, name) => {
        const from = (id: number) => ({ id: id + 1, first_name: name, username: name });
        const of = (id: number) =>
          readUpdate(
            {
              update_id: 1,
              message: {
                message_id: 1,
                date: 1,
                chat: { id: id + 1, type: 'private' },
                from: from(id),
                text: 'x',
              },
            },
            US,
          )?.peer.native;
        expect(of(a)).toBe(String(a + 1));
        expect(of(a) === of(b)).toBe(a === b);
      }),
    );
  });

  test.each([0, -5, -1_001_234_567_890, 1.5, '555001', '', null, true, 2 ** 60, [555_001], {}])(
    'H05 H07: %j is nobody',
    (id) => {
      const message = {
        message_id: 1,
        date: 1,
        chat: { id: 555_001, type: 'private' },
        from: { id },
        text: 'x',
      };
      expect(readUpdate({ update_id: 1, message }, US)).toBeNull();
    },
  );
});

describe('bytes of all kinds', () => {
  test('never throw, and never make a person', () => {
    fc.assert(
      fc.property(fc.anything(), (junk) => {
        expect(readUpdate(junk, US)).toBeNull();
        for (const type of ASKED) expect(readUpdate({ update_id: 1, [type]: junk }, US)).toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  test('a fixture of which any part was replaced names the number in `from`, or nobody', () => {
    const junk = fc.oneof(fc.jsonValue(), fc.constantFrom('555009', 555_009, { id: 555_009 }, [], null));
    fc.assert(
      fc.property(
        fc.constantFrom(...UPDATES),
        fc.array(fc.nat(), { maxLength: 6 }),
        junk,
        (update, way, value) => {
          const changed = replaced(update, way, value);
          const inbound = readUpdate(changed, US);
          if (inbound !== null) expect(numbersOfFrom(changed)).toContain(inbound.peer.native);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

test('a secret is itself, and no secret is none', () => {
  expect(isSecret('abc', 'abc')).toBe(true);
  for (const given of [null, '', 'ab', 'abcd', 'ABC', 'abc ']) expect(isSecret(given, 'abc')).toBe(false);
  expect(isSecret('', '')).toBe(false);
});

/** A copy in which the place that `way` leads to holds `value`. */
function replaced(whole: unknown, way: readonly number[], value: unknown): unknown {
  const [turn, ...rest] = way;
  if (turn === undefined || typeof whole !== 'object' || whole === null) return value;
  const entries = Object.entries(whole);
  const at = turn % Math.max(entries.length, 1);
  const changed = entries.map(([key, old], n) => [key, n === at ? replaced(old, rest, value) : old] as const);
  return Array.isArray(whole) ? changed.map(([, one]) => one) : Object.fromEntries(changed);
}

/** What stands as `id` in a `from` or `user` right under the update: the only places a sender is read from. */
function numbersOfFrom(update: unknown): string[] {
  if (typeof update !== 'object' || update === null) return [];
  return Object.values(update).flatMap((body: unknown) => {
    if (typeof body !== 'object' || body === null) return [];
    return Object.entries(body).flatMap(([key, who]: [string, unknown]) =>
      (key === 'from' || key === 'user') && typeof who === 'object' && who !== null && 'id' in who
        ? [String(who.id)]
        : [],
    );
  });
}
