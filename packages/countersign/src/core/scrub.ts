// Text that imitates identity markers ("user_id: 42") is marked or taken out before an agent reads it. Tidiness, not
// security: who somebody is never came from text, with this or without. Invariant: linear in the length of the text.

export type ScrubMode = 'off' | 'mark' | 'remove';

export const MARKERS = ['whatsapp_phone', 'user_id', 'tenant', 'manager'] as const;

/** What people read as a colon or an equals sign. */
const JOINTS = /[:=\u{589}\u{5C3}\u{2236}\u{2D0}\u{A789}\u{FE13}\u{FE55}\u{FF1A}\u{FF1D}\u{207C}\u{208C}]/u;
const JOINTS_ALL = new RegExp(JOINTS.source, 'gu');
/** Between a marker and its colon, and round its value: quotes, emphasis, code. */
const DRESS = /["'`*“”„‘’«»]/u;
const IGNORED = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{M}]/u;
const SEPARATOR = /[\p{Pd}\p{Pc}\p{Zs}.\t]/u;
const WORD = /[\p{L}\p{N}]/u;

/** Letters of other scripts that look like one of ours; what NFKC knows is not repeated. */
const LOOKALIKES: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ['a', 'аαɑ'],
    ['b', 'Ьв'],
    ['c', 'сϲ'],
    ['d', 'ԁ'],
    ['e', 'еεё'],
    ['g', 'ɡ'],
    ['h', 'һн'],
    ['i', 'іιıɩӏ'],
    ['j', 'јϳ'],
    ['k', 'кκ'],
    ['l', 'ⅼ'],
    ['m', 'м'],
    ['n', 'ηոп'],
    ['o', 'оοօσ'],
    ['p', 'рρ'],
    ['q', 'ԛ'],
    ['r', 'гᴦ'],
    ['s', 'ѕꜱ'],
    ['t', 'тτ'],
    ['u', 'υսцʋ'],
    ['v', 'ѵν'],
    ['w', 'ԝωш'],
    ['x', 'хχ'],
    ['y', 'уγү'],
    ['z', 'ᴢ'],
  ].flatMap(([ours = '', theirs = '']) => [...theirs].map((letter) => [letter, ours])),
);

const UNREAD = /[^\p{L}\p{N}]|\p{Default_Ignorable_Code_Point}/gu;
const ODD = new RegExp(`[${Object.keys(LOOKALIKES).join('')}]`, 'gu');

/** Letters and digits as somebody reads them: `ＵＳＥＲ－ｉｄ`, `uѕer_id` and `user id` are all `userid`. */
export function skeleton(name: string): string {
  if (/^[ -~]*$/.test(name)) return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  // All of it at once, as `folded` does each: a body of names is megabytes, and everybody waits for it.
  const plain = name.normalize('NFKD').toLowerCase().replaceAll('ς', 'σ').replaceAll(UNREAD, '');
  return plain.replaceAll(ODD, (letter) => LOOKALIKES[letter] ?? letter);
}

/** One code point as it is read; what nobody sees is nothing. */
function folded(point: string): string {
  if (point < '\u{80}') return point.toLowerCase();
  if (IGNORED.test(point)) return '';
  const plain = point.normalize('NFKD').toLowerCase().replaceAll(/\p{M}/gu, '');
  return [...plain].map((letter) => LOOKALIKES[letter] ?? letter).join('');
}

export class Scrubber {
  readonly #mode: ScrubMode;
  readonly #markers: ReadonlySet<string>;
  readonly #longest: number;

  constructor(mode: ScrubMode, more: readonly string[] = []) {
    this.#mode = mode;
    this.#markers = new Set([...MARKERS, ...more].map(skeleton).filter((marker) => marker !== ''));
    this.#longest = Math.max(...[...this.#markers].map((marker) => marker.length));
  }

  get active(): boolean {
    return this.#mode !== 'off';
  }

  /** The same string where nothing was found. */
  scrub(text: string): string {
    if (!this.active) return text;
    let clean = '';
    let done = 0;
    let floor = 0;
    for (const { index } of text.matchAll(JOINTS_ALL)) {
      // Inside of what went already, as in `user_id: tenant: 4`.
      if (index < done) continue;
      const start = this.#markerBefore(text, index, floor);
      floor = index + 1;
      if (start === null) continue;
      const end = endOfValue(text, index + 1);
      const found = text.slice(start, end);
      clean += text.slice(done, start) + (this.#mode === 'mark' ? `[unverified: ${found.trim()}]` : '');
      done = end;
    }
    return done === 0 ? text : clean + text.slice(done);
  }

  /** Where the marker begins that ends before the joint; null when none does. Nothing before `floor` is looked at, so that
   * each character is looked at once. */
  #markerBefore(text: string, joint: number, floor: number): number | null {
    let read = '';
    let start: number | null = null;
    let at = joint;
    let isInside = false;
    while (at > floor && read.length <= this.#longest) {
      const begin = startOfPoint(text, at);
      const point = text.slice(begin, at);
      const letters = folded(point);
      if (letters !== '') {
        const isWord = WORD.test(letters);
        // A marker ends at a word's beginning: `superuser_id` is none.
        if (isWord) {
          read = letters + read;
          isInside = true;
        } else if (!isInside && (DRESS.test(point) || SEPARATOR.test(point))) {
          // Not there yet.
        } else if (!SEPARATOR.test(point)) return start;
        if (isWord && this.#markers.has(read) && !continues(text, begin)) start = begin;
      }
      at = begin;
    }
    return start;
  }
}

/** True when the word goes on to the left of `at`. */
function continues(text: string, at: number): boolean {
  let end = at;
  while (end > 0) {
    const begin = startOfPoint(text, end);
    const letters = folded(text.slice(begin, end));
    if (letters !== '') return WORD.test(letters);
    // What nobody sees does not part a word; more than a few of them do.
    if (at - begin > 8) return false;
    end = begin;
  }
  return false;
}

function startOfPoint(text: string, end: number): number {
  const code = text.charCodeAt(end - 1);
  const isLow = code >= 0xdc00 && code <= 0xdfff && end > 1;
  const high = isLow ? text.charCodeAt(end - 2) : 0;
  return high >= 0xd800 && high <= 0xdbff ? end - 2 : end - 1;
}

/** A quoted value, a number as people write phone numbers, or one word: never past the end of its line. */
const VALUE =
  /[*]{0,2}[^\S\n\r]*(?:"[^"\n\r]*"?|'[^'\n\r]*'?|`[^`\n\r]*`?|\+?\d(?:[ ()./-]*\d)*[^\s,;]*|[^\s,;]*)/uy;

function endOfValue(text: string, from: number): number {
  VALUE.lastIndex = from;
  return VALUE.test(text) ? VALUE.lastIndex : from;
}
