// A person's factors: enrolled, confirmed, proven, removed. Whether the caller may is authorise's question, answered with a
// fresh proof where there is a factor already; here a factor counts only once it was shown to work, and the last one of the
// last owner who has one goes by recovery alone.
import { type FactorId, isIdPrefix, makeId, type PrincipalId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { closeProofs } from '../approval/elevating.ts';
import type { Denials } from '../audit/denials.ts';
import type { Actor } from '../audit/event.ts';
import type { Bus } from '../bus.ts';
import type { Principal } from '../identity/people-port.ts';
import type { Clock, Hasher, Millis, Random } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { FactorRow } from './factors-port.ts';
import { type PasskeyBegun, PasskeyFactors, type PasskeyMade } from './passkeys.ts';
import { voidPending } from './pending.ts';
import type { Passkeys, Passwords } from './ports.ts';
import type { Proof } from './proof.ts';
import { type Proven, Prover, proofRefused } from './prover.ts';
import { drawRecoveryCodes, readRecoveryCode } from './recovery.ts';
import { actorName, factorEvent, KIND_WORDS, personName, tell, tellAdded } from './told.ts';
import { newSeed, otpauthUri, verifyTotp } from './totp.ts';
import { type FactorView, viewOf } from './view.ts';

/** A seed that nobody confirmed by then is of no use to whoever finds it in a scrollback. */
const PENDING_LIFE_MS = 15 * 60_000;

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly denials: Denials;
  readonly bus: Bus;
  readonly passwords: Passwords;
  readonly passkeys: Passkeys;
}

export class Factors {
  readonly #ports: Ports;
  readonly #prover: Prover;
  readonly #passkeys: PasskeyFactors;

  constructor(ports: Ports) {
    this.#ports = ports;
    this.#prover = new Prover(ports);
    this.#passkeys = new PasskeyFactors(ports);
  }

  /** True once the person has a factor that counts. */
  has(principal: PrincipalId): Promise<boolean> {
    return this.#ports.store.factors.has(principal);
  }

  /** True while any owner has one, suspended owners too: suspending them must not open the host's door. */
  ownerHasFactor(): Promise<boolean> {
    return this.#ports.store.factors.anyOwnerHas();
  }

  async list(principal: PrincipalId): Promise<readonly FactorView[]> {
    const now = this.#ports.clock.now();
    const rows = await this.#ports.store.factors.of(principal);
    return rows.filter((row) => !isLate(row, now)).map(viewOf);
  }

  async recoveryCodesLeft(principal: PrincipalId): Promise<number> {
    return (await this.#ports.store.factors.recovery(principal)).length;
  }

  /** The factor somebody means, by its id or an unambiguous beginning. @throws Problem `not_found`, `ambiguous`. */
  async find(ref: string): Promise<FactorView> {
    const rows = isIdPrefix('factor', ref) ? await this.#ports.store.factors.find(ref) : [];
    const exact = rows.find(({ id }) => id === ref);
    const [row, other] = exact === undefined ? rows : [exact];
    if (row === undefined) throw noFactor();
    if (other !== undefined) throw new Problem('ambiguous');
    return viewOf(row);
  }

  /** Proves a factor of the person, once for all actions. `surface` names where it is typed: nothing a caller varies
   * freely. `binding` is what a passkey's challenge was made for. */
  prove(principal: PrincipalId, proof: Proof, surface: string, now: Millis, binding = ''): Promise<Proven> {
    return this.#prover.prove(principal, proof, surface, now, binding);
  }

  /** Makes a code worthless that was typed in the wrong place, if it is one. @returns whether a step was spent. */
  spend(principal: PrincipalId, typed: string, now: Millis): Promise<boolean> {
    return this.#prover.spend(principal, typed, now);
  }

  /** A TOTP that does not count until `confirmTotp`. One that was begun before and never confirmed is void (R6). */
  async enrolTotp(
    principal: PrincipalId,
    label: string,
    by: Actor,
  ): Promise<{ readonly id: FactorId; readonly secret: string; readonly uri: string }> {
    const { store, clock, random } = this.#ports;
    const now = clock.now();
    const { name } = await this.#person(principal);
    const id = this.#newId();
    const secret = newSeed(random);
    const fresh = { id, principal, kind: 'totp', label, secret, passkey: null, state: 'pending' } as const;
    await store.atomically(async (tx) => {
      await voidPending(tx, principal, by, now);
      await tx.factors.add({ ...fresh, createdAt: now });
      await tx.audit.append([factorEvent('factor.enrolled', fresh, by, now)]);
    });
    return { id, secret, uri: otpauthUri({ seed: secret, name }) };
  }

  /** The first code shows that the app has the seed; its step is spent with it.
   * @throws Problem `challenge_failed`, `not_found`, `already_decided`, `expired`. */
  async confirmTotp(id: FactorId, code: string, by: Actor): Promise<FactorView> {
    const { store, clock } = this.#ports;
    const now = clock.now();
    const row = await store.factors.get(id);
    if (row === null || row.secret === null || row.kind !== 'totp') throw noFactor();
    if (row.state !== 'pending') throw confirmedAlready();
    if (isLate(row, now)) throw new Problem('expired', { detail: 'that enrolment is too old' });
    const step = verifyTotp(code, row.secret, null, now);
    if (step === null) throw proofRefused(0);
    const told = await store.atomically(async (tx) => {
      if (!(await tx.factors.confirm(id, step, now))) throw confirmedAlready();
      await tx.audit.append([factorEvent('factor.confirmed', row, by, now)]);
      return tellAdded(tx, row, by, now);
    });
    this.#changed(row.principal, told);
    return viewOf({ ...row, state: 'active', lastUsedAt: now });
  }

  beginPasskey(principal: PrincipalId, origin: string): Promise<PasskeyBegun> {
    return this.#passkeys.begin(principal, origin);
  }

  finishPasskey(principal: PrincipalId, made: PasskeyMade, by: Actor): Promise<FactorView> {
    return this.#passkeys.finish(principal, made, by);
  }

  beginProof(principal: PrincipalId, origin: string, binding = ''): Promise<PasskeyBegun> {
    return this.#passkeys.beginProof(principal, origin, binding);
  }

  /** Removes a factor; with the person's last one their recovery codes go.
   * @throws Problem `not_found`; `state_conflict` for the last factor of the last owner who has one, unless `force` (the
   * host's recovery): removing it would open everything to the host's door again. */
  async remove(id: FactorId, by: Actor, { force = false }: { readonly force?: boolean } = {}): Promise<void> {
    const { store, clock, bus } = this.#ports;
    const now = clock.now();
    const row = await store.factors.get(id);
    if (row === null || row.state === 'removed') throw noFactor();
    const ended: string[] = [];
    const told = await store.atomically(async (tx) => {
      ended.length = 0;
      if (!(await tx.factors.remove(id, now))) throw noFactor();
      const owner = (await tx.people.get(row.principal))?.role === 'owner';
      if (!force && row.state === 'active' && owner && !(await tx.factors.anyOwnerHas())) throw lastOne();
      if (!(await tx.factors.has(row.principal))) await tx.factors.setRecovery(row.principal, [], now);
      await tx.audit.append([factorEvent('factor.removed', row, by, now)]);
      if (row.state === 'pending') return 0;
      // What was proven with it counts no longer.
      const elevations = await closeProofs(tx, row.principal, { why: 'people_changed', actor: by }, now);
      ended.push(...elevations.map(({ agent }) => agent));
      const what = `The ${KIND_WORDS[row.kind]} of ${await personName(tx, row.principal)}`;
      const text = `${what} was removed by ${await actorName(tx, by)}.\nNot you? countersign devices list`;
      return tell(tx, row.principal, { text, once: `factor-removed:${id}`, now });
    });
    for (const agent of ended) bus.publish('elevationChanged', { agent });
    this.#changed(row.principal, told);
  }

  /** Ten codes, shown this once; those before stop working. @throws Problem `state_conflict` before there is a factor. */
  async recoveryCodes(principal: PrincipalId, by: Actor): Promise<readonly string[]> {
    const { store, clock, random, passwords } = this.#ports;
    const now = clock.now();
    await this.#person(principal);
    const codes = drawRecoveryCodes(random);
    const hashes = await Promise.all(
      codes.map((code) => passwords.hash(readRecoveryCode(code)?.code ?? code)),
    );
    const told = await store.atomically(async (tx) => {
      // Alone they would be a factor nobody enrolled.
      if (!(await tx.factors.has(principal))) {
        throw new Problem('state_conflict', {
          detail: 'recovery codes stand in for a factor, and there is none',
          hint: 'countersign factors enroll totp',
        });
      }
      await tx.factors.setRecovery(principal, hashes, now);
      const subject = { principal, count: codes.length };
      await tx.audit.append([{ type: 'recovery_codes.issued', at: now, actor: by, subject, outcome: 'ok' }]);
      const text = `New recovery codes for ${await personName(tx, principal)} were made by ${await actorName(tx, by)}; those before stopped working.\nNot you? countersign devices list`;
      return tell(tx, principal, { text, once: `recovery-codes:${principal}:${hashes[0] ?? now}`, now });
    });
    this.#changed(principal, told);
    return codes;
  }

  async #person(id: PrincipalId): Promise<Principal> {
    const person = await this.#ports.store.people.get(id);
    if (person === null) throw new Problem('not_found', { detail: 'there is no such person' });
    return person;
  }

  #changed(principal: PrincipalId, told: number): void {
    const { bus } = this.#ports;
    bus.publish('principalChanged', principal);
    if (told > 0) bus.publish('outboxPut', { count: told });
  }

  #newId(): FactorId {
    return makeId('factor', this.#ports.random.bytes(15));
  }
}

function isLate({ state, createdAt }: Pick<FactorRow, 'state' | 'createdAt'>, now: Millis): boolean {
  return state === 'pending' && createdAt + PENDING_LIFE_MS <= now;
}

function noFactor(): Problem {
  return new Problem('not_found', { detail: 'there is no such factor' });
}

function confirmedAlready(): Problem {
  return new Problem('already_decided', { detail: 'that factor is confirmed already' });
}

function lastOne(): Problem {
  return new Problem('state_conflict', {
    detail: 'that is the last factor of the last owner who has one',
    hint: 'enrol another one first; if this one is lost: countersign recover',
  });
}
