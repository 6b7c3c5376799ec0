// Delivery: what was stored is sent in order, at least once, before its deadline, and its fate is recorded. Nothing is
// silently undeliverable: a message that cannot go says so in the outbox and in the audit.
import { Problem } from '@countersign/protocol/problem';
import type { EventDraft } from './audit/event.ts';
import type { Channel } from './channel-port.ts';
import type { OutboxItem, OutboxRow } from './outbound.ts';
import type { Clock, Log, Millis } from './ports.ts';
import type { Store } from './store-port.ts';

const BATCH = 50;
const CLAIM_MS = 60_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** The running channel of an account; null when it is off. */
  channel(channel: string, account: string): Channel | null;
  readonly running: () => readonly Channel[];
}

export class Dispatcher {
  readonly #ports: Ports;
  #working: Promise<void> | null = null;
  #again = false;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Sends what is due. Calls while it is at work lead to one more round. */
  dispatch(): Promise<void> {
    this.#again = true;
    this.#working ??= this.#rounds().finally(() => {
      this.#working = null;
    });
    return this.#working;
  }

  /** Ends what is past its deadline, and says so in the audit. Called by the gateway's sweeper. */
  async expire(): Promise<void> {
    const { store, clock } = this.#ports;
    const at = clock.now();
    await store.atomically(async (tx) => {
      const ended = await tx.outbox.expire(at, BATCH);
      await tx.audit.append(ended.map((row) => failure(row, at, 'deadline')));
    });
  }

  async #rounds(): Promise<void> {
    const { store, clock, running, log } = this.#ports;
    while (this.#again) {
      this.#again = false;
      try {
        const now = clock.now();
        const accounts = running().map(({ id, account }) => ({ channel: id, account }));
        const items = await store.outbox.claim(accounts, store.writer, now + CLAIM_MS, now, BATCH);
        const lanes = Map.groupBy(items, ({ peer }) => `${peer.channel}:${peer.account}`);
        await Promise.all([...lanes.values()].map((lane) => this.#lane(lane)));
        if (items.length === BATCH) this.#again = true;
      } catch (cause) {
        log.error('outbox.failed', { reason: Problem.codeOf(cause) });
        return;
      }
    }
  }

  /** One account's messages, in order. A peer whose message failed keeps its order: its later ones wait with it. */
  async #lane(items: readonly OutboxItem[]): Promise<void> {
    const behind = new Set<string>();
    for (const item of items) {
      const { store, clock } = this.#ports;
      if (behind.has(item.peer.native))
        await store.outbox.retry(item.id, clock.now() + pause(item.attempt), 'behind');
      else if (!(await this.#deliver(item))) behind.add(item.peer.native);
    }
  }

  async #deliver(item: OutboxItem): Promise<boolean> {
    const { store, clock, channel } = this.#ports;
    const now = clock.now();
    const route = channel(item.peer.channel, item.peer.account);
    if (route === null) {
      await store.outbox.retry(item.id, now + pause(item.attempt), 'channel_off');
      return false;
    }
    try {
      const { peer, conversation, turn } = item;
      for (const [part, text] of split(item.text, route.traits.maxText).entries()) {
        const id = part === 0 ? item.id : `${item.id}.${part}`;
        const message = { id, kind: item.kind, text, ...(turn === undefined ? {} : { turn }) };
        await route.send({ peer, conversation }, message);
      }
      await store.outbox.settle(
        item.id,
        route.traits.receipts === 'delivered' ? 'delivered' : 'sent',
        clock.now(),
      );
      return true;
    } catch (cause) {
      const code = Problem.codeOf(cause);
      if (code === 'channel_cannot_initiate') return this.#end(item, 'unroutable', code);
      await store.outbox.retry(item.id, Math.min(clock.now() + pause(item.attempt), item.deadline), code);
      return false;
    }
  }

  async #end(item: OutboxItem, fate: 'failed' | 'unroutable', reason: string): Promise<boolean> {
    const { store, clock } = this.#ports;
    const at = clock.now();
    await store.atomically(async (tx) => {
      if (!(await tx.outbox.settle(item.id, fate, at, reason))) return;
      const { channel, account } = item.peer;
      await tx.audit.append([failure({ id: item.id, kind: item.kind, channel, account }, at, reason)]);
    });
    return true;
  }
}

function failure(
  { id, kind, channel, account }: Pick<OutboxRow, 'id' | 'kind' | 'channel' | 'account'>,
  at: Millis,
  reason: string,
): EventDraft {
  const subject = { outbox: id, kind, channel, account };
  return { type: 'delivery.failed', at, actor: { kind: 'system' }, subject, outcome: 'failed', reason };
}

function pause(attempt: number): Millis {
  return Math.min(FIRST_PAUSE_MS * 2 ** Math.min(attempt - 1, 10), LONGEST_PAUSE_MS);
}

/** Splits at a line, else at a space, else between characters; never cuts a surrogate pair and never loses a character. */
export function split(text: string, max: number): string[] {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > max) {
    const window = rest.slice(0, max);
    const line = window.lastIndexOf('\n') + 1;
    const space = window.lastIndexOf(' ') + 1;
    const pair = /[\uD800-\uDBFF]$/.test(window) ? max - 1 : max;
    const at = line > max / 2 ? line : space > max / 2 ? space : pair;
    parts.push(rest.slice(0, at));
    rest = rest.slice(at);
  }
  return [...parts, rest];
}
