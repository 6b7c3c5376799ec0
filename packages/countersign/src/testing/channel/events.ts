// Everything that can happen on a messenger, as far as the suites know how to make it happen. A channel that joins the
// list of harnesses is tried with each of them, or says in its own words why its platform does not have it.
import type { Millis } from '../../core/ports.ts';

/** What each event is, as the platform's user would tell it. */
export const EVENTS = {
  text: 'a person writes to us in the direct chat',
  'group-text': 'a person writes in a group we are in, without naming us',
  'group-mention': 'a person names us in a group',
  'thread-text': 'a person names us in a thread or topic of a group',
  edit: 'a person changes what they had written in the direct chat',
  forwarded: "a person forwards somebody else's words to us",
  inline: 'a person sends us words that another bot wrote for them',
  reply: 'a person answers a message and quotes it; `quoted` holds the words of the other one',
  quotation: 'a person sends a text that begins inside a quotation',
  reaction: 'a person puts a reaction under one of our messages',
  join: 'a person joins a group, starts us, or changes whether we may write to them',
  receipt: 'the platform tells us that a message was delivered or read',
  own: 'what we ourselves wrote in the direct chat with that person comes back to us',
  bot: 'another bot writes to us',
  anonymous: 'somebody writes behind the name of a group or channel',
  system: 'the platform itself, or a broadcast channel, says something',
  media: 'a person sends a picture or a voice message without words',
  press: 'a person presses a button that carries `value`, in the direct chat',
  'group-press': 'a person presses a button that carries `value`, in a group',
  unknown: 'the platform sends an event of a kind that nobody has heard of',
  backlog: 'a person wrote while we were away, and the platform kept it for us',
  history: 'the platform hands over copies of the past',
  old: 'a person wrote longer ago than a pairing may take; `at` says when',
  empty: 'a person sends white space',
} as const satisfies Readonly<Record<string, string>>;

export type EventKind = keyof typeof EVENTS;

export const EVENT_KINDS = Object.keys(EVENTS).filter((name): name is EventKind =>
  Object.hasOwn(EVENTS, name),
);

/** One event, in words that every platform can be made to say. */
export interface TestEvent {
  readonly kind: EventKind;
  /** The name of a test person; `harness.native(from)` is who that is on this channel. */
  readonly from: string;
  /** The platform's name of the event: two deliveries with one id are one message, delivered again. */
  readonly id: string;
  readonly text: string;
  /** What the sender calls themselves today. */
  readonly displayName?: string;
  readonly username?: string;
  /** Only `reply`, `quotation`: the words that are quoted, and not the sender's own. */
  readonly quoted?: string;
  /** Only `press`, `group-press`: what the button carried, which an attacker may have made up. */
  readonly value?: string;
  /** When it was said; now, by default. */
  readonly at?: Millis;
}

/** A delivery that did not come from the platform, or not as it was sent. */
export const FORGERIES = {
  tampered: 'one byte of the body was changed after it was signed',
  unsigned: 'the proof is missing',
  'wrong-secret': "the proof was made with somebody else's secret",
  stale: 'a genuine delivery of long ago, sent again',
  'other-account': 'a genuine delivery for another account of ours',
} as const satisfies Readonly<Record<string, string>>;

export type Forgery = keyof typeof FORGERIES;

export const FORGERY_KINDS = Object.keys(FORGERIES).filter((name): name is Forgery =>
  Object.hasOwn(FORGERIES, name),
);
