// Telling whoever decides that somebody asks: a card in each owner's chat, or a plain line to those who are only told.
// Prompts are few: past five an hour on one account they become a single summary (R8, H57), so that a crowd of strangers
// can neither ring an owner's phone nor hide one friend among a hundred cards.
import { quotedName, visible } from '@countersign/protocol/display';
import { openCard } from '../cards.ts';
import { type Assurance, type Peer, peerKey } from '../identity/peer.ts';
import { actsAs } from '../identity/standing.ts';
import type { OutboxDraft } from '../outbound.ts';
import { ownerChats } from '../owner-notices.ts';
import type { Hasher, Millis, Random } from '../ports.ts';
import type { PairingSettings } from '../roster.ts';
import type { Store } from '../store-port.ts';
import { fill } from './fill.ts';
import type { Beside, NewPairing } from './pairings-port.ts';

const PROMPTS = { burst: 5, refillMs: 12 * 60_000 };
const SUMMARIES = { burst: 1, refillMs: 60 * 60_000 };
const NOTICE_LIFE_MS = 24 * 60 * 60_000;

interface Asking {
  readonly settings: PairingSettings;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly now: Millis;
}

interface Recipient {
  readonly peer: Peer;
  /** Null: is only told. */
  readonly decidesWith: Assurance | null;
}

/** Drafts for everybody who is to hear of an opened request. */
export async function askOwners(tx: Store, request: NewPairing, asking: Asking): Promise<OutboxDraft[]> {
  const { settings, now } = asking;
  const where = `${request.peer.channel}:${request.peer.account}`;
  if ((await tx.limits.take(`asked:${where}`, PROMPTS, now)) > 0) return tellOfMore(tx, request.peer, asking);
  const drafts: OutboxDraft[] = [];
  for (const { peer, decidesWith } of await recipients(tx, settings, now)) {
    const once = `asked:${request.id}:${peer.channel}:${peer.account}:${peer.native}`;
    const told = about(request, settings);
    if (decidesWith === null) {
      drafts.push({ ...plain(peer, told, now), once });
      continue;
    }
    const text = `${told}\n${typedForms(request, decidesWith)}`;
    const verbs =
      decidesWith === 'low' ? (['deny', 'block'] as const) : (['approve', 'deny', 'block'] as const);
    const { id, expiresAt } = request;
    drafts.push(await openCard(tx, { to: peer, about: id, text, verbs, expiresAt, once }, asking, now));
  }
  return drafts;
}

/** One line an hour for all who are not shown one by one. */
export async function tellOfMore(
  tx: Store,
  { channel, account }: Peer,
  asking: Asking,
): Promise<OutboxDraft[]> {
  const { settings, now } = asking;
  const where = `${channel}:${account}`;
  if ((await tx.limits.take(`asked-more:${where}`, SUMMARIES, now)) > 0) return [];
  const text = `More people ask to talk on ${channel} than are shown one by one. See them all: countersign pairing list ${channel}`;
  return (await recipients(tx, settings, now)).map(({ peer }) => ({
    ...plain(peer, text, now),
    once: `asked-more:${where}:${now}:${peer.channel}:${peer.account}:${peer.native}`,
  }));
}

async function recipients(tx: Store, { notifyOn }: PairingSettings, now: Millis): Promise<Recipient[]> {
  if (notifyOn.length === 0)
    return (await ownerChats(tx, now)).map((peer) => ({ peer, decidesWith: peer.assurance }));
  const named: Recipient[] = [];
  for (const peer of new Map(notifyOn.map((one) => [peerKey(one), one])).values()) {
    const standing = await tx.people.standing(peer);
    const acting = actsAs(standing, now);
    const decides = acting?.role === 'owner' && acting.direct;
    named.push({ peer, decidesWith: decides ? (standing.peer?.assurance ?? 'low') : null });
  }
  return named;
}

/** The owner's own words, then the stranger's, each on a line of its own and marked as theirs (R67). */
function about(request: NewPairing, settings: PairingSettings): string {
  const { displayName, username, firstWords, beside, peer } = request;
  const name = displayName === null || displayName.trim() === '' ? [] : [quotedName(displayName)];
  const handle = username === null || username === '' ? [] : [`user name ${quotedName(username)}`];
  const called = [...name, ...handle].join(', ');
  return [
    fill(settings.notifyMessage, request),
    ...(beside === null ? [] : [besideLine(peer.channel, beside)]),
    ...(called === '' ? [] : [`Calls themselves: ${called}`]),
    ...(firstWords === '' ? [] : [`First words: "${firstWords}"`]),
  ].join('\n');
}

/** What the channel itself says, before what they say of themselves. */
function besideLine(channel: string, beside: NonNullable<Beside>): string {
  return beside === 'hidden'
    ? `${channel} does not say which number this is: it may be somebody you know by number, or anybody else.`
    : `${channel} itself says: this is ${visible(beside)}.`;
}

function typedForms({ code, peer }: NewPairing, assurance: Assurance): string {
  const no = `/pairing deny ${code} · /pairing block ${code}`;
  // Nobody but a browser key or a phone network says who writes here: enough for a no, not for a yes.
  if (assurance === 'low')
    return `Yes, in a terminal: countersign pairing approve ${peer.channel} ${code}\nNo: ${no}`;
  return `/pairing approve ${code} · ${no}`;
}

function plain(peer: Peer, text: string, now: Millis) {
  const conversation = { kind: 'direct', id: peer.native } as const;
  return { peer, conversation, kind: 'owner-notice', text, deadline: now + NOTICE_LIFE_MS } as const;
}
