// The embedded channel: a page, a socket, a browser key. Every line a page shows is in the transcript first, so a page
// that was away resumes by sequence: nothing lost, nothing twice.
import type { ServerFrame } from '@countersign/protocol/frames';
import { PROBLEMS, Problem } from '@countersign/protocol/problem';
import { isoTime } from '@countersign/protocol/time';
import type { Bus } from '../../core/bus.ts';
import type {
  Address,
  Channel,
  ChannelStatus,
  Delivery,
  Delta,
  Inbox,
  Outbound,
  Traits,
} from '../../core/channel-port.ts';
import type { ChatStanding } from '../../core/chat-state.ts';
import { type Peer, peerKey } from '../../core/identity/peer.ts';
import type { Accepted, DeskReason } from '../../core/message.ts';
import type { Page, PageChannel, Say } from '../../core/page-port.ts';
import type { Clock, Millis } from '../../core/ports.ts';
import type { TranscriptLine, Transcripts } from '../../core/transcript.ts';
import { readSay, WEBCHAT_PEER } from './wire.ts';

export const WEBCHAT_TRAITS: Traits = {
  proof: 'browser-key',
  assurance: 'low',
  canInitiate: 'always',
  buttons: false,
  edits: false,
  deletes: false,
  maxText: 64_000,
  peerIds: WEBCHAT_PEER,
  receipts: 'sent',
  streams: true,
  writesConfig: false,
};

/** Lines a resuming page gets at most; older ones stay in the transcript. */
const RESUME_LINES = 500;

interface Ports {
  readonly transcripts: Transcripts;
  readonly clock: Clock;
  readonly bus: Bus;
  standing(peer: Peer): Promise<ChatStanding>;
}

interface Room {
  readonly pages: Set<Page>;
  /** Lines are written in the order they were said: an answer never overtakes its question. */
  saying: Promise<unknown>;
}

export class WebChat implements Channel, PageChannel {
  readonly id = 'webchat';
  readonly account = 'default';
  readonly traits = WEBCHAT_TRAITS;
  readonly #ports: Ports;
  readonly #rooms = new Map<string, Room>();
  #inbox: Inbox | null = null;
  #lastIn: Millis | null = null;
  #lastOut: Millis | null = null;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  async start(inbox: Inbox, signal: AbortSignal): Promise<void> {
    this.#inbox = inbox;
    const off = this.#ports.bus.subscribe('peerChanged', (peer) => void this.#tellState(peer));
    signal.addEventListener('abort', () => {
      off();
      this.#inbox = null;
    });
  }

  status(): ChannelStatus {
    const state = this.#inbox === null ? 'off' : 'connected';
    return { state, detail: null, lastInboundAt: this.#lastIn, lastOutboundAt: this.#lastOut };
  }

  async attach(page: Page): Promise<() => void> {
    const room = this.#room(page.peer);
    room.pages.add(page);
    page.send(stateFrame(await this.#ports.standing(page.peer)));
    return () => {
      room.pages.delete(page);
      if (room.pages.size === 0) this.#rooms.delete(peerKey(page.peer));
    };
  }

  say(page: Page, say: Say): Promise<void> {
    const room = this.#room(page.peer);
    const said = room.saying.then(() => this.#take(page, say));
    room.saying = said.catch(() => undefined);
    return said;
  }

  async resume(page: Page, after: number): Promise<void> {
    const lines = await this.#ports.transcripts.after(page.peer, after, RESUME_LINES);
    if (lines.length === 0 && after > 0 && (await this.#isForgotten(page.peer, after)))
      page.send({ type: 'chat.reset' });
    for (const line of lines) page.send(messageFrame(line));
  }

  async send({ peer }: Address, { id, kind, text, turn }: Outbound): Promise<Delivery> {
    await this.#rooms.get(peerKey(peer))?.saying;
    const at = this.#ports.clock.now();
    const from = kind === 'answer' ? 'agent' : 'gateway';
    const line = await this.#ports.transcripts.append(peer, { id, from, text, at });
    this.#broadcast(peer, messageFrame(line));
    if (turn !== undefined) this.#broadcast(peer, { type: 'chat.done', turn, seq: line.seq });
    this.#lastOut = at;
    return { fate: 'sent' };
  }

  stream({ peer }: Address, delta: Delta): void {
    this.#broadcast(peer, { type: 'chat.delta', ...delta });
  }

  async #take(page: Page, say: Say): Promise<void> {
    const { clock, transcripts } = this.#ports;
    const at = clock.now();
    const read = readSay(say, page, at);
    if ('refused' in read) return page.send({ type: 'chat.refused', id: say.id, ...REFUSALS[read.refused] });
    if (this.#inbox === null) return page.send(refusedFrame(say.id, new Problem('gateway_stopping')));
    try {
      const accepted = await this.#inbox.receive(read.inbound);
      this.#lastIn = at;
      const what = accepted.as === 'repeated' ? accepted.first : accepted.as;
      if (what !== 'agent') {
        const type = (await this.#isForUs(accepted, page.peer, say.text)) ? 'chat.taken' : 'chat.hold';
        return page.send({ type, id: say.id });
      }
      const line = await transcripts.append(page.peer, { id: say.id, from: 'you', text: say.text, at });
      this.#broadcast(page.peer, messageFrame(line));
    } catch (cause) {
      page.send(refusedFrame(say.id, cause));
    }
  }

  /** A command, which is answered: it was not kept from the agent because its person is not approved. */
  async #isForUs(accepted: Accepted, peer: Peer, text: string): Promise<boolean> {
    if (accepted.as === 'desk') return FOR_US.includes(accepted.because);
    // Of what was received before, why is not known any more: of somebody who is let in, what looks like one was one.
    if (accepted.as !== 'repeated' || accepted.first !== 'desk' || !text.trimStart().startsWith('/'))
      return false;
    return (await this.#ports.standing(peer)).state === 'paired';
  }

  async #tellState(peer: Peer): Promise<void> {
    const room = this.#rooms.get(peerKey(peer));
    if (room === undefined) return;
    const frame = stateFrame(await this.#ports.standing(peer));
    for (const page of room.pages) page.send(frame);
    if (await this.#isForgotten(peer, 1)) for (const page of room.pages) page.send({ type: 'chat.reset' });
  }

  /** A page counts further than the transcript does: its person was forgotten. */
  async #isForgotten(peer: Peer, seen: number): Promise<boolean> {
    const [newest] = await this.#ports.transcripts.after(peer, 0, 1);
    return newest === undefined || newest.seq < seen;
  }

  #broadcast(peer: Peer, frame: ServerFrame): void {
    for (const page of this.#rooms.get(peerKey(peer))?.pages ?? []) page.send(frame);
  }

  #room(peer: Peer): Room {
    const key = peerKey(peer);
    const known = this.#rooms.get(key);
    if (known !== undefined) return known;
    const room: Room = { pages: new Set(), saying: Promise.resolve() };
    this.#rooms.set(key, room);
    return room;
  }
}

const FOR_US: readonly DeskReason[] = ['control', 'code', 'press'];

const REFUSALS = {
  too_long: { reason: 'too_long', hint: 'send it in shorter pieces' },
  not_text: { reason: 'not_text', hint: 'the text holds half a character' },
  empty: { reason: 'empty', hint: 'write something' },
} as const;

function refusedFrame(id: string, cause: unknown): ServerFrame {
  const code = Problem.codeOf(cause);
  const hint = cause instanceof Problem ? cause.hint : undefined;
  return { type: 'chat.refused', id, reason: code, hint: hint ?? PROBLEMS[code].title };
}

function messageFrame({ seq, id, from, text, at }: TranscriptLine): ServerFrame {
  return { type: 'chat.message', seq, id, from, text, at: isoTime(at) };
}

function stateFrame({ state, code, expiresAt, name }: ChatStanding): ServerFrame {
  return {
    type: 'chat.state',
    state,
    ...(code === null ? {} : { code }),
    ...(expiresAt === null ? {} : { expiresAt: isoTime(expiresAt) }),
    ...(name === null ? {} : { name }),
  };
}
