// Factors and recoveries as callers at the house's doors reach them: whose they mean, and where a passkey is made. The host
// means whoever it names, or the only owner; a device its own person, and others only as an owner who manages.
import { Problem } from '@countersign/protocol/problem';
import type { Actor } from '../core/audit/event.ts';
import type { Caller, Verb } from '../core/authorise.ts';
import type { Bus } from '../core/bus.ts';
import type { DeviceShown, Devices } from '../core/device/devices.ts';
import type { Factors } from '../core/factor/factors.ts';
import type { PasskeyBegun } from '../core/factor/passkeys.ts';
import { readAttestation } from '../core/factor/proof.ts';
import type { HostRecovery } from '../core/factor/recover.ts';
import type { ProofGiven, StepUp } from '../core/factor/step-up.ts';
import type { FactorView } from '../core/factor/view.ts';
import type { Directory, Person } from '../core/identity/directory.ts';
import type { Store } from '../core/store-port.ts';
import { actorOf } from './actor.ts';
import { readName } from './name.ts';
import type { RecoveryShown } from './print-factors.ts';

interface Ports {
  readonly store: Store;
  readonly bus: Bus;
  readonly factors: Factors;
  readonly stepUp: StepUp;
  readonly devices: Devices;
  readonly recovery: HostRecovery;
  readonly people: Pick<Directory, 'find'>;
  /** False in a call without a gateway: nobody would be told of anything. */
  readonly running: boolean;
  /** Where this machine's browser finds the page. */
  home(): string;
}

interface Meant {
  readonly person?: string | undefined;
  readonly label?: string | undefined;
}

export class FactorDoor {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  async list(
    caller: Caller,
    ref?: string,
  ): Promise<{ readonly items: readonly FactorView[]; readonly recoveryCodes: number }> {
    const { factors } = this.#ports;
    const { id } = await this.#whose(caller, ref);
    return { items: await factors.list(id), recoveryCodes: await factors.recoveryCodesLeft(id) };
  }

  /** After a recovery the host enrols without a proof; there is nobody left to give it. */
  async enrolVerb(caller: Caller, ref?: string): Promise<Verb> {
    const { id } = await this.#whose(caller, ref);
    return (await this.#ports.recovery.mayEnrol(id)) ? 'factors.enroll_recovered' : 'factors.enroll';
  }

  async enrolTotp(caller: Caller, { person, label = 'authenticator app' }: Meant) {
    const { id } = await this.#whose(caller, person);
    return this.#ports.factors.enrolTotp(id, readName(label), actorOf(caller));
  }

  async confirm(caller: Caller, ref: string, code: string): Promise<FactorView> {
    const { id } = await this.#theirs(caller, ref);
    return this.#shownOn(caller, await this.#ports.factors.confirmTotp(id, code, actorOf(caller)));
  }

  async beginPasskey(caller: Caller, origin: string | null, { person }: Meant): Promise<PasskeyBegun> {
    const at = this.#browser(caller, origin);
    return this.#ports.factors.beginPasskey((await this.#whose(caller, person)).id, at);
  }

  async finishPasskey(
    caller: Caller,
    origin: string | null,
    { person, label = 'passkey', response }: Meant & { readonly response: unknown },
  ): Promise<FactorView> {
    const at = this.#browser(caller, origin);
    const { id } = await this.#whose(caller, person);
    const attestation = readAttestation(response);
    const challenge = attestation === null ? null : challengeIn(attestation.clientDataJSON);
    if (attestation === null || challenge === null)
      throw new Problem('request_malformed', { detail: 'that is no answer of an authenticator' });
    const made = { origin: at, challenge, attestation, label: readName(label) };
    return this.#shownOn(caller, await this.#ports.factors.finishPasskey(id, made, actorOf(caller)));
  }

  /** What a browser needs to prove a passkey with its next call. */
  async beginProof(caller: Caller, origin: string | null): Promise<PasskeyBegun> {
    const at = this.#browser(caller, origin);
    return this.#ports.factors.beginProof((await this.#whose(caller, undefined)).id, at);
  }

  /** The proof that came along, and nothing else: the device holds all of its scopes from now on. */
  async proveDevice(caller: Caller, given: ProofGiven): Promise<DeviceShown> {
    const { stepUp, devices, store } = this.#ports;
    if (caller.door !== 'device') throw new Problem('auth_forbidden');
    await stepUp.prove(caller, given);
    await this.#markProven(caller);
    const row = await store.devices.get(caller.device);
    if (row === null) throw new Problem('not_found', { detail: 'that device has gone' });
    return devices.shown(row);
  }

  /** What enrolled its own person's factor has shown it, too. */
  async #shownOn(caller: Caller, factor: FactorView): Promise<FactorView> {
    if (caller.door === 'device' && factor.principal === caller.principal) await this.#markProven(caller);
    return factor;
  }

  async #markProven(caller: Extract<Caller, { door: 'device' }>): Promise<void> {
    const { store, devices, bus } = this.#ports;
    const changed = await store.atomically((tx) => devices.prove(tx, caller.device, actorOf(caller)));
    if (changed) bus.publish('deviceChanged', caller.device);
  }

  async remove(caller: Caller, ref: string): Promise<FactorView> {
    const factor = await this.#theirs(caller, ref);
    await this.#ports.factors.remove(factor.id, actorOf(caller));
    return { ...factor, state: 'removed' };
  }

  async recoveryCodes(caller: Caller, ref?: string): Promise<readonly string[]> {
    return this.#ports.factors.recoveryCodes((await this.#whose(caller, ref)).id, actorOf(caller));
  }

  /** What is announced, for every owner to see and stop. */
  async recoveries(): Promise<readonly RecoveryShown[]> {
    const rows = await this.#ports.recovery.announced();
    return Promise.all(rows.map(async (row) => ({ row, ends: await this.#ends(row.principal) })));
  }

  async recover(ref: string, by: Actor): Promise<RecoveryShown> {
    const { recovery, people } = this.#ports;
    this.#refuseUnheard();
    const { recovery: row } = await recovery.start((await people.find(ref)).id, by);
    return { row, ends: await this.#ends(row.principal) };
  }

  async endRecovery(ref: string, how: 'stop' | 'finish', by: Actor): Promise<RecoveryShown> {
    const { recovery } = this.#ports;
    if (how === 'finish') this.#refuseUnheard();
    const known = await recovery.find(ref);
    if (known === null) throw new Problem('not_found', { detail: 'there is no such recovery' });
    const ends = await this.#ends(known.principal);
    return { row: await recovery[how](known.id, by), ends };
  }

  /** The delay and the word to every owner chat are all that stands behind a recovery: with no gateway to tell them it
   * would be a takeover in silence (R33). */
  #refuseUnheard(): void {
    if (this.#ports.running) return;
    throw new Problem('gateway_down', {
      detail: 'a recovery is announced to the owner chats, and only a running gateway can do that',
      hint: 'countersign gateway start, then again',
    });
  }

  async #ends(principal: Person['id']): Promise<RecoveryShown['ends']> {
    const { factors, store } = this.#ports;
    const devices = await store.devices.list({ states: ['paired'], principal, limit: 10_000 });
    return {
      factors: (await factors.list(principal)).length,
      recoveryCodes: await factors.recoveryCodesLeft(principal),
      devices: devices.length,
    };
  }

  async #whose(caller: Caller, ref: string | undefined): Promise<Person> {
    const { people } = this.#ports;
    switch (caller.door) {
      case 'host':
        return ref === undefined ? this.#onlyOwner() : people.find(ref);
      case 'device': {
        if (ref === undefined) return people.find(caller.principal);
        // Before anybody is looked up: who exists is an answer too.
        const manages = caller.role === 'owner' && caller.scopes.includes('manage');
        if (!manages && ref !== caller.principal) throw notYours();
        return people.find(ref);
      }
      default:
        throw new Problem('auth_forbidden');
    }
  }

  async #onlyOwner(): Promise<Person> {
    const { store, people } = this.#ports;
    const [only, another] = await store.people.owners();
    if (only !== undefined && another === undefined) return people.find(only.id);
    throw new Problem('ambiguous', {
      detail: only === undefined ? 'nobody owns this gateway yet' : 'several own this gateway',
      hint: only === undefined ? 'countersign claim' : 'say whose: --for <person>',
    });
  }

  /** A factor by its id, of a person the caller may mean. */
  async #theirs(caller: Caller, ref: string): Promise<FactorView> {
    const factor = await this.#ports.factors.find(ref);
    await this.#whose(caller, factor.principal);
    return factor;
  }

  /** The page's origin, which the door compared with where the page came from. */
  #browser(caller: Caller, origin: string | null): string {
    if (caller.door === 'device' && origin !== null) return origin;
    throw new Problem('request_malformed', {
      detail: 'a passkey is made in a browser',
      hint: `sign in at ${this.#ports.home()} and add it there`,
    });
  }
}

function notYours(): Problem {
  return new Problem('auth_forbidden', { detail: 'those are another person’s factors' });
}

/** The browser says in it which challenge it answered; whether that one was ours is the keyed hash's business. */
function challengeIn(clientDataJSON: string): string | null {
  try {
    const data: unknown = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString('utf8'));
    if (typeof data !== 'object' || data === null || !('challenge' in data)) return null;
    return typeof data.challenge === 'string' ? data.challenge : null;
  } catch {
    return null;
  }
}
