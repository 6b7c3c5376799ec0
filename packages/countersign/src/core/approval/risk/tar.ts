// tar, in the old and the new way of writing it: `tar xzf a`, `tar -xvCd -fa`, `tar --extract --file=a`.
import type { Listed, ListedWord } from '../shell/listing.ts';
import { type GivenOption, type OptionTable, readOptions } from '../shell/options.ts';
import { exactWord } from '../shell/word.ts';
import type { Operands } from './operands.ts';
import { judgePath, type Verdict, written } from './paths.ts';
import { ROWS } from './rules.ts';
import { different } from './special.ts';

interface Found {
  readonly verdicts: readonly Verdict[];
  readonly code: readonly string[];
}

const elevated = (rule: string, why: string): Verdict => ({ rule, tier: 'elevated', why });

export function judgeTar(asked: Operands): Found {
  const { listed, facts, row } = asked;
  const verdicts: Verdict[] = [];
  const code: string[] = [];
  const { options, operands } = readOptions(withDashes(listed.words, row.options), row.options);
  const reads = options.some(isExtracting) || options.some(({ name }) => LOOKS.test(name));
  for (const option of options) {
    const { name, kind, value } = option;
    if (/^(-P|--absolute-names)$/.test(name)) verdicts.push(elevated('tar.absolute', 'may write anywhere'));
    if (/^(--remove-files|--recursive-unlink|--unlink-first)$/.test(name))
      verdicts.push({
        rule: 'tar.removes',
        tier: 'destructive',
        why: 'removes what it has packed, or what is in its way',
      });
    if (kind === 'code') {
      verdicts.push(elevated('option.tar', 'tar starts a program of its choice'));
      if (value !== null) code.push(value.value);
    }
    if (kind === 'unknown') verdicts.push(elevated('option.unknown', `no rule knows tar ${name}`));
    if (/^(-T|--files-from)$/.test(name))
      verdicts.push(elevated('option.file', 'tar takes names, and options, from a list'));
    if (value !== null) verdicts.push(...path(option, value, reads, asked));
  }
  const shows = options.some(({ name }) => /^(-O|--to-stdout)$/.test(name));
  // What it is told to unpack is named; everything else that is in the archive is not.
  if (options.some(isExtracting))
    verdicts.push(
      ...different(operands).flatMap((word) => judgePath(word, shows ? 'reads' : 'writes', listed, facts)),
    );
  if (!reads) verdicts.push(...different(operands).flatMap((word) => judgePath(word, 'deep', listed, facts)));
  return { verdicts, code };
}

/** Whether it unpacks. */
export function unpacks(listed: Listed): boolean {
  const table = ROWS.get('tar')?.options;
  return (
    table !== undefined && readOptions(withDashes(listed.words, table), table).options.some(isExtracting)
  );
}

const isExtracting = ({ name }: GivenOption): boolean => /^(-x|--extract|--get)$/.test(name);
const LOOKS = /^(-t|-d|--list|--diff|--compare|--test-label)$/;

/** The first word may be letters without a dash; their values are then the words behind it, one after the other. */
function withDashes(words: readonly ListedWord[], table: OptionTable): readonly ListedWord[] {
  const [program, first, ...rest] = words;
  if (program === undefined || first === undefined || first.value.startsWith('-')) return words;
  const made: ListedWord[] = [program];
  for (const letter of first.value) {
    made.push(exactWord(`-${letter}`));
    const kind = table.named.get(`-${letter}`);
    const value = kind === undefined || kind === 'flag' || kind === 'attached' ? undefined : rest.shift();
    if (value !== undefined) made.push(value);
  }
  return [...made, ...rest];
}

function path(
  { name }: GivenOption,
  word: ListedWord,
  reads: boolean,
  { listed, facts }: Operands,
): readonly Verdict[] {
  if (name === '-C' || name === '--directory')
    return judgePath(word, reads ? 'writes' : 'deep', listed, facts);
  if (name === '-f' || name === '--file') {
    if (/^[^/]+:/.test(word.value)) return [elevated('network.remote', 'an archive on another machine')];
    return reads ? judgePath(word, 'reads', listed, facts) : written(word, listed, facts);
  }
  if (name === '-g' || name === '--listed-incremental') return written(word, listed, facts);
  return /^(-T|-X|-K|--files-from|--exclude-from|--starting-file)$/.test(name)
    ? judgePath(word, 'reads', listed, facts)
    : [];
}
