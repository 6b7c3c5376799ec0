// Everything lost: the host begins, all owner chats are told how to stop it, and ten minutes later it may be carried out
// (R33). The delay and the stop are the proofing: whoever took the host cannot take an owner's factors in silence.
import {
  type DeviceId,
  isIdPrefix,
  makeId,
  type PrincipalId,
  type RecoveryId,
} from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { isoTime } from '@countersign/protocol/time';
import type { Actor, EventDraft, EventType } from '../audit/event.ts';
import type { Bus } from '../bus.ts';
import type { Clock, Millis, Random } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { RecoveryRow } from './factors-port.ts';
import { actorName, personName, tell } from './told.ts';

const RECOVERY_DELAY_MS = 10 * 60_000;
/** How long after it the host may enrol for the person without anybody's factor. */
const ENROL_WINDOW_MS = 30 * 60_000;

type RecoveryState = RecoveryRow['state'];
type RecoveryEvent = 'stop' | 'finish';

type RecoveryStep = { readonly to: 'stopped' | 'done' } | { readonly refused: 'already_decided' };

/** Every state × every event: announced → stopped | done, and nothing else. */
export const RECOVERY_TABLE: Readonly<Record<RecoveryState, Readonly<Record<RecoveryEvent, RecoveryStep>>>> =
  {
    announced: { stop: { to: 'stopped' }, finish: { to: 'done' } },
    stopped: { stop: { refused: 'already_decided' }, finish: { refused: 'already_decided' } },
    done: { stop: { refused: 'already_decided' }, finish: { refused: 'already_decided' } },
  };

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly bus: Bus;
}

export class HostRecovery {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Announces it. One that is under way for the person already is answered as it stands: asking again shortens nothing. */
  async start(
    principal: PrincipalId,
    by: Actor,
  ): Promise<{ readonly recovery: RecoveryRow; readonly as: 'started' | 'exists' }> {
    const { store, clock, random, bus } = this.#ports;
    const now = clock.now();
    const recovery: RecoveryRow = {
      id: makeId('recovery', random.bytes(15)),
      principal,
      state: 'announced',
      startedAt: now,
      readyAt: now + RECOVERY_DELAY_MS,
      endedAt: null,
    };
    const result = await store.atomically(async (tx) => {
      if ((await tx.people.get(principal)) === null) throw noPerson();
      if ((await tx.recoveries.start(recovery)) === 'exists') return null;
      await tx.audit.append([eventOf('recovery.announced', recovery, by, now)]);
      const name = await personName(tx, principal);
      const text = `Somebody on the gateway’s machine says that ${name} lost every factor. At ${isoTime(recovery.readyAt)} their factors, recovery codes and devices can be ended there.\nNot you? /notme ${recovery.id}`;
      return tell(tx, principal, { text, once: `recovery:${recovery.id}`, now });
    });
    if (result === null) {
      const open = await store.recoveries.open(principal);
      if (open === null) throw new Problem('state_conflict', { detail: 'that recovery ended this moment' });
      return { recovery: open, as: 'exists' };
    }
    bus.publish('outboxPut', { count: result });
    return { recovery, as: 'started' };
  }

  announced(): Promise<readonly RecoveryRow[]> {
    return this.#ports.store.recoveries.announced();
  }

  /** The recovery somebody means, by its id or an unambiguous beginning; null when there is none. */
  async find(ref: string): Promise<RecoveryRow | null> {
    if (!isIdPrefix('recovery', ref)) return null;
    const rows = await this.#ports.store.recoveries.find(ref);
    const [row, other] = rows;
    return row === undefined || other !== undefined ? null : row;
  }

  /** @throws Problem `not_found`; `already_decided` once it was carried out or stopped. */
  async stop(id: RecoveryId, by: Actor): Promise<RecoveryRow> {
    const { clock } = this.#ports;
    const now = clock.now();
    return this.#end(id, 'stop', by, now, async (tx, { principal }) => {
      const text = `The recovery of ${await personName(tx, principal)} was stopped by ${await actorName(tx, by)}. Nothing changed.`;
      return tell(tx, principal, { text, once: `recovery-stopped:${id}`, now });
    });
  }

  /** Ends every factor, recovery code and device of the person.
   * @throws Problem `not_found`; `already_decided`; `state_conflict` with `retryAfter` before the delay is over. */
  async finish(id: RecoveryId, by: Actor): Promise<RecoveryRow> {
    const { clock, bus } = this.#ports;
    const now = clock.now();
    const ended: DeviceId[] = [];
    const row = await this.#end(id, 'finish', by, now, async (tx, { principal }) => {
      ended.push(...(await endAll(tx, principal, now)));
      const text = `The recovery of ${await personName(tx, principal)} was carried out on the gateway’s machine: their factors, recovery codes and devices ended. They enrol anew there.`;
      return tell(tx, principal, { text, once: `recovery-done:${id}`, now });
    });
    for (const device of ended) bus.publish('deviceChanged', device);
    bus.publish('principalChanged', row.principal);
    return row;
  }

  /** True for half an hour after a recovery of the person, until they have a factor again: the host may enrol for them. */
  async mayEnrol(principal: PrincipalId): Promise<boolean> {
    const { store, clock } = this.#ports;
    const done = await store.recoveries.lastDone(principal);
    if (done?.endedAt == null || done.endedAt + ENROL_WINDOW_MS <= clock.now()) return false;
    return !(await store.factors.has(principal));
  }

  async #end(
    id: RecoveryId,
    event: RecoveryEvent,
    by: Actor,
    now: Millis,
    work: (tx: Store, row: RecoveryRow) => Promise<number>,
  ): Promise<RecoveryRow> {
    const { store, bus } = this.#ports;
    const [row] = (await store.recoveries.find(id)).filter((one) => one.id === id);
    if (row === undefined) throw new Problem('not_found', { detail: 'there is no such recovery' });
    const step = RECOVERY_TABLE[row.state][event];
    if ('refused' in step) throw over(row.state);
    if (event === 'finish' && row.readyAt > now) throw early(row, now);
    const told = await store.atomically(async (tx) => {
      if (!(await tx.recoveries.end(id, step.to, now))) throw over('ended');
      const type = event === 'stop' ? 'recovery.stopped' : 'recovery.done';
      await tx.audit.append([eventOf(type, row, by, now)]);
      return work(tx, row);
    });
    bus.publish('outboxPut', { count: told });
    return { ...row, state: step.to, endedAt: now };
  }
}

async function endAll(tx: Store, principal: PrincipalId, now: Millis): Promise<DeviceId[]> {
  await tx.factors.removeAll(principal, now);
  await tx.factors.setRecovery(principal, [], now);
  await tx.factors.clearedAll(principal);
  await tx.windows.close(principal);
  const ended: DeviceId[] = [];
  const devices = await tx.devices.list({ states: ['paired'], principal, limit: 10_000 });
  for (const { id } of devices) if (await tx.devices.end(id, 'revoked', 'recovered', now)) ended.push(id);
  return ended;
}

function eventOf(
  type: EventType,
  { id, principal, readyAt }: RecoveryRow,
  by: Actor,
  at: Millis,
): EventDraft {
  return { type, at, actor: by, subject: { recovery: id, principal, readyAt }, outcome: 'ok' };
}

function early({ readyAt }: RecoveryRow, now: Millis): Problem {
  return new Problem('state_conflict', {
    detail: `it was announced and can be carried out at ${isoTime(readyAt)}`,
    hint: 'wait, then run it again: owners have until then to stop it',
    members: { readyAt: isoTime(readyAt), retryAfter: Math.ceil((readyAt - now) / 1000) },
  });
}

function over(state: string): Problem {
  return new Problem('already_decided', { detail: `that recovery is ${state}`, members: { state } });
}

function noPerson(): Problem {
  return new Problem('not_found', { detail: 'there is no such person' });
}
