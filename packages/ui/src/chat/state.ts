// What the page knows, as a value: `reduce(state, event)`. Lines are kept by sequence and by id, so a replay changes
// nothing; a streamed answer is a draft until the whole text arrives, which then takes its place.
import type { ChatFrame, MessageFrame, Millis, Person, Speaker } from './frames.ts';
import type { Outgoing } from './outbox.ts';

export type Link =
  | { readonly is: 'connecting' }
  | { readonly is: 'online' }
  | { readonly is: 'offline' }
  | { readonly is: 'refused'; readonly code: string; readonly hint: string };

export interface Line {
  /** Stays the same from draft (or unsent message) to line, so that the element on the page does too. */
  readonly key: string;
  readonly seq: number;
  readonly id: string;
  readonly from: Speaker;
  readonly text: string;
  readonly at: Millis | null;
}

export interface Draft {
  readonly turn: string;
  readonly text: string;
  /** The index of the next piece that continues the text. */
  readonly next: number;
  readonly ahead: Readonly<Record<number, string>>;
  /** The draft stands after this line. */
  readonly after: number;
  /** Set by a new connection: a piece 0 then begins the answer anew, for the gateway may have asked the agent again. */
  readonly mayRestart: boolean;
}

export interface ChatState {
  readonly link: Link;
  readonly person: Person;
  /** True once the gateway said who we are on this page; before that the page claims nothing. */
  readonly introduced: boolean;
  /** True when the gateway dropped a conversation this page was showing. */
  readonly forgotten: boolean;
  readonly lines: readonly Line[];
  readonly drafts: readonly Draft[];
  readonly outgoing: readonly Outgoing[];
  /** Names a hole in what was received, to be asked for once per connection; null when there is none. */
  readonly gap: string | null;
  /** The last answer that was finished while the page watched, for screen readers. */
  readonly finished: Line | null;
}

export type ChatEvent =
  | { readonly type: 'link'; readonly link: Link }
  | { readonly type: 'outgoing'; readonly outgoing: readonly Outgoing[] }
  | { readonly type: 'frame'; readonly frame: ChatFrame };

export const EMPTY: ChatState = {
  link: { is: 'connecting' },
  person: { state: 'unknown' },
  introduced: false,
  forgotten: false,
  lines: [],
  drafts: [],
  outgoing: [],
  gap: null,
  finished: null,
};

export function reduce(state: ChatState, event: ChatEvent): ChatState {
  switch (event.type) {
    case 'link':
      return { ...state, link: event.link };
    case 'outgoing':
      return { ...state, outgoing: event.outgoing };
    case 'frame':
      return withGap(received(state, event.frame));
    default:
      return event satisfies never;
  }
}

/** The last line up to which nothing is missing: where a resume begins. The gateway counts from 1 without gaps. */
export function lastWhole(lines: readonly Line[]): number {
  let last = 0;
  for (const line of lines) if (line.seq === last + 1) last = line.seq;
  return last;
}

function received(state: ChatState, frame: ChatFrame): ChatState {
  switch (frame.type) {
    case 'hello':
      return { ...state, drafts: state.drafts.map((draft) => ({ ...draft, mayRestart: true })) };
    case 'chat.state': {
      const { type, ...person } = frame;
      return { ...state, person, introduced: true, forgotten: state.forgotten && person.state === 'unknown' };
    }
    case 'chat.message':
      return message(state, frame);
    case 'chat.delta':
      return delta(state, frame.turn, frame.index, frame.text);
    case 'chat.done':
      return done(state, frame.turn, frame.seq);
    case 'chat.reset':
      return {
        ...state,
        lines: [],
        drafts: [],
        gap: null,
        finished: null,
        forgotten: state.forgotten || state.lines.length > 0,
      };
    case 'chat.hold':
    case 'chat.taken':
    case 'chat.refused':
      return state;
    default:
      return frame satisfies never;
  }
}

function message(state: ChatState, frame: MessageFrame): ChatState {
  const twin = state.lines.find((line) => line.seq === frame.seq || line.id === frame.id);
  if (twin !== undefined) {
    // A line made from a finished draft learns its id and its authoritative text.
    const told = { ...twin, id: frame.id, from: frame.from, text: frame.text, at: frame.at ?? twin.at };
    return twin.text === told.text && twin.id === told.id && twin.from === told.from
      ? state
      : { ...state, lines: state.lines.map((line) => (line === twin ? told : line)) };
  }
  const draft = frame.from === 'agent' ? state.drafts.find((open) => speaksOf(open, frame)) : undefined;
  const line: Line = {
    key: draft?.turn ?? frame.id,
    seq: frame.seq,
    id: frame.id,
    from: frame.from,
    text: frame.text,
    at: frame.at,
  };
  return {
    ...state,
    lines: [...state.lines, line].sort((one, other) => one.seq - other.seq),
    drafts: state.drafts.filter((open) => open !== draft),
    finished: draft === undefined ? state.finished : line,
  };
}

/** The whole text comes as a message of its own, before or after `chat.done`; a long answer comes in several. */
function speaksOf(draft: Draft, frame: MessageFrame): boolean {
  return frame.id === draft.turn || frame.text.startsWith(draft.text) || draft.text.startsWith(frame.text);
}

function delta(state: ChatState, turn: string, index: number, text: string): ChatState {
  if (state.lines.some((line) => line.key === turn)) return state;
  const known = state.drafts.find((open) => open.turn === turn);
  const after = state.lines.at(-1)?.seq ?? 0;
  const begun: Draft = known ?? { turn, text: '', next: 0, ahead: {}, after, mayRestart: false };
  const grown = grow(begun, index, text);
  if (grown === known) return state;
  // One question at a time: a draft of an earlier connection whose end we missed is over when another turn speaks.
  const others = state.drafts.filter((open) => open !== known && !open.mayRestart);
  return { ...state, drafts: [...others, grown] };
}

function grow(draft: Draft, index: number, text: string): Draft {
  if (index === 0 && draft.mayRestart) return { ...draft, text, next: 1, ahead: {}, mayRestart: false };
  if (index < draft.next || draft.ahead[index] !== undefined) return draft;
  if (index > draft.next) return { ...draft, ahead: { ...draft.ahead, [index]: text } };
  let grown = draft.text + text;
  let next = draft.next + 1;
  const ahead = { ...draft.ahead };
  for (let piece = ahead[next]; piece !== undefined; piece = ahead[next]) {
    grown += piece;
    delete ahead[next];
    next += 1;
  }
  return { ...draft, text: grown, next, ahead };
}

function done(state: ChatState, turn: string, seq: number): ChatState {
  const draft = state.drafts.find((open) => open.turn === turn);
  const drafts = state.drafts.filter((open) => open !== draft);
  if (state.lines.some((line) => line.seq === seq)) return { ...state, drafts };
  // A draft with a hole is not an answer: the hole in the lines asks for the whole text.
  if (draft === undefined || Object.keys(draft.ahead).length > 0)
    return { ...state, drafts, gap: `line:${seq}` };
  const line: Line = { key: turn, seq, id: turn, from: 'agent', text: draft.text, at: null };
  return {
    ...state,
    lines: [...state.lines, line].sort((one, other) => one.seq - other.seq),
    drafts,
    finished: line,
  };
}

function withGap(state: ChatState): ChatState {
  const holed = state.drafts.find((draft) => Object.keys(draft.ahead).length > 0);
  if (holed !== undefined) return { ...state, gap: `turn:${holed.turn}:${holed.next}` };
  const last = lastWhole(state.lines);
  if ((state.lines.at(-1)?.seq ?? 0) > last) return { ...state, gap: `after:${last}` };
  // A finished answer nobody has seen yet stays asked for until its line comes.
  if (state.gap?.startsWith('line:') && !state.lines.some((line) => `line:${line.seq}` === state.gap))
    return state;
  return state.gap === null ? state : { ...state, gap: null };
}
