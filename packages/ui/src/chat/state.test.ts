import { describe, expect, test } from 'vitest';
import { entriesOf } from './entries.ts';
import { PERSON_STATES, parseFrame, type ServerFrame } from './frames.ts';
import { type ChatState, EMPTY, lastWhole, reduce } from './state.ts';

function after(...frames: readonly object[]): ChatState {
  return frames.reduce<ChatState>((state, raw) => {
    const frame: ServerFrame | null = parseFrame(JSON.stringify(raw));
    if (frame === null || frame.type === 'connect.challenge' || frame.type === 'error')
      throw new Error('not a chat frame');
    return reduce(state, { type: 'frame', frame });
  }, EMPTY);
}

const message = (seq: number, text: string, more: object = {}): object => ({
  type: 'chat.message',
  seq,
  id: `m${seq}`,
  from: 'agent',
  text,
  at: 1,
  ...more,
});
const delta = (index: number, text: string, turn = 't'): object => ({
  type: 'chat.delta',
  turn,
  index,
  text,
});
const done = (seq: number, turn = 't'): object => ({ type: 'chat.done', turn, seq });
const texts = (state: ChatState): readonly string[] => entriesOf(state).map((entry) => entry.text);

describe('messages', () => {
  test('stand by sequence whatever their order, and a repeat changes nothing', () => {
    const state = after(message(2, 'b'), message(1, 'a'), message(2, 'b'));
    expect(texts(state)).toEqual(['a', 'b']);
    expect(reduce(state, { type: 'frame', frame: frameOf(message(1, 'a')) })).toBe(state);
  });

  test('a resume begins where nothing is missing before', () => {
    expect(lastWhole(after(message(1, 'a'), message(2, 'b'), message(4, 'd')).lines)).toBe(2);
    expect(after(message(1, 'a'), message(3, 'c')).gap).toBe('after:1');
    expect(after(message(1, 'a'), message(3, 'c'), message(2, 'b')).gap).toBeNull();
  });
});

describe('a streamed answer', () => {
  test('grows piece by piece and ignores repeats', () => {
    expect(texts(after(delta(0, 'He'), delta(1, 'llo'), delta(1, 'llo'), delta(0, 'He')))).toEqual(['Hello']);
  });

  test('waits for a missing piece, and asks for it', () => {
    const holed = after(delta(0, 'a'), delta(2, 'c'));
    expect(texts(holed)).toEqual(['a']);
    expect(holed.gap).toBe('turn:t:1');
    const whole = after(delta(0, 'a'), delta(2, 'c'), delta(1, 'b'));
    expect(texts(whole)).toEqual(['abc']);
    expect(whole.gap).toBeNull();
  });

  test.each([
    ['the whole text before the end', [delta(0, 'Hi'), message(1, 'Hi there'), done(1)]],
    ['the end before the whole text', [delta(0, 'Hi '), delta(1, 'there'), done(1), message(1, 'Hi there')]],
    ['only the end', [delta(0, 'Hi there'), done(1)]],
    ['only the whole text', [delta(0, 'Hi'), message(1, 'Hi there')]],
    ['a piece after the whole text', [delta(0, 'Hi'), message(1, 'Hi there'), delta(1, ' there'), done(1)]],
  ])('is one line after %s', (_, frames) => {
    const state = after(...frames);
    expect(texts(state)).toEqual(['Hi there']);
    expect(state.drafts).toEqual([]);
    expect(state.lines).toMatchObject([{ seq: 1, key: 't' }]);
    expect(state.finished?.seq).toBe(1);
  });

  test('of which a piece was lost is not taken for the answer', () => {
    const state = after(delta(0, 'a'), delta(2, 'c'), done(1));
    expect(state.lines).toEqual([]);
    expect(state.gap).toBe('line:1');
    expect(texts(after(delta(0, 'a'), delta(2, 'c'), done(1), message(1, 'abc')))).toEqual(['abc']);
  });

  test('asked again after a new connection begins anew', () => {
    const state = after(
      delta(0, 'Old '),
      delta(1, 'words'),
      { type: 'hello', device: 'd' },
      delta(0, 'New '),
      delta(1, 'text'),
    );
    expect(texts(state)).toEqual(['New text']);
  });

  test('goes on after a new connection that does not begin anew', () => {
    const state = after(delta(0, 'one '), { type: 'hello', device: 'd' }, delta(1, 'two'));
    expect(texts(state)).toEqual(['one two']);
  });

  test('whose end was missed gives way to the next one', () => {
    const state = after(delta(0, 'old'), { type: 'hello', device: 'd' }, delta(0, 'new', 'u'));
    expect(texts(state)).toEqual(['new']);
  });

  test('that failed becomes what the gateway says about it', () => {
    const state = after(delta(0, 'half'), done(1), message(1, 'The agent is away.', { from: 'gateway' }));
    expect(state.lines).toMatchObject([{ from: 'gateway', text: 'The agent is away.' }]);
  });

  test('longer than one message becomes several lines', () => {
    const state = after(delta(0, 'first second'), message(1, 'first '), message(2, 'second'), done(2));
    expect(texts(state)).toEqual(['first ', 'second']);
  });
});

test('a gateway that has forgotten the browser clears the page and says so until it is known again', () => {
  const cleared = after(message(1, 'one'), { type: 'chat.reset' });
  expect(cleared).toMatchObject({ lines: [], forgotten: true });
  expect(
    after(message(1, 'one'), { type: 'chat.reset' }, message(1, 'new', { id: 'n' })).lines,
  ).toMatchObject([{ text: 'new' }]);
  expect(after({ type: 'chat.reset' }).forgotten).toBe(false);
  expect(
    after(message(1, 'one'), { type: 'chat.reset' }, { type: 'chat.state', state: 'pending' }).forgotten,
  ).toBe(false);
});

test('what was held stands where it was said; what waits stands last', () => {
  const state = {
    ...after(message(1, 'one'), message(2, 'two')),
    outgoing: [
      { id: 'w', text: 'waiting', at: 1, after: 0, fate: 'waiting' },
      { id: 'h', text: 'held', at: 2, after: 1, fate: 'held' },
    ],
  } satisfies ChatState;
  expect(texts(state)).toEqual(['one', 'held', 'two', 'waiting']);
});

test.each(PERSON_STATES)('the state %s is taken over whole', (is) => {
  const state = after(
    { type: 'chat.state', state: 'pending', code: 'K7QD2MX4', expiresAt: 5 },
    { type: 'chat.state', state: is },
  );
  expect(state.person).toEqual({ state: is });
  expect(state.introduced).toBe(true);
});

function frameOf(raw: object): Extract<ServerFrame, { type: 'chat.message' }> {
  const frame = parseFrame(JSON.stringify(raw));
  if (frame?.type !== 'chat.message') throw new Error('not a message');
  return frame;
}
