// Proving a factor. A try is counted before anything is compared, and what is right is taken and written in one transaction:
// a step, a challenge, a counter and a recovery code each count once for all actions (R26, R30, R31). Wrong, used, unknown
// and too many tries read alike outside; the audit knows which.
import type { FactorId, PrincipalId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { Denials } from '../audit/denials.ts';
import type { Actor } from '../audit/event.ts';
import type { Bus } from '../bus.ts';
import type { Hasher, Millis, Random } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { Failures } from './factors-port.ts';
import { challengeEnd } from './passkey-challenge.ts';
import type { PasskeyAssertion, Passkeys, Passwords } from './ports.ts';
import type { Proof } from './proof.ts';
import { readRecoveryCode } from './recovery.ts';
import { CLOSED_AT, delayAfter, FREE_TRIES, LONGEST_WAIT_MS, REOPENED_AT, waitAfter } from './throttle.ts';
import { personName, tell } from './told.ts';
import { verifyTotp } from './totp.ts';

export type Proven =
  | {
      readonly ok: true;
      readonly factor: { readonly kind: Proof['kind']; readonly id: FactorId | null };
    }
  /** Milliseconds until the next try on that surface is looked at. */
  | { readonly ok: false; readonly wait: Millis };

interface Ports {
  readonly store: Store;
  readonly hasher: Hasher;
  readonly random: Random;
  readonly denials: Denials;
  readonly bus: Bus;
  readonly passwords: Passwords;
  readonly passkeys: Passkeys;
}

type Why = 'wrong' | 'used' | 'unknown' | 'throttled';

/** Something right that is still to be taken: `take` answers true to one of many. */
interface Right {
  readonly id: FactorId | null;
  readonly take: (tx: Store) => Promise<boolean>;
}

/** What a wrong, a used, a late and a throttled proof say outside: the same, but for when to come back. */
export function proofRefused(wait: Millis): Problem {
  return new Problem('challenge_failed', {
    detail: 'the factor was not proven',
    hint: 'each code works once: wait for the next one and try again',
    ...(wait > 0 ? { members: { retryAfter: Math.ceil(wait / 1000) } } : {}),
  });
}

/** As a call or a message hears it: try again at once, or only after a while. */
export function notProven(wait: Millis): Problem {
  if (wait === 0) return proofRefused(0);
  return new Problem('rate_limited', {
    detail: 'the factor was not proven, and the next try has to wait',
    hint: 'wait; a code of the app works once, and only for half a minute',
    members: { retryAfter: Math.ceil(wait / 1000) },
  });
}

export class Prover {
  readonly #ports: Ports;
  #decoy: Promise<string> | undefined;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  async prove(
    principal: PrincipalId,
    proof: Proof,
    surface: string,
    now: Millis,
    binding = '',
  ): Promise<Proven> {
    const { store, bus } = this.#ports;
    const seen = await this.#countTry(principal, surface, now);
    if (seen.wait > 0) return this.#refuse(principal, proof, surface, 'throttled', seen, now);
    const right = await this.#check(principal, proof, now, binding);
    if (typeof right === 'string') return this.#refuse(principal, proof, surface, right, seen, now);

    const told = await store.atomically(async (tx) => {
      if (!(await right.take(tx))) return null;
      await tx.factors.cleared(principal, surface);
      await tx.factors.eased(principal, CLOSED_AT, REOPENED_AT);
      const actor: Actor = { kind: 'principal', id: principal, surface };
      const subject = { principal, kind: proof.kind, ...(right.id === null ? {} : { factor: right.id }) };
      await tx.audit.append([{ type: 'factor.proven', at: now, actor, subject, outcome: 'ok' }]);
      return proof.kind === 'recovery' ? this.#usedRecovery(tx, principal, actor, now) : 0;
    });
    if (told === null) return this.#refuse(principal, proof, surface, 'used', seen, now);
    if (told > 0) bus.publish('outboxPut', { count: told });
    return { ok: true, factor: { kind: proof.kind, id: right.id } };
  }

  /** R64: a code that was typed where others may read it is worth nothing from now on. Nothing is said of whether it was one,
   * and it counts as no try: whoever writes a number down has guessed at nothing. @returns whether a step was spent. */
  async spend(principal: PrincipalId, typed: string, now: Millis): Promise<boolean> {
    const right = await this.#checkTotp(principal, typed, now);
    return typeof right === 'string' ? false : this.#ports.store.atomically((tx) => right.take(tx));
  }

  /** Whoever reads the failures and counts on first is looked at; the others read again. */
  async #countTry(
    principal: PrincipalId,
    surface: string,
    now: Millis,
  ): Promise<{ readonly wait: Millis; readonly count: number }> {
    const { factors } = this.#ports.store;
    for (let round = 0; round <= FREE_TRIES * 4; round++) {
      const seen: Failures = await factors.failures(principal, surface);
      const wait = waitAfter(seen, now);
      if (wait > 0) return { wait, count: seen.count };
      if (await factors.counted(principal, surface, seen, now)) return { wait: 0, count: seen.count + 1 };
    }
    // Only a crowd loses that often.
    return { wait: delayAfter(FREE_TRIES), count: FREE_TRIES };
  }

  async #check(principal: PrincipalId, proof: Proof, now: Millis, binding: string): Promise<Right | Why> {
    const { store } = this.#ports;
    // A person who was blocked or suspended proves nothing, whatever they still hold.
    if ((await store.people.get(principal))?.state !== 'active') return 'unknown';
    switch (proof.kind) {
      case 'totp':
        return this.#checkTotp(principal, proof.value, now);
      case 'recovery':
        return this.#checkRecovery(principal, proof.value, now);
      case 'passkey':
        return this.#checkPasskey(principal, proof.challenge, proof.response, now, binding);
      default:
        return proof satisfies never;
    }
  }

  async #checkTotp(principal: PrincipalId, code: string, now: Millis): Promise<Right | Why> {
    const seeds = (await this.#ports.store.factors.of(principal)).flatMap(
      ({ id, state, secret, lastStep }) =>
        state === 'active' && secret !== null ? [{ id, secret, lastStep }] : [],
    );
    for (const { id, secret, lastStep } of seeds) {
      const step = verifyTotp(code, secret, lastStep, now);
      if (step !== null) return { id, take: (tx) => tx.factors.acceptStep(id, step, now) };
    }
    if (seeds.length === 0) return 'unknown';
    return seeds.some(({ secret }) => verifyTotp(code, secret, null, now) !== null) ? 'used' : 'wrong';
  }

  async #checkRecovery(principal: PrincipalId, typed: string, now: Millis): Promise<Right | Why> {
    const { store, passwords } = this.#ports;
    const read = readRecoveryCode(typed);
    if (read === null) return 'wrong';
    const { position, code } = read;
    const unused = (await store.factors.recovery(principal)).find((one) => one.position === position);
    if (unused === undefined) {
      // As long as a wrong one takes: which of the ten are left is nobody's business.
      this.#decoy ??= passwords.hash('decoy');
      await passwords.verify(code, await this.#decoy);
      return 'used';
    }
    if (!(await passwords.verify(code, unused.hash))) return 'wrong';
    return {
      id: null,
      take: (tx) => tx.factors.useRecovery(principal, position, unused.hash, now),
    };
  }

  async #checkPasskey(
    principal: PrincipalId,
    challenge: string,
    response: PasskeyAssertion,
    now: Millis,
    binding: string,
  ): Promise<Right | Why> {
    const { store, passkeys, hasher } = this.#ports;
    const factor = await store.factors.byCredential(response.id);
    if (factor === null || factor.principal !== principal || factor.passkey === null) return 'unknown';
    const { id, passkey } = factor;
    const aim = { of: 'prove', principal, origin: passkey.origin, binding } as const;
    const end = challengeEnd(challenge, aim, hasher, now);
    if (end === null) return 'wrong';
    // Spent before it is looked at: a wrong answer is not a second try with the same challenge.
    if (!(await store.nonces.take('passkey', challenge, end))) return 'used';
    const verified = await passkeys.verifyAuthentication(response, { challenge, passkey, user: principal });
    if (verified === null) return 'wrong';
    return { id, take: (tx) => tx.factors.acceptCounter(id, verified.counter, now) };
  }

  async #usedRecovery(tx: Store, principal: PrincipalId, actor: Actor, now: Millis): Promise<number> {
    const left = (await tx.factors.recovery(principal)).length;
    const subject = { principal, left };
    await tx.audit.append([{ type: 'recovery_code.used', at: now, actor, subject, outcome: 'ok' }]);
    const text = `A recovery code of ${await personName(tx, principal)} was used; ${left} are left.\nNot you? Make new ones, and look at your devices: countersign devices list`;
    return tell(tx, principal, { text, once: `recovery-used:${principal}:${now}:${left}`, now });
  }

  async #refuse(
    principal: PrincipalId,
    { kind }: Proof,
    surface: string,
    why: Why,
    { count }: { readonly count: number },
    now: Millis,
  ): Promise<Proven> {
    const { store, denials, bus } = this.#ports;
    await denials.record(`factor.failed ${principal} ${surface} ${why}`, {
      type: 'factor.failed',
      at: now,
      actor: { kind: 'principal', id: principal, surface },
      subject: { principal, kind },
      outcome: 'denied',
      reason: why,
    });
    if (count === FREE_TRIES && why !== 'throttled') {
      const told = await store.atomically(async (tx) => {
        const name = await personName(tx, principal);
        const text = `${FREE_TRIES} wrong proofs in a row for ${name} on ${surface}. Further tries there have to wait; other places are not touched.`;
        return tell(tx, principal, { text, once: `factor-failed:${principal}:${surface}:${now}`, now });
      });
      if (told > 0) bus.publish('outboxPut', { count: told });
    }
    const wait = waitAfter(await store.factors.failures(principal, surface), now);
    return { ok: false, wait: Math.min(wait, LONGEST_WAIT_MS) };
  }
}
