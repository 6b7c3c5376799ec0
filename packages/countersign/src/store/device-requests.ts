// Opening a device request. One live request a key and so many at once are unique indexes: parallel strangers cannot
// exceed the number, and there is no count to race with (R23). A retry finds its own request again and writes nothing.
import type { DeviceId, DeviceRequestId, SetupId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { DeviceRequestRow, NewDeviceRequest, RequestOpened } from '../core/device/devices-port.ts';
import { type Context, openOrNull, sealOrNull } from './context.ts';
import type { Row } from './dialects/database.ts';
import { bytesOrNull, int, intOrNull, text, textOrNull, word, wordOrNull } from './row.ts';

export const REQUEST = `select id, thumbprint, key, role, scopes, name, address, setup, slot, state, created_at, expires_at,
  decided_at, decided_by, device from device_requests`;
const COLUMNS = [
  'id',
  'thumbprint',
  'key',
  'role',
  'scopes',
  'name',
  'address',
  'setup',
  'slot',
  'state',
  'created_at',
  'expires_at',
];
/** Every loss of a slot means that somebody else won one; of a key, that it asks for two things at once. */
const MAX_RACES = 50;

export function readRequest(context: Context, row: Row): DeviceRequestRow {
  const id = word<DeviceRequestId>(row, 'id');
  return {
    id,
    key: JSON.parse(text(row, 'key')),
    thumbprint: text(row, 'thumbprint'),
    role: word(row, 'role'),
    scopes: JSON.parse(text(row, 'scopes')),
    name: openOrNull(context, bytesOrNull(row, 'name'), bindOf('name', id)),
    address: openOrNull(context, bytesOrNull(row, 'address'), bindOf('address', id)),
    setup: wordOrNull<SetupId>(row, 'setup'),
    state: word(row, 'state'),
    createdAt: int(row, 'created_at'),
    expiresAt: int(row, 'expires_at'),
    decidedAt: intOrNull(row, 'decided_at'),
    decidedBy: textOrNull(row, 'decided_by'),
    device: wordOrNull<DeviceId>(row, 'device'),
  };
}

/** Everything happens in one transaction. */
export async function openRequest(
  context: Context,
  request: NewDeviceRequest,
  slots: number | null,
): Promise<RequestOpened> {
  const { connection: c } = context;
  const { thumbprint, createdAt: now } = request;
  let superseded: DeviceRequestId | null = null;
  for (let race = 0; race < MAX_RACES; race += 1) {
    const [live] = await c.all(`${REQUEST} where thumbprint = ? and state = 'pending'`, [thumbprint]);
    const before = live === undefined ? null : readRequest(context, live);
    const lasting = before !== null && before.expiresAt > now;
    if (before !== null && lasting && isSame(before, request)) return { as: 'exists', row: before };
    await c.run(
      `update device_requests set state = 'expired', slot = null, decided_at = expires_at
       where state = 'pending' and expires_at <= ?`,
      [now],
    );
    // A key that asks for something else keeps its place: nobody takes it in between, for the index waits for this end.
    const own = live === undefined || !lasting ? null : intOrNull(live, 'slot');
    const slot = slots === null ? null : (own ?? (await freeSlot(context, slots)));
    if (slots !== null && slot === null) return { as: 'full' };
    if (before !== null && lasting) {
      const end = `update device_requests set state = 'superseded', slot = null, decided_at = ? where id = ? and state = 'pending'`;
      if ((await c.run(end, [now, before.id])) === 1) superseded = before.id;
    }
    const row = valuesOf(context, request, slot);
    if ((await c.insertNew('device_requests', COLUMNS, [row])).size === 0) continue;
    const [written] = await c.all(`${REQUEST} where id = ?`, [request.id]);
    if (written === undefined) break;
    return { as: 'opened', row: readRequest(context, written), superseded };
  }
  throw new Problem('state_conflict', { detail: 'that device asks for several things at once' });
}

/** The same content: role, scopes, and the setup code it came with. */
function isSame(before: DeviceRequestRow, request: NewDeviceRequest): boolean {
  const scopes = JSON.stringify(request.scopes);
  return (
    before.role === request.role &&
    JSON.stringify(before.scopes) === scopes &&
    (request.setup === null || before.setup === request.setup)
  );
}

/** A look only: what is free is decided by the insert. */
async function freeSlot({ connection: c }: Context, slots: number): Promise<number | null> {
  const rows = await c.all('select slot from device_requests where slot is not null');
  const held = new Set(rows.map((row) => row['slot']));
  for (let slot = 1; slot <= slots; slot += 1) if (!held.has(slot)) return slot;
  return null;
}

function valuesOf(context: Context, request: NewDeviceRequest, slot: number | null) {
  const { id, thumbprint, key, role, scopes, setup, createdAt, expiresAt } = request;
  return [
    id,
    thumbprint,
    JSON.stringify(key),
    role,
    JSON.stringify(scopes),
    sealOrNull(context, request.name, bindOf('name', id)),
    sealOrNull(context, request.address, bindOf('address', id)),
    setup,
    slot,
    'pending',
    createdAt,
    expiresAt,
  ];
}

function bindOf(column: 'name' | 'address', id: DeviceRequestId): string {
  return `device_requests/${column}/${id}`;
}
