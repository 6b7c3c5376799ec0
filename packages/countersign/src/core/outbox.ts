// Delivery: what was stored is sent in order, at least once, before its deadline, and its fate is recorded. Nothing is
// silently undeliverable: a message that cannot go says so in the outbox and in the audit.
import { type CardId, isId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { EventDraft } from './audit/event.ts';
import { cardParts } from './card-parts.ts';
import { CODE_HOLE, type LoginCodes } from './challenge/codes.ts';
import type { Address, Channel, Report } from './channel-port.ts';
import type { AliasBook } from './identity/aliases.ts';
import type { Peer } from './identity/peer.ts';
import type { OutboundKind, OutboxItem, OutboxRow } from './outbound.ts';
import { shutOut } from './outbound-rule.ts';
import type { Clock, Log, Millis } from './ports.ts';
import type { Roster } from './roster.ts';
import type { Store } from './store-port.ts';

const BATCH = 50;
const CLAIM_MS = 60_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** More than one: a server may stumble over one message and take the next. */
const MAX_FAILED = 3;

/** Cards somebody waits for. */
const ASKS: ReadonlySet<OutboundKind> = new Set<OutboundKind>(['card', 'login-code']);

/** `ended`: its fate is known. `later`: it is tried again. */
type Tried = 'ended' | 'later';

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly roster: Roster;
  /** Login codes, which no store holds. */
  readonly codes: LoginCodes;
  /** A card, or a login code, did not arrive. */
  cardFailed(card: CardId): Promise<void>;
  /** The other id that people were last proven by. */
  readonly aliases: Pick<AliasBook, 'aliasOf'>;
  /** The running channel of an account; null when it is off. */
  channel(channel: string, account: string): Channel | null;
  readonly running: () => readonly Channel[];
}

/** A login code's digits stand in its text, and beside it for templates that take nothing else. */
type Filled = OutboxItem & { readonly code?: string };

interface Lane {
  again: boolean;
  work: Promise<void>;
}

export class Dispatcher {
  readonly #ports: Ports;
  readonly #lanes = new Map<string, Lane>();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Sends what is due, each account by itself: a server that hangs keeps no other account waiting. Calls while one is at
   * work lead to one more round of it. Never rejects. */
  async dispatch(): Promise<void> {
    await Promise.all(this.#ports.running().map((channel) => this.#lane(channel)));
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

  /** What the platform says became of a message; of its parts, the first and any that failed. */
  async report({ id: said, channel, account, fate, reason }: Report): Promise<void> {
    const { store, clock } = this.#ports;
    const [id = '', part] = said.split('.');
    if (!isId('outbox', id) || (part !== undefined && fate === 'delivered')) return;
    const at = clock.now();
    const ended = await store.atomically(async (tx) => {
      const row = await tx.outbox.report(id, { channel, account }, fate, at, reason);
      if (row === null || fate !== 'failed') return null;
      await tx.audit.append([failure(row, at, reason ?? 'platform_failed')]);
      return row;
    });
    if (ended === null || ended.card === null || !ASKS.has(ended.kind)) return;
    await store.cards.undelivered(ended.card);
    await this.#ports.cardFailed(ended.card);
  }

  #lane({ id, account }: Channel): Promise<void> {
    const key = `${id}:${account}`;
    const known = this.#lanes.get(key);
    if (known !== undefined) {
      known.again = true;
      return known.work;
    }
    const lane: Lane = { again: true, work: Promise.resolve() };
    this.#lanes.set(key, lane);
    lane.work = this.#rounds({ channel: id, account }, lane, () => this.#lanes.delete(key));
    return lane.work;
  }

  /** @param end runs in the same breath as the last look at `again`, so that no call falls in between. */
  async #rounds(place: Pick<Peer, 'channel' | 'account'>, lane: Lane, end: () => void): Promise<void> {
    const { store, clock, log } = this.#ports;
    try {
      while (lane.again) {
        lane.again = false;
        const now = clock.now();
        const items = await store.outbox.claim([place], store.writer, now + CLAIM_MS, now, BATCH);
        await this.#round(items);
        if (items.length === BATCH) lane.again = true;
      }
    } catch (cause) {
      log.error('outbox.failed', { reason: Problem.codeOf(cause) });
    } finally {
      end();
    }
  }

  /** In order. A peer whose message failed keeps its order: its later ones wait with it. A server that failed some times
   * running is not asked for the rest: each try may take as long as it takes to be given up. */
  async #round(items: readonly OutboxItem[]): Promise<void> {
    const { store, clock } = this.#ports;
    const behind = new Set<string>();
    let failed = 0;
    for (const item of items) {
      if (failed >= MAX_FAILED || behind.has(item.peer.native)) {
        await store.outbox.retry(item.id, clock.now() + pause(item.attempt), 'behind');
        continue;
      }
      const fate = await this.#deliver(item);
      failed = fate === 'later' ? failed + 1 : 0;
      if (fate === 'later') behind.add(item.peer.native);
    }
  }

  async #deliver(item: OutboxItem): Promise<Tried> {
    const { store, clock, channel } = this.#ports;
    const now = clock.now();
    const forbidden = await this.#forbids(item, now);
    if (forbidden !== null) return this.#end(item, 'unroutable', forbidden);
    const route = channel(item.peer.channel, item.peer.account);
    if (route === null) {
      await store.outbox.retry(item.id, now + pause(item.attempt), 'channel_off');
      return 'later';
    }
    const filled = item.kind === 'login-code' ? await this.#fillCode(item, now) : item;
    if (filled === null) return this.#end(item, 'failed', 'code_gone');
    try {
      if (item.kind === 'card-update') await this.#update(item, route);
      else await this.#send(filled, route);
      const fate = route.traits.receipts === 'delivered' ? 'delivered' : 'sent';
      await store.outbox.settle(item.id, fate, clock.now());
      return 'ended';
    } catch (cause) {
      const code = Problem.codeOf(cause);
      if (code === 'channel_cannot_initiate') return this.#end(item, 'unroutable', code);
      if (code === 'channel_refused') return this.#end(item, 'failed', code);
      const again = clock.now() + Math.max(retryAfter(cause), pause(item.attempt));
      await store.outbox.retry(item.id, Math.min(again, item.deadline), code);
      return 'later';
    }
  }

  /** The digits are in memory until they are used or late; after a restart, or late, the message is never sent. */
  async #fillCode(item: OutboxItem, now: Millis): Promise<Filled | null> {
    const { store, codes } = this.#ports;
    const card = item.card === undefined ? null : await store.cards.get(item.card);
    const id = card?.about ?? '';
    const code = isId('challenge', id) ? codes.get(id, now) : null;
    return code === null ? null : { ...item, text: item.text.replace(CODE_HOLE, code), code };
  }

  async #forbids(item: OutboxItem, now: Millis): Promise<string | null> {
    const { store, roster } = this.#ports;
    const policy = roster.policy(item.peer.channel, item.peer.account);
    if (policy === null || !policy.enabled) return null;
    const standing = await store.people.standing(item.peer);
    return shutOut(item, standing, policy, roster.pairing().notifyOn, now);
  }

  /** Parts of one text, in order; the buttons hang on the last, below everything they are about. */
  async #send(item: Filled, route: Channel): Promise<void> {
    const { turn, kind, card, buttons, code } = item;
    const parts = partsOf(item, route.traits.maxText);
    for (const [part, text] of parts.entries()) {
      const isLast = part === parts.length - 1;
      const shown = isLast && route.traits.buttons && buttons !== undefined ? { buttons } : {};
      const id = part === 0 ? item.id : `${item.id}.${part}`;
      const more = { ...(turn === undefined ? {} : { turn }), ...(code === undefined ? {} : { code }) };
      const message = { id, kind, text, ...more, ...shown };
      const { ref } = await route.send(this.#address(item), message);
      if (isLast && card !== undefined)
        await this.#ports.store.cards.delivered(card, ref ?? null, this.#ports.clock.now());
    }
  }

  /** Where a message can be changed the card itself says how it ended; elsewhere a line does. */
  async #update(item: OutboxItem, route: Channel): Promise<void> {
    const { id, kind, text, card } = item;
    const shown = card === undefined ? null : await this.#ports.store.cards.get(card);
    const to = this.#address(item);
    if (route.edit === undefined || shown === null || shown.ref === null) {
      await route.send(to, { id, kind, text });
      return;
    }
    // What hangs there is the last part of the card, if it had several.
    const was = { kind: 'card', text: shown.text.replace(CODE_HOLE, '······') } as const;
    const said = partsOf(was, route.traits.maxText).at(-1) ?? '';
    const whole = `${said}\n\n${text}`;
    const fits = whole.length <= route.traits.maxText;
    await route.edit(to, shown.ref, { id, kind, text: fits ? whole : text });
  }

  #address({ peer, conversation }: OutboxItem): Address {
    const alias = this.#ports.aliases.aliasOf(peer);
    return { peer, conversation, ...(alias === undefined ? {} : { alias }) };
  }

  async #end(item: OutboxItem, fate: 'failed' | 'unroutable', reason: string): Promise<Tried> {
    const { store, clock } = this.#ports;
    const at = clock.now();
    await store.atomically(async (tx) => {
      if (!(await tx.outbox.settle(item.id, fate, at, reason))) return;
      const { channel, account } = item.peer;
      await tx.audit.append([failure({ id: item.id, kind: item.kind, channel, account }, at, reason)]);
    });
    if (item.card !== undefined && ASKS.has(item.kind)) await this.#ports.cardFailed(item.card);
    return 'ended';
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

function retryAfter(cause: unknown): Millis {
  const seconds = cause instanceof Problem ? cause.members['retryAfter'] : undefined;
  return typeof seconds === 'number' && seconds > 0 ? Math.min(seconds * 1_000, LONGEST_PAUSE_MS * 10) : 0;
}

function pause(attempt: number): Millis {
  return Math.min(FIRST_PAUSE_MS * 2 ** Math.min(attempt - 1, 10), LONGEST_PAUSE_MS);
}

/** What is decided on is cut where no escape and no letter is; an answer of the agent's where it reads best. */
function partsOf({ kind, text }: Pick<OutboxItem, 'kind' | 'text'>, max: number): readonly string[] {
  const whole = kind === 'card' || kind === 'control' ? cardParts(text, max) : null;
  return whole ?? split(text, max);
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
