// The two codes that link two chats: drawn, sent and compared. R2-R6: ten minutes, five tries, once, bound to one offer;
// wrong, late and used are one answer.
import { timingSafeEqual } from 'node:crypto';
import { makeId, type PrincipalId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { Denials } from '../audit/denials.ts';
import type { EventDraft } from '../audit/event.ts';
import { drawCode, normaliseCode } from '../code.ts';
import type { Hasher, Millis, Random } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { LinkOffer } from './link-port.ts';
import { addedCodeText, knownCodeText, toChat } from './link-texts.ts';
import type { Peer } from './peer.ts';

const CODE_FORM = 'XXXXXXXX';
/** R2. */
const OFFER_LIFE_MS = 10 * 60_000;
/** R4: of one offer, and of one person whatever the number of offers (R5). */
const MAX_TRIES = 5;
const WRONG = { burst: 10, refillMs: 6 * 60_000 };
/** R8. */
const OFFERS = { burst: 5, refillMs: 12 * 60_000 };

interface Chats {
  readonly principal: PrincipalId;
  /** A chat of the person already. */
  readonly known: Peer;
  readonly added: Peer;
}

/** Opens an offer and sends both codes. @throws Problem `rate_limited`. @returns when it ends. */
export async function openOffer(
  tx: Store,
  { principal, known, added }: Chats,
  { random, hasher }: { readonly random: Random; readonly hasher: Hasher },
  now: Millis,
): Promise<Millis> {
  const wait = await tx.limits.take(`link-offers:${principal}`, OFFERS, now);
  if (wait > 0) throw tooMany(wait);
  const id = makeId('linkOffer', random.bytes(15));
  const [one, other] = [drawCode(CODE_FORM, random), drawCode(CODE_FORM, random)];
  const expiresAt = now + OFFER_LIFE_MS;
  const hashes = { knownHash: hashOf(hasher, id, one), addedHash: hashOf(hasher, id, other) };
  await tx.linkOffers.open({ id, principal, known, added, ...hashes, expiresAt });
  const line = { kind: 'link-code', now, lasts: OFFER_LIFE_MS } as const;
  await tx.outbox.put(
    [
      toChat(known, { ...line, text: knownCodeText(added, one), once: `${id}:known` }),
      toChat(added, { ...line, text: addedCodeText(other), once: `${id}:added` }),
    ],
    now,
  );
  return expiresAt;
}

interface Typed {
  readonly principal: PrincipalId;
  readonly added: Peer;
  readonly codes: readonly [string, string];
  /** What the audit says of a refusal. */
  readonly refused: EventDraft;
}

/**
 * The offer that both codes fit, in either order. A try is counted before anything is compared, and stays counted.
 * @throws Problem `challenge_failed` for wrong, late, used and never offered alike; `rate_limited`.
 */
export async function provenOffer(
  { principal, added, codes, refused }: Typed,
  { store, hasher, denials }: { readonly store: Store; readonly hasher: Hasher; readonly denials: Denials },
  now: Millis,
): Promise<LinkOffer> {
  const wrong = `link-codes:wrong:${principal}`;
  const wait = await store.limits.wait(wrong, WRONG, now);
  if (wait > 0) throw tooMany(wait);
  const [one, other] = [normaliseCode(codes[0]), normaliseCode(codes[1])];
  const offer = await store.linkOffers.tryOnce(principal, added, now, MAX_TRIES);
  if (offer !== null && one !== null && other !== null) {
    const typed = [hashOf(hasher, offer.id, one), hashOf(hasher, offer.id, other)] as const;
    // Both orders are compared whole, always: how long it takes says nothing.
    const straight = same(typed[0], offer.knownHash) & same(typed[1], offer.addedHash);
    const crossed = same(typed[1], offer.knownHash) & same(typed[0], offer.addedHash);
    if ((straight | crossed) === 1) return offer;
  }
  await store.limits.take(wrong, WRONG, now);
  await denials.record(`person.link_refused:${principal}`, refused);
  throw linkFailed();
}

export function linkFailed(): Problem {
  return new Problem('challenge_failed', {
    detail: 'those two codes do not link anything',
    hint: 'ask for new ones: countersign people link <person> <peer>',
  });
}

function hashOf(hasher: Hasher, offer: string, code: string): string {
  return hasher.keyed('link-code', `${offer}\n${code}`);
}

function same(a: string, b: string): number {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return Number(one.length === other.length && timingSafeEqual(one, other));
}

function tooMany(waitMs: Millis): Problem {
  return new Problem('rate_limited', { members: { retryAfter: Math.ceil(waitMs / 1_000) } });
}
