// What the store suites stand on: fresh accounts, peers, people and messages, none of which another test has seen.

import { ID_KINDS, makeId, type PrincipalId, type WriterId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { verifyChain } from '../../core/audit/chain.ts';
import type { StoredEvent } from '../../core/audit/event.ts';
import { type Peer, parseNative } from '../../core/identity/peer.ts';
import type { Principal } from '../../core/identity/people-port.ts';
import type { Accepted, Inbound, Verdict } from '../../core/message.ts';
import type { NewPairing, SlotRule } from '../../core/pairing/pairings-port.ts';
import type { Store } from '../../core/store-port.ts';
import { SeededRandom } from '../fakes.ts';
import { inboundFrom } from '../inbound.ts';

export const NOW = Date.UTC(2026, 10, 25, 12);
export const HOUR = 3_600_000;
export const SLOTS: SlotRule = { max: 3, maxPerAddress: 2, evictAfterMs: 600_000, maxWaiting: 5 };
export const HOST = { kind: 'host' } as const;

type Admitted = Extract<Accepted, { as: 'agent' }>;

export class StoreBench {
  #store: Store | undefined;
  #reopen: (() => Promise<Store>) | undefined;
  #second: Store | undefined;
  #asWriter: ((writer: WriterId) => Promise<Store>) | undefined;
  readonly #random: SeededRandom;
  readonly #prefix: string;
  #count = 0;

  /** Two benches on one database need different names. */
  constructor(name = 'w') {
    this.#random = new SeededRandom(`store ${name}`);
    this.#prefix = name;
  }

  begin(
    store: Store,
    reopen: (() => Promise<Store>) | undefined,
    asWriter?: (writer: WriterId) => Promise<Store>,
  ): void {
    this.#store = store;
    this.#reopen = reopen;
    this.#asWriter = asWriter;
  }

  async end(): Promise<void> {
    await this.#second?.close();
  }

  get store(): Store {
    if (this.#store === undefined) throw new Error('the store is not open yet');
    return this.#store;
  }

  /** Another handle on the same data where there is one; the same handle otherwise. */
  async other(): Promise<Store> {
    if (this.#reopen !== undefined) this.#second ??= await this.#reopen();
    return this.#second ?? this.store;
  }

  /** The same data as another gateway sees it. */
  asWriter(writer: WriterId): Promise<Store> {
    if (this.#asWriter === undefined) throw new Error('this bench has one writer');
    return this.#asWriter(writer);
  }

  /** A word no other test has used. */
  word(): string {
    this.#count += 1;
    return `${this.#prefix}${this.#count}`;
  }

  id<
    K extends
      | 'principal'
      | 'approval'
      | 'grant'
      | 'elevation'
      | 'token'
      | 'session'
      | 'pairing'
      | 'card'
      | 'linkOffer'
      | 'writer'
      | 'factor'
      | 'recovery',
  >(kind: K): ReturnType<typeof makeId<K>> {
    return makeId(kind, this.#random.bytes(ID_KINDS[kind].bytes));
  }

  peer(account: string = this.word(), name: string = this.word()): Peer {
    const native = parseNative(name, /^\S+$/);
    if (native === null) throw new Error(`${name} is no native id`);
    return { channel: 'loopback', account, native };
  }

  async person(more: Partial<Principal> = {}): Promise<Principal> {
    const person: Principal = {
      id: this.id('principal'),
      name: this.word(),
      role: 'user',
      state: 'active',
      createdAt: NOW,
      ...more,
    };
    await this.store.people.add(person);
    return person;
  }

  async link(peer: Peer, principal: PrincipalId, store: Store = this.store): Promise<'linked' | 'taken'> {
    return store.people.link(peer, {
      principal,
      ceiling: 'user',
      assurance: 'high',
      direct: true,
      accessUntil: null,
      displayName: 'Ana',
      username: 'ana_1',
      at: NOW,
    });
  }

  async known(account?: string): Promise<{ peer: Peer; person: Principal }> {
    const peer = this.peer(account);
    const person = await this.person();
    await this.link(peer, person.id);
    return { peer, person };
  }

  request(peer: Peer, more: Partial<NewPairing> = {}): NewPairing {
    const code = this.word();
    return {
      id: this.id('pairing'),
      peer,
      codeHash: `hash of ${code}`,
      code,
      displayName: 'Ana',
      username: 'ana_1',
      beside: null,
      firstWords: 'hello, it is Ana',
      addressKey: null,
      createdAt: NOW,
      expiresAt: NOW + HOUR,
      ...more,
    };
  }

  says(peer: Peer, text: string, more: Partial<Inbound> = {}): Inbound {
    return inboundFrom(peer, {
      assurance: 'high',
      messageId: this.word(),
      text,
      sentAt: NOW,
      displayName: 'Ana',
      ...more,
    });
  }

  /** A message that the agent will get. */
  async admit(peer: Peer, principal: PrincipalId, text: string, at = NOW): Promise<Admitted> {
    const [accepted] = await this.store.messages.accept([this.says(peer, text)], toAgent(principal), at);
    if (accepted === undefined || accepted instanceof Problem || accepted.as !== 'agent') {
      throw new Error('the message was not admitted');
    }
    return accepted;
  }

  /** The writer's whole chain, which has to verify. */
  async chain(store: Store = this.store): Promise<readonly StoredEvent[]> {
    const events: StoredEvent[] = [];
    for (;;) {
      const part = await store.audit.walk(store.writer, events.length, 500);
      events.push(...part);
      if (part.length < 500) break;
    }
    const verified = verifyChain(events);
    const head = (await store.audit.heads()).find(({ writer }) => writer === store.writer);
    if (!verified.ok) throw new Error(`the chain is broken at ${verified.brokenAt}: ${verified.why}`);
    if (head !== undefined && head.hash !== verified.hash)
      throw new Error('the head is not the end of the chain');
    return events;
  }
}

export function toAgent(
  principal: PrincipalId,
  key?: string,
  exclusive = true,
): (inbound: Inbound) => Verdict {
  return ({ peer }) => ({
    to: 'agent',
    principal,
    sessionKey: key ?? `agent:main:${peer.channel}:${peer.account}:direct:${peer.native}`,
    exclusive,
  });
}

export const toDesk = (): Verdict => ({ to: 'desk', because: 'pairing' });
export const toNobody = (): Verdict => ({ to: 'nobody', reason: 'not_allowed' });

export async function times<T>(count: number, work: (n: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, n) => work(n)));
}
