// Passkeys: begun with a challenge, finished with what the browser made of it. Each works at the origin it was made at and
// nowhere else, so that moving the gateway to another address asks for new ones.
import { makeId, type PrincipalId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { Actor } from '../audit/event.ts';
import type { Bus } from '../bus.ts';
import type { Clock, Hasher, Random } from '../ports.ts';
import type { Store } from '../store-port.ts';
import { passkeyOrigin } from './origin.ts';
import { CHALLENGE_LIFE_MS, type ChallengeAim, challengeEnd, makeChallenge } from './passkey-challenge.ts';
import { voidPending } from './pending.ts';
import type { PasskeyAttestation, PasskeyKnown, PasskeyOptions, Passkeys } from './ports.ts';
import { proofRefused } from './prover.ts';
import { factorEvent, tellAdded } from './told.ts';
import { type FactorView, viewOf } from './view.ts';

/** What begins a passkey: for the browser, and to be handed back with its answer. */
export interface PasskeyBegun {
  readonly challenge: string;
  readonly options: PasskeyOptions;
}

export interface PasskeyMade {
  readonly origin: string;
  readonly challenge: string;
  readonly attestation: PasskeyAttestation;
  readonly label: string;
}

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly bus: Bus;
  readonly passkeys: Passkeys;
}

export class PasskeyFactors {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** @throws Problem `request_malformed` where browsers offer no passkeys. */
  async begin(principal: PrincipalId, origin: string): Promise<PasskeyBegun> {
    const { store, clock, passkeys } = this.#ports;
    const person = await store.people.get(principal);
    if (person === null) throw new Problem('not_found', { detail: 'there is no such person' });
    const at = usableOrigin(origin);
    const challenge = makeChallenge(enrolAim(principal, at), this.#ports, clock.now());
    const known = await this.#known(principal, at);
    const user = { id: principal, name: person.name };
    const ask = { origin: at, challenge, user, known, timeoutMs: CHALLENGE_LIFE_MS };
    return { challenge, options: await passkeys.registrationOptions(ask) };
  }

  /** @throws Problem `challenge_failed` for whatever does not fit; `state_conflict` for a passkey that is known already. */
  async finish(principal: PrincipalId, made: PasskeyMade, by: Actor): Promise<FactorView> {
    const { store, clock, random, hasher, passkeys, bus } = this.#ports;
    const now = clock.now();
    const { challenge, label } = made;
    const origin = usableOrigin(made.origin);
    const end = challengeEnd(challenge, enrolAim(principal, origin), hasher, now);
    if (end === null || !(await store.nonces.take('passkey', challenge, end))) throw proofRefused(0);
    const passkey = await passkeys.verifyRegistration(made.attestation, { origin, challenge });
    if (passkey === null) throw proofRefused(0);
    const id = makeId('factor', random.bytes(15));
    const row = { id, principal, kind: 'passkey', label, secret: null, passkey, createdAt: now } as const;
    const told = await store.atomically(async (tx) => {
      if ((await tx.factors.add({ ...row, state: 'active' })) === 'taken') {
        throw new Problem('state_conflict', { detail: 'that passkey is enrolled already' });
      }
      await voidPending(tx, principal, by, now);
      const events = ['factor.enrolled', 'factor.confirmed'] as const;
      await tx.audit.append(events.map((type) => factorEvent(type, row, by, now)));
      return tellAdded(tx, row, by, now);
    });
    bus.publish('principalChanged', principal);
    if (told > 0) bus.publish('outboxPut', { count: told });
    return viewOf({ ...row, state: 'active', lastStep: null, lastUsedAt: null });
  }

  /** What a browser at `origin` needs to prove a passkey made there. With a `binding` the proof is for that thing alone.
   * @throws Problem `state_conflict` when the person has none at that origin. */
  async beginProof(principal: PrincipalId, origin: string, binding = ''): Promise<PasskeyBegun> {
    const { clock, passkeys } = this.#ports;
    const at = usableOrigin(origin);
    const known = await this.#known(principal, at);
    if (known.length === 0) {
      throw new Problem('state_conflict', {
        detail: `there is no passkey for ${at}`,
        hint: 'use another factor, or enrol a passkey on this page: each works at the address it was made at',
      });
    }
    const aim: ChallengeAim = { of: 'prove', principal, origin: at, binding };
    const challenge = makeChallenge(aim, this.#ports, clock.now());
    const ask = { origin: at, challenge, known, timeoutMs: CHALLENGE_LIFE_MS };
    return { challenge, options: await passkeys.authenticationOptions(ask) };
  }

  async #known(principal: PrincipalId, origin: string): Promise<readonly PasskeyKnown[]> {
    return (await this.#ports.store.factors.of(principal)).flatMap(({ passkey, state }) =>
      state === 'active' && passkey !== null && passkey.origin === origin ? [passkey] : [],
    );
  }
}

function enrolAim(principal: PrincipalId, origin: string): ChallengeAim {
  return { of: 'enrol', principal, origin, binding: '' };
}

function usableOrigin(text: string): string {
  const origin = passkeyOrigin(text);
  if (origin !== null) return origin;
  throw new Problem('request_malformed', {
    detail: 'browsers offer passkeys on https pages and on http://localhost',
    hint: 'open the gateway at its publicUrl, or on this machine at http://localhost:8787',
  });
}
