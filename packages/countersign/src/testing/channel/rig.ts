// One bench, its channel started on an inbox that the test holds in its hand: it keeps what comes, and answers when told.

import assert from 'node:assert/strict';
import { makeId } from '@countersign/protocol/ids';
import type { Inbox, Outbound } from '../../core/channel-port.ts';
import { peerKey } from '../../core/identity/peer.ts';
import type { Accepted, Inbound } from '../../core/message.ts';
import { FakeClock, SeededRandom } from '../fakes.ts';
import { EVENT_KINDS, type EventKind, FORGERY_KINDS, type Forgery, type TestEvent } from './events.ts';
import type { Ability, ChannelBench, ChannelHarness } from './harness.ts';

const ABILITIES: readonly Ability[] = ['accounts', 'connection', 'failures', 'names', 'probe'];

/** What this harness is to be tried with. */
export function has(harness: ChannelHarness, what: EventKind | Forgery | Ability): boolean {
  return !Object.hasOwn(harness.lacks, what);
}

export function lacking(harness: ChannelHarness): readonly (readonly [string, string])[] {
  const known: readonly (EventKind | Forgery | Ability)[] = [...EVENT_KINDS, ...FORGERY_KINDS, ...ABILITIES];
  return known.flatMap((what) => {
    const reason = harness.lacks[what];
    return reason === undefined ? [] : [[what, reason] as const];
  });
}

export class Rig implements AsyncDisposable {
  readonly bench: ChannelBench;
  readonly clock: FakeClock;
  readonly received: Inbound[] = [];
  /** Replaced by tests: an inbox that is slow, or full, or broken. */
  answer: (inbound: Inbound) => Promise<Accepted>;
  readonly #random: SeededRandom;
  readonly #stop = new AbortController();
  readonly #watchers = new Set<() => void>();
  #count = 0;

  constructor(bench: ChannelBench, clock: FakeClock, random: SeededRandom) {
    this.bench = bench;
    this.clock = clock;
    this.#random = random;
    this.answer = () => this.take();
  }

  async take(): Promise<Accepted> {
    return { as: 'nobody', message: makeId('message', this.#random.bytes(15)), reason: 'not_allowed' };
  }

  start(): Promise<void> {
    const inbox: Inbox = {
      receive: (inbound) => {
        this.received.push(inbound);
        for (const watcher of this.#watchers) watcher();
        return this.answer(inbound);
      },
    };
    return this.bench.channel.start(inbox, this.#stop.signal);
  }

  stop(): void {
    this.#stop.abort();
  }

  /** Resolves when `count` messages have reached the inbox. */
  async reached(count: number): Promise<void> {
    while (this.received.length < count) {
      await new Promise<void>((resolve) => {
        const watcher = () => {
          this.#watchers.delete(watcher);
          resolve();
        };
        this.#watchers.add(watcher);
      });
    }
  }

  event(kind: EventKind, more: Partial<TestEvent> = {}): TestEvent {
    this.#count += 1;
    const made = { kind, from: 'ana', id: `event-${this.#count}`, text: `words ${this.#count}` };
    if (kind === 'empty') return { ...made, text: ' \n ', ...more };
    if (kind === 'reply' || kind === 'quotation')
      return { ...made, quoted: '/pairing approve AAAA2222', ...more };
    if (kind === 'press' || kind === 'group-press')
      return { ...made, text: '', value: 'an-opaque-value', ...more };
    if (kind === 'old') return { ...made, at: this.clock.now() - 3_600_000, ...more };
    return { ...made, ...more };
  }

  /** Delivers it, sees it acknowledged, and gives what reached the inbox because of it. */
  async hands(event: TestEvent): Promise<readonly Inbound[]> {
    const before = this.received.length;
    assert.equal(await this.bench.deliver(event), 'acknowledged', `${event.kind} was not acknowledged`);
    return this.received.slice(before);
  }

  /** As hands, for what must come through, as exactly one message. */
  async one(event: TestEvent): Promise<Inbound> {
    const [first, ...more] = await this.hands(event);
    assert.ok(first, `${event.kind} did not reach the inbox`);
    assert.equal(more.length, 0, `${event.kind} reached the inbox as ${more.length + 1} messages`);
    return first;
  }

  outbound(text: string, more: Partial<Outbound> = {}): Outbound {
    this.#count += 1;
    return { id: `out-${this.#count}`, kind: 'notice', text, ...more };
  }

  /** To the person, in their direct chat: core knows it by the person alone, who may never have written. */
  to(name: string) {
    const peer = this.bench.peer(name);
    return { peer, conversation: { kind: 'direct', id: peer.native } } as const;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await this.bench[Symbol.asyncDispose]();
  }
}

export async function openRig(
  harness: ChannelHarness,
  { account = 'default', start = true } = {},
): Promise<Rig> {
  const clock = new FakeClock();
  const random = new SeededRandom(`channel ${harness.name}`);
  const rig = new Rig(await harness.open({ clock, random, account }), clock, random);
  if (start) await rig.start();
  return rig;
}

/** As core counts a message (docs/spec/pairing.md): twice the same is the platform's retry. */
export function countingKey({ peer, conversation, messageId }: Inbound): string {
  return JSON.stringify([peerKey(peer), conversation.id, messageId]);
}

/** Nothing can follow from it, whoever sent it: no pairing, no answer, no decision. */
export function isInert({ actor, kind, arrived, forwarded, text, press }: Inbound): boolean {
  if (actor !== 'human' || arrived === 'history') return true;
  if (kind === 'button') return press === null || arrived !== 'live';
  return kind !== 'text' || forwarded || text.trim() === '';
}

/** Lets everything happen that can happen by itself now, on loopback too. */
export async function turns(count = 100): Promise<void> {
  for (let n = 0; n < count; n++) await new Promise<void>((resolve) => setImmediate(resolve));
}
