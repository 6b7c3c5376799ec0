// An ingress of the owner's own says who wrote: a program with a token of scope `ingress`, for the accounts named on it, in
// a call that is signed and counts once. What it says stands in the place of a channel's proof and of nothing else: the
// front door decides as for every message, and text it passes on is never a command (R48, H12).
import { Problem } from '@countersign/protocol/problem';
import { admit } from '../admission.ts';
import type { Denials } from '../audit/denials.ts';
import type { Bus } from '../bus.ts';
import { enrolListed } from '../identity/enrol.ts';
import { assuranceOf, parseNative } from '../identity/peer.ts';
import type { Conversation, Inbound, Verdict } from '../message.ts';
import type { PairingRequests } from '../pairing/requests.ts';
import type { Clock, Millis, Random } from '../ports.ts';
import type { Roster } from '../roster.ts';
import type { Identities } from '../session/identity.ts';
import type { Store } from '../store-port.ts';
import type { Holder } from './holder.ts';
import { HOP_MS, type HopOf, readHop } from './hop.ts';

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly roster: Roster;
  readonly requests: Pick<PairingRequests, 'askThrough'>;
  readonly identities: Pick<Identities, 'handleOf'>;
  readonly denials: Pick<Denials, 'record'>;
  readonly bus: Bus;
  /** How long a session stays good without a word on it. */
  idleMs(): number;
}

/** As it came over the wire. */
export interface Said {
  readonly channel: string;
  readonly account: string;
  readonly sender: string;
  readonly conversation: { readonly kind: 'direct' | 'group' | 'thread'; readonly id: string } | null;
  readonly messageId: string;
  readonly sentAt: Millis | null;
  readonly displayName: string | null;
  readonly username: string | null;
  readonly text: string | null;
}

export type Asserted =
  | { readonly state: 'admitted'; readonly handle: string; readonly expiresAt: Millis }
  | { readonly state: 'pairing'; readonly say: string | null }
  | { readonly state: 'refused'; readonly reason: 'not_admitted' | 'session_shared' };

const NOT_ADMITTED = { state: 'refused', reason: 'not_admitted' } as const;
const SHARED = { state: 'refused', reason: 'session_shared' } as const;

export class Ingress {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** The call is the ingress's own, as it was sent, for the first time. @throws Problem `auth_proof_invalid`. */
  async proveHop(holder: Holder, header: string | null, of: Omit<HopOf, 'token'>): Promise<void> {
    const { store, clock } = this.#ports;
    const now = clock.now();
    const secret = await store.tokens.hopSecret(holder.token);
    const hop = secret === null ? 'forged' : readHop(header, { ...of, token: holder.token }, secret, now);
    if (typeof hop === 'string') return this.#flawed(holder, `hop_${hop}`);
    const first = await store.nonces.take(`hop:${holder.token}`, hop.nonce, hop.ts + 2 * HOP_MS);
    if (!first) return this.#flawed(holder, 'hop_replayed');
  }

  async #flawed(holder: Holder, reason: string): Promise<never> {
    await this.#refused(holder, reason, {});
    // One answer for every flaw, but for a clock that is wrong: which it was helps whoever forges one.
    throw new Problem('auth_proof_invalid', {
      detail: 'x-countersign-hop does not fit this request',
      hint: 'sign address, body, moment and a new nonce with the hop secret; clocks may differ by a minute',
    });
  }

  /** @throws Problem `auth_forbidden` for an account the token does not name; `request_malformed` for no sender's id. */
  async assert(holder: Holder, said: Said): Promise<Asserted> {
    const { store, clock, random, roster, requests, identities, bus } = this.#ports;
    const { channel, account } = said;
    const where = { channel, account };
    if (!holder.accounts.includes(`${channel}:${account}`)) {
      await this.#refused(holder, 'foreign_account', {});
      throw new Problem('auth_forbidden', { detail: 'that account is not named on this token' });
    }
    const inbound = this.#inbound(said);
    const { peer, conversation } = inbound;
    const now = clock.now();
    const rules = { ...roster.admission(), ...(holder.agent === null ? {} : { agent: holder.agent }) };
    const decide = async (tx: Store): Promise<Verdict> =>
      admit(inbound, await tx.people.standing(peer), roster.policy(channel, account), rules, now);
    const opened = await store.atomically(async (tx) => {
      let verdict = await decide(tx);
      if (verdict.to === 'desk' && verdict.because === 'enrol') {
        if (!(await enrolListed(tx, inbound, { random, now }))) return NOT_ADMITTED;
        verdict = await decide(tx);
      }
      if (verdict.to === 'desk' && verdict.because === 'pairing') return 'stranger';
      if (verdict.to === 'nobody') return { ...NOT_ADMITTED, why: verdict.reason };
      if (verdict.to !== 'agent') return NOT_ADMITTED;
      const { principal, sessionKey: key, exclusive } = verdict;
      const session = await tx.bindings.open(
        { key, exclusive, principal, peer, kind: conversation.kind },
        now,
      );
      if (session === null) return SHARED;
      const { accessUntil = null } = (await tx.people.standing(peer)).peer ?? {};
      await tx.audit.append([
        {
          type: 'ingress.asserted',
          at: now,
          actor: { kind: 'token', id: holder.token },
          subject: { token: holder.token, session, principal, agent: rules.agent, ...where },
          outcome: 'ok',
        },
      ]);
      return { session, accessUntil };
    });
    if (opened === 'stranger') {
      const { asks, say } = await requests.askThrough(inbound);
      await this.#refused(holder, 'unknown_sender', where);
      return asks ? { state: 'pairing', say } : NOT_ADMITTED;
    }
    if ('state' in opened) {
      // Why is for the audit: a program that is told whom an owner has blocked can tell others.
      const { why = opened.reason, ...told } = { why: undefined, ...opened };
      await this.#refused(holder, why, where);
      return told;
    }
    const handle = await identities.handleOf(opened.session, rules.agent);
    // Ended between the two: the next message begins another.
    if (handle === null) return NOT_ADMITTED;
    bus.publish('sessionChanged', opened.session);
    const idle = now + this.#ports.idleMs();
    return { state: 'admitted', handle, expiresAt: Math.min(idle, opened.accessUntil ?? idle) };
  }

  #inbound(said: Said): Inbound {
    const { roster } = this.#ports;
    const { channel, account, sender, displayName, username } = said;
    const traits = roster.traits(channel);
    // H05, H07: a padded id, a name, a group's id is nobody.
    const native = traits === null ? null : parseNative(sender, traits.peerIds);
    if (native === null)
      throw new Problem('request_malformed', { detail: 'sender is not an id of a person on that channel' });
    const conversation: Conversation = said.conversation ?? { kind: 'direct', id: sender };
    return {
      peer: { channel, account, native },
      // A program's word is worth no more than what the channel itself would prove.
      assurance: assuranceOf({ native }, traits),
      actor: 'human',
      conversation,
      messageId: said.messageId,
      kind: 'text',
      text: said.text === null || said.text.trim() === '' ? '…' : said.text,
      sentAt: said.sentAt,
      arrived: 'live',
      forwarded: false,
      // H58: it may be shown to the owner, and is never a command.
      quoted: true,
      press: null,
      mentioned: true,
      displayName,
      username,
      address: null,
    };
  }

  #refused({ token, agent }: Holder, reason: string, where: { channel?: string; account?: string }) {
    const subject = { token, ...(agent === null ? {} : { agent }), ...where };
    return this.#ports.denials.record(`ingress.refused:${reason}:${token}`, {
      type: 'ingress.refused',
      at: this.#ports.clock.now(),
      actor: { kind: 'token', id: token },
      subject,
      outcome: 'denied',
      reason,
    });
  }
}
