// The loopback channel on the stage: the one place where every event can happen, because nothing has to be played. With
// buttons it is also what core's cards are tried on without a messenger.

import { LOOPBACK_TRAITS, Loopback, loopbackNative } from '../../channels/loopback/channel.ts';
import type { Address, Delivery, Outbound, Traits } from '../../core/channel-port.ts';
import { peerKey } from '../../core/identity/peer.ts';
import type { Inbound } from '../../core/message.ts';
import type { Clock } from '../../core/ports.ts';
import type { TestEvent } from './events.ts';
import { VENDOR_FAILURES, type VendorFailure } from './failures.ts';
import {
  type Answer,
  type ChannelBench,
  type ChannelHarness,
  NOT_HERE,
  type Place,
  type Shown,
} from './harness.ts';

const ROOM = '#room';
const NO_PROOF = 'code of this program calls it: there is no delivery to forge';

const LACKS: ChannelHarness['lacks'] = {
  tampered: NO_PROOF,
  unsigned: NO_PROOF,
  'wrong-secret': NO_PROOF,
  stale: NO_PROOF,
  'other-account': NO_PROOF,
  connection: 'it has none to lose',
  probe: 'there is no login',
};
const NO_BUTTONS = 'it shows no buttons';
const WITHOUT_BUTTONS = { ...LACKS, press: NO_BUTTONS, 'group-press': NO_BUTTONS };

const BUTTONS: Traits = { ...LOOPBACK_TRAITS, buttons: true, edits: true, deletes: true };

interface Line {
  readonly to: Address;
  readonly ref: string;
  message: Outbound;
  edited: boolean;
  removed: boolean;
}

/** Loopback as a person sees it: sends can be made to fail, and what was said keeps its looks. */
export class StagedLoopback extends Loopback {
  readonly lines = new Map<string, Line>();
  readonly told: { readonly by: string; readonly text: string }[] = [];
  failures: VendorFailure[] = [];
  /** Everything somebody could see. */
  visible = 0;
  /** Messages of people that were taken away, by their own ids. */
  readonly taken: string[] = [];

  override async send(to: Address, message: Outbound): Promise<Delivery> {
    const failure = this.failures.shift();
    if (failure !== undefined) throw VENDOR_FAILURES[failure]();
    const delivery = await super.send(to, message);
    const ref = `${peerKey(to.peer)}/${message.id}`;
    if (!this.lines.has(ref)) {
      this.lines.set(ref, { to, ref, message, edited: false, removed: false });
      this.visible += 1;
    }
    return { ...delivery, ref };
  }
}

class LoopbackWithButtons extends StagedLoopback {
  override readonly traits = BUTTONS;

  async edit(_to: Address, ref: string, message: Outbound): Promise<void> {
    const line = this.lines.get(ref);
    if (line === undefined || line.removed) return;
    line.message = message;
    line.edited = true;
    this.visible += 1;
  }

  async remove(_to: Address, ref: string): Promise<void> {
    const line = this.lines.get(ref);
    if (line === undefined || line.removed) return;
    line.removed = true;
    this.visible += 1;
  }

  async removeTheirs(_to: Address, messageId: string): Promise<void> {
    this.taken.push(messageId);
  }

  async answer(handle: string, text: string): Promise<void> {
    this.told.push({ by: handle, text });
    this.visible += 1;
  }
}

export function stagedLoopback(clock: Clock, account: string, { buttons = false } = {}): StagedLoopback {
  return buttons ? new LoopbackWithButtons(clock, account) : new StagedLoopback(clock, account);
}

class LoopbackBench implements ChannelBench {
  readonly channel: StagedLoopback;
  readonly forge = NOT_HERE.forge;
  readonly disconnect = NOT_HERE.disconnect;
  readonly reconnect = NOT_HERE.reconnect;
  readonly until = NOT_HERE.until;

  constructor(channel: StagedLoopback) {
    this.channel = channel;
  }

  peer(name: string) {
    return { channel: this.channel.id, account: this.channel.account, native: loopbackNative(name) };
  }

  deliver(event: TestEvent): Promise<Answer> {
    return this.channel.hear(event.from, wordsOf(event)).then(
      () => 'acknowledged',
      () => 'refused',
    );
  }

  async shown(name: string, place: Place = 'direct'): Promise<readonly Shown[]> {
    const native = loopbackNative(name);
    const here = [...this.channel.lines.values()].filter(({ to }) =>
      place === 'direct'
        ? to.conversation.kind === 'direct' && to.peer.native === native
        : to.conversation.kind === place,
    );
    return here.map(({ ref, message, edited, removed }) => ({
      ref,
      text: message.text,
      buttons: removed ? [] : (message.buttons ?? []).map(({ label }) => label),
      edited,
      removed,
    }));
  }

  async visible(): Promise<number> {
    return this.channel.visible;
  }

  press(message: Shown, label: string, as: string): Promise<Answer> {
    const { message: sent } = this.channel.lines.get(message.ref) ?? {};
    const button = sent?.buttons?.find((one) => one.label === label);
    if (button === undefined) throw new Error(`nobody was shown a button ${label}`);
    const id = `press ${this.channel.visible} ${as} ${label}`;
    return this.deliver({ kind: 'press', from: as, id, text: '', value: button.value });
  }

  async told(name: string): Promise<readonly string[]> {
    return this.channel.told.filter(({ by }) => by.startsWith(`${name} `)).map(({ text }) => text);
  }

  failNext(how: VendorFailure, times: number): void {
    this.channel.failures = Array.from({ length: times }, () => how);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** What each event looks like to core; a messenger's wire.ts has to find the same in its own bytes. */
function wordsOf(event: TestEvent): Partial<Omit<Inbound, 'peer' | 'assurance'>> & { readonly text: string } {
  const { text, id: messageId, displayName = null, username = null } = event;
  const words = {
    text,
    messageId,
    displayName,
    username,
    ...(event.at === undefined ? {} : { sentAt: event.at }),
  };
  const group = { kind: 'group', id: ROOM } as const;
  switch (event.kind) {
    case 'text':
    case 'reply':
    case 'old':
    case 'empty':
      return words;
    case 'group-text':
      return { ...words, conversation: group, mentioned: false };
    case 'group-mention':
      return { ...words, conversation: group };
    case 'thread-text':
      return { ...words, conversation: { kind: 'thread', id: `${ROOM}/7` } };
    case 'forwarded':
    case 'inline':
      return { ...words, forwarded: true };
    case 'quotation':
      return { ...words, quoted: true };
    case 'edit':
    case 'reaction':
    case 'receipt':
      return { ...words, kind: event.kind };
    case 'join':
    case 'media':
    case 'unknown':
      return { ...words, kind: 'other', text: '' };
    case 'own':
      return { ...words, actor: 'self' };
    case 'bot':
    case 'anonymous':
    case 'system':
      return { ...words, actor: event.kind };
    case 'press':
    case 'group-press':
      return {
        ...words,
        ...(event.kind === 'press' ? {} : { conversation: group }),
        kind: 'button',
        text: '',
        press: { value: event.value ?? '', handle: `${event.from} ${messageId}` },
      };
    case 'backlog':
    case 'history':
      return { ...words, arrived: event.kind };
    default:
      return event.kind satisfies never;
  }
}

function loopback(name: string, traits: Traits, lacks: ChannelHarness['lacks']): ChannelHarness {
  return {
    name,
    channel: 'loopback',
    traits,
    lacks,
    native: loopbackNative,
    groupIds: [ROOM, `${ROOM}/7`],
    open: async ({ clock, account }) =>
      new LoopbackBench(stagedLoopback(clock, account, { buttons: traits.buttons })),
  };
}

export const loopbackHarness = loopback('loopback', LOOPBACK_TRAITS, WITHOUT_BUTTONS);
export const buttonsHarness = loopback('loopback with buttons', BUTTONS, LACKS);
