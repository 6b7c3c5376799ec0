// A stranger writes: a request, once, with a code, once. Everything that would tell a stranger more than that (a second
// message, a full house, a denial, a block) is silence; the owner's list tells it instead.
import { firstGraphemes, visible } from '@countersign/protocol/display';
import { type MessageId, makeId } from '@countersign/protocol/ids';
import { foldAddress } from '../address.ts';
import { admit } from '../admission.ts';
import type { Denials } from '../audit/denials.ts';
import type { EventDraft } from '../audit/event.ts';
import type { Bus } from '../bus.ts';
import { drawCode, normaliseCode } from '../code.ts';
import type { Peer } from '../identity/peer.ts';
import type { Inbound } from '../message.ts';
import type { Clock, Hasher, Millis, Random } from '../ports.ts';
import type { PairingSettings, Roster } from '../roster.ts';
import type { Store } from '../store-port.ts';
import { askOwners, tellOfMore } from './asking.ts';
import { fill } from './fill.ts';
import { effectiveState } from './machine.ts';
import type { NewPairing } from './pairings-port.ts';

const FIRST_WORDS = 80;
const CODE_MESSAGE_LIFE_MS = 10 * 60_000;
/** An ingress that lost the answer asks again; a stranger who writes again is told nothing. */
const SAID_AGAIN_MS = 60_000;
/** How long an owner has to see somebody whose number is hidden (C-01). */
const HELD_MS = 7 * 24 * 60 * 60_000;
/** A bucket that our own word empties and that is full again after five minutes. */
const OWN_WORDS = { burst: 1, refillMs: 5 * 60_000 };

/** Hashed: a limit's key is no place for a phone number. */
function ownWordKey(hasher: Hasher, { channel, account }: Peer, conversation: string): string {
  return `own-word:${hasher.keyed('person', JSON.stringify([channel, account, conversation]))}`;
}

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly roster: Roster;
  readonly denials: Denials;
  readonly bus: Bus;
}

/** The hash a code is looked up by; null for what cannot be a code. */
export function pairingCodeHash(hasher: Hasher, typed: string): string | null {
  const code = normaliseCode(typed);
  return code === null ? null : hasher.keyed('pairing-code', code);
}

export class PairingRequests {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Opens the request of a stranger whose message lies at the desk. The message itself goes nowhere. */
  async ask(inbound: Inbound, message: MessageId): Promise<void> {
    await this.#ask(inbound, message);
  }

  /** As `ask`, for a sender that another program of the owner proved: what they are to be told, that program says. Null:
   * nothing; `asks` is false where no request of theirs waits now. */
  async askThrough(inbound: Inbound): Promise<{ readonly asks: boolean; readonly say: string | null }> {
    const outcome = await this.#ask(inbound, null);
    if (outcome === 'denied' || outcome === 'full') return { asks: false, say: null };
    const { store, clock, roster } = this.#ports;
    const now = clock.now();
    const latest = await store.pairings.latest(inbound.peer);
    if (latest === null || effectiveState(latest, now) !== 'pending') return { asks: false, say: null };
    // The first answer may have been lost on its way: within a minute it is given again.
    const isNew = now - latest.createdAt < SAID_AGAIN_MS;
    const { code, peer } = latest;
    if (!isNew || code === null || !(await this.#mayAnswer(store, inbound, now)))
      return { asks: true, say: null };
    return { asks: true, say: fill(roster.pairing().message, { code, peer }) };
  }

  async #ask(inbound: Inbound, message: MessageId | null): Promise<'opened' | 'exists' | 'full' | 'denied'> {
    const { store, clock, roster, bus } = this.#ports;
    const now = clock.now();
    const settings = roster.pairing();
    const request = this.#request(inbound, settings, now);
    const { random, hasher } = this.#ports;
    const asking = { settings, random, hasher, now };
    const opened = await store.atomically(async (tx) => {
      if (message !== null && !(await tx.messages.leaveDesk(message, 'nobody'))) return 'exists';
      if (!(await this.#isStillStranger(tx, inbound, now))) return 'exists';
      const latest = await tx.pairings.latest(inbound.peer);
      const denied = latest !== null && effectiveState(latest, now) === 'denied';
      if (denied && (latest.decidedAt ?? 0) + settings.denyCooldownMs > now) return 'denied';
      const outcome = await tx.pairings.open(request, settings.slots);
      if (outcome === 'opened') {
        if (message !== null && (await this.#mayAnswer(tx, inbound, now)))
          await tx.outbox.put([codeMessage(inbound, request, settings, now)], now);
        await tx.audit.append([requested('pairing.requested', inbound, request, now)]);
        await tx.outbox.put(await askOwners(tx, request, asking), now);
      }
      if (outcome === 'full') await tx.outbox.put(await tellOfMore(tx, inbound.peer, asking), now);
      return outcome;
    });
    // What a stranger can repeat at will is counted, not written again and again.
    if (opened === 'full') await this.#count('pairing.waiting', inbound, 'no_slot', now);
    if (opened === 'denied') await this.#count('message.dropped', inbound, 'denied_before', now);
    if (opened === 'opened' || opened === 'full') bus.publish('outboxPut', { count: 1 });
    if (opened !== 'exists') bus.publish('peerChanged', inbound.peer);
    return opened;
  }

  /** The front door's answer, asked again: since then they may have been let in or blocked, the policy may be another, or
   * a dead process has left a message behind that is old by now (P-05). */
  async #isStillStranger(tx: Store, inbound: Inbound, now: Millis): Promise<boolean> {
    const { roster } = this.#ports;
    const { channel, account } = inbound.peer;
    const standing = await tx.people.standing(inbound.peer);
    const verdict = admit(inbound, standing, roster.policy(channel, account), roster.admission(), now);
    return verdict.to === 'desk' && verdict.because === 'pairing';
  }

  /** Whether the stranger is answered at all: never where strangers do not pair, nor on somebody's own number, nor where its
   * owner has just written themselves: the answer to a friend is not a request of theirs (P-04, P-06). */
  async #mayAnswer(
    tx: Pick<Store, 'limits'>,
    { peer, conversation }: Inbound,
    now: Millis,
  ): Promise<boolean> {
    const policy = this.#ports.roster.policy(peer.channel, peer.account);
    if (policy === null || policy.personalNumber || policy.dmPolicy !== 'pairing') return false;
    const key = ownWordKey(this.#ports.hasher, peer, conversation.id);
    return (await tx.limits.wait(key, OWN_WORDS, now)) === 0;
  }

  /** Strangers do not pair here, and this one may be somebody listed. */
  #isHeld({ peer, unresolved }: Inbound): boolean {
    const policy = this.#ports.roster.policy(peer.channel, peer.account);
    return unresolved === true && policy?.dmPolicy === 'allowlist';
  }

  /** Our own account wrote in that chat, from another device of its owner. */
  async noteOwnWord({ peer, conversation }: Inbound): Promise<void> {
    const { store, clock, hasher } = this.#ports;
    await store.limits.take(ownWordKey(hasher, peer, conversation.id), OWN_WORDS, clock.now());
  }

  #request(inbound: Inbound, settings: PairingSettings, now: Millis): NewPairing {
    const { random, hasher } = this.#ports;
    const code = drawCode(settings.codeFormat, random);
    const folded = inbound.address === null ? null : foldAddress(inbound.address);
    const counted = folded !== null && !folded.loopback;
    return {
      id: makeId('pairing', random.bytes(15)),
      peer: inbound.peer,
      codeHash: pairingCodeHash(hasher, code) ?? hasher.keyed('pairing-code', code),
      code,
      displayName: inbound.displayName,
      username: inbound.username,
      firstWords: visible(firstGraphemes(inbound.text.trim(), FIRST_WORDS)),
      addressKey: counted ? hasher.keyed('address', folded.text) : null,
      createdAt: now,
      beside: inbound.alias ?? (inbound.unresolved === true ? 'hidden' : null),
      // Nobody was told the code of somebody who is held: they do not write again to get another.
      expiresAt:
        now + (this.#isHeld(inbound) ? Math.max(HELD_MS, settings.tokenExpiryMs) : settings.tokenExpiryMs),
    };
  }

  #count(type: 'pairing.waiting' | 'message.dropped', { peer }: Inbound, reason: string, now: Millis) {
    const { channel, account } = peer;
    return this.#ports.denials.record(`${type}:${reason}:${channel}:${account}`, {
      type,
      at: now,
      actor: { kind: 'sender' },
      subject: { channel, account },
      outcome: 'denied',
      reason,
    });
  }
}

function requested(type: 'pairing.requested', inbound: Inbound, request: NewPairing, at: Millis): EventDraft {
  const { peer, displayName } = inbound;
  return {
    type,
    at,
    actor: { kind: 'sender' },
    subject: { pairing: request.id, channel: peer.channel, account: peer.account },
    outcome: 'ok',
    personal: { identifier: peer.native, ...(displayName === null ? {} : { displayName }) },
  };
}

function codeMessage(
  { peer, conversation }: Inbound,
  request: NewPairing,
  settings: PairingSettings,
  now: Millis,
) {
  const text = fill(settings.message, request);
  const deadline = now + Math.min(CODE_MESSAGE_LIFE_MS, settings.tokenExpiryMs);
  return { peer, conversation, kind: 'pairing-code', text, deadline, once: `code:${request.id}` } as const;
}
