// Names that a program makes of those it is given: an ending taken off, a suffix, a number. Whoever is asked to write `t` and
// writes `tasks.json` has written what its words do not say.
import { HOLE, type Listed, type ListedWord } from '../shell/listing.ts';
import type { Given, GivenOption } from '../shell/options.ts';
import type { Manner } from './manners.ts';
import { judgePath, type PathFacts, type Verdict } from './paths.ts';
import { different, RANGES } from './special.ts';

const elevated = (why: string): Verdict => ({ rule: 'path.made', tier: 'elevated', why });

/** The word with another value; as unknown as it was, or a pattern. */
function made(word: ListedWord, change: (value: string) => string): ListedWord {
  const value = change(word.value);
  const pattern = word.kind === 'exact' && value.includes('*') && !word.value.includes('*');
  return {
    ...word,
    text: value.replaceAll(HOLE, '…'),
    value,
    kind: pattern ? 'glob' : word.kind,
    ...(word.among === undefined ? {} : { among: word.among.map(change) }),
  };
}

const writes = (words: readonly ListedWord[], listed: Listed, facts: PathFacts): readonly Verdict[] =>
  different(words).flatMap((word) => judgePath(word, 'writes', listed, facts));

const has = (given: Given, names: RegExp): GivenOption | undefined =>
  given.options.findLast(({ name }) => names.test(name));

/** `sed -i.bak`: in a suffix, GNU's star is the name of the file, and with a slash it lies elsewhere. */
export const sed: Manner = (given, listed, facts) => {
  const suffix = has(given, /^(-i|-I|--in-place)$/)?.value?.value ?? '';
  if (suffix === '') return {};
  if (/[*/\0]/.test(suffix))
    return { verdicts: [elevated('sed: keeps what was there under a name of its own')] };
  const files = given.operands.map((word) => made(word, (value) => value + suffix));
  return { verdicts: writes(files, listed, facts) };
};

/** `gunzip .envrc.gz` writes `.envrc`. */
export const packer: Manner = (given, listed, facts) => {
  const [program] = listed.words;
  const suffix = has(given, /^(-S|--suffix)$/)?.value?.value;
  const unpacks =
    /(^|\/)(un|gun|bun|lz4)[^/]*$/.test(program?.value ?? '') ||
    has(given, /^(-d|--decompress|--uncompress)$/) !== undefined;
  if (has(given, /^(-c|-l|-t|--stdout|--to-stdout|--list|--test)$/) !== undefined) return {};
  const verdicts: Verdict[] = [];
  if (suffix?.includes(HOLE) === true || suffix?.includes('/') === true)
    verdicts.push(elevated('which name it makes is only known when it runs'));
  if (!unpacks)
    return {
      verdicts:
        suffix === undefined
          ? verdicts
          : [
              ...verdicts,
              ...writes(
                given.operands.map((word) => made(word, (value) => value + suffix)),
                listed,
                facts,
              ),
            ],
    };
  if (has(given, /^(-N|--name)$/) !== undefined)
    verdicts.push(elevated('writes under the name that is in the archive'));
  if (has(given, /^(-r|--recursive)$/) !== undefined)
    verdicts.push(elevated('unpacks every file of a folder, whatever their names are'));
  const short = (value: string): string =>
    suffix !== undefined && suffix !== '' && value.endsWith(suffix)
      ? value.slice(0, -suffix.length)
      : value.replace(/[._-][^./_-]*$/, '');
  verdicts.push(
    ...writes(
      given.operands.map((word) => made(word, short)),
      listed,
      facts,
    ),
  );
  return { verdicts };
};

/** `split f part-`: letters or digits between a prefix and a suffix. */
export const split: Manner = (given, listed, facts) => {
  const suffix = has(given, /^--additional-suffix$/)?.value?.value ?? '';
  const prefix = given.operands[1] ?? { text: 'x', value: 'x', kind: 'exact' };
  return { verdicts: writes([made(prefix, (value) => `${value}*${suffix}`)], listed, facts) };
};

/** `csplit -f part -b %d.txt`: a number in a form of its own, or in two digits. */
export const csplit: Manner = (given, listed, facts) => {
  const form = has(given, /^(-b|--suffix-format)$/)?.value?.value ?? '%d';
  const prefix = has(given, /^(-f|--prefix)$/)?.value ?? { text: 'xx', value: 'xx', kind: 'exact' as const };
  const behind = form.replaceAll(/%[^a-zA-Z%]*[a-zA-Z]/g, '*').replaceAll('%%', '%');
  return { verdicts: writes([made(prefix, (value) => value + behind)], listed, facts) };
};

/** `cp -b -S vrc a .en`: what was there is kept under a name with a suffix. */
export const backup: Manner = (given, listed, facts) => {
  const suffix = has(given, /^(-S|--suffix)$/)?.value?.value;
  if (suffix === undefined) return {};
  if (/[/\0]/.test(suffix)) return { verdicts: [elevated('keeps what was there under a name of its own')] };
  const into = has(given, /^(-t|--target-directory)$/)?.value ?? given.operands.at(-1);
  if (into === undefined) return {};
  const names = [made(into, (value) => value + suffix), made(into, (value) => `${value}/*${suffix}`)];
  return { verdicts: writes(names, listed, facts) };
};

/** Names that an address makes: `#1` in the name, and what stands between braces and brackets. */
export const curl: Manner = (given, listed, facts) => {
  const addresses = given.operands.map(({ value }) => value).join(' ');
  const counts = !/[[\]{}\0]/.test(addresses.replaceAll(RANGES, ''));
  const verdicts: Verdict[] = [];
  for (const { name, value } of given.options) {
    if (!/^(-o|--output|--output-dir)$/.test(name) || value === null || !/#\d/.test(value.value)) continue;
    if (!counts) verdicts.push(elevated(`which file ${value.text} is, the address says`));
    else verdicts.push(...writes([made(value, (text) => text.replaceAll(/#\d/g, '*'))], listed, facts));
  }
  return { verdicts };
};
