// Cards about requests: shown to whoever may decide and to nobody else, in direct chats, with the whole action on them. What
// cannot be delivered goes the next way within seconds; where there is none left it is refused, and that is said (E-09). All
// but that happens inside the transaction of the change itself.
import { type ApprovalId, type CardId, isId, type PrincipalId } from '@countersign/protocol/ids';
import type { Bus } from '../bus.ts';
import type { CardVerb } from '../card-port.ts';
import { closeCards, openCard } from '../cards.ts';
import { peerLabel } from '../identity/name.ts';
import { type Peer, peerKey, storedNative } from '../identity/peer.ts';
import { actsAs, holdsRole } from '../identity/standing.ts';
import type { OutboxDraft } from '../outbound.ts';
import { ownerNotices } from '../owner-notices.ts';
import type { Clock, Hasher, Millis, Random } from '../ports.ts';
import type { Roster } from '../roster.ts';
import type { Store } from '../store-port.ts';
import type { ApprovalRecord } from './approvals-port.ts';
import type { ApprovalSettings } from './candidates.ts';
import { cardFor, needsTyping, outcomeText, requesterText, waitingText } from './card-text.ts';
import { type ApprovalChat, decidersChats } from './chats.ts';
import { isOpen } from './machine.ts';
import type { ApprovalsService, ApprovalTelling, EndOf } from './service.ts';
import { machinesOf } from './views.ts';

/** Nobody has it yet: the next way is taken, though a server may still come back. */
const NEXT_WAY_MS = 10_000;
/** Nobody has it, there is no other way, and no page of theirs is open. */
const GIVE_UP_MS = 30_000;
const TOLD_WITHIN_MS = 24 * 60 * 60_000;
const AT_ONCE = 200;

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly bus: Bus;
  readonly roster: Pick<Roster, 'policy' | 'traits'>;
  /** Of the configuration: whom cards go to; empty: whoever decides. */
  settings(): { readonly notify: ApprovalSettings['approvers'] };
  /** The address of the pages; null where they are on this machine only. */
  page(): string | null;
  /** Whether one of them has a page open, or a browser that is told. */
  elsewhere(people: readonly PrincipalId[]): Promise<boolean>;
  /** Asked for when it is needed: it knows of us. */
  approvals(): Pick<ApprovalsService, 'unreachable'>;
}

export class ApprovalCards implements ApprovalTelling {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  async asked(tx: Store, request: ApprovalRecord, now: Millis): Promise<number> {
    const all = await decidersChats(tx, request, this.#ports.roster, now);
    const named = this.#ports.settings().notify;
    const first = named.length === 0 ? all : all.filter(({ peer }) => isAmong(named, peer));
    // Named are only others: whoever decides is told all the same.
    const chats = first.length === 0 ? all : first;
    await this.#show(tx, request, chats, '', now);
    const onlyTold = await this.#onlyTold(tx, request, all, now);
    await tx.outbox.put([...onlyTold, ...waiting(request, now)], now);
    return chats.length;
  }

  async ended(tx: Store, request: ApprovalRecord, how: EndOf, now: Millis): Promise<void> {
    const { answered } = how;
    // Where a card can be changed it is, in the chat that decided too; elsewhere that chat has its answer already.
    const has = answered !== null && this.#ports.roster.traits(answered.channel)?.edits !== true;
    const more = has ? { answered } : {};
    await closeCards(tx, request.id, { text: outcomeText(request, how), now, ...more });
    const to = requesterOf(request);
    if (to === null) return;
    const text = requesterText(request, how);
    await tx.outbox.put([plain(to, text, `outcome:${request.id}:${how.state}`, now + TOLD_WITHIN_MS)], now);
  }

  async owners(tx: Store, text: string, once: string, now: Millis): Promise<void> {
    await tx.outbox.put(await ownerNotices(tx, { text, once, now }), now);
  }

  /** What somebody asked to be shown once more, in this chat. @returns null where it is not theirs to decide there. */
  async again(request: ApprovalRecord, peer: Peer): Promise<ReturnType<typeof cardFor> | null> {
    const { store, clock, roster } = this.#ports;
    const chats = await decidersChats(store, request, roster, clock.now());
    const chat = chats.find((one) => peerKey(one.peer) === peerKey(peer));
    if (chat === undefined) return null;
    return cardFor(request, await this.#words(store, request, chat), chat);
  }

  /** A card did not arrive. */
  async failed(card: CardId): Promise<void> {
    const about = (await this.#ports.store.cards.get(card))?.about ?? '';
    if (isId('approval', about)) await this.#nextWay(about);
  }

  /** For the sweeper: what nobody has though it was asked a while ago. */
  async patrol(): Promise<void> {
    const { store, clock } = this.#ports;
    const waits = await store.approvals.briefs({ states: ['pending'], limit: AT_ONCE });
    const late = waits.filter((one) => !one.quietly && clock.now() - one.createdAt >= NEXT_WAY_MS);
    if (late.length === 0) return;
    const told = await store.approvals.told(late.map(({ id }) => id));
    for (const { id } of late)
      if (told.get(id) === 'failed' || told.get(id) === 'queued') await this.#nextWay(id);
  }

  async #nextWay(id: ApprovalId): Promise<void> {
    const { store, clock, bus, roster, elsewhere, approvals } = this.#ports;
    const now = clock.now();
    const taken = await store.atomically(async (tx) => {
      const request = await tx.approvals.get(id);
      if (request === null || !isOpen(request, now)) return null;
      const told = (await tx.approvals.told([id])).get(id) ?? 'none';
      const age = now - request.createdAt;
      if (told === 'delivered' || told === 'none' || (told === 'queued' && age < NEXT_WAY_MS)) return null;
      const cards = await tx.cards.about(id);
      const tried = new Set(cards.map(({ peer }) => peerKey(peer)));
      const chats = await decidersChats(tx, request, roster, now);
      const left = chats.filter(({ peer }) => !tried.has(peerKey(peer)));
      const where = [...new Set(cards.map(({ peer }) => peerLabel(peer)))].join(', ');
      await this.#show(tx, request, left, `\n(It could not be delivered to ${where}.)`, now);
      if (left.length > 0) return 'another';
      return told === 'failed' || age >= GIVE_UP_MS ? (request.need?.people ?? []) : null;
    });
    if (taken === 'another') bus.publish('outboxPut', { count: 1 });
    else if (taken !== null && !(await elsewhere(taken))) await approvals().unreachable(id);
  }

  async #show(
    tx: Store,
    request: ApprovalRecord,
    chats: readonly ApprovalChat[],
    note: string,
    now: Millis,
  ): Promise<void> {
    const { random, hasher } = this.#ports;
    for (const chat of chats) {
      const { text, may } = cardFor(request, await this.#words(tx, request, chat), {
        ...chat,
        maxText: chat.maxText - note.length,
      });
      // The first is what a thumb finds.
      const verbs: CardVerb[] = may === 'yes' && !needsTyping(request) ? ['deny', 'approve'] : ['deny'];
      const { peer: to } = chat;
      const { id: about, expiresAt } = request;
      const once = `approval:${about}:${peerKey(to)}`;
      const draft = { to, about, text: `${text}${note}`, verbs, expiresAt, once };
      await tx.outbox.put([await openCard(tx, draft, { random, hasher }, now)], now);
    }
  }

  async #words(
    tx: Pick<Store, 'people' | 'devices' | 'installation'>,
    { requester, host }: ApprovalRecord,
    { may }: ApprovalChat,
  ) {
    const name = requester === null ? null : ((await tx.people.get(requester))?.name ?? null);
    const [machine = null] = (await machinesOf(tx, [host])).values();
    return { requester: name, here: host === tx.installation, machine, page: this.#ports.page(), may };
  }

  /** Named to be told, and not among those who were asked: that something waits, and not what. */
  async #onlyTold(
    tx: Store,
    request: ApprovalRecord,
    deciders: readonly ApprovalChat[],
    now: Millis,
  ): Promise<OutboxDraft[]> {
    const { settings, roster } = this.#ports;
    const drafts: OutboxDraft[] = [];
    for (const { channel, account, native } of settings().notify) {
      const peer = { channel, account, native: storedNative(native) };
      const isDecider = deciders.some((one) => peerKey(one.peer) === peerKey(peer));
      if (isDecider || peerKey(peer) === request.requesterPeer || roster.traits(channel) === null) continue;
      const acting = actsAs(await tx.people.standing(peer), now);
      if (acting?.direct !== true || !holdsRole(acting.role, 'approver')) continue;
      const text = `${request.short} waits for somebody to approve it (${request.tier}). It is not yours to decide.`;
      const once = `approval:${request.id}:${peerKey(peer)}`;
      drafts.push({ ...plain(peer, text, once, request.expiresAt), kind: 'owner-notice' });
    }
    return drafts;
  }
}

function waiting(request: ApprovalRecord, now: Millis): OutboxDraft[] {
  const to = requesterOf(request);
  if (to === null || request.expiresAt <= now) return [];
  return [plain(to, waitingText(request), `waiting:${request.id}`, request.expiresAt)];
}

/** Of a burst nobody is told one by one, whoever asked neither. */
function requesterOf({ requesterPeer, quietly }: ApprovalRecord): Peer | null {
  const [, channel, account, native] = /^([^:]+):([^:]+):(.+)$/su.exec(requesterPeer ?? '') ?? [];
  if (quietly || channel === undefined || account === undefined || native === undefined) return null;
  return { channel, account, native: storedNative(native) };
}

function plain(peer: Peer, text: string, once: string, deadline: Millis): OutboxDraft {
  return { peer, conversation: { kind: 'direct', id: peer.native }, kind: 'notice', text, deadline, once };
}

function isAmong(named: ApprovalSettings['approvers'], { channel, account, native }: Peer): boolean {
  return named.some((one) => one.channel === channel && one.account === account && one.native === native);
}
