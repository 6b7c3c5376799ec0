// One person by two ids: a number that somebody listed or approved, and the id their platform uses instead. The first proof
// of both joins them; a later one that does not fit takes rights away and never moves any. Only what a channel's own proof
// vouches for counts (Inbound.alias), and only where there is something to join: strangers leave no trace here.
import { quotedName } from '@countersign/protocol/display';
import type { AccountPolicy } from '../admission.ts';
import type { Bus } from '../bus.ts';
import { closeCards } from '../cards.ts';
import type { MovedPeer } from '../channel-port.ts';
import type { Inbound } from '../message.ts';
import { ownerNotices } from '../owner-notices.ts';
import type { AllowFile } from '../pairing/allow-port.ts';
import type { Clock, Millis } from '../ports.ts';
import type { Roster } from '../roster.ts';
import type { Store } from '../store-port.ts';
import { peerLabel } from './name.ts';
import { type Native, type Peer, peerKey, samePeer } from './peer.ts';
import type { Role, Standing } from './people-port.ts';
import { holdsRole } from './standing.ts';

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  /** What the configuration says, without what stands here. */
  readonly roster: Roster;
  readonly bus: Bus;
  readonly allowFile: AllowFile;
}

interface Expanded {
  readonly version: number;
  readonly policy: AccountPolicy;
}

export class AliasBook {
  readonly #ports: Ports;
  /** By the alias's key: who holds it, undisputed. */
  #held = new Map<string, Native>();
  /** By the holder's key: what they were last proven by. */
  readonly #last = new Map<string, Native>();
  /** By the holder's key: the alias they act by. */
  readonly #joined = new Map<string, Peer>();
  readonly #expanded = new WeakMap<AccountPolicy, Expanded>();
  #version = 0;
  #loaded: Promise<void> | null = null;
  #turn: Promise<void> = Promise.resolve();

  constructor(ports: Ports) {
    this.#ports = ports;
    // At once, so that nothing more is sent there; what is missed here is found with the next message.
    ports.bus.subscribe('peerChanged', (peer) => {
      const native = this.#held.get(peerKey(peer));
      const holder = native === undefined ? peer : { ...peer, native };
      const alias = this.#joined.get(peerKey(holder));
      if (alias === undefined) return;
      this.#turn = this.#turn.then(() => this.#recheck(holder, alias)).catch(() => undefined);
    });
  }

  /** Resolves when nothing is being looked at. */
  idle(): Promise<void> {
    return this.#turn;
  }

  /** Reads what is known. Called at the start, and by the first that needs it. */
  load(): Promise<void> {
    this.#loaded ??= this.#load();
    return this.#loaded;
  }

  /** The other id that person was last proven by. */
  aliasOf(peer: Peer): Native | undefined {
    return this.#last.get(peerKey(peer));
  }

  /** Null when there is nothing to learn. Otherwise resolves when it is durable: before the message is decided. */
  note({ peer, alias, actor, arrived }: Inbound): Promise<void> | null {
    const joined = this.#joined.get(peerKey(peer));
    const other =
      alias === undefined || alias === null || alias === peer.native ? null : { ...peer, native: alias };
    const isNews =
      other !== null &&
      actor === 'human' &&
      // Who had a number years ago says nothing of who has it.
      arrived !== 'history' &&
      (this.#held.get(peerKey(other)) !== peer.native || this.aliasOf(peer) !== alias);
    if (!isNews && joined === undefined) return null;
    // One after the other: two messages of one person keep their order.
    const work = this.#turn
      .then(() => this.load())
      .then(() => (joined === undefined ? undefined : this.#recheck(peer, joined)))
      .then(() => (isNews ? this.#learn(peer, other) : undefined));
    this.#turn = work.catch(() => undefined);
    return work;
  }

  /** The policy, with whoever holds a listed number listed too. */
  expand(policy: AccountPolicy, channel: string, account: string): AccountPolicy {
    const known = this.#expanded.get(policy);
    if (known?.version === this.#version) return known.policy;
    const holders = (list: readonly string[]) =>
      list.flatMap((listed) => this.#held.get(`${channel}:${account}:${listed}`) ?? []);
    const [direct, groups] = [holders(policy.allowFrom), holders(policy.groupAllowFrom)];
    const expanded =
      direct.length === 0 && groups.length === 0
        ? policy
        : {
            ...policy,
            allowFrom: [...policy.allowFrom, ...direct],
            groupAllowFrom: [...policy.groupAllowFrom, ...groups],
          };
    this.#expanded.set(policy, { version: this.#version, policy: expanded });
    return expanded;
  }

  /** A person has another id from now on: what the old one could do ends until an owner says otherwise. */
  async moved({ channel, account, from, at }: MovedPeer): Promise<void> {
    const { store, clock } = this.#ports;
    await this.load();
    const peer: Peer = { channel, account, native: from };
    const number = this.aliasOf(peer);
    const now = clock.now();
    const ended = await store.atomically(async (tx) => {
      const standing = await tx.people.standing(peer);
      if (!this.#isKnown(peer, standing) || (await isOlder(tx, peer, standing, at))) return [];
      const isOver = await suspend(tx, peer, { why: 'moved', writes: this.#writes(peer) }, now);
      const left =
        number === undefined ? [] : await this.#leave(tx, { ...peer, native: number }, 'number_left', now);
      return isOver ? [peer, ...left] : left;
    });
    await this.#tell(ended);
  }

  async #learn(peer: Peer, other: Peer): Promise<void> {
    const { store, clock } = this.#ports;
    const now = clock.now();
    const before = this.aliasOf(peer);
    const changed = await store.atomically(async (tx) => {
      const [standing, byAlias] = [await tx.people.standing(peer), await tx.people.standing(other)];
      const isKnown = this.#isKnown(peer, standing) || this.#isKnown(other, byAlias);
      if (!isKnown && !this.#held.has(peerKey(other))) return null;
      const held = await tx.aliases.claim(other, peer.native, now);
      const ended: Peer[] = [];
      if (before !== undefined && before !== other.native) {
        await suspend(tx, peer, { why: 'alias_changed', writes: this.#writes(peer) }, now);
        ended.push(peer, ...(await this.#leave(tx, { ...peer, native: before }, 'number_left', now)));
      }
      if (!held.disputed && held.native !== peer.native) {
        // The number has passed to somebody else, or somebody says so: it is nobody's, and its last holder is asked about.
        const last = { ...peer, native: held.native };
        await suspend(tx, last, { why: 'alias_taken', writes: this.#writes(last) }, now);
        ended.push(last, ...(await this.#leave(tx, other, 'number_taken', now)));
      }
      if (ended.length > 0 || held.disputed) return ended;
      const isJoined = await join(tx, { peer, standing }, { peer: other, standing: byAlias }, now);
      const isOver = (isJoined || this.#isListed(other)) && (await endHeld(tx, peer, other, byAlias, now));
      return isJoined || isOver ? [peer] : [];
    });
    if (changed !== null) await this.#tell(changed);
  }

  /** A number that nobody says is still theirs: what was given to it by itself ends too, for it may be anybody's next. */
  async #leave(tx: Store, number: Peer, why: 'number_left' | 'number_taken', now: Millis): Promise<Peer[]> {
    await tx.aliases.dispute(number);
    const isGiven = this.#isKnown(number, await tx.people.standing(number));
    return isGiven && (await suspend(tx, number, { why, writes: this.#writes(number) }, now)) ? [number] : [];
  }

  async #tell(changed: readonly Peer[]): Promise<void> {
    const { bus, allowFile } = this.#ports;
    await this.#load();
    for (const one of changed) bus.publish('peerChanged', one);
    if (changed.length === 0) return;
    bus.publish('outboxPut', { count: 1 });
    await allowFile.settle();
  }

  /** Whether people of that channel stand in the file. */
  #writes({ channel }: Peer): boolean {
    return this.#ports.roster.traits(channel)?.writesConfig === true;
  }

  /** Who acts by what was given to a number loses it with the number, however that came about: asked before each of their
   * messages, for the file, a command or the time may have ended it. */
  async #recheck(peer: Peer, alias: Peer): Promise<void> {
    const { store, clock } = this.#ports;
    const now = clock.now();
    const changed = await store.atomically(async (tx) => {
      const { peer: row, principal } = await tx.people.standing(alias);
      const own = await tx.people.standing(peer);
      const lasts = row?.direct === true && (row.accessUntil === null || row.accessUntil > now);
      const isSame = principal !== null && own.principal?.id === principal.id;
      if (isSame && lasts && !row.blocked) return lower(tx, { peer, standing: own }, row.ceiling);
      await tx.aliases.setJoined(alias, false);
      // Who is shut out by one id is not let in by the other.
      if (own.peer?.blocked === true) return tx.people.setBlocked(alias, true, now);
      if (row?.blocked === true) return tx.people.setBlocked(peer, true, now);
      // Ended by itself already: what is given to it from now on is its own.
      if (own.principal === null) return true;
      return suspend(tx, peer, { why: 'alias_ended', writes: this.#writes(peer) }, now);
    });
    if (changed) await this.#tell([peer, alias]);
  }

  async #load(): Promise<void> {
    const rows = await this.#ports.store.aliases.list();
    this.#held = new Map(rows.map(({ alias, native }) => [peerKey(alias), native]));
    this.#last.clear();
    this.#joined.clear();
    for (const { alias, native, joined } of rows) {
      const holder = peerKey({ ...alias, native });
      this.#last.set(holder, alias.native);
      if (joined) this.#joined.set(holder, alias);
    }
    this.#version += 1;
  }

  #isListed({ channel, account, native }: Peer): boolean {
    return this.#ports.roster.policy(channel, account)?.allowFrom.includes(native) === true;
  }

  /** Somebody has let them in, or has shut them out. */
  #isKnown(peer: Peer, { peer: row }: Standing): boolean {
    if (row !== null) return true;
    const policy = this.#ports.roster.policy(peer.channel, peer.account);
    return (
      policy !== null &&
      (policy.allowFrom.includes(peer.native) || policy.groupAllowFrom.includes(peer.native))
    );
  }
}

/** C-01: who was held because nobody could say who it is. Now the channel has said it, and no owner needs to. */
async function endHeld(
  tx: Store,
  peer: Peer,
  other: Peer,
  { peer: row }: Standing,
  now: Millis,
): Promise<boolean> {
  const latest = await tx.pairings.latest(peer);
  if (latest === null || !(latest.state === 'pending' || latest.state === 'waiting')) return false;
  const how = row?.blocked === true ? 'blocked' : 'let in already';
  const text = `Settled: ${peerLabel(peer)} is ${peerLabel(other)}, who is ${how}; ${peer.channel} itself says so.`;
  await closeCards(tx, latest.id, { text, now });
  await tx.pairings.reset({ peer });
  const { channel, account } = peer;
  await tx.audit.append([
    {
      type: 'pairing.reset',
      at: now,
      actor: { kind: 'system' },
      subject: { channel, account, count: 1 },
      outcome: 'ok',
      reason: 'same_person',
      personal: { identifier: peer.native, alias: other.native },
    },
  ]);
  return true;
}

interface Seen {
  readonly peer: Peer;
  readonly standing: Standing;
}

/** The grant that was given to the number holds for the id, and so does the block. Never the other way round. */
async function join(tx: Store, one: Seen, other: Seen, now: Millis): Promise<boolean> {
  const { peer: row, principal } = other.standing;
  if (row === null || samePeer(one.peer, other.peer)) return false;
  if (row.blocked) return tx.people.setBlocked(one.peer, true, now);
  if (principal === null || one.standing.peer !== null) return false;
  const { ceiling, assurance, direct, accessUntil } = row;
  const link = { principal: principal.id, ceiling, assurance, direct, accessUntil, at: now } as const;
  if ((await tx.people.link(one.peer, { ...link, displayName: null, username: null })) === 'taken')
    return false;
  if (direct) await tx.aliases.setJoined(other.peer, true);
  const { channel, account } = one.peer;
  await tx.audit.append([
    {
      type: 'person.linked',
      at: now,
      actor: { kind: 'system' },
      subject: { principal: principal.id, channel, account, ceiling },
      outcome: 'ok',
      reason: 'same_person',
      personal: { identifier: one.peer.native, alias: other.peer.native },
      about: principal.id,
    },
  ]);
  const text = `${peerLabel(other.peer)} now writes as ${peerLabel(one.peer)}: ${channel} itself says that both are one person.`;
  await tx.outbox.put(await ownerNotices(tx, { text, once: `alias:${peerKey(one.peer)}`, now }), now);
  return true;
}

/** R20: no id may do more than the number it acts by. @returns whether it could. */
async function lower(tx: Store, { peer, standing }: Seen, ceiling: Role): Promise<boolean> {
  const { peer: row, principal } = standing;
  if (row === null || principal === null || holdsRole(ceiling, row.ceiling)) return false;
  return tx.people.setCeiling(peer, ceiling, principal.id);
}

/** H60: a move that was told before that chat was let in is an old one, told again. */
async function isOlder(tx: Store, peer: Peer, { principal }: Standing, at: Millis | null): Promise<boolean> {
  if (at === null || principal === null) return false;
  const row = (await tx.people.peersOf(principal.id)).find((one) => samePeer(one, peer));
  return row !== undefined && row.linkedAt !== null && row.linkedAt > at;
}

const WHY = {
  moved: 'its platform says that this person has another id now',
  alias_taken: 'its number now belongs to somebody else on that platform',
  alias_changed: 'it came with another number than before',
  number_left: 'whoever had that number has left it, as its platform shows',
  number_taken: 'its platform shows that number with two people, one after the other',
  alias_ended: 'it acted by what was given to its number, and that has ended',
} as const;

/** Ends what that id could do: it is a stranger's from now on, and may ask again. @returns false when it could nothing. */
async function suspend(
  tx: Store,
  peer: Peer,
  { why, writes }: { readonly why: keyof typeof WHY; readonly writes: boolean },
  now: Millis,
): Promise<boolean> {
  const by = { kind: 'system' } as const;
  const principal = await tx.people.unlink(peer);
  const latest = await tx.pairings.latest(peer);
  if (latest?.state === 'approved') await tx.pairings.settle(latest.id, ['approved'], 'revoked', by, now);
  if (writes) await tx.allowLists.want({ peer, edit: 'remove' }, now);
  if (principal === null && !writes) return false;
  const { channel, account } = peer;
  await tx.audit.append([
    {
      type: 'person.id_disputed',
      at: now,
      actor: by,
      subject: { channel, account, ...(principal === null ? {} : { principal }) },
      outcome: 'denied',
      reason: why,
      personal: { identifier: peer.native },
      ...(principal === null ? {} : { about: principal }),
    },
  ]);
  const person = principal === null ? null : await tx.people.get(principal);
  const whose = person === null ? '' : `, which was ${quotedName(person.name)}'s,`;
  const text = `${peerLabel(peer)}${whose} is a stranger again: ${WHY[why]}. If it is them, they write again and you approve or link that chat.`;
  await tx.outbox.put(await ownerNotices(tx, { text, once: `disputed:${peerKey(peer)}:${now}`, now }), now);
  return true;
}

/** What core asks the configuration, with whoever holds a listed number listed too. */
export function withAliases(roster: Roster, book: AliasBook): Roster {
  return {
    get channels() {
      return roster.channels;
    },
    policy(channel, account) {
      const policy = roster.policy(channel, account);
      return policy === null ? null : book.expand(policy, channel, account);
    },
    traits: (channel) => roster.traits(channel),
    admission: () => roster.admission(),
    pairing: () => roster.pairing(),
    waiting: () => roster.waiting(),
    history: () => roster.history(),
    agentTimeoutMs: () => roster.agentTimeoutMs(),
    login: () => roster.login(),
  };
}
