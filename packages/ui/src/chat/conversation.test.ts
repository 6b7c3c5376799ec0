// Attack: a bad network. Whatever is cut, repeated or late, what a person wrote reaches the gateway once, and every
// page of the browser shows the same conversation.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FakeGateway, FakeTime, page, quiet, settled, sharedRows } from '../testing/world.ts';
import { MAX_TEXT } from './conversation.ts';
import { entriesOf } from './entries.ts';
import { memoryRows } from './outbox.ts';

const world = (): { gateway: FakeGateway; time: FakeTime } => ({
  gateway: new FakeGateway(),
  time: new FakeTime(),
});

type Step =
  | { readonly do: 'say'; readonly tab: number }
  | { readonly do: 'up' | 'down'; readonly most: number }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'cut' | 'silence' | 'away' | 'back' | 'wake' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('say' as const), tab: fc.nat(1) }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constantFrom('up' as const, 'down' as const), most: fc.nat(4) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.nat(40_000) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'cut' as const,
        'silence' as const,
        'away' as const,
        'back' as const,
        'wake' as const,
      ),
    }),
  },
);

describe('nothing lost, nothing doubled', () => {
  test('two tabs on a network that cuts, stalls and comes back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
        const { gateway, time } = world();
        gateway.answer = ['An ', 'answer ', 'in pieces'];
        const rows = sharedRows();
        const tabs = [page(gateway, time, rows(), 'a'), page(gateway, time, rows(), 'b')];
        const said: string[] = [];
        await quiet(gateway);
        for (const one of steps) {
          if (one.do === 'say') {
            said.push(`text ${said.length}`);
            tabs[one.tab]?.say(said.at(-1) ?? '');
            time.advance(1);
          } else if (one.do === 'up') gateway.up(one.most);
          else if (one.do === 'down') gateway.down(one.most);
          else if (one.do === 'advance') time.advance(one.ms);
          else if (one.do === 'cut') gateway.cut();
          else if (one.do === 'silence') gateway.silence();
          else if (one.do === 'wake') for (const tab of tabs) tab.wake();
          else gateway.reachable = one.do === 'back';
          await settled();
        }
        gateway.reachable = true;
        // The longest wait, the longest patience: after that the network is good.
        for (let round = 0; round < 40; round += 1) {
          time.advance(30_000);
          await quiet(gateway);
        }
        // A tab whose silent socket had nothing to say notices with the browser's own `online` event.
        for (const tab of tabs) tab.reconnect();
        await quiet(gateway);

        // One at a time: what a tab said arrives in the order it was said.
        for (const tab of ['a', 'b']) {
          const order = gateway.lines
            .filter((line) => line.id.startsWith(tab))
            .map((line) => Number(line.id.slice(1)));
          expect(order).toEqual(order.toSorted((one, other) => one - other));
        }
        const arrived = gateway.lines.filter((line) => line.from === 'you').map((line) => line.text);
        expect(arrived.toSorted()).toEqual(said.toSorted());
        for (const tab of tabs) {
          expect(tab.state.lines.map(({ seq, text }) => [seq, text])).toEqual(
            gateway.lines.map(({ seq, text }) => [seq, text]),
          );
          expect(tab.state.outgoing).toEqual([]);
          expect(tab.state.drafts).toEqual([]);
          expect(entriesOf(tab.state)).toHaveLength(gateway.lines.length);
          expect(new Set(entriesOf(tab.state).map((entry) => entry.key)).size).toBe(gateway.lines.length);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('what is written offline is sent in its order, under its first id, when the connection is back', async () => {
    const { gateway, time } = world();
    gateway.reachable = false;
    const tab = page(gateway, time, memoryRows());
    await settled();
    expect(tab.state.link.is).toBe('offline');
    expect(tab.say('one')).toBe('said');
    expect(tab.say('two')).toBe('said');
    gateway.reachable = true;
    tab.wake();
    await quiet(gateway);
    expect(gateway.lines.map((line) => [line.id, line.text])).toEqual([
      ['p1', 'one'],
      ['p2', 'two'],
    ]);
  });

  test('a message whose acknowledgement was lost is sent again and counts once', async () => {
    const { gateway, time } = world();
    const tab = page(gateway, time, memoryRows());
    await quiet(gateway);
    tab.say('hello');
    gateway.up(9);
    gateway.cut();
    time.advance(60_000);
    await quiet(gateway);
    expect(gateway.lines).toHaveLength(1);
    expect(tab.state.outgoing).toEqual([]);
    expect(tab.state.lines).toHaveLength(1);
  });

  test('what was said while the page was away comes with the next connection', async () => {
    const { gateway, time } = world();
    const tab = page(gateway, time, memoryRows());
    await quiet(gateway);
    gateway.say('agent', 'one');
    await quiet(gateway);
    gateway.cut();
    gateway.say('agent', 'two');
    time.advance(60_000);
    await quiet(gateway);
    expect(tab.state.lines.map((line) => line.text)).toEqual(['one', 'two']);
  });

  test('a gateway that asks to wait gets everything later, in order', async () => {
    const { gateway, time } = world();
    gateway.sayBudget = 2;
    const tab = page(gateway, time, memoryRows());
    await quiet(gateway);
    for (const text of ['1', '2', '3', '4']) tab.say(text);
    await quiet(gateway);
    expect(gateway.lines.map((line) => line.text)).toEqual(['1', '2']);
    expect(tab.state.outgoing).toMatchObject([
      { text: '3', fate: 'waiting', hint: 'wait a moment' },
      { text: '4' },
    ]);
    gateway.sayBudget = 9;
    time.advance(3_000);
    await quiet(gateway);
    expect(gateway.lines.map((line) => line.text)).toEqual(['1', '2', '3', '4']);
    expect(tab.state.outgoing).toEqual([]);
  });

  test('a message is sent once while its acknowledgement is on the way', async () => {
    const { gateway, time } = world();
    const tab = page(gateway, time, memoryRows());
    await quiet(gateway);
    tab.say('one');
    tab.say('two');
    await quiet(gateway);
    expect(gateway.heard).toEqual(['p1', 'p2']);
  });

  test('what an abandoned socket still says is not heard', async () => {
    const { gateway, time } = world();
    const heard: ((data: unknown) => void)[] = [];
    const dial = gateway.dial.bind(gateway);
    gateway.dial = (on) => {
      heard.push(on.message);
      return dial(on);
    };
    const tab = page(gateway, time, memoryRows());
    await quiet(gateway);
    tab.reconnect();
    heard[0]?.(JSON.stringify({ type: 'chat.state', state: 'denied' }));
    await quiet(gateway);
    expect(tab.state.person.state).toBe('paired');
    heard[0]?.(JSON.stringify({ type: 'chat.state', state: 'denied' }));
    expect(tab.state.person.state).toBe('paired');
  });

  test('a reloaded page sends what the closed one could not', async () => {
    const { gateway, time } = world();
    const rows = memoryRows();
    gateway.reachable = false;
    const first = page(gateway, time, rows);
    first.say('kept');
    first.stop();
    gateway.reachable = true;
    page(gateway, time, rows, 'q');
    await quiet(gateway);
    expect(gateway.lines.map((line) => line.text)).toEqual(['kept']);
  });

  test('a socket that swallows a message is given up and the message goes out again', async () => {
    const { gateway, time } = world();
    const tab = page(gateway, time, memoryRows());
    await quiet(gateway);
    tab.say('into the void');
    gateway.silence();
    time.advance(16_000);
    await quiet(gateway);
    expect(gateway.lines.map((line) => line.text)).toEqual(['into the void']);
  });

  test('a gateway that never acknowledges is not hammered', async () => {
    const { gateway, time } = world();
    const tab = page(gateway, time, memoryRows());
    await quiet(gateway);
    gateway.state = 'silent';
    let dials = 0;
    const dial = gateway.dial.bind(gateway);
    gateway.dial = (on) => {
      dials += 1;
      return dial(on);
    };
    tab.say('anybody?');
    for (let minute = 0; minute < 60; minute += 1) {
      gateway.down(9);
      await settled();
      gateway.silence();
      time.advance(60_000);
    }
    expect(dials).toBeLessThan(400);
    expect(tab.state.outgoing).toHaveLength(1);
  });
});

describe('somebody who is not approved', () => {
  test('sees what was held, and sending it afterwards is a new message', async () => {
    const { gateway, time } = world();
    gateway.state = 'unknown';
    const tab = page(gateway, time, memoryRows());
    await quiet(gateway);
    tab.say('hello');
    await quiet(gateway);
    expect(tab.state.outgoing).toMatchObject([{ text: 'hello', fate: 'held' }]);
    gateway.cut();
    gateway.state = 'paired';
    time.advance(60_000);
    await quiet(gateway);
    expect(gateway.heard).toEqual(['p1']);
    expect(gateway.lines).toEqual([]);
    tab.dismiss('p1');
    tab.say('hello');
    await quiet(gateway);
    expect(gateway.lines).toMatchObject([{ id: 'p2', text: 'hello' }]);
  });

  test('is told why a message was refused, and it is not sent again', async () => {
    const { gateway, time } = world();
    const tab = page(gateway, time, memoryRows());
    await quiet(gateway);
    tab.say('too much');
    gateway.tell({ type: 'chat.refused', id: 'p1', reason: 'too_long', hint: 'send it in shorter pieces' });
    gateway.down(9);
    expect(tab.state.outgoing).toMatchObject([{ fate: 'refused', hint: 'send it in shorter pieces' }]);
  });
});

test('a command is said to be for the gateway, once, and is not sent again', async () => {
  const { gateway, time } = world();
  const tab = page(gateway, time, memoryRows());
  await quiet(gateway);
  tab.say('/help');
  gateway.tell({ type: 'chat.taken', id: 'p1' });
  gateway.down(9);
  expect(tab.state.outgoing).toMatchObject([{ text: '/help', fate: 'taken' }]);
});

test('an empty or too long message never reaches the outbox', async () => {
  const { gateway, time } = world();
  const tab = page(gateway, time, memoryRows());
  expect(tab.say(' \n')).toBe('empty');
  expect(tab.say('x'.repeat(MAX_TEXT + 1))).toBe('too_long');
  expect(tab.say('x'.repeat(MAX_TEXT))).toBe('said');
});

test('messages waiting for a connection are bounded', () => {
  const { gateway, time } = world();
  gateway.reachable = false;
  const tab = page(gateway, time, memoryRows());
  for (let count = 0; count < 100; count += 1) expect(tab.say(`${count}`)).toBe('said');
  expect(tab.say('one more')).toBe('too_many');
});
