// What two commands of a line do together that neither does alone.
import type { Listed, Listing } from '../shell/listing.ts';
import { programName } from '../shell/names.ts';
import type { Verdict } from './paths.ts';
import { unpacks } from './tar.ts';

export function judgeTogether(listing: Listing): readonly Verdict[] {
  return [
    ...(unpacksAgain(listing) ? [AGAIN] : []),
    ...(usesUnpacked(listing) ? [REPOSITORY] : []),
    ...(forkBomb(listing) ? [FORK] : []),
  ];
}

const REPOSITORY: Verdict = {
  rule: 'line.unpacks',
  tier: 'elevated',
  why: 'unpacks, and asks git: the settings of a repository that was unpacked name programs',
};

const ASKS_GIT = /^(git|gh|hub|glab|tea)$/;

function usesUnpacked({ commands }: Listing): boolean {
  return (
    commands.some(isUnpacking) &&
    commands.some(
      ({ words: [program] }) => program !== undefined && ASKS_GIT.test(programName(program.value)),
    )
  );
}

const AGAIN: Verdict = {
  rule: 'line.unpacks',
  tier: 'elevated',
  why: 'unpacks more than once: what the first brings decides where the next one writes',
};

const FORK: Verdict = {
  rule: 'line.fork',
  tier: 'destructive',
  why: 'a function that starts itself without end',
};

/** Three calls, one of them into another: `:(){ :|:& };:`, by whatever name and in whatever wrapper. */
function forkBomb({ commands }: Listing): boolean {
  const calls = commands.filter(({ calls: name }) => name !== undefined);
  return (
    calls.length >= 3 &&
    calls.some(
      ({ input }) => input.kind === 'pipe' && input.from.some((at) => commands[at]?.calls !== undefined),
    )
  );
}

/** An archive may bring a link, and the next one a file below it: it then lies wherever the link leads. */
function unpacksAgain({ commands }: Listing): boolean {
  let times = 0;
  for (const listed of commands) if (isUnpacking(listed)) times += again(listed) ? 2 : 1;
  return times > 1;
}

/** In a loop, or for each file that is found. Of `unzip *.zip` only the first is an archive; of `unzip '*.zip'` all are. */
const again = ({ words }: Listed): boolean =>
  words.some(
    ({ kind, splits, text, value }, at) =>
      kind === 'among' ||
      kind === 'found' ||
      kind === 'input' ||
      (kind === 'glob' && (splits !== true || text.includes('$'))) ||
      (at > 0 && kind === 'exact' && /[*?[]/.test(value) && /(^|\/)unzip$/.test(words[0]?.value ?? '')),
  );

export function isUnpacking(listed: Listed): boolean {
  const [program, ...words] = listed.words;
  switch (program === undefined ? '' : programName(program.value)) {
    case 'tar':
      return unpacks(listed);
    case 'unzip':
      return !words.some(({ value }) => /^-[a-zA-Z]*[lptvzZ]/.test(value));
    case '7z':
    case '7za':
    case '7zr':
    case 'rar':
    case 'unrar':
    case 'jar':
      return words.some(({ value }) => /^(-?[ex][a-zA-Z]*|--extract)$/.test(value));
    default:
      return false;
  }
}
