// The one road for every message: stored and decided in one transaction, acknowledged only then. Messages that arrive
// while a transaction is under way go together into the next one; when nobody is writing a message waits for nobody.
import { Problem } from '@countersign/protocol/problem';
import { type AdmissionRules, admit } from './admission.ts';
import { AskedLately } from './approval/asked-lately.ts';
import type { Denials } from './audit/denials.ts';
import type { Bus } from './bus.ts';
import type { Inbox, MovedPeer, Report } from './channel-port.ts';
import { hasCode } from './control/typed-code.ts';
import type { Desk } from './desk.ts';
import type { AliasBook } from './identity/aliases.ts';
import type { Accepted, Inbound } from './message.ts';
import type { Dispatcher } from './outbox.ts';
import type { Clock, Log } from './ports.ts';
import type { Roster } from './roster.ts';
import type { Store } from './store-port.ts';

const MAX_BATCH = 64;
/** Past this many unstored messages a channel is told to come back later. */
const MAX_QUEUE = 10_000;

interface Waiting {
  readonly inbound: Inbound;
  readonly resolve: (accepted: Accepted) => void;
  readonly reject: (cause: unknown) => void;
}

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly roster: Roster;
  readonly desk: Pick<Desk, 'serve' | 'noteOwnWord'>;
  readonly denials: Denials;
  readonly bus: Bus;
  readonly log: Log;
  readonly aliases: Pick<AliasBook, 'note' | 'moved'>;
  readonly dispatcher: Pick<Dispatcher, 'report'>;
}

/** Our own account wrote to somebody, from another device of its owner. */
function isOwnWord({ actor, arrived, conversation, kind }: Inbound): boolean {
  return actor === 'self' && arrived === 'live' && conversation.kind === 'direct' && kind === 'text';
}

export class GroupInbox implements Inbox {
  readonly #ports: Ports;
  readonly #asked: AskedLately;
  #queue: Waiting[] = [];
  #writing: Promise<void> | null = null;
  readonly #after = new Set<Promise<void>>();

  constructor(ports: Ports) {
    this.#ports = ports;
    this.#asked = new AskedLately(ports);
  }

  receive(inbound: Inbound): Promise<Accepted> {
    const noted = this.#ports.aliases.note(inbound);
    return noted === null ? this.#enqueue(inbound) : noted.then(() => this.#enqueue(inbound));
  }

  fate(report: Report): Promise<void> {
    return this.#ports.dispatcher.report(report);
  }

  moved(moved: MovedPeer): Promise<void> {
    return this.#ports.aliases.moved(moved);
  }

  #enqueue(inbound: Inbound): Promise<Accepted> {
    if (this.#queue.length >= MAX_QUEUE) {
      return Promise.reject(new Problem('rate_limited', { detail: 'too many messages at once' }));
    }
    const accepted = new Promise<Accepted>((resolve, reject) => {
      this.#queue.push({ inbound, resolve, reject });
    });
    this.#writing ??= this.#write();
    return accepted;
  }

  /** Resolves when nothing is being written and no desk is open: for a graceful stop. */
  async idle(): Promise<void> {
    while (this.#writing !== null || this.#after.size > 0) {
      await this.#writing;
      await Promise.allSettled([...this.#after]);
    }
  }

  async #write(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, MAX_BATCH);
      await this.#commit(batch);
    }
    this.#writing = null;
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    const { store, clock, roster } = this.#ports;
    const now = clock.now();
    try {
      const rules = await this.#rules(batch);
      const accepted = await store.messages.accept(
        batch.map(({ inbound }) => inbound),
        (inbound, standing) =>
          admit(inbound, standing, roster.policy(inbound.peer.channel, inbound.peer.account), rules, now),
        now,
      );
      for (const [index, { inbound, resolve, reject }] of batch.entries()) {
        const one = accepted[index];
        if (one === undefined) reject(new Problem('internal', { detail: 'the store answered too few' }));
        else if (one instanceof Problem) reject(one);
        else {
          resolve(one);
          this.#follow(inbound, one);
        }
      }
    } catch (cause) {
      for (const { reject } of batch) reject(cause);
    }
  }

  /** For whom something waits is read only where a code may have been typed. */
  async #rules(batch: readonly Waiting[]): Promise<AdmissionRules> {
    const { clock, roster } = this.#ports;
    const rules = roster.admission();
    if (!batch.some(({ inbound }) => hasCode(inbound.text))) return rules;
    return { ...rules, asked: await this.#asked.people(clock.now()) };
  }

  /** What follows a durable message never delays its acknowledgement, and a crash here loses nothing: the desk and the
   * turns are read from the store at the next start. */
  #follow(inbound: Inbound, accepted: Accepted): void {
    const { bus, desk, log } = this.#ports;
    if (accepted.as === 'agent') bus.publish('turnWaiting', accepted.session);
    const work =
      accepted.as === 'desk' || accepted.as === 'shared'
        ? desk.serve(inbound, accepted)
        : accepted.as === 'nobody'
          ? this.#dropped(inbound, accepted.reason)
          : null;
    if (work === null) return;
    const watched: Promise<void> = work
      .catch((cause: unknown) => log.error('desk.failed', { reason: Problem.codeOf(cause) }))
      .finally(() => this.#after.delete(watched));
    this.#after.add(watched);
  }

  async #dropped(inbound: Inbound, reason: string): Promise<void> {
    const { channel, account } = inbound.peer;
    if (isOwnWord(inbound)) await this.#ports.desk.noteOwnWord(inbound);
    await this.#ports.denials.record(`message.dropped:${reason}:${channel}:${account}`, {
      type: 'message.dropped',
      at: this.#ports.clock.now(),
      actor: { kind: 'sender' },
      subject: { channel, account },
      outcome: 'denied',
      reason,
    });
  }
}
