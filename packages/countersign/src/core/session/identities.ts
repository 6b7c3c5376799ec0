// Who an agent's tools act for. A handle is made from a key of the house, found by its keyed hash, and worth nothing
// without the agent it was made for; what it names is asked of the store each time, so that a revoked session, a person
// who was blocked and an access that ended are nobody within one request (R62, I-11).
import type { SessionId } from '@countersign/protocol/ids';
import { stillAdmitted } from '../admission.ts';
import type { Clock, Hasher } from '../ports.ts';
import type { Roster } from '../roster.ts';
import type { Store } from '../store-port.ts';
import type { BearerSettings } from './bearer-port.ts';
import type { Bearers } from './bearers.ts';
import type { Binding } from './binding.ts';
import {
  type BearerOptions,
  type Bound,
  type Denied,
  deny,
  type Identities,
  type KeyAsked,
  type Minted,
} from './identity.ts';

interface Ports {
  readonly store: Pick<Store, 'bindings'>;
  readonly clock: Clock;
  readonly hasher: Hasher;
  readonly roster: Roster;
  readonly bearers: Bearers;
  settings(): BearerSettings;
}

/** 128 bits, as 22 characters of base64url. */
const HANDLE_LENGTH = 22;
const HANDLE = /^csh_[A-Za-z0-9_-]{22}$/;
/** Handles that are known to be kept: writing them again with each message would cost a transaction. */
const MAX_KEPT = 50_000;

export class SessionIdentities implements Identities {
  readonly #ports: Ports;
  readonly #kept = new Set<string>();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  async handleOf(session: SessionId, agent: string): Promise<string | null> {
    const { store, clock, hasher } = this.#ports;
    const made = hasher.keyed('handle', JSON.stringify(['handle', session, agent]));
    const handle = `csh_${made.slice(0, HANDLE_LENGTH)}`;
    const known = `${session} ${agent}`;
    if (this.#kept.has(known)) return handle;
    const hash = this.#hash(handle);
    if (!(await store.bindings.name({ hash, session, agent }, clock.now()))) return null;
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
    this.#kept.add(known);
    return handle;
  }

  async resolve(handle: string, agent: string): Promise<Bound | Denied> {
    if (handle === '') return deny('handle_missing');
    if (!HANDLE.test(handle)) return deny('handle_unknown');
    const binding = await this.#ports.store.bindings.byHandle(this.#hash(handle), agent);
    // Another agent's handle is as unknown as none (R61).
    return binding === null ? deny('handle_unknown') : this.#bound(binding, agent);
  }

  async resolveKey(key: string, { agent, accounts }: KeyAsked): Promise<Bound | Denied> {
    const [one, another] = await this.#ports.store.bindings.byKey(key);
    const peer = one?.spoke?.peer;
    const whose = agent ?? this.#ports.settings().front.agent;
    // Keys of another agent or account are as unknown as none: how anybody stands there is not told either.
    const isTheirs = peer !== undefined && accounts.includes(`${peer.channel}:${peer.account}`);
    if (one === undefined || !isTheirs || !one.key.startsWith(`agent:${whose}:`))
      return deny('handle_unknown');
    // A key says nothing of who speaks on it unless one person holds it alone (H65, H67).
    if (another !== undefined || !one.exclusive) return deny('session_shared');
    return this.#bound(one, whose);
  }

  async of(session: SessionId): Promise<Bound | Denied> {
    const binding = await this.#ports.store.bindings.of(session);
    return binding === null
      ? deny('session_ended')
      : this.#bound(binding, this.#ports.settings().front.agent);
  }

  bearer(bound: Bound, audience: string, options: BearerOptions = {}): Promise<Minted | Denied> {
    return this.#ports.bearers.get(bound, audience, options, async () => {
      const binding = await this.#ports.store.bindings.of(bound.session);
      return binding === null ? deny('session_ended') : this.#bound(binding, bound.agent);
    });
  }

  forget(session: SessionId): void {
    this.#ports.bearers.drop(session);
  }

  written(): Promise<void> {
    return this.#ports.bearers.written();
  }

  #bound(binding: Binding, agent: string): Bound | Denied {
    const { roster, clock, settings } = this.#ports;
    const { session, principal, exclusive, spoke, standing, lastTurnAt, endedAt, key, mapped } = binding;
    const now = clock.now();
    if (endedAt !== null) return deny('session_ended');
    if (spoke === null || standing.peer === null) return deny('access_ended');
    const { peer, kind } = spoke;
    const policy = roster.policy(peer.channel, peer.account);
    // The chat may have become somebody else's: then what it was is nobody's.
    const theirs = standing.principal?.id === principal;
    if (!theirs || !stillAdmitted(peer, { kind, id: '' }, standing, policy, now)) return deny('access_ended');
    // Several people may speak there, so nobody's name would be right (I-06).
    if (kind === 'direct' && !exclusive) return deny('session_shared');
    if (now - lastTurnAt > settings().idleMs) return deny('session_idle');
    const { channel, account } = peer;
    const { assurance } = standing.peer;
    return { session, principal, agent, channel, account, assurance, key, peer, mapped };
  }

  #hash(handle: string): string {
    return this.#ports.hasher.keyed('handle', JSON.stringify(['hash', handle]));
  }
}
