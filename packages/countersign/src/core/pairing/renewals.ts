// An access that was given for a time: owners hear of its end before it comes, with the command that moves it, and once
// more when it has come. Nothing is decided here: the end is a fact of the clock, computed on read. To be called before
// the sweep of the same round, which takes ended requests out of sight.
import { quotedName } from '@countersign/protocol/display';
import type { Bus } from '../bus.ts';
import { peerLabel } from '../identity/name.ts';
import { ownerNotices } from '../owner-notices.ts';
import type { Clock, Millis } from '../ports.ts';
import type { Roster } from '../roster.ts';
import type { Store } from '../store-port.ts';
import type { AllowFile } from './allow-port.ts';
import type { PairingRow } from './pairings-port.ts';
import { undoOf } from './told.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LONGEST_LEAD_MS = 3 * DAY_MS;
/** Looked at in one round; the next is half a minute away. */
const MOST = 500;

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly roster: Pick<Roster, 'traits'>;
  readonly bus: Bus;
  readonly allowFile: AllowFile;
}

/** How long before its end an access of that length is announced: a tenth of it, three days at most, an hour at least. */
export function leadOf(lengthMs: Millis): Millis {
  return Math.max(HOUR_MS, Math.min(LONGEST_LEAD_MS, lengthMs / 10));
}

export async function renewalNotices({ store, clock, roster, bus, allowFile }: Ports): Promise<void> {
  const now = clock.now();
  const ending = await store.pairings.ending(now, now + LONGEST_LEAD_MS, MOST);
  const near = ending.filter((row) => isNear(row, now));
  const ended = await store.pairings.ending(0, now, MOST);
  if (near.length === 0 && ended.length === 0) return;
  const outcome = await store.atomically(async (tx) => {
    let [told, owed] = [0, 0];
    for (const row of [...near, ...ended]) {
      if (!(await stillHolds(tx, row))) continue;
      const isOver = (row.accessUntil ?? 0) <= now;
      const once = `access-${isOver ? 'ended' : 'ends'}:${row.id}:${row.accessUntil}`;
      const { channel, account, native } = row.peer;
      const isWritten = isOver && roster.traits(channel)?.writesConfig === true;
      const seen = (isWritten ? await tx.allowLists.seen(channel, account) : null) ?? [];
      const entry = seen.find((one) => one.native === native);
      const text = isOver ? endedText(row, entry?.origin === 'hand') : endsText(row, now);
      const drafts = await ownerNotices(tx, { text, once, now });
      await tx.outbox.put(drafts, now);
      told += drafts.length;
      // What somebody wrote into the list by hand is theirs to take out.
      if (entry?.origin !== 'store') continue;
      await tx.allowLists.want({ peer: row.peer, edit: 'remove' }, now);
      owed += 1;
    }
    return { told, owed };
  });
  for (const { peer } of ended) bus.publish('peerChanged', peer);
  if (outcome.told > 0) bus.publish('outboxPut', { count: outcome.told });
  if (outcome.owed > 0) await allowFile.settle();
}

/** False when the access was ended, or given anew, by another road. */
async function stillHolds(tx: Store, { peer, principal, accessUntil }: PairingRow): Promise<boolean> {
  const { peer: held } = await tx.people.standing(peer);
  return (
    held !== null &&
    held.principal !== null &&
    held.principal === principal &&
    held.accessUntil === accessUntil
  );
}

/** What was given for less than its own lead is not announced with the yes itself. */
function isNear(row: PairingRow, now: Millis): boolean {
  const lead = leadOf(lengthOf(row));
  return lengthOf(row) > lead && now >= (row.accessUntil ?? 0) - lead;
}

function lengthOf({ accessUntil, decidedAt, createdAt }: PairingRow): Millis {
  return (accessUntil ?? 0) - (decidedAt ?? createdAt);
}

function endsText(row: PairingRow, now: Millis): string {
  return `Access of ${whoIs(row)} ends in ${span((row.accessUntil ?? now) - now)}. To prolong it: ${prolongCommand(row)}`;
}

function endedText(row: PairingRow, isListedByHand: boolean): string {
  const { channel, account } = row.peer;
  if (isListedByHand) {
    const where = account === 'default' ? channel : `${channel}:${account}`;
    return `Access of ${whoIs(row)} has ended, but allowFrom of ${where} lists them by hand, so they may still talk. To end that: ${undoOf(row.peer)}`;
  }
  return `Access of ${whoIs(row)} has ended. When they write again they ask anew, and wait for your yes.`;
}

/** For as long as it was given before. */
function prolongCommand(row: PairingRow): string {
  const { channel, account, native } = row.peer;
  const where = account === 'default' ? '' : ` --account ${account}`;
  const length = lengthOf(row);
  const days = Math.round(length / DAY_MS);
  const lasting = days > 0 ? `${days}d` : `${Math.max(1, Math.round(length / HOUR_MS))}h`;
  return `countersign pairing approve ${channel} ${native}${where} --for ${lasting}`;
}

function whoIs({ peer, displayName }: PairingRow): string {
  return `${peerLabel(peer)}${displayName === null || displayName.trim() === '' ? '' : ` ${quotedName(displayName)}`}`;
}

/** Rounded up: what ends in an hour and a half is not said to end in one. */
function span(ms: Millis): string {
  if (ms > DAY_MS) return `${Math.ceil(ms / DAY_MS)} days`;
  if (ms > HOUR_MS) return `${Math.ceil(ms / HOUR_MS)} hours`;
  return `${Math.max(1, Math.ceil(ms / 60_000))} minutes`;
}
