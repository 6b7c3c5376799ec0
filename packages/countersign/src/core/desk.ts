// The slow road of the front door: a stranger asks to be known, an entry of the configuration becomes a person, an owner
// gives an order, a shared session is refused. Every step is repeatable: a crash in between leaves the message at the desk
// for the next start.
import type { MessageId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { admit } from './admission.ts';
import type { Bus } from './bus.ts';
import type { Control } from './control/control.ts';
import { enrolListed } from './identity/enrol.ts';
import type { Accepted, DeskReason, Inbound } from './message.ts';
import type { PairingRequests } from './pairing/requests.ts';
import type { Clock, Log, Random } from './ports.ts';
import type { Roster } from './roster.ts';
import type { Store } from './store-port.ts';

const SHARED_NOTICE =
  'This conversation already belongs to somebody else, so your message was not passed on. The owner can give each person a conversation of their own (session.dmScope).';
const NOTICE_LIFE_MS = 60 * 60_000;
const AT_ONCE = 500;

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly roster: Roster;
  readonly requests: PairingRequests;
  readonly control: Control;
  readonly bus: Bus;
  readonly log: Log;
}

type AtDesk = Extract<Accepted, { as: 'desk' | 'shared' }>;

export class Desk {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  async serve(inbound: Inbound, accepted: AtDesk): Promise<void> {
    if (accepted.as === 'shared') return this.#refuseShared(inbound);
    return this.#serve(inbound, accepted.message, accepted.because);
  }

  #serve(inbound: Inbound, message: MessageId, because: DeskReason): Promise<void> {
    const { requests, control } = this.#ports;
    switch (because) {
      case 'enrol':
        return this.#enrol(inbound, message);
      case 'pairing':
        return requests.ask(inbound, message);
      case 'control':
        return control.obey(inbound, message);
      case 'code':
        return control.keepBack(inbound, message);
      case 'press':
        return control.press(inbound, message);
      default:
        return because satisfies never;
    }
  }

  noteOwnWord(inbound: Inbound): Promise<void> {
    return this.#ports.requests.noteOwnWord(inbound);
  }

  /** Serves what a dead process left behind, all of it. What cannot be served stays, and holds up nobody else. */
  async recover(): Promise<number> {
    const { store, log } = this.#ports;
    const tried = new Set<MessageId>();
    for (;;) {
      const left = (await store.messages.desk(AT_ONCE + tried.size)).filter(
        ({ message }) => !tried.has(message),
      );
      if (left.length === 0) return tried.size;
      for (const { inbound, message, because } of left) {
        tried.add(message);
        await this.#serve(inbound, message, because).catch((cause: unknown) =>
          log.error('desk.failed', { reason: Problem.codeOf(cause) }),
        );
      }
    }
  }

  /** An entry of allowFrom, or an open door. */
  async #enrol(inbound: Inbound, message: MessageId): Promise<void> {
    const { store, clock, random, roster, bus } = this.#ports;
    const { peer } = inbound;
    const now = clock.now();
    const session = await store.atomically(async (tx) => {
      if (!(await enrolListed(tx, inbound, { random, now }))) return leave(tx, message);
      const policy = roster.policy(peer.channel, peer.account);
      const verdict = admit(inbound, await tx.people.standing(peer), policy, roster.admission(), now);
      if (verdict.to !== 'agent') return leave(tx, message);
      return tx.messages.admitFromDesk(message, verdict, now);
    });
    if (session === 'shared') return this.#refuseShared(inbound);
    if (session !== null) bus.publish('turnWaiting', session.session);
  }

  /** H67: two people never share a session by accident; the second is told, and nothing of theirs reaches the agent. */
  async #refuseShared({ peer, conversation }: Inbound): Promise<void> {
    const { store, clock, bus } = this.#ports;
    const now = clock.now();
    await store.atomically(async (tx) => {
      const once = `shared:${peer.channel}:${peer.account}:${peer.native}`;
      const deadline = now + NOTICE_LIFE_MS;
      await tx.outbox.put([{ peer, conversation, kind: 'notice', text: SHARED_NOTICE, deadline, once }], now);
      await tx.audit.append([
        {
          type: 'message.shared_refused',
          at: now,
          actor: { kind: 'sender' },
          subject: { channel: peer.channel, account: peer.account },
          outcome: 'denied',
          reason: 'session_shared',
          personal: { identifier: peer.native },
        },
      ]);
    });
    bus.publish('outboxPut', { count: 1 });
  }
}

async function leave(tx: Store, message: MessageId): Promise<null> {
  await tx.messages.leaveDesk(message, 'nobody');
  return null;
}
