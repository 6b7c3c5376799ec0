// Web chat on the stage: pages whose key was proven elsewhere, over the real transcript. Most of what can happen on a
// messenger cannot happen on a page of our own, and the list below says why.

import type { ServerFrame } from '@countersign/protocol/frames';
import { WEBCHAT_TRAITS, WebChat } from '../../channels/webchat/channel.ts';
import { Bus } from '../../core/bus.ts';
import { type Native, parseNative, peerKey } from '../../core/identity/peer.ts';
import type { Page } from '../../core/page-port.ts';
import type { Clock } from '../../core/ports.ts';
import type { Store } from '../../core/store-port.ts';
import { openTestStore } from '../store/open.ts';
import type { TestEvent } from './events.ts';
import {
  type Answer,
  type ChannelBench,
  type ChannelHarness,
  NOT_HERE,
  type Place,
  type Shown,
} from './harness.ts';

const NO_FRAME = 'the page has no frame for it, and an unknown frame ends the socket before the channel';
const NO_GROUPS = 'a page is one person and us';
const NO_PROOF = 'the socket proves the key of a page before the channel hears of it (gateway/socket.ts)';

const LACKS: ChannelHarness['lacks'] = {
  'group-text': NO_GROUPS,
  'group-mention': NO_GROUPS,
  'thread-text': NO_GROUPS,
  edit: NO_FRAME,
  forwarded: NO_FRAME,
  inline: NO_FRAME,
  reply: NO_FRAME,
  quotation: NO_FRAME,
  reaction: NO_FRAME,
  join: NO_FRAME,
  receipt: NO_FRAME,
  own: 'nothing of ours comes back through a page',
  bot: 'a program with a key is told from a person by nothing; that is what assurance low means',
  anonymous: 'a page without a proven key has no socket',
  system: NO_GROUPS,
  media: NO_FRAME,
  press: 'it shows no buttons',
  'group-press': NO_GROUPS,
  unknown: NO_FRAME,
  backlog: 'a page that is away keeps its words to itself, and says them when it is back',
  history: 'a page is told the past, and never tells it',
  old: 'a message is said when it arrives; the page names no time',
  tampered: NO_PROOF,
  unsigned: NO_PROOF,
  'wrong-secret': NO_PROOF,
  stale: NO_PROOF,
  'other-account': 'there is one account',
  accounts: 'there is one front page to a house',
  connection: 'pages come and go; the channel itself has no connection',
  failures: 'a message is shown when it is in the transcript, and there is no vendor in between',
  probe: 'there is no login',
};

/** Injective for names of up to 26 bytes: two letters a byte. */
function nativeOf(name: string): Native {
  const letters = [...Buffer.from(name)].map(
    (byte) => 'abcdefghijklmnop'.charAt(byte % 16) + 'qrstuvwxyz234567'.charAt(byte >> 4),
  );
  const native = parseNative(letters.join('').padEnd(52, 'a').slice(0, 52), WEBCHAT_TRAITS.peerIds);
  if (native === null) throw new Error(`${name} is no name`);
  return native;
}

class WebChatBench implements ChannelBench {
  readonly channel: WebChat;
  readonly forge = NOT_HERE.forge;
  readonly press = NOT_HERE.press;
  readonly told = NOT_HERE.told;
  readonly failNext = NOT_HERE.failNext;
  readonly disconnect = NOT_HERE.disconnect;
  readonly reconnect = NOT_HERE.reconnect;
  readonly until = NOT_HERE.until;
  readonly #store: Store;
  /** Lines of ours that any page could show. */
  readonly #said = new Set<string>();

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    const { transcripts } = store;
    this.channel = new WebChat({
      clock,
      bus: new Bus(),
      standing: async () => ({ state: 'unknown', code: null, expiresAt: null, name: null }),
      transcripts: {
        after: (peer, seq, limit) => transcripts.after(peer, seq, limit),
        prune: (keep) => transcripts.prune(keep),
        append: (peer, line) => {
          if (line.from !== 'you') this.#said.add(`${peerKey(peer)} ${line.id}`);
          return transcripts.append(peer, line);
        },
      },
    });
  }

  peer(name: string) {
    return { channel: this.channel.id, account: this.channel.account, native: nativeOf(name) };
  }

  async deliver(event: TestEvent): Promise<Answer> {
    const frames: ServerFrame[] = [];
    const page = this.#page(event, frames);
    const leave = await this.channel.attach(page);
    const id = `webchat-${event.id}`;
    await this.channel.say(page, { id, text: event.text });
    leave();
    const refusal = frames.find((frame) => frame.type === 'chat.refused' && frame.id === id);
    // The page is told that nothing was written; it does not send nothing again.
    return refusal === undefined || event.kind === 'empty' ? 'acknowledged' : 'refused';
  }

  /** As a page that has just been opened sees it. */
  async shown(name: string, place: Place = 'direct'): Promise<readonly Shown[]> {
    if (place !== 'direct') return [];
    const frames: ServerFrame[] = [];
    await this.channel.resume(this.#page({ from: name }, frames), 0);
    return frames.flatMap((frame) =>
      frame.type === 'chat.message' && frame.from !== 'you'
        ? [{ ref: frame.id, text: frame.text, buttons: [], edited: false, removed: false }]
        : [],
    );
  }

  async visible(): Promise<number> {
    return this.#said.size;
  }

  #page({ from, displayName }: Pick<TestEvent, 'from' | 'displayName'>, frames: ServerFrame[]): Page {
    return {
      peer: this.peer(from),
      name: displayName ?? null,
      address: '127.0.0.1',
      send: (frame) => frames.push(frame),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store.close();
  }
}

export const webchatHarness: ChannelHarness = {
  name: 'web chat',
  channel: 'webchat',
  traits: WEBCHAT_TRAITS,
  lacks: LACKS,
  native: nativeOf,
  groupIds: [],
  open: async ({ clock, random }) =>
    new WebChatBench(await openTestStore('sqlite::memory:', { clock, random }), clock),
};
