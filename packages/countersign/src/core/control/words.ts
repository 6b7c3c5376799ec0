// What somebody entitled may type in a chat, read without guessing: exactly a command, or something so close to one that
// it is answered with the right form instead of being passed on. Pure; who may say it is decided elsewhere.
import { normaliseCode } from '../code.ts';
import type { DeviceRole } from '../device/devices-port.ts';
import {
  type ApprovalCommand,
  approvalCommand,
  withoutSlash as approvalWithoutSlash,
} from './approval-words.ts';
import { type ElevateCommand, elevateCommand } from './elevate-words.ts';

export type Command =
  | { readonly say: 'help' }
  | { readonly say: 'whoami' }
  | { readonly say: 'list' }
  | { readonly say: 'pair'; readonly role: DeviceRole }
  /** Without an id: the one that came with a setup code of the speaker's. */
  | { readonly say: 'pair_approve'; readonly what: string | null }
  | { readonly say: 'pair_reject'; readonly what: string }
  | { readonly say: 'login' }
  | { readonly say: 'notme'; readonly what: string }
  | {
      readonly say: 'approve' | 'deny' | 'block';
      readonly what: string;
      /** As typed: `30d`. */
      readonly lasting: string | null;
    }
  | ApprovalCommand
  | ElevateCommand
  | { readonly say: 'mistyped'; readonly right: string };

/** Every word that is a command of ours. */
const WORDS = {
  help: '/help',
  whoami: '/whoami',
  pairing: '/pairing',
  pair: '/pair',
  approvals: '/approvals',
  approve: '/approve <id>',
  deny: '/deny <id>',
  elevate: '/elevate 15m',
  login: '/login',
  notme: '/notme <id>',
} as const;

type Word = keyof typeof WORDS;

export const PAIRING_FORMS = {
  list: '/pairing',
  approve: '/pairing approve <code>',
  deny: '/pairing deny <code>',
  block: '/pairing block <code>',
} as const;

export const DEVICE_FORMS = {
  pair: '/pair',
  node: '/pair node',
  approve: '/pair approve <request id>',
  reject: '/pair reject <request id>',
} as const;

type Deed = 'approve' | 'deny' | 'block';

const MAX_COMMAND = 200;
/** A reason may be longer. */
const MAX_DENIAL = 1_100;

/** @returns null for ordinary text. */
export function readCommand(text: string): Command | null {
  // In a group people name the bot first.
  const line = text
    .replace(/^[\p{C}\p{Z}\s]+/u, '')
    .replace(/^@\w{1,64}[,:]?\s+(?=[/／\\])/u, '')
    .trimEnd();
  const max = /^\S{1,40}/.exec(line)?.[0].toLowerCase().startsWith('/deny') ? MAX_DENIAL : MAX_COMMAND;
  const isLong = line.length > max;
  const [head = '', ...words] = line.slice(0, max).split(/\s+/);
  const named = /^([/／\\])([^@]*)(?:@\w+)?$/u.exec(head);
  if (named === null) return isLong ? null : withoutSlash(head.toLowerCase(), words, line);
  const [, slash = '', typed = ''] = named;
  const word = typed.toLowerCase();
  if (!isWord(word)) {
    const near = nearest(word);
    return near === null ? null : mistyped(WORDS[near]);
  }
  return slash === '/' && !isLong ? commandOf(word, words) : mistyped(WORDS[word]);
}

function commandOf(word: Word, words: readonly string[]): Command {
  switch (word) {
    case 'help':
    case 'whoami':
      return { say: word };
    case 'pairing':
      return pairingOf(words);
    case 'pair':
      return pairOf(words);
    case 'login':
      return words.length === 0 ? { say: 'login' } : mistyped(WORDS.login);
    case 'notme':
      return words.length === 1 ? { say: 'notme', what: words.join('') } : mistyped(WORDS.notme);
    case 'approvals':
    case 'approve':
    case 'deny': {
      const command = approvalCommand(word, words);
      return typeof command === 'string' ? mistyped(command) : command;
    }
    case 'elevate': {
      const command = elevateCommand(words);
      return typeof command === 'string' ? mistyped(command) : command;
    }
    default:
      return word satisfies never;
  }
}

function pairingOf([first, ...rest]: readonly string[]): Command {
  if (first === undefined) return { say: 'list' };
  const deed = first.toLowerCase();
  if (deed === 'list') return rest.length === 0 ? { say: 'list' } : mistyped(PAIRING_FORMS.list);
  if (!isDeed(deed)) {
    const near = (['approve', 'deny', 'block'] as const).find((one) => isNear(deed, one));
    // `/pairing ABCD2345`: the deed was left out.
    if (near === undefined && normaliseCode([first, ...rest].join('')) !== null)
      return mistyped(`/pairing approve ${[first, ...rest].join(' ')}`);
    return mistyped(near === undefined ? Object.values(PAIRING_FORMS).join(' · ') : PAIRING_FORMS[near]);
  }
  const said = rest.join(' ');
  const lasting = /^(.*?)\s+(?:--|—|–)?for[ =](\d+[smhd])$/i.exec(said);
  const what = lasting?.[1] ?? said;
  if (what === '' || (lasting !== null && deed !== 'approve')) return mistyped(PAIRING_FORMS[deed]);
  return { say: deed, what, lasting: lasting?.[2]?.toLowerCase() ?? null };
}

/** `/pair` is devices. What plainly means people is answered with the word for people. */
function pairOf([first, ...rest]: readonly string[]): Command {
  if (first === undefined) return { say: 'pair', role: 'operator' };
  const deed = first.toLowerCase();
  const [what, ...more] = rest;
  if (deed === 'node')
    return what === undefined ? { say: 'pair', role: 'node' } : mistyped(DEVICE_FORMS.node);
  if (deed === 'approve' && more.length === 0)
    return what !== undefined && isCode(what)
      ? mistyped(`/pairing approve ${what}`)
      : { say: 'pair_approve', what: what ?? null };
  if (deed === 'reject' && what !== undefined && more.length === 0) return { say: 'pair_reject', what };
  if (isCode([first, ...rest].join(''))) return mistyped(`/pairing approve ${[first, ...rest].join(' ')}`);
  if (deed === 'deny' || isNear(deed, 'reject')) return mistyped(DEVICE_FORMS.reject);
  return mistyped(isNear(deed, 'approve') ? DEVICE_FORMS.approve : Object.values(DEVICE_FORMS).join(' · '));
}

/** The slash was forgotten: only what can hardly mean anything else. */
function withoutSlash(head: string, words: readonly string[], line: string): Command | null {
  const [second = '', ...rest] = words.map((word) => word.toLowerCase());
  if (head === 'pairing' && (isDeed(second) || (second === 'list' && rest.length === 0)))
    return mistyped(`/${line}`);
  const approval = words.length <= 8 ? approvalWithoutSlash(head, words) : null;
  if (approval !== null) return mistyped(approval);
  if (isDeed(head) && words.length <= 3 && isCode(words.join(''))) return mistyped(`/pairing ${line}`);
  if (words.length <= 2 && isCode(line)) return mistyped(`/pairing approve ${line}`);
  return null;
}

/** A word of prose may be made of the same letters; one with digits among capitals is no word. */
function isCode(text: string): boolean {
  return /\d/.test(text) && text === text.toUpperCase() && normaliseCode(text) !== null;
}

function mistyped(right: string): Command {
  return { say: 'mistyped', right };
}

function isWord(text: string): text is Word {
  return Object.hasOwn(WORDS, text);
}

function isDeed(text: string): text is Deed {
  return text === 'approve' || text === 'deny' || text === 'block';
}

function nearest(typed: string): Word | null {
  return (Object.keys(WORDS) as Word[]).find((word) => isNear(typed, word)) ?? null;
}

/** Two slips in a long word. In a short one a letter too few or too many makes another word (`/note`): one letter changed,
 * or two swapped. */
function isNear(typed: string, word: string): boolean {
  const isShort = word.length < 6;
  const slips = isShort ? 1 : 2;
  if (typed.length < 3 || Math.abs(typed.length - word.length) > (isShort ? 0 : slips)) return false;
  return distance(typed, word) <= slips;
}

/** Optimal string alignment: insertions, deletions, changes and swapped neighbours. */
function distance(a: string, b: string): number {
  let [before, last]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const cheapest = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (same ? 0 : 1),
      );
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(isSwap ? Math.min(cheapest, (before[j - 2] ?? 0) + 1) : cheapest);
    }
    [before, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
