// A second, simpler reading: words as they stand, wherever they stand. For text that the first reading could not be sure of,
// and for other languages. It can only raise: who hides `rm -rf` badly is found, who writes plainly is not touched by it.

import type { Listed } from '../shell/listing.ts';
import { programName } from '../shell/names.ts';
import { exactWord } from '../shell/word.ts';
import { DESTRUCTIVE_TEXT } from './code.ts';
import { named } from './network.ts';
import type { PathFacts, Verdict } from './paths.ts';
import { judgeProgram } from './program.ts';

export const SEEN: ReadonlySet<string> = new Set(
  'rm sudo doas pkexec su dd shred mkfs mkfs.ext4 mkfs.xfs git docker podman kubectl helm chmod chown crontab terraform systemctl rimraf del erase rd ri remove-item pkill killall kill reboot shutdown poweroff nc ncat socat dropdb find wipefs fdisk nsenter chroot useradd usermod passwd visudo insmod iptables countersign unlink rsync gh aws npm cargo'.split(
    ' ',
  ),
);
// In a text of another language these are words like others.
const WORDS: ReadonlySet<string> = new Set([
  'su',
  'passwd',
  'reboot',
  'shutdown',
  'countersign',
  'rd',
  'ri',
  'del',
  'erase',
  'unlink',
]);
const MOST = 50;

/** What was read for one classification: a hostile line holds the same command a thousand times. */
const READ = new WeakMap<PathFacts, Map<string, readonly Verdict[]>>();

/** `text`: of a shell line that is doubted, or of a program in another language (`code`). */
export function secondReading(text: string, kind: 'line' | 'code', facts: PathFacts): readonly Verdict[] {
  let read = READ.get(facts);
  if (read === undefined) {
    read = new Map();
    READ.set(facts, read);
  }
  const key = `${kind} ${text}`;
  const known = read.get(key);
  if (known !== undefined) return known;
  const found = readAgain(text, kind, facts);
  read.set(key, found);
  return found;
}

function readAgain(text: string, kind: 'line' | 'code', facts: PathFacts): readonly Verdict[] {
  const verdicts: Verdict[] = [];
  if (text === '') return verdicts;
  if (
    /countersign/i.test(text) &&
    (kind === 'code' || /\.countersign|countersign\.(db|jsonc?|sock)/i.test(text))
  ) {
    verdicts.push({
      rule: 'floor.countersign',
      tier: 'destructive',
      why: 'a text that is run names Countersign',
    });
  }
  if (kind === 'code') {
    verdicts.push(...named(text, facts.context));
    for (const [pattern, why] of DESTRUCTIVE_TEXT) {
      if (pattern.test(text))
        verdicts.push({ rule: 'code.seen', tier: 'destructive', why: `a program in the line ${why}` });
    }
    const pid = facts.context.guarded.pids.find((one) =>
      new RegExp(`(kill|proc|ptrace|attach)\\W{1,3}\\D{0,20}${one}\\b`, 'i').test(text),
    );
    if (pid !== undefined)
      verdicts.push({
        rule: 'floor.countersign',
        tier: 'destructive',
        why: "names Countersign's own process",
      });
  }
  if (verdicts.length > 0) return verdicts;
  const seen: Seen = { facts, kind, names: new Map(), judged: new Map() };
  for (const reading of readings(text)) {
    const found =
      dangersIn(reading, seen, WIDE) ?? (ONLY_WIDE.test(reading) ? dangersIn(reading, seen, NARROW) : null);
    if (found !== null) return [found];
  }
  return [];
}

/** What was looked at already: a hostile text says the same thing a thousand times. */
interface Seen {
  readonly facts: PathFacts;
  readonly kind: 'line' | 'code';
  /** The program that a token names, if it is one that is looked at. */
  readonly names: Map<string, string | null>;
  readonly judged: Map<string, Verdict | null>;
}

/** Expansions as spaces, and as nothing: `rm${IFS}-rf`, `r$@m`. */
function readings(text: string): readonly string[] {
  if (!/[\\$"']/.test(text)) return [text];
  // A backslash joins what it stands in; before a line feed it joins the lines.
  const joined = text.replaceAll('\\\n', '').replaceAll(/\\(?=[A-Za-z])/g, '');
  const spaced = joined.replaceAll(/\$\{?IFS[^}\s]*\}?/g, ' ');
  const empty = spaced
    .replaceAll(/\$\{[^}]{0,80}\}|\$[@*#?!_0-9]|\$[A-Za-z_]\w*/g, '')
    .replaceAll(/["']/g, '');
  return empty === text ? [spaced] : [spaced, empty];
}

// `--mount=type=bind,src=/` is one word, `-c alias.x=!rm` is not: read both ways.
const WIDE = /[\s;&|(){}<>"'`,[\]!=$]+/;
const NARROW = /[\s;&|(){}<>"'`$]+/;
const ONLY_WIDE = /[,[\]!=]/;

/** An unknown program may be a wrapper: what stands behind it is judged as a command, from each word that could be one. */
export function dangersBehind(listed: Listed, facts: PathFacts): readonly Verdict[] {
  let tried = 0;
  for (let at = 1; at < Math.min(listed.words.length, 33); at += 1) {
    const word = listed.words[at];
    if (word === undefined || !SEEN.has(programName(word.value).toLowerCase())) continue;
    const behind = { ...listed, words: listed.words.slice(at, at + (tried < 4 ? 10_000 : 64)) };
    tried += 1;
    const found = judgeProgram(behind, { ...facts, wraps: false }).verdicts.find(
      ({ tier }) => tier === 'destructive',
    );
    if (found !== undefined)
      return [{ ...found, rule: `second.${found.rule}`, why: `behind an unknown program: ${found.why}` }];
  }
  return [];
}

function nameOf(token: string, { names, kind }: Seen): string | null {
  const known = names.get(token);
  if (known !== undefined) return known;
  const name = programName(token).toLowerCase();
  const found = !SEEN.has(name) || (kind === 'code' && WORDS.has(name)) ? null : name;
  names.set(token, found);
  return found;
}

function dangersIn(text: string, seen: Seen, split: RegExp): Verdict | null {
  const tokens = text.split(split);
  let read = 0;
  for (const [at, token] of tokens.entries()) {
    const name = token === '' ? null : nameOf(token, seen);
    if (name === null) continue;
    read += 1;
    if (read > MOST) {
      return {
        rule: 'second.much',
        tier: 'destructive',
        why: 'names more dangerous programs than can be looked at',
      };
    }
    const behind = tokens.slice(at + 1, at + 40);
    if (behind.at(-1) === '') behind.pop();
    const key = `${name} ${behind.join(' ')}`;
    let found = seen.judged.get(key);
    if (found === undefined) {
      found = dangerOf([name, ...behind], seen.facts);
      seen.judged.set(key, found);
    }
    if (found !== null) return found;
  }
  return null;
}

function dangerOf(tokens: readonly string[], facts: PathFacts): Verdict | null {
  const listed: Listed = {
    words: tokens.map(exactWord),
    assigns: [],
    redirects: [],
    via: [],
    place: 'here',
    input: { kind: 'inherited' },
    folders: [facts.cwd],
    parent: null,
  };
  const worst = judgeProgram(listed, { ...facts, wraps: false }).verdicts.find(
    ({ tier }) => tier === 'destructive',
  );
  if (worst === undefined) return null;
  const said = tokens.slice(0, 3).join(' ');
  return { ...worst, rule: `second.${worst.rule}`, why: `somewhere in it stands “${said}”: ${worst.why}` };
}
