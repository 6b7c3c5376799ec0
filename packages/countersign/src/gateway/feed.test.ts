// The feed of changes: what a commit wrote to the audit is told once, by lists, and never what was rolled back.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EVENT_TYPES, type EventDraft, type EventType } from '../core/audit/event.ts';
import { Bus } from '../core/bus.ts';
import { SeededRandom } from '../testing/fakes.ts';
import { openTestStore } from '../testing/store/open.ts';
import { type Change, Feed } from './feed.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const draft = (type: EventType): EventDraft => ({
  type,
  at: 1,
  actor: { kind: 'system' },
  subject: {},
  outcome: 'ok',
});

function listening(feed: Feed): Change[] {
  const heard: Change[] = [];
  feed.subscribe((change) => heard.push(change));
  return heard;
}

describe('a commit', () => {
  test.each(EVENT_TYPES)('with %s makes the audit old, and at least one list with it', (type) => {
    const feed = new Feed(new SeededRandom('feed'));
    const heard = listening(feed);
    feed.committed(new Set([type]));
    vi.advanceTimersByTime(1_000);
    expect(heard).toHaveLength(1);
    expect(heard[0]?.of).toContain('audit');
    expect(heard[0]?.of.length).toBeGreaterThan(1);
    expect(heard[0]?.why).toEqual([type]);
  });

  test('that decides is told within the blink of an eye, the traffic of messages every second', () => {
    const feed = new Feed(new SeededRandom('feed'));
    const heard = listening(feed);
    for (let n = 0; n < 100; n += 1) {
      feed.committed(new Set(['message.admitted']));
      vi.advanceTimersByTime(5);
    }
    expect(heard).toHaveLength(0);
    feed.committed(new Set(['pairing.approved']));
    vi.advanceTimersByTime(30);
    expect(heard).toEqual([
      {
        seq: 1,
        of: ['audit', 'channels', 'overview', 'pairings', 'people', 'sessions'],
        why: ['message.admitted', 'pairing.approved'],
      },
    ]);
    vi.advanceTimersByTime(10_000);
    expect(heard).toHaveLength(1);
  });
});

describe('the store tells the feed', () => {
  test('of what was committed, by every road, and never of what was rolled back', async () => {
    const told: string[][] = [];
    const store = await openTestStore('sqlite::memory:', {
      committed: (types) => told.push([...types]),
    });
    await store.audit.append([draft('gateway.started')]);
    await store.atomically(async (tx) => {
      await tx.audit.append([draft('pairing.requested')]);
      await tx.audit.append([draft('pairing.approved')]);
      expect(told).toHaveLength(1);
    });
    await expect(
      store.atomically(async (tx) => {
        await tx.audit.append([draft('person.added')]);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    await store.atomically(async (tx) => void (await tx.ping()));
    expect(told).toEqual([['gateway.started'], ['pairing.requested', 'pairing.approved']]);
    await store.close();
  });
});

test('channels, devices and sessions are told without leaving a trace', () => {
  const feed = new Feed(new SeededRandom('feed'));
  const bus = new Bus();
  feed.listen(bus);
  const heard = listening(feed);
  bus.publish('channelChanged', { channel: 'telegram', account: 'default' });
  vi.advanceTimersByTime(30);
  bus.publish('sessionChanged', 'ses_a');
  vi.advanceTimersByTime(30);
  expect(heard).toEqual([{ seq: 1, of: ['channels', 'overview'], why: [] }]);
  vi.advanceTimersByTime(1_000);
  expect(heard[1]).toEqual({ seq: 2, of: ['sessions'], why: [] });
});

describe('a place in the feed', () => {
  test('is followed by what came behind it, and by nothing else', () => {
    const feed = new Feed(new SeededRandom('feed'));
    const heard = listening(feed);
    for (let n = 0; n < 5; n += 1) {
      feed.committed(new Set(['device.paired']));
      vi.advanceTimersByTime(30);
    }
    expect(feed.since({ ...feed.place, seq: 2 })).toEqual(heard.slice(2));
    expect(feed.since(feed.place)).toEqual([]);
    expect(feed.since({ ...feed.place, seq: 6 })).toBeNull();
    expect(feed.since({ epoch: 'another', seq: 1 })).toBeNull();
  });

  test('is forgotten after five hundred changes, and what is kept does not grow', () => {
    const feed = new Feed(new SeededRandom('feed'));
    for (let n = 0; n < 600; n += 1) {
      feed.committed(new Set(['device.paired']));
      vi.advanceTimersByTime(30);
    }
    expect(feed.since({ ...feed.place, seq: 0 })).toBeNull();
    expect(feed.since({ ...feed.place, seq: 88 })).toHaveLength(512);
  });
});
