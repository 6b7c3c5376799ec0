// The fresh proof that a call carries where the table asks for one. A device proves its own person; the host's door, which
// is nobody, proves an owner. One proof opens one call (R30): it is spent here, and whatever is not right changes nothing.
import type { PrincipalId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { Caller } from '../authorise.ts';
import type { Directory } from '../identity/directory.ts';
import type { Peer } from '../identity/peer.ts';
import type { Principal } from '../identity/people-port.ts';
import type { Clock } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { Factors } from './factors.ts';
import { parseProof } from './proof.ts';
import { notProven, proofRefused } from './prover.ts';

/** What came with the call, unread. */
export interface ProofGiven {
  readonly factor: string | null;
  /** Which owner, at the host's door: id, beginning or name. */
  readonly as: string | null;
}

interface Ports {
  readonly store: Pick<Store, 'people' | 'devices'>;
  readonly clock: Clock;
  readonly factors: Pick<Factors, 'has' | 'prove' | 'ownerHasFactor'>;
  readonly people: Pick<Directory, 'find'>;
}

export class StepUp {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  ownerHasFactor(): Promise<boolean> {
    return this.#ports.factors.ownerHasFactor();
  }

  /** True for an owner who has a factor: taking their rights takes away what guards the host's door. */
  async isGuardian({ id, role }: Pick<Principal, 'id' | 'role'>): Promise<boolean> {
    return role === 'owner' && (await this.#ports.factors.has(id));
  }

  /** True for a chat in which somebody acts as an owner: there they hear of a recovery, and stop it (R33). */
  async isOwnersChat(chat: Peer): Promise<boolean> {
    const { peer, principal } = await this.#ports.store.people.standing(chat);
    return peer?.ceiling === 'owner' && principal?.role === 'owner';
  }

  /**
   * Spends the proof. @returns the caller as proven.
   * @throws Problem `auth_factor_required` when there is none, or nobody to prove; `challenge_failed` for one that is wrong,
   * used or late; `rate_limited` with `retryAfter` while tries have to wait.
   */
  async prove(caller: Caller, given: ProofGiven): Promise<Caller> {
    const { factors, clock } = this.#ports;
    const who = await this.#who(caller, given);
    if (given.factor === null) throw missing(caller);
    const proof = parseProof(given.factor);
    if (proof === null) throw proofRefused(0);
    const proven = await factors.prove(who, proof, await this.placeOf(caller), clock.now());
    if (proven.ok) return caller.door === 'host' ? { door: 'host', as: who } : caller;
    throw notProven(proven.wait);
  }

  async #who(caller: Caller, { as }: ProofGiven): Promise<PrincipalId> {
    const { factors } = this.#ports;
    if (caller.door === 'device') {
      if (await factors.has(caller.principal)) return caller.principal;
      throw new Problem('auth_factor_required', {
        detail: 'this needs a fresh proof, and you have no factor yet',
        hint: 'an owner who has one enrols you on the gateway’s machine: countersign factors enroll totp --for <you>',
      });
    }
    if (caller.door !== 'host') throw new Problem('auth_forbidden');
    if (as === null) return this.#onlyOwner();
    const person = await this.#ports.people.find(as);
    if (person.role !== 'owner') throw new Problem('auth_forbidden', { detail: 'that is not an owner' });
    if (await factors.has(person.id)) return person.id;
    throw new Problem('auth_factor_required', {
      detail: 'that owner has no factor',
      hint: 'countersign factors list --for <person> shows who has one',
    });
  }

  /** Where it is typed: tries are counted per place, so that nobody shuts an owner out elsewhere (H71). What proved nothing
   * yet is one place together: who signs in with one browser after the other gets no tries anew (R5). */
  async placeOf(caller: Caller): Promise<string> {
    if (caller.door !== 'device') return 'host';
    const device = await this.#ports.store.devices.get(caller.device);
    return device?.proven === true ? `device:${caller.device}` : 'new-device';
  }

  async #onlyOwner(): Promise<PrincipalId> {
    const { store, factors } = this.#ports;
    const owners: Principal[] = [];
    for (const owner of await store.people.owners()) if (await factors.has(owner.id)) owners.push(owner);
    const [only, another] = owners;
    if (only !== undefined && another === undefined) return only.id;
    throw new Problem('auth_factor_required', {
      detail: 'this needs a fresh proof by an owner, and several could give it',
      hint: 'say which owner: add --as <person> --totp CODE',
      members: { owners: owners.map(({ id, name }) => ({ id, name })) },
    });
  }
}

function missing({ door }: Caller): Problem {
  return new Problem('auth_factor_required', {
    detail: 'this needs a fresh proof by an owner',
    hint: door === 'host' ? 'add --totp CODE, or --recovery CODE' : 'prove your factor and try again',
  });
}
