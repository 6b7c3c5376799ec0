// Notifications as callers at the house's doors reach them. A device asks for itself and sees its own; who manages devices
// sees and ends every one. The endpoint of another browser is told to nobody.

import { isId, type PushId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { PushList, PushRow as WirePush } from '@countersign/protocol/push';
import { isoTime } from '@countersign/protocol/time';
import { authorise, type Caller, NO_PROOF, type Verb } from '../core/authorise.ts';
import type { PushFate, PushLanguage, PushRow, PushTarget } from '../core/push/push-port.ts';
import type { Pushes } from '../core/push/pushes.ts';
import type { Store } from '../core/store-port.ts';
import { actorOf } from './actor.ts';

interface Ports {
  readonly store: Pick<Store, 'push' | 'devices'>;
  readonly pushes: Pushes;
}

export class PushDoor {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  async list(caller: Caller): Promise<PushList> {
    const { pushes } = this.#ports;
    const { publicKey } = await pushes.keys();
    const rows = (await pushes.list()).filter((row) => isOwn(caller, row) || seesAll(caller));
    return { publicKey, items: await Promise.all(rows.map((row) => this.#print(caller, row))) };
  }

  /** @throws Problem as Pushes.subscribe. */
  async subscribe(
    caller: Caller,
    asked: PushTarget & { readonly language: PushLanguage },
  ): Promise<WirePush> {
    if (caller.door !== 'device') throw new Problem('auth_forbidden');
    return this.#print(caller, await this.#ports.pushes.subscribe(caller.device, asked, actorOf(caller)));
  }

  /** Ending one's own asks for less than ending another's. */
  async endVerb(caller: Caller, id: string): Promise<Verb> {
    const row = isId('push', id) ? await this.#ports.store.push.get(id) : null;
    return row !== null && isOwn(caller, row) ? 'push.end_own' : 'push.end';
  }

  /** @throws Problem `not_found`. */
  async end(caller: Caller, id: string): Promise<void> {
    await this.#ports.pushes.end(readId(id), actorOf(caller));
  }

  /** On the device that asks, and no other: nobody rings another's phone. @throws Problem `not_found`, `rate_limited`. */
  async test(caller: Caller, id: string): Promise<PushFate> {
    const row = await this.#ports.store.push.get(readId(id));
    if (row === null || !isOwn(caller, row)) throw missing();
    return this.#ports.pushes.test(row.id);
  }

  async #print(caller: Caller, row: PushRow): Promise<WirePush> {
    const { id, device, createdAt, lastOkAt, failing } = row;
    return {
      id,
      device,
      name: (await this.#ports.store.devices.get(device))?.name ?? '',
      mine: isOwn(caller, row),
      createdAt: isoTime(createdAt),
      ...(lastOkAt === null ? {} : { lastOkAt: isoTime(lastOkAt) }),
      ...(failing === null ? {} : { failing }),
    };
  }
}

function isOwn(caller: Caller, { device }: PushRow): boolean {
  return caller.door === 'device' && caller.device === device;
}

/** Who may end every one of them. */
function seesAll(caller: Caller): boolean {
  return authorise(caller, 'push.end', NO_PROOF).outcome === 'allow';
}

function readId(text: string): PushId {
  if (!isId('push', text)) throw missing();
  return text;
}

function missing(): Problem {
  return new Problem('not_found', { detail: 'there is no notification of that id' });
}
