// Codes in the wrong place (R64, H70): a message with a code in it, of somebody for whom something waits, never reaches the agent.
// The step is spent, the message goes where the platform lets us, and the person reads the right form. Nothing tells whether
// the digits were a code.
import type { MessageId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { isOpen } from '../approval/machine.ts';
import { actsAs } from '../identity/standing.ts';
import type { Inbound } from '../message.ts';
import type { ControlPorts } from './speaker.ts';
import { codesIn } from './typed-code.ts';

const REPLY_LIFE_MS = 60 * 60_000;
const MOST_WAITING = 200;

type Ports = Pick<ControlPorts, 'store' | 'clock' | 'bus' | 'factors' | 'channel' | 'roster'>;

export class KeptBack {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Spends what is in it, answers in the direct chat of whoever wrote it, and ends the message. */
  async take(inbound: Inbound, message: MessageId): Promise<void> {
    const { store, clock, bus } = this.#ports;
    await this.spend(inbound, message);
    const now = clock.now();
    const { peer } = inbound;
    const text = `That held what looks like a code, so it was not passed on, and the code counts no more. ${await this.#rightForm(inbound, now)}`;
    await store.atomically(async (tx) => {
      if (!(await tx.messages.leaveDesk(message, 'nobody'))) return;
      const conversation = { kind: 'direct', id: peer.native } as const;
      const reply = { peer, conversation, kind: 'control', text } as const;
      await tx.outbox.put([{ ...reply, deadline: now + REPLY_LIFE_MS, once: `said:${message}` }], now);
    });
    bus.publish('outboxPut', { count: 1 });
    await this.remove(inbound);
  }

  /** Makes every code in it worthless. Written down once, before the message is ended: a crash in between does it again. */
  async spend({ peer, text }: Inbound, message: MessageId): Promise<void> {
    const { store, clock, factors } = this.#ports;
    const codes = codesIn(text);
    const now = clock.now();
    const acting = actsAs(await store.people.standing(peer), now);
    if (acting === null || codes.length === 0) return;
    const { principal } = acting;
    let spent = 0;
    for (const code of codes) if (await factors.spend(principal, code, now)) spent += 1;
    const { channel, account } = peer;
    await store.audit.append([
      {
        type: 'code.kept_back',
        at: now,
        actor: { kind: 'principal', id: principal, surface: `chat:${channel}` },
        subject: { message, principal, channel, account, spent },
        outcome: 'ok',
      },
    ]);
  }

  /** Where the platform lets us. A code that stays readable is worth nothing any more. */
  async remove({ peer, conversation, messageId }: Inbound): Promise<void> {
    const channel = this.#ports.channel(peer.channel, peer.account);
    try {
      await channel?.removeTheirs?.({ peer, conversation }, messageId);
    } catch (cause) {
      if (!(cause instanceof Problem)) throw cause;
    }
  }

  async #rightForm({ peer }: Inbound, now: number): Promise<string> {
    const { store } = this.#ports;
    const acting = actsAs(await store.people.standing(peer), now);
    const waiting = (await store.approvals.briefs({ states: ['pending'], limit: MOST_WAITING })).filter(
      (one) => isOpen(one, now) && one.need?.people.some((id) => id === acting?.principal) === true,
    );
    const [only, another] = waiting;
    const name = only !== undefined && another === undefined ? only.short : '<id>';
    return `The next one goes like this: /approve ${name} <code>`;
  }
}
