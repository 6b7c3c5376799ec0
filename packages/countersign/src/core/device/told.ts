// What people are told about devices: the card that asks, how it ended, and the line in the audit. The words say exactly
// what a yes gives (R19, D-14); what a device calls itself is a claim, quoted (R67).
import { quotedName } from '@countersign/protocol/display';
import type { DeviceId, PrincipalId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { isoTime } from '@countersign/protocol/time';
import type { Actor, EventDraft } from '../audit/event.ts';
import { openCard } from '../cards.ts';
import type { LinkedPeer } from '../identity/people-port.ts';
import type { OutboxDraft } from '../outbound.ts';
import { ownerChats, ownerNotices } from '../owner-notices.ts';
import type { Hasher, Millis, Random } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { DeviceRequestRow, DeviceRow, SetupRow } from './devices-port.ts';
import { type DeviceRequestState, requestStateAt } from './machine.ts';
import { inWords } from './scopes.ts';

/** Five an hour, then one summary: a crowd of keys cannot ring an owner's phone (R8, H57). */
const PROMPTS = { burst: 5, refillMs: 12 * 60_000 };
const SUMMARIES = { burst: 1, refillMs: 60 * 60_000 };
const SHORT = 8;

export type DeviceEventType =
  | 'device.requested'
  | 'device.approved'
  | 'device.rejected'
  | 'device.paired'
  | 'device.revoked'
  | 'device.renamed'
  | 'device.scopes_changed'
  | 'device.proven'
  | 'setup.issued'
  | 'setup.used'
  | 'setup.refused';

export interface Asking {
  readonly random: Random;
  readonly hasher: Hasher;
  readonly now: Millis;
}

/** A beginning of the id that a person can type. */
export function shortId(id: string): string {
  return id.slice(id.indexOf('_') + 1).slice(0, SHORT);
}

export function approveCommand(id: string): string {
  return `countersign devices approve ${id}`;
}

/** How a device or a request is named to people. */
export function deviceLabel({ name, role, thumbprint }: Named): string {
  const called = name === null ? `key ${thumbprint.slice(0, SHORT)}` : quotedName(name);
  return `${called} (${role})`;
}

type Named = Pick<DeviceRequestRow, 'name' | 'role' | 'thumbprint'>;

/** Cards for everybody who may decide. What an owner invited is always shown; strangers only so often. */
export async function askOwners(
  tx: Store,
  request: DeviceRequestRow,
  setup: SetupRow | null,
  asking: Asking,
): Promise<OutboxDraft[]> {
  const { now } = asking;
  if (setup === null && (await tx.limits.take('asked:devices', PROMPTS, now)) > 0) return tellOfMore(tx, now);
  const text = await questionOf(tx, request, setup);
  const drafts: OutboxDraft[] = [];
  for (const chat of await ownerChats(tx, now)) drafts.push(await card(tx, request, chat, text, asking));
  return drafts;
}

function card(
  tx: Store,
  { id, expiresAt }: DeviceRequestRow,
  { channel, account, native, assurance }: LinkedPeer,
  text: string,
  asking: Asking,
): Promise<OutboxDraft> {
  const short = shortId(id);
  // Nobody but a browser key or a phone network says who writes there: enough for a no, not for a yes.
  const isLow = assurance === 'low';
  const forms = isLow
    ? `Yes, in a terminal: ${approveCommand(id)}\nNo: /pair reject ${short}`
    : `/pair approve ${short} · /pair reject ${short}\nIn a terminal: ${approveCommand(id)}`;
  const verbs = isLow ? (['deny'] as const) : (['approve', 'deny'] as const);
  const to = { channel, account, native };
  const once = `device:${id}:${channel}:${account}:${native}`;
  return openCard(
    tx,
    { to, about: id, text: `${text}\n${forms}`, verbs, expiresAt, once },
    asking,
    asking.now,
  );
}

async function questionOf(tx: Store, request: DeviceRequestRow, setup: SetupRow | null): Promise<string> {
  const { address, thumbprint, id } = request;
  const paired = await tx.devices.byThumbprint(thumbprint);
  const lines = [`A device asks to be paired: ${deviceLabel(request)}`];
  if (paired?.state === 'paired' && paired.role === request.role)
    lines[0] = `A paired device asks for more: ${deviceLabel(request)}`;
  lines.push(`It would be able to: ${inWords(request.scopes)}`);
  if (paired?.state === 'paired' && paired.role !== request.role)
    lines.push(`It is paired as ${paired.role} now, and would be that no longer.`);
  lines.push(
    setup === null
      ? 'Nobody invited it with a setup code. Compare the request id with the one it shows.'
      : `It came with a setup code made by ${await makerName(tx, setup)}.`,
    `Request ${id}${address === null ? '' : `, from ${address}`}, key ${thumbprint.slice(0, SHORT)}`,
  );
  return lines.join('\n');
}

async function makerName(tx: Store, { maker }: SetupRow): Promise<string> {
  return maker === null ? 'the host' : quotedName((await tx.people.get(maker))?.name ?? 'somebody');
}

async function tellOfMore(tx: Store, now: Millis): Promise<OutboxDraft[]> {
  if ((await tx.limits.take('asked-more:devices', SUMMARIES, now)) > 0) return [];
  const text =
    'More devices ask to be paired than are shown one by one. See them all: countersign devices list';
  return ownerNotices(tx, { text, once: `asked-more:devices:${now}`, now });
}

export function deviceEvent(
  type: DeviceEventType,
  by: Actor,
  at: Millis,
  more: {
    readonly subject: EventDraft['subject'];
    readonly named?: { readonly name: string | null; readonly address?: string | null };
    readonly about?: PrincipalId;
    readonly reason?: string;
  },
): EventDraft {
  const { subject, named, about, reason } = more;
  const { name = null, address = null } = named ?? {};
  const personal = {
    ...(name === null ? {} : { name }),
    ...(address === null ? {} : { address }),
  };
  return {
    type,
    at,
    actor: by,
    subject: { ...subject, ...(about === undefined ? {} : { principal: about }) },
    outcome: 'ok',
    ...(reason === undefined ? {} : { reason }),
    ...(Object.keys(personal).length === 0 ? {} : { personal }),
    ...(about === undefined ? {} : { about }),
  };
}

export function endedEvent(device: DeviceRow, by: Actor, at: Millis, reason: string): EventDraft {
  const { id, principal, name } = device;
  return deviceEvent('device.revoked', by, at, {
    subject: { device: id },
    named: { name },
    about: principal,
    reason,
  });
}

/** Why a request cannot be decided (any more): by whom and when, or that it was asked anew (Q7). */
export function undecidable(
  row: DeviceRequestRow,
  code: 'already_decided' | 'expired' | 'state_conflict',
  now: Millis,
): Problem {
  const state: DeviceRequestState = requestStateAt(row, now);
  if (state === 'superseded')
    return new Problem('expired', {
      detail: 'that device asked anew for something else, and this request is void',
      hint: 'countersign devices list shows what it asks for now',
      members: { state },
    });
  if (code !== 'already_decided')
    return new Problem('expired', {
      detail: 'that device request has expired',
      hint: 'let the device connect again: it gets a new one',
      members: { state },
    });
  const at = row.decidedAt === null ? {} : { at: isoTime(row.decidedAt) };
  return new Problem('already_decided', {
    detail: `that request was ${state} already`,
    members: { state, ...(row.decidedBy === null ? {} : { by: row.decidedBy }), ...at },
  });
}

export function undoOf(id: DeviceId): string {
  return `countersign devices revoke ${id}`;
}
