// Sign-in by a code sent to the owner's own chat. A secret crosses between two channels (R7): digits go to the chat, the
// signed answer comes from the very browser that asked. From outside every try looks alike; limits come before anything
// is sent, so that a stranger can neither ring a phone nor keep the owner out.
import { timingSafeEqual } from 'node:crypto';
import { firstGraphemes, visible } from '@countersign/protocol/display';
import type { PublicJwk } from '@countersign/protocol/gateway';
import { type ChallengeId, type DeviceId, isId, makeId, type PrincipalId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { isoTime } from '@countersign/protocol/time';
import { foldAddress } from '../address.ts';
import type { Denials } from '../audit/denials.ts';
import type { Actor } from '../audit/event.ts';
import type { Bus } from '../bus.ts';
import { closeCards, openCard } from '../cards.ts';
import type { Channel } from '../channel-port.ts';
import { drawCode, normaliseCode } from '../code.ts';
import type { Devices } from '../device/devices.ts';
import { scopesOfDevice } from '../device/scopes.ts';
import type { AliasBook } from '../identity/aliases.ts';
import type { LinkedPeer } from '../identity/people-port.ts';
import { ownerNotices } from '../owner-notices.ts';
import type { Clock, Hasher, Millis, Random } from '../ports.ts';
import type { Roster } from '../roster.ts';
import type { Store } from '../store-port.ts';
import { withinCaps } from './caps.ts';
import type { ChallengeRow, NewChallenge } from './challenges-port.ts';
import { loginChats } from './chats.ts';
import { drawDigits, type LoginCodes, normaliseDigits } from './codes.ts';
import { challengeSources, challengeStateAt } from './machine.ts';
import { reachesNow } from './next-route.ts';
import { drawPhrase } from './phrase.ts';
import { codeMessage, notMeForm, signedInNotices, whereFrom } from './told.ts';

const HOUR_MS = 60 * 60_000;
const DEAF_KEY_MS = 24 * HOUR_MS;
const DEAF_ADDRESS_MS = HOUR_MS;
const TICKET_MS = 10 * 60_000;
const TICKET_FORM = 'XXXX-XXXX';
/** Another answer, or an owner, was quicker. */
const RACED = new Error('raced');

export interface Asking {
  readonly key: PublicJwk;
  /** base64url. */
  readonly thumbprint: string;
  /** Network address of the other end. */
  readonly address: string;
  /** What the browser calls itself: a claim. */
  readonly agent: string | null;
  /** As the person typed it. */
  readonly ticket: string | null;
}

export interface Asked {
  readonly requestId: ChallengeId;
  readonly phrase: string;
  readonly expiresAt: Millis;
}

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly roster: Roster;
  readonly bus: Bus;
  readonly denials: Denials;
  readonly codes: LoginCodes;
  readonly devices: Devices;
  readonly aliases: Pick<AliasBook, 'aliasOf'>;
  /** The running channels: what is not connected cannot deliver now. */
  running(): readonly Channel[];
}

export class Login {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Whether any owner chat can be sent a code now. Stands on the page before the button; says nothing of who. */
  async available(): Promise<boolean> {
    const { store, clock, roster } = this.#ports;
    if (!roster.login().on) return false;
    return (await loginChats(store, clock.now(), null, this.#ports)).some((peer) =>
      reachesNow(peer, this.#ports),
    );
  }

  /** So that a page knows when a code was typed to its end. */
  get digits(): number {
    return this.#ports.roster.login().codeDigits;
  }

  /** The same answer, whatever happens inside. @throws Problem `policy_denied` while login by chat code is off. */
  async challenge(asking: Asking): Promise<Asked> {
    const { store, clock, random, hasher, roster, bus, codes } = this.#ports;
    const { on, codeTtlMs, codeDigits, maxAttempts } = roster.login();
    if (!on) throw new Problem('policy_denied', { detail: 'sign-in by chat code is turned off here' });
    const now = clock.now();
    const id = makeId('challenge', random.bytes(15));
    const phrase = drawPhrase(random);
    const expiresAt = now + codeTtlMs;
    const asked: Asked = { requestId: id, phrase, expiresAt };
    const code = drawDigits(codeDigits, random);
    const chosen = await this.#choose(asking, now);
    if (chosen === null) return asked;
    const { key, thumbprint } = asking;
    const challenge: NewChallenge = {
      id,
      key,
      thumbprint,
      codeHash: codeHash(hasher, id, thumbprint, code),
      principal: chosen.principal,
      phrase,
      addressKey: this.#addressKey(asking.address),
      from: whereFrom(asking),
      ticket: chosen.ticket,
      maxAttempts,
      createdAt: now,
      expiresAt,
    };
    // In memory first: a message that is due finds it there.
    codes.put(id, code, expiresAt);
    const voided = await store.atomically(async (tx) => {
      const older = await tx.challenges.open(challenge);
      for (const one of older)
        await closeCards(tx, one, { text: 'Replaced by a newer request of the same browser.', now });
      const { peer } = chosen;
      const text = codeMessage(challenge, now);
      const card = {
        to: peer,
        about: id,
        text,
        verbs: ['not_me'],
        expiresAt: now + HOUR_MS,
        once: `login:${id}`,
      } as const;
      const draft = await openCard(tx, card, { random, hasher }, now);
      await tx.outbox.put([{ ...draft, kind: 'login-code', deadline: expiresAt }], now);
      const subject = {
        challenge: id,
        principal: chosen.principal,
        channel: peer.channel,
        ticket: chosen.ticket,
      };
      await tx.audit.append([
        { type: 'login.requested', at: now, actor: { kind: 'sender' }, subject, outcome: 'ok' },
      ]);
      return older;
    });
    // One that is still on its way is never sent: its digits are gone.
    for (const one of voided) codes.drop(one);
    bus.publish('outboxPut', { count: 1 });
    return asked;
  }

  /**
   * The signed answer of a browser; `thumbprint` is that of the key that signed it, null when none did.
   * @returns the paired device. @throws Problem `challenge_failed`: wrong, late, used, unknown, foreign, all alike.
   */
  async verify(answer: {
    readonly requestId: string;
    readonly thumbprint: string | null;
    readonly code: string;
    readonly name: string;
  }): Promise<DeviceId> {
    const { store, clock, hasher, roster, codes, bus } = this.#ports;
    const { requestId: id, thumbprint } = answer;
    const now = clock.now();
    const { on, codeDigits } = roster.login();
    const row = on && isId('challenge', id) ? await this.#ownTry(id, thumbprint, now) : null;
    const digits = normaliseDigits(answer.code, codeDigits);
    const isRight =
      row !== null && digits !== null && same(codeHash(hasher, row.id, row.thumbprint, digits), row.codeHash);
    if (row === null || row.principal === null) throw await this.#failed('unknown', now);
    if (!isRight) throw await this.#wrong(row, now);
    const { principal } = row;
    const device = await store
      .atomically((tx) => this.#pair(tx, row, principal, answer.name, now))
      .catch((cause: unknown) => (cause === RACED ? null : Promise.reject(cause)));
    codes.drop(row.id);
    if (device === null) throw await this.#failed('raced', now);
    bus.publish('deviceChanged', device);
    bus.publish('outboxPut', { count: 1 });
    return device;
  }

  /** All of it or nothing: of many right answers at once one device is left. @throws RACED. */
  async #pair(
    tx: Store,
    { id, key, thumbprint, from }: ChallengeRow,
    principal: PrincipalId,
    name: string,
    now: Millis,
  ): Promise<DeviceId> {
    const person = await tx.people.get(principal);
    if (person === null || person.state !== 'active' || person.role !== 'owner') throw RACED;
    if (await tx.deaf.is('key', thumbprint, now)) throw RACED;
    const actor: Actor = { kind: 'principal', id: principal, surface: 'login' };
    const scopes = scopesOfDevice('operator');
    const fresh = { key, thumbprint, role: 'operator', scopes, principal, createdAt: now } as const;
    const shown = name.trim() === '' ? null : firstGraphemes(visible(name.trim()), 64);
    const { id: device } = await this.#ports.devices.admit(
      tx,
      { ...fresh, name: shown, via: 'login', proven: false },
      actor,
    );
    if (!(await tx.challenges.satisfy(id, device, now))) throw RACED;
    await closeCards(tx, id, { text: `Used: signed in at ${isoTime(now)}. ${notMeForm(id)}`, now });
    await tx.outbox.put(await signedInNotices(tx, { id, from, principal, device }, now), now);
    await tx.factors.cleared(principal, 'login');
    const subject = { challenge: id, device, principal };
    await tx.audit.append([{ type: 'login.satisfied', at: now, actor, subject, outcome: 'ok' }]);
    return device;
  }

  /** What a disowned key asks for by the other road, to be paired as a device, is over as well. */
  async #closeRequest(tx: Store, thumbprint: string, by: Actor, now: Millis): Promise<void> {
    const asked = await tx.devices.lastRequest(thumbprint);
    if (asked === null || !(await tx.devices.settleRequest(asked.id, 'rejected', by, now))) return;
    await closeCards(tx, asked.id, { text: 'Ended: its sign-in was not you.', now });
  }

  /**
   * "Not me": ends the request and whatever its browser is signed in as, makes key and address deaf for a while, and
   * tells what was done with it. @throws Problem `not_found`, `ambiguous`, `already_decided`.
   */
  async disown(
    ref: string,
    principal: PrincipalId,
    by: Actor,
  ): Promise<{ readonly device: DeviceId | null }> {
    const { store, clock, codes, bus } = this.#ports;
    const now = clock.now();
    const [row, another] = (await store.challenges.find(ref)).filter((one) => one.principal === principal);
    if (row === undefined) throw new Problem('not_found', { detail: 'there is no sign-in of that id' });
    if (another !== undefined)
      throw new Problem('ambiguous', { detail: 'that beginning fits several sign-ins' });
    codes.drop(row.id);
    const device = await store.atomically(async (tx) => {
      if (!(await tx.challenges.end(row.id, challengeSources('disown'), 'disowned', now)))
        throw new Problem('already_decided', { detail: 'that sign-in was ended already' });
      await tx.deaf.add('key', row.thumbprint, now + DEAF_KEY_MS);
      if (row.addressKey !== null) await tx.deaf.add('address', row.addressKey, now + DEAF_ADDRESS_MS);
      const ended = await endWhatItHolds(tx, row.id, now);
      await this.#closeRequest(tx, row.thumbprint, by, now);
      await closeCards(tx, row.id, { text: 'Ended: this was not you.', now });
      const subject = { challenge: row.id, principal, ...(ended === null ? {} : { device: ended }) };
      await tx.audit.append([{ type: 'login.disowned', at: now, actor: by, subject, outcome: 'ok' }]);
      const text = `Reported: a sign-in from ${row.from} was not you. ${ended === null ? 'No browser was paired.' : 'Its browser was signed out.'} That browser is not listened to for a day.`;
      await tx.outbox.put(await ownerNotices(tx, { text, once: `disowned:${row.id}`, now }), now);
      return ended;
    });
    if (device !== null) bus.publish('deviceChanged', device);
    bus.publish('outboxPut', { count: 1 });
    return { device };
  }

  /** For `/login` in an owner's own chat: gives one browser a place outside the caps. */
  async ticket(
    principal: PrincipalId,
    by: Actor,
  ): Promise<{ readonly ticket: string; readonly expiresAt: Millis }> {
    const { store, clock, random, hasher } = this.#ports;
    const now = clock.now();
    const ticket = drawCode(TICKET_FORM, random);
    const expiresAt = now + TICKET_MS;
    await store.atomically(async (tx) => {
      await tx.tickets.issue(ticketHash(hasher, ticket), principal, expiresAt);
      await tx.audit.append([
        { type: 'login.ticket', at: now, actor: by, subject: { principal }, outcome: 'ok' },
      ]);
    });
    return { ticket, expiresAt };
  }

  /** Null: nothing is sent, and nobody can tell. */
  async #choose(
    asking: Asking,
    now: Millis,
  ): Promise<{
    readonly principal: PrincipalId;
    readonly peer: LinkedPeer;
    readonly ticket: boolean;
  } | null> {
    const { store, hasher } = this.#ports;
    const addressKey = this.#addressKey(asking.address);
    if (await store.deaf.is('key', asking.thumbprint, now)) return null;
    const typed = asking.ticket === null ? null : ticketHash(hasher, asking.ticket);
    const holder = typed === null ? null : await store.tickets.take(typed, now);
    // A stranger on the owner's own network must not cost them that network: a ticket is worth more than an address.
    const isDeaf = addressKey !== null && (await store.deaf.is('address', addressKey, now));
    if (holder === null && isDeaf) return null;
    const [peer] = await loginChats(store, now, holder, this.#ports);
    if (peer?.principal === null || peer === undefined) return null;
    const { principal } = peer;
    if (holder !== null) return { principal, peer, ticket: true };
    // A wrong ticket is an ordinary try: it costs what every try costs.
    if (!(await withinCaps(addressKey, principal, this.#ports, now))) return null;
    return { principal, peer, ticket: false };
  }

  /** A try counts only for the key that asked: whoever guesses with another key spends nothing of the owner's (H71). */
  async #ownTry(id: ChallengeId, thumbprint: string | null, now: Millis): Promise<ChallengeRow | null> {
    const { store } = this.#ports;
    const row = await store.challenges.get(id);
    if (row === null || row.thumbprint !== thumbprint || challengeStateAt(row, now) !== 'issued') return null;
    return store.challenges.tryOnce(id, now);
  }

  async #wrong(row: ChallengeRow, now: Millis): Promise<Problem> {
    const { store, codes, bus } = this.#ports;
    if (row.principal !== null) await store.factors.failed(row.principal, 'login', now);
    if (row.attempts >= row.maxAttempts) {
      codes.drop(row.id);
      await store.atomically(async (tx) => {
        if (!(await tx.challenges.end(row.id, challengeSources('answer_last_wrong'), 'exhausted', now)))
          return;
        const text = `Ended: ${row.maxAttempts} wrong codes. ${notMeForm(row.id)}`;
        await closeCards(tx, row.id, { text, now });
        const subject = { challenge: row.id };
        await tx.audit.append([
          { type: 'login.exhausted', at: now, actor: { kind: 'sender' }, subject, outcome: 'denied' },
        ]);
      });
      bus.publish('outboxPut', { count: 1 });
    }
    return this.#failed('wrong', now);
  }

  async #failed(reason: string, now: Millis): Promise<Problem> {
    await this.#ports.denials.record(`login.failed:${reason}`, {
      type: 'login.failed',
      at: now,
      actor: { kind: 'sender' },
      subject: {},
      outcome: 'denied',
      reason,
    });
    return new Problem('challenge_failed', { hint: 'send a new code and try again' });
  }

  #addressKey(address: string): string | null {
    const folded = foldAddress(address);
    return folded === null || folded.loopback ? null : this.#ports.hasher.keyed('address', folded.text);
  }
}

/**
 * Read after the end was written: the right code may have come in at the same moment. What the same key signed in as,
 * before or since, is the same browser: a thief who is in and asks once more is found by that too. @returns the device.
 */
async function endWhatItHolds(tx: Store, id: ChallengeId, now: Millis): Promise<DeviceId | null> {
  const row = await tx.challenges.get(id);
  if (row === null) return null;
  const held = await tx.devices.byThumbprint(row.thumbprint);
  // Without a sign-in of its own a request says nothing about what another person's word let in.
  const isTheirs = held?.state === 'paired' && held.principal === row.principal;
  const device = row.device !== null ? (held?.id ?? row.device) : isTheirs ? held.id : null;
  if (device !== null) await tx.devices.end(device, 'revoked', 'not_me', now);
  return device;
}

function codeHash(hasher: Hasher, id: ChallengeId, thumbprint: string, code: string): string {
  return hasher.keyed('challenge', `${id}:${thumbprint}:${code}`);
}

function ticketHash(hasher: Hasher, typed: string): string {
  return hasher.keyed('challenge', `ticket:${normaliseCode(typed) ?? ''}`);
}

function same(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}
