// The first owner. Whoever started the gateway holds a secret for ten minutes; it makes one owner, once, and only while
// nobody owns the house. Being first to be approved never makes an owner.
import type { PublicJwk } from '@countersign/protocol/gateway';
import { base32, makeId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { Denials } from './audit/denials.ts';
import type { Actor } from './audit/event.ts';
import type { Bus } from './bus.ts';
import type { Devices } from './device/devices.ts';
import { scopesOfDevice } from './device/scopes.ts';
import type { Peer } from './identity/peer.ts';
import type { Principal } from './identity/people-port.ts';
import type { Clock, Hasher, Millis, Random } from './ports.ts';
import type { Store } from './store-port.ts';

const CLAIM_LIFE_MS = 10 * 60_000;
const SECRET_BYTES = 20;
/** R4: guessing is hopeless at 160 bits; the limit keeps it cheap to refuse. */
const TRIES = { burst: 10, refillMs: 6_000 };

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly denials: Denials;
  readonly bus: Bus;
  readonly devices: Devices;
}

/** It becomes a paired device. */
interface ClaimingBrowser {
  readonly key: PublicJwk;
  readonly thumbprint: string;
  /** What it is called: a claim. Null where it does not say. */
  readonly name: string | null;
}

export class Claim {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  async isOwned(): Promise<boolean> {
    return (await this.#ports.store.people.owners()).length > 0;
  }

  /** A new secret; the one before is void. @throws Problem `already_owned`. */
  async issue(by: Actor): Promise<{ readonly secret: string; readonly expiresAt: Millis }> {
    const { store, clock, random, hasher } = this.#ports;
    const secret = base32(random.bytes(SECRET_BYTES));
    const at = clock.now();
    const expiresAt = at + CLAIM_LIFE_MS;
    await store.atomically(async (tx) => {
      if ((await tx.people.owners()).length > 0) throw new Problem('already_owned');
      await tx.claims.issue(hasher.keyed('claim', secret), expiresAt);
      await tx.audit.append([{ type: 'claim.issued', at, actor: by, subject: { expiresAt }, outcome: 'ok' }]);
    });
    return { secret, expiresAt };
  }

  /**
   * Takes the house: one owner, and `peer` (the claiming browser's key) linked as its web chat.
   * @throws Problem `already_owned`; `challenge_failed` for wrong, late and used alike; `rate_limited`.
   */
  async take(claim: {
    readonly secret: string;
    readonly name: string;
    readonly peer: Peer;
    /** The claiming browser's key: it becomes a paired device. Null where there is no key to pair. */
    readonly device?: ClaimingBrowser;
  }): Promise<Principal> {
    const { store, clock, random, hasher, bus } = this.#ports;
    const now = clock.now();
    const wait = await store.limits.take('claim', TRIES, now);
    if (wait > 0) throw new Problem('rate_limited', { members: { retryAfter: Math.ceil(wait / 1000) } });
    const owner: Principal = {
      id: makeId('principal', random.bytes(15)),
      name: claim.name,
      role: 'owner',
      state: 'active',
      createdAt: now,
    };
    const taken = await store.atomically(async (tx) => {
      if ((await tx.people.owners()).length > 0) throw new Problem('already_owned');
      if (!(await tx.claims.take(hasher.keyed('claim', claim.secret), now))) return false;
      await tx.people.add(owner);
      await this.#link(tx, owner, claim.peer, now);
      if (claim.device !== undefined) await this.#pair(tx, owner, claim.device, now);
      await tx.audit.append([
        {
          type: 'gateway.claimed',
          at: now,
          actor: { kind: 'principal', id: owner.id, surface: 'claim' },
          subject: { principal: owner.id, channel: claim.peer.channel, account: claim.peer.account },
          outcome: 'ok',
          personal: { name: owner.name, identifier: claim.peer.native },
          about: owner.id,
        },
      ]);
      return true;
    });
    if (!taken) return this.#refuse(now);
    bus.publish('peerChanged', claim.peer);
    return owner;
  }

  /** Whoever claimed at the host's own terminal holds everything an owner can: there is nobody else yet to ask. */
  async #pair(
    tx: Store,
    owner: Principal,
    { key, thumbprint, name }: ClaimingBrowser,
    now: Millis,
  ): Promise<void> {
    const actor: Actor = { kind: 'principal', id: owner.id, surface: 'claim' };
    const scopes = scopesOfDevice('operator');
    const device = {
      key,
      thumbprint,
      name,
      role: 'operator',
      scopes,
      principal: owner.id,
      createdAt: now,
    } as const;
    await this.#ports.devices.admit(tx, { ...device, via: 'claim', proven: false }, actor);
  }

  /** The browser may have been somebody else's peer before: the claim is the stronger proof. */
  async #link(tx: Store, owner: Principal, peer: Peer, now: Millis): Promise<void> {
    await tx.people.unlink(peer);
    await tx.people.setBlocked(peer, false, now);
    const link = {
      principal: owner.id,
      ceiling: 'owner',
      assurance: 'low',
      direct: true,
      accessUntil: null,
    } as const;
    const linked = await tx.people.link(peer, { ...link, displayName: null, username: null, at: now });
    if (linked === 'taken')
      throw new Problem('state_conflict', { detail: 'that browser could not be linked' });
    await tx.pairings.reset({ peer });
  }

  async #refuse(at: Millis): Promise<never> {
    await this.#ports.denials.record('claim.refused', {
      type: 'claim.refused',
      at,
      actor: { kind: 'sender' },
      subject: {},
      outcome: 'denied',
      reason: 'challenge_failed',
    });
    throw new Problem('challenge_failed', {
      detail: 'that claim link is wrong, too old, or used already',
      hint: 'run `countersign claim` on the machine for a new one',
    });
  }
}
