// What a change of factors writes and says. The audit takes ids; the person and every owner are told in their chats (R14),
// with how to undo it: whoever holds an owner's session must not be able to add a factor quietly.
import { quotedName } from '@countersign/protocol/display';
import type { PrincipalId } from '@countersign/protocol/ids';
import type { Actor, EventDraft, EventType } from '../audit/event.ts';
import type { OutboxDraft } from '../outbound.ts';
import { ownerNotices } from '../owner-notices.ts';
import type { Millis } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { FactorKind, FactorRow } from './factors-port.ts';

const TOLD_WITHIN_MS = 24 * 60 * 60_000;

export const KIND_WORDS = {
  totp: 'authenticator app',
  passkey: 'passkey',
} as const satisfies Record<FactorKind, string>;

interface Told {
  readonly text: string;
  /** Makes a repeated road tell once. */
  readonly once: string;
  readonly now: Millis;
}

/** Tells the owners and the person, wherever they may be written to. Returns how many messages that put. */
export async function tell(tx: Store, about: PrincipalId, { text, once, now }: Told): Promise<number> {
  const owners = await ownerNotices(tx, { text, once, now });
  const told = new Set(owners.map((draft) => draft.once));
  const own = (await tx.people.peersOf(about))
    .filter(({ direct, blocked, accessUntil }) => direct && !blocked && (accessUntil ?? now + 1) > now)
    .map(
      ({ channel, account, native }): OutboxDraft => ({
        peer: { channel, account, native },
        conversation: { kind: 'direct', id: native },
        kind: 'notice',
        text,
        deadline: now + TOLD_WITHIN_MS,
        principal: about,
        once: `${once}:${channel}:${account}:${native}`,
      }),
    )
    .filter((draft) => !told.has(draft.once));
  const drafts = [...owners, ...own];
  await tx.outbox.put(drafts, now);
  return drafts.length;
}

/** How a person is named to others. */
export async function personName(tx: Pick<Store, 'people'>, id: PrincipalId): Promise<string> {
  return quotedName((await tx.people.get(id))?.name ?? 'somebody');
}

/** Who did it, as others read it. */
export async function actorName(tx: Pick<Store, 'people'>, by: Actor): Promise<string> {
  return by.kind === 'principal' ? personName(tx, by.id) : `the ${by.kind}`;
}

export function factorEvent(
  type: EventType,
  { id, principal, kind }: Pick<FactorRow, 'id' | 'principal' | 'kind'>,
  by: Actor,
  at: Millis,
  reason?: string,
): EventDraft {
  const subject = { principal, factor: id, kind };
  return { type, at, actor: by, subject, outcome: 'ok', ...(reason === undefined ? {} : { reason }) };
}

export async function tellAdded(
  tx: Store,
  { id, principal, kind }: Pick<FactorRow, 'id' | 'principal' | 'kind'>,
  by: Actor,
  now: Millis,
): Promise<number> {
  const name = await personName(tx, principal);
  const text = `${KIND_WORDS[kind]} added for ${name} by ${await actorName(tx, by)}.\nNot you? countersign factors remove ${id}`;
  return tell(tx, principal, { text: `New ${text}`, once: `factor-added:${id}`, now });
}
