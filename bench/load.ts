// Load as channels make it: many senders, each with one message under way, through the one road for messages.
import { Denials } from '../packages/countersign/src/core/audit/denials.ts';
import { Bus } from '../packages/countersign/src/core/bus.ts';
import { GroupInbox } from '../packages/countersign/src/core/inbox.ts';
import type { Log } from '../packages/countersign/src/core/ports.ts';
import type { Roster } from '../packages/countersign/src/core/roster.ts';
import type { Store } from '../packages/countersign/src/core/store-port.ts';
import { message, POLICY, ports, RULES } from './house.ts';

/** Twice the largest group: while one is being written the next is full. */
export const SENDERS = 128;

function unused(): never {
  throw new Error('the senders of this benchmark are known: nothing asks for this');
}

const roster: Roster = {
  policy: () => POLICY,
  traits: () => null,
  channels: ['bench'],
  admission: () => RULES,
  pairing: unused,
  waiting: unused,
  history: unused,
  agentTimeoutMs: unused,
  login: unused,
};
const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** The inbox alone, with nobody behind it who takes the messages to an agent. */
export function inboxOf(store: Store): GroupInbox {
  const bus = new Bus();
  const denials = new Denials(store);
  // The senders of this benchmark are known: nobody has to be asked anything.
  const desk = { serve: unused, noteOwnWord: unused };
  const aliases = { note: () => null, moved: unused };
  const dispatcher = { report: unused };
  return new GroupInbox({ ...ports, store, roster, desk, denials, bus, log: silent, aliases, dispatcher });
}

/** Sends `count` messages. Answers how many milliseconds each waited for its acknowledgement. */
export async function sustain(inbox: GroupInbox, count: number, people: number): Promise<number[]> {
  const waits: number[] = [];
  let left = count;
  const sender = async () => {
    while (left > 0) {
      left -= 1;
      waits.push(await send(inbox, people));
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
  return waits;
}

export async function send(inbox: GroupInbox, people: number): Promise<number> {
  const from = performance.now();
  const { as } = await inbox.receive(message(people));
  if (as !== 'agent') throw new Error(`a message ended as ${as}`);
  return performance.now() - from;
}
