// What people read about a sign-in: the message with the code, and where it came from. What a browser calls itself is a
// stranger's text: quoted, and without the place where the sender puts the digits (R12, R67).
import { callerName } from '@countersign/protocol/browser-name';
import { firstGraphemes, quotedName, visible } from '@countersign/protocol/display';
import type { ChallengeId, DeviceId, PrincipalId } from '@countersign/protocol/ids';
import { isoTime } from '@countersign/protocol/time';
import { foldAddress } from '../address.ts';
import { undoOf } from '../device/told.ts';
import type { OutboxDraft } from '../outbound.ts';
import { ownerNotices } from '../owner-notices.ts';
import type { Millis } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { NewChallenge } from './challenges-port.ts';
import { CODE_HOLE } from './codes.ts';

/** R12: what a locked screen shows of it holds no digit of the code. The hole is filled by the sender, from memory. */
export function codeMessage({ from, phrase, id }: NewChallenge, now: Millis): string {
  return [
    `Somebody wants to sign in to Countersign from ${from}, at ${isoTime(now).slice(11, 16)} UTC.`,
    `Go on only if your page shows the words: ${phrase}`,
    '',
    `Then type there: ${CODE_HOLE}`,
    '',
    notMeForm(id),
  ].join('\n');
}

export function notMeForm(id: ChallengeId): string {
  const short = id.slice('chal_'.length, 'chal_'.length + 8);
  return `Not you? /notme ${short}`;
}

/** To every owner, each with the end that is theirs to make: a "not me" is the word of whose browser it is. */
export async function signedInNotices(
  tx: Store,
  { id, from, principal, device }: SignedIn,
  now: Millis,
): Promise<OutboxDraft[]> {
  const text = `New sign-in by chat code: ${from}. It may look and answer people at the door, until a factor is proven on it.`;
  const drafts = await ownerNotices(tx, { text, once: `signed-in:${id}`, now });
  return drafts.map((draft) => ({
    ...draft,
    text: `${text}\n${draft.principal === principal ? notMeForm(id) : `End it: ${undoOf(device)}`}`,
  }));
}

interface SignedIn {
  readonly id: ChallengeId;
  readonly from: string;
  readonly principal: PrincipalId;
  readonly device: DeviceId;
}

export function whereFrom({
  agent,
  address,
}: {
  readonly agent: string | null;
  readonly address: string;
}): string {
  const called = firstGraphemes(
    callerName(agent ?? '')
      .replace(/[{}]/g, '')
      .trim(),
    60,
  );
  const browser = called === '' ? 'a browser' : quotedName(called);
  const folded = foldAddress(address);
  if (folded === null) return `${browser}, from an address that could not be told`;
  return folded.loopback ? `${browser} on this machine` : `${browser} at ${visible(address)}`;
}
