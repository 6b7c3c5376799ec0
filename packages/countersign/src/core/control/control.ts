// The control lane: what owners and approvers say to us rather than to the agent. It never waits behind the agent, every
// word and every button goes through `authorise`, and what was decided is stored before anybody is told that it was.
import { isId, type MessageId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { authorise, NO_PROOF, type Verb } from '../authorise.ts';
import type { Assurance } from '../identity/peer.ts';
import { actsAs, holdsRole } from '../identity/standing.ts';
import type { Inbound } from '../message.ts';
import type { OutboxDraft } from '../outbound.ts';
import type { Millis } from '../ports.ts';
import type { Roster } from '../roster.ts';
import { KeptBack } from './kept-back.ts';
import { decidePress } from './presses.ts';
import { type Said, Sayings } from './sayings.ts';
import { ago, type ControlPorts, type Speaker } from './speaker.ts';
import { hasCode } from './typed-code.ts';
import { type Command, readCommand } from './words.ts';

const REPLY_LIFE_MS = 60 * 60_000;
/** What a platform shows of a press for a moment. */
const MAX_TOAST = 190;
/** Where no code belongs, and where one may stand all the same. */
const MISPLACES_CODES: readonly Command['say'][] = ['mistyped', 'no', 'no_to_all'];
const CARRIES_CODES: readonly Command['say'][] = ['yes', 'elevate', ...MISPLACES_CODES];

export class Control {
  readonly #ports: ControlPorts;
  readonly #sayings: Sayings;
  readonly #kept: KeptBack;

  constructor(ports: ControlPorts) {
    this.#ports = ports;
    this.#kept = new KeptBack(ports);
    this.#sayings = new Sayings(ports, (speaker, verb) => this.#allow(speaker, verb));
  }

  /** Carries out what a message says and answers it, in the speaker's direct chat wherever it was said. */
  async obey(inbound: Inbound, message: MessageId): Promise<void> {
    const speaker = await this.#speaker(inbound);
    const command = readCommand(inbound.text);
    if (speaker === null || command === null) return this.#leave(message);
    const said = await this.#answerTo(speaker, () =>
      command.say !== 'notme' && isStale(inbound, this.#ports.roster, speaker.now)
        ? {
            text: 'That waited while I was away, so it was not carried out. Send it again if it still holds.',
          }
        : this.#sayings.say(command, speaker),
    );
    await this.#reply(speaker, message, said);
    // What is right was spent with the word. In every other case it still stands in the chat, for whoever reads along.
    if (
      MISPLACES_CODES.includes(command.say) ||
      (said.isRefused === true && CARRIES_CODES.includes(command.say))
    )
      await this.#kept.spend(inbound, message);
    if (CARRIES_CODES.includes(command.say) && hasCode(inbound.text)) await this.#kept.remove(inbound);
  }

  /** A code is in it, and something waits for whoever wrote it (R64). What it says is not obeyed: it may be quoted (H58), or
   * said where they may say nothing. */
  keepBack(inbound: Inbound, message: MessageId): Promise<void> {
    return this.#kept.take(inbound, message);
  }

  /** Decides what a button stands for. A press by anybody it was not made for says nothing and does nothing. */
  async press(inbound: Inbound, message: MessageId): Promise<void> {
    const { store, hasher } = this.#ports;
    const speaker = await this.#speaker(inbound);
    const { press, peer } = inbound;
    if (speaker === null || press === null) return this.#leave(message);
    const found = await store.cards.byButton(hasher.keyed('button', press.value), peer);
    if (found === null) {
      await this.#refused(speaker, 'button', 'unknown_button');
      return this.#leave(message);
    }
    const said = await this.#answerTo(speaker, () =>
      decidePress(found, speaker, this.#ports, (who, verb) => this.#allow(who, verb)),
    );
    await this.#leave(message);
    const { channel, account } = peer;
    await this.#ports.channel(channel, account)?.answer?.(press.handle, said.text.slice(0, MAX_TOAST));
  }

  /** Null for somebody who lost their role between the front door and here, or whose chat is not theirs any more. */
  async #speaker(inbound: Inbound): Promise<Speaker | null> {
    const { store, clock } = this.#ports;
    const now = clock.now();
    const standing = await store.people.standing(inbound.peer);
    const acting = actsAs(standing, now);
    if (acting === null || !holdsRole(acting.role, 'approver')) return null;
    const { principal, role } = acting;
    const assurance = lower(inbound.assurance, standing.peer?.assurance ?? 'low');
    const surface = `chat:${inbound.peer.channel}`;
    return {
      caller: { door: 'chat', principal, role, assurance },
      actor: { kind: 'principal', id: principal, surface, chat: inbound.peer },
      inbound,
      now,
    };
  }

  /** @throws Problem `auth_forbidden`, saying what is missing. */
  async #allow(speaker: Speaker, verb: Verb): Promise<void> {
    const outcome = authorise(speaker.caller, verb, NO_PROOF);
    if (outcome.outcome === 'allow') return;
    const reason = outcome.outcome === 'deny' ? outcome.reason : 'auth_factor_required';
    await this.#refused(speaker, verb, reason);
    throw new Problem('auth_forbidden', {
      detail: refusal(reason, verb) ?? `That needs an owner; in this chat you act as ${speaker.caller.role}.`,
      hint: '',
    });
  }

  #refused({ actor, inbound, now }: Speaker, verb: string, reason: string): Promise<void> {
    const { channel, account } = inbound.peer;
    return this.#ports.denials.record(`command.refused:${verb}:${reason}:${channel}:${account}`, {
      type: 'command.refused',
      at: now,
      actor,
      subject: { verb, channel, account },
      outcome: 'denied',
      reason,
    });
  }

  /** What went wrong is an answer too, except trouble of the house itself: the message stays and is served again. */
  async #answerTo(speaker: Speaker, work: () => Promise<Said> | Said): Promise<Said> {
    try {
      return await work();
    } catch (cause) {
      if (!(cause instanceof Problem) || cause.code === 'internal') throw cause;
      // R50: a yes that came too soon is not kept and said once more by us; neither is what came too often.
      if (cause.retryable && cause.code !== 'too_soon' && cause.code !== 'rate_limited') throw cause;
      return { text: problemText(cause, speaker), isRefused: true };
    }
  }

  async #reply({ inbound, actor, now }: Speaker, message: MessageId, said: Said): Promise<void> {
    const { store, bus } = this.#ports;
    const { text, about, apart } = said;
    const { peer } = inbound;
    await store.atomically(async (tx) => {
      if (!(await tx.messages.leaveDesk(message, 'nobody'))) return;
      const conversation = { kind: 'direct', id: peer.native } as const;
      const reply = { peer, conversation, kind: 'control' } as const;
      const deadline = now + REPLY_LIFE_MS;
      const drafts: OutboxDraft[] = [{ ...reply, text, deadline, once: `said:${message}` }];
      if (apart !== undefined)
        drafts.push({ ...reply, text: apart.text, deadline: apart.until, once: `said:${message}:apart` });
      await tx.outbox.put(drafts, now);
      const subject = {
        message,
        channel: peer.channel,
        account: peer.account,
        ...subjectOf(about),
      };
      await tx.audit.append([{ type: 'command.answered', at: now, actor, subject, outcome: 'ok' }]);
    });
    bus.publish('outboxPut', { count: 1 });
  }

  async #leave(message: MessageId): Promise<void> {
    await this.#ports.store.messages.leaveDesk(message, 'nobody');
  }
}

function subjectOf(about: Said['about']) {
  if (about === undefined) return {};
  if (isId('approval', about)) return { approval: about };
  return isId('pairing', about) ? { pairing: about } : { request: about };
}

const IN_A_TERMINAL: Readonly<Partial<Record<Verb, string>>> = {
  'pairing.approve': 'countersign pairing approve',
  'pairing.unblock': 'countersign pairing unblock',
  'devices.pair': 'countersign pair',
  'devices.approve': 'countersign devices approve',
  'approvals.approve': 'countersign approvals approve',
  'approvals.elevate': 'countersign elevate',
};

const CANNOT: Readonly<Partial<Record<Verb, string>>> = {
  'approvals.approve': 'it takes no yes',
  'approvals.elevate': 'it lets no agent work elevated',
};

function refusal(reason: string, verb: Verb): string | null {
  if (reason === 'auth_factor_required') return 'That needs a fresh proof of your factor.';
  if (reason !== 'assurance_low') return null;
  const command = IN_A_TERMINAL[verb];
  const terminal = command === undefined ? '' : `, or in a terminal: ${command}`;
  const what = CANNOT[verb] ?? 'it cannot let anybody in';
  return `Nobody but this chat itself says who writes here, so ${what}. Do it from another chat of yours${terminal}`;
}

function problemText(problem: Problem, { now }: Speaker): string {
  const { detail = problem.message, hint } = { detail: problem.message, hint: problem.hint };
  const by = problem.members['at'];
  const when = typeof by === 'string' ? ` (${ago(Date.parse(by), now)})` : '';
  const sentence = `${detail.charAt(0).toUpperCase()}${detail.slice(1)}${when}`;
  return hint === undefined || hint === '' ? sentence : `${sentence}\n${hint}`;
}

function lower(a: Assurance, b: Assurance): Assurance {
  const rank = { low: 0, medium: 1, high: 2 } as const;
  return rank[a] <= rank[b] ? a : b;
}

/** A decision is made by words said now: not by what lay at the platform, nor by what is old. But a "not me" is never too
 * old: whoever can stop the gateway for a while must not outwait it. */
function isStale({ arrived, sentAt }: Inbound, roster: Roster, now: Millis): boolean {
  return arrived !== 'live' || (sentAt !== null && now - sentAt > roster.admission().pairingMaxAgeMs);
}
