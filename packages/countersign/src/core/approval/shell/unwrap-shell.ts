// Commands of the shell itself that run, at once or later, what one of their words says.
import { HOLE, type ListedWord } from './listing.ts';
import { optionTable, part, readOptions } from './options.ts';
import { mayRunText } from './scope.ts';
import type { Inner, Unwrapped } from './unwrap.ts';

const MAPFILE = optionTable('-t -d: -n: -O: -s: -u: -C: -c:');
const COMPLETE = optionTable(
  '-a -b -c -d -e -f -g -j -k -s -u -v -p -r -D -E -I -o: -A: -G: -W: -F: -C: -X: -P: -S: -V:',
);

const only = (inner: readonly Inner[]): Unwrapped => ({ inner, doubts: [] });

/** `mapfile -C 'command' -c 1`: run with the place and the line behind it. */
function mapfile(words: readonly ListedWord[]): Unwrapped {
  const { options } = readOptions(words, MAPFILE, { stop: true });
  return only(
    options.flatMap(({ name, value }): Inner[] =>
      name === '-C' && value !== null
        ? [
            {
              kind: 'script',
              text: { ...value, value: `${value.value} 0 "$_"` },
              bash: true,
              via: 'mapfile -C',
            },
          ]
        : [],
    ),
  );
}

/** `jobs -x command` */
function jobs(words: readonly ListedWord[]): Unwrapped {
  const at = words.findIndex(({ value }, index) => index > 0 && /^-[lnprs]*x/.test(value));
  const rest = at === -1 ? [] : words.slice(words[at + 1]?.value === '--' ? at + 2 : at + 1);
  return only(rest.length === 0 ? [] : [{ kind: 'words', words: rest, via: 'jobs -x' }]);
}

/** `-C` names a command, and the words of `-W` are expanded. */
function complete(words: readonly ListedWord[]): Unwrapped {
  const { options } = readOptions(words, COMPLETE, { stop: true });
  return only(
    options.flatMap(({ name, value }): Inner[] => {
      if (value === null) return [];
      if (name === '-C') return [{ kind: 'script', text: value, bash: true, via: 'complete -C' }];
      const isRun = name === '-W' && (value.value.includes(HOLE) || mayRunText(value.value));
      return isRun
        ? [{ kind: 'script', text: { ...value, value: `: ${value.value}` }, bash: true, via: 'complete -W' }]
        : [];
    }),
  );
}

/** `alias x='command'`: read as it stands; what the rest of the line makes of it is listed where it is called. */
function alias(words: readonly ListedWord[]): Unwrapped {
  return only(
    definitions(words).map(([, text]): Inner => ({ kind: 'script', text, bash: true, via: 'alias' })),
  );
}

/** Names that the command gives another meaning, with what they mean then. */
export function definitions(words: readonly ListedWord[]): readonly (readonly [string, ListedWord])[] {
  const [first, ...rest] = words;
  if (first?.value === 'hash') {
    const at = rest.findIndex(({ value }) => /^-[a-z]*p$/.test(value));
    const path = at === -1 ? undefined : rest[at + 1];
    return path === undefined ? [] : rest.slice(at + 2).map(({ value }) => [value, path] as const);
  }
  if (first?.value !== 'alias') return [];
  return rest.flatMap((word) => {
    const equals = word.value.indexOf('=');
    return equals < 1 ? [] : [[word.value.slice(0, equals), part(word, equals + 1)] as const];
  });
}

export const OF_THE_SHELL: readonly (readonly [string, (words: readonly ListedWord[]) => Unwrapped])[] = [
  ['mapfile', mapfile],
  ['readarray', mapfile],
  ['jobs', jobs],
  ['compgen', complete],
  ['complete', complete],
  ['alias', alias],
];
