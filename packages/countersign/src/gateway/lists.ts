// The reads behind the lists: a page at a time, expiry computed as of now, references resolved to exactly one thing.
import {
  isId,
  isIdPrefix,
  type PairingId,
  type PrincipalId,
  type SessionId,
  type TokenId,
} from '@countersign/protocol/ids';
import type { PairingShow } from '@countersign/protocol/pairing';
import { Problem } from '@countersign/protocol/problem';
import type { Directory, Person } from '../core/identity/directory.ts';
import { type Peer, parseNative } from '../core/identity/peer.ts';
import type { Session } from '../core/message.ts';
import { effectiveState, type PairingState } from '../core/pairing/machine.ts';
import type { PairingRow } from '../core/pairing/pairings-port.ts';
import type { Clock } from '../core/ports.ts';
import type { Roster } from '../core/roster.ts';
import type { MappedRow } from '../core/session/binding.ts';
import type { Store } from '../core/store-port.ts';
import type { TokenRow } from '../core/token/tokens-port.ts';
import type { Page } from './print.ts';

/** What each view shows, and from which stored states it is drawn: expiry is not stored. */
const SHOWN: Readonly<Record<PairingShow, readonly PairingState[]>> = {
  open: ['pending', 'waiting'],
  approved: ['approved'],
  blocked: ['blocked'],
  all: ['pending', 'waiting', 'approved', 'denied', 'expired', 'revoked', 'blocked'],
};

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly roster: Roster;
  readonly people: Directory;
}

const SESSIONS = 'countersign sessions list shows them';

interface PageQuery {
  readonly after?: string | undefined;
  readonly limit: number;
}

export class Lists {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  async pairings(
    query: PageQuery & {
      readonly channel?: string | undefined;
      readonly account?: string | undefined;
      readonly show: PairingShow;
      readonly oldestFirst?: boolean;
    },
  ): Promise<Page<PairingRow>> {
    const { store, clock } = this.#ports;
    const { channel, account, show, oldestFirst = false, limit } = query;
    if (channel !== undefined) this.#knownChannel(channel);
    const after = cursor('pairing', query.after);
    const states = SHOWN[show];
    const rows = await store.pairings.list({
      ...(channel === undefined ? {} : { channel }),
      ...(account === undefined ? {} : { account }),
      ...(after === null ? {} : { after }),
      states,
      oldestFirst,
      limit,
    });
    const now = clock.now();
    return {
      items: rows.filter((row) => states.includes(effectiveState(row, now))),
      next: nextOf(rows, limit),
    };
  }

  /** By id or its beginning. A code is never looked up here: it would have been in a path, and paths end in logs. */
  async pairing(ref: string): Promise<PairingId> {
    if (isId('pairing', ref)) return ref;
    const named =
      ref.startsWith('pair_') && isIdPrefix('pairing', ref)
        ? await this.#ports.store.pairings.find(ref, {})
        : [];
    const [one, another] = named.filter(({ id }) => id.startsWith(ref));
    if (one === undefined)
      throw new Problem('not_found', { detail: 'there is no pairing request of that id' });
    if (another !== undefined) throw new Problem('ambiguous');
    return one.id;
  }

  async people({ after, limit }: PageQuery): Promise<Page<Person>> {
    const items = await this.#ports.people.list({ after: cursor('principal', after), limit });
    return { items, next: nextOf(items, limit) };
  }

  async users({ after, limit }: PageQuery): Promise<Page<MappedRow>> {
    const items = await this.#ports.store.userMap.list({ after: cursor('principal', after), limit });
    return {
      items,
      next: nextOf(
        items.map(({ principal: id }) => ({ id })),
        limit,
      ),
    };
  }

  async sessions({
    after,
    limit,
    person,
    show = 'all',
  }: PageQuery & {
    readonly person?: string | undefined;
    readonly show?: 'live' | 'all' | undefined;
  }): Promise<Page<Session>> {
    const principal = person === undefined ? null : await this.#person(person);
    const from = cursor('session', after);
    const items = await this.#ports.store.sessions.list({
      ...(principal === null ? {} : { principal }),
      ...(from === null ? {} : { after: from }),
      live: show === 'live',
      limit,
    });
    return { items, next: nextOf(items, limit) };
  }

  async tokens({
    after,
    limit,
    show,
  }: PageQuery & { readonly show: 'live' | 'all' }): Promise<Page<TokenRow>> {
    const { store, clock } = this.#ports;
    const from = cursor('token', after);
    const items = await store.tokens.list({
      limit,
      ...(from === null ? {} : { after: from }),
      ...(show === 'all' ? {} : { live: clock.now() }),
    });
    return {
      items,
      next: nextOf(
        items.map(({ token: id }) => ({ id })),
        limit,
      ),
    };
  }

  /** By id, its beginning, or key. @throws Problem `not_found`, `ambiguous`. */
  async session(ref: string): Promise<Session> {
    // The one that lives is no better a guess than the one that ended: a beginning that both have is nobody's id.
    const [one, another] = await this.#ports.store.sessions.find(ref);
    if (one === undefined)
      throw new Problem('not_found', { detail: 'there is no such session', hint: SESSIONS });
    if (another !== undefined) throw new Problem('ambiguous');
    return one;
  }

  /**
   * The peer an owner names by channel and identifier: one that is known, by the identifier or its beginning, else the
   * identifier as it stands. @throws Problem `unknown_channel`, `ambiguous`, `not_found`.
   */
  async peer(named: {
    readonly channel: string;
    readonly account?: string | undefined;
    readonly identifier: string;
  }): Promise<Peer> {
    const { store, roster } = this.#ports;
    const { channel, identifier } = named;
    this.#knownChannel(channel);
    const known = await store.people.findPeers(channel, named.account ?? null, identifier);
    const exact = known.filter(({ native }) => native === identifier);
    const [one, another] = exact.length > 0 ? exact : known;
    if (another !== undefined)
      throw new Problem('ambiguous', { hint: 'give more of the identifier, or --account' });
    if (one !== undefined) return { channel: one.channel, account: one.account, native: one.native };
    const shape = roster.traits(channel)?.peerIds;
    const native = shape === undefined ? null : parseNative(identifier, shape);
    if (native === null)
      throw new Problem('not_found', { detail: `nobody on ${channel} has that identifier` });
    return { channel, account: named.account ?? 'default', native };
  }

  /** What `pairing reset` clears: everything, a channel, an account, or one peer. */
  async resetWhere(named: {
    readonly channel?: string | undefined;
    readonly account?: string | undefined;
    readonly identifier?: string | undefined;
  }): Promise<{ channel?: string; account?: string; peer?: Peer }> {
    const { channel, account, identifier } = named;
    if (channel !== undefined) this.#knownChannel(channel);
    if (identifier === undefined) {
      return { ...(channel === undefined ? {} : { channel }), ...(account === undefined ? {} : { account }) };
    }
    if (channel === undefined) {
      throw new Problem('request_malformed', {
        detail: 'an identifier is one of a channel: name the channel too',
      });
    }
    const [row] = await this.#ports.store.pairings.find(identifier, {
      channel,
      ...(account === undefined ? {} : { account }),
    });
    return { peer: row?.peer ?? (await this.peer({ channel, account, identifier })) };
  }

  async #person(ref: string): Promise<PrincipalId> {
    return (await this.#ports.people.find(ref)).id;
  }

  #knownChannel(channel: string): void {
    if (this.#ports.roster.channels.includes(channel)) return;
    throw new Problem('unknown_channel', { detail: 'there is no channel of that name' });
  }
}

function cursor(kind: 'pairing', after: string | undefined): PairingId | null;
function cursor(kind: 'principal', after: string | undefined): PrincipalId | null;
function cursor(kind: 'session', after: string | undefined): SessionId | null;
function cursor(kind: 'token', after: string | undefined): TokenId | null;
function cursor(
  kind: 'pairing' | 'principal' | 'session' | 'token',
  after: string | undefined,
): string | null {
  if (after === undefined) return null;
  if (isId(kind, after)) return after;
  throw new Problem('request_malformed', { detail: 'after is the `next` of the page before' });
}

function nextOf(rows: readonly { readonly id: string }[], limit: number): string | null {
  return rows.length < limit ? null : (rows.at(-1)?.id ?? null);
}
