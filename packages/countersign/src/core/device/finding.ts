// What a person names, found without guessing: one thing or none (R22). A device id where a request id is wanted is taken
// for what it plainly means, or explained (D-04).
import { isIdPrefix, type PrincipalId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { Millis } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { DeviceRequestRow, DeviceRow } from './devices-port.ts';
import { REQUEST_LIFE_MS } from './lifetimes.ts';
import { requestStateAt } from './machine.ts';

const MIN_PREFIX = 4;

type Finding = Pick<Store, 'devices' | 'setups'>;

/** @throws Problem `not_found`, `ambiguous`. */
export async function findDevice(store: Finding, ref: string): Promise<DeviceRow> {
  const found = await store.devices.find(ref.trim());
  const paired = found.filter(({ state }) => state === 'paired');
  const [one, ...more] = paired.length > 0 ? paired : found;
  if (one === undefined) {
    const isRequest = isIdPrefix('deviceRequest', ref) && ref.startsWith('devreq_');
    throw new Problem('not_found', {
      detail: isRequest ? 'that is the id of a request, not of a device' : 'there is no device of that name',
      hint: 'countersign devices list shows both',
    });
  }
  if (more.length > 0) throw ambiguous('device');
  return one;
}

/** @throws Problem `not_found`, `ambiguous`, `request_malformed` for a beginning that is too short. */
export async function findRequest(store: Finding, ref: string, now: Millis): Promise<DeviceRequestRow> {
  const what = ref.trim();
  const body = what.startsWith('devreq_') ? what.slice('devreq_'.length) : what;
  if (body.length < MIN_PREFIX)
    throw new Problem('request_malformed', {
      detail: `give at least ${MIN_PREFIX} characters of the request id`,
    });
  const [one, ...more] = await store.devices.findRequests(what);
  if (more.length > 0) throw ambiguous('request');
  if (one !== undefined) return one;
  const [device] = await store.devices.find(what);
  const thumbprint = device?.thumbprint ?? what;
  const last = await store.devices.lastRequest(thumbprint);
  if (last !== null && requestStateAt(last, now) === 'pending') return last;
  throw new Problem('not_found', {
    detail:
      device === undefined
        ? 'there is no device request of that id'
        : 'that is the id of a device, and it asks for nothing now',
    hint: 'countersign devices list shows what waits',
  });
}

/**
 * The one live request that came with a setup code of this person's making: `/pair approve` without an id. Never the
 * latest of several (R22). @throws Problem `not_found`, `ambiguous`.
 */
export async function findOwnRequest(
  store: Finding,
  maker: PrincipalId,
  now: Millis,
): Promise<DeviceRequestRow> {
  // A request outlives the code it came with.
  const setups = await store.setups.madeBy(maker, now - REQUEST_LIFE_MS);
  const live: DeviceRequestRow[] = [];
  for (const { id } of setups) {
    const rows = await store.devices.requestsOf(id);
    live.push(...rows.filter((row) => requestStateAt(row, now) === 'pending'));
  }
  const [one, ...more] = live;
  if (one === undefined)
    throw new Problem('not_found', {
      detail: 'no device waits that came with a setup code of yours',
      hint: 'countersign devices list shows all that wait; name one by its id',
    });
  if (more.length > 0) throw ambiguous('request');
  return one;
}

function ambiguous(what: string): Problem {
  return new Problem('ambiguous', { detail: `that fits more than one ${what}; give more of its id` });
}
