// What a command runs that its words name: `env A=b nice rm x` runs `nice rm x`, which runs `rm x`. One layer at a time;
// the walker calls again for what came out. Where it is not sure it answers more, never less, and says a doubt.
import { type Doubt, HOLE, type ListedAssignment, type ListedWord, type Place } from './listing.ts';
import { baseName, programName } from './names.ts';
import { type Given, mayBeOption, optionTable, part, readOptions } from './options.ts';
import { isReadingOption } from './reading.ts';
import { subcommandOf } from './subcommands.ts';
import { fd, find } from './unwrap-find.ts';
import { OF_THE_SHELL } from './unwrap-shell.ts';
import { SHELLS, WRAPPERS, WRAPPING, type Wrapper } from './wrappers.ts';

export type Inner =
  | {
      readonly kind: 'words';
      readonly words: readonly ListedWord[];
      readonly assigns?: readonly ListedAssignment[];
      readonly via: string;
      readonly place?: Place;
    }
  | {
      readonly kind: 'script';
      readonly text: ListedWord;
      readonly bash: boolean;
      readonly via: string;
      readonly place?: Place;
    }
  /** The script is what it reads on standard input. */
  | { readonly kind: 'stdin'; readonly bash: boolean; readonly via: string; readonly place?: Place };

export interface Unwrapped {
  readonly inner: readonly Inner[];
  readonly doubts: readonly Omit<Doubt, 'command'>[];
}

const NOTHING: Unwrapped = { inner: [], doubts: [] };
const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*\+?=/;
const STDIN = /^\/(dev\/stdin|dev\/fd\/0|proc\/self\/fd\/0)$/;
const INPUT: ListedWord = { text: '…', value: HOLE, kind: 'input', splits: true };

/** One layer of `words`. */
export function unwrap(words: readonly ListedWord[]): Unwrapped {
  const [first] = words;
  if (first === undefined || first.kind !== 'exact') return NOTHING;
  const program = programName(first.value);
  const name =
    WRAPPERS.has(program) || SPECIAL.has(program) || SHELLS.has(program) ? program : program.toLowerCase();
  const bash = SHELLS.get(name);
  if (bash !== undefined) return shell(name, words, bash);
  // `command -v x` only says what x is.
  if (name === 'command' && words[1]?.kind === 'exact' && /^-[pvV]*[vV]/.test(words[1].value)) return NOTHING;
  const special = SPECIAL.get(name);
  if (special !== undefined) return special(words);
  if (!WRAPPING.has(name)) return NOTHING;
  const command = subcommandOf(name, words);
  for (let length = command.path.length; length > 0; length -= 1) {
    const wrapper = WRAPPERS.get(command.path.slice(0, length).join(' '));
    if (wrapper === undefined) continue;
    const from =
      length === command.path.length ? command.at + 1 : placeOf(words, command.path[length - 1] ?? '');
    const found = byRow(wrapper, words, from);
    return wrapper.name.startsWith('git ') ? merge(gitConfig(words), found) : found;
  }
  return name === 'git' ? gitConfig(words) : NOTHING;
}

function placeOf(words: readonly ListedWord[], value: string): number {
  return words.findIndex((word, at) => at > 0 && word.value === value) + 1 || 1;
}

function byRow(wrapper: Wrapper, words: readonly ListedWord[], from: number): Unwrapped {
  const given = readOptions(words, wrapper.options, { stop: true, from });
  const via = wrapper.name;
  const place = wrapper.place === 'here' ? {} : { place: wrapper.place };
  const inner: Inner[] = scriptsOf(given, via);
  const doubts: Omit<Doubt, 'command'>[] = [];
  const unknown = given.options.filter((option) => option.kind === 'unknown');
  for (const option of unknown) doubts.push({ kind: 'option', about: `${via} ${option.name}` });
  for (const word of given.loose) {
    if (given.operands.indexOf(word) <= wrapper.skip)
      doubts.push({ kind: 'option', about: `${via} ${word.text}` });
  }
  if (wrapper.rest === 'none') return { inner, doubts };
  // An unknown option may or may not take the word behind it: both readings are listed.
  for (let extra = 0; extra <= (unknown.length > 0 || doubts.length > 0 ? 1 : 0); extra += 1) {
    const start = given.places[wrapper.skip + extra];
    if (start === undefined) {
      if (extra === 0 && wrapper.rest === 'joined' && wrapper.place === 'remote') {
        inner.push({ kind: 'stdin', bash: true, via, ...place });
      }
      continue;
    }
    let rest = words.slice(start);
    // `flock file -c 'text'`: an option that comes behind the operands.
    if (
      rest[0] !== undefined &&
      wrapper.options.named.get(rest[0].value) === 'script' &&
      rest[1] !== undefined
    ) {
      inner.push({ kind: 'script', text: rest[1], bash: true, via: `${via} ${rest[0].value}` });
      continue;
    }
    // `kubectl exec pod -c box -- command`
    const end = via.startsWith('kubectl ') ? rest.findIndex(({ value }) => value === '--') : -1;
    if (end > 0) rest = rest.slice(end);
    // `docker run image -- command`, `sudo host --`: a second end of options is nobody's program.
    if (rest[0]?.value === '--') rest = rest.slice(1);
    const assigns = wrapper.assigns ? assignmentsOf(rest) : [];
    if (assigns.length > 0) rest = rest.slice(assigns.length);
    if (wrapper.rest === 'joined') inner.push(...joined(wrapper, rest, via));
    else if (rest.length > 0) {
      const more = wrapper.rest === 'input' ? [INPUT] : [];
      const replaced = wrapper.rest === 'input' ? rest.map((word) => replaceInput(word, given)) : rest;
      inner.push({
        kind: 'words',
        words: [...replaced, ...more],
        via,
        ...place,
        ...(assigns.length > 0 ? { assigns } : {}),
      });
    }
  }
  return { inner, doubts };
}

/** `xargs -I{} sh -c 'rm {}'`: the mark becomes text of the input wherever it stands. */
function replaceInput(word: ListedWord, given: Given): ListedWord {
  const mark = given.options.find((option) => ['-I', '-J', '-i', '--replace'].includes(option.name));
  const text = mark === undefined ? null : (mark.value?.value ?? '{}');
  if (text === null || text === '' || !word.value.includes(text)) return word;
  return { text: word.text, value: word.value.replaceAll(text, HOLE), kind: 'input' };
}

function joined(wrapper: Wrapper, rest: readonly ListedWord[], via: string): readonly Inner[] {
  if (rest.length === 0) return [];
  const place = wrapper.place === 'here' ? {} : { place: wrapper.place };
  if (wrapper.name === 'trap') {
    const [body] = rest;
    return body === undefined || body.value === '-' ? [] : [{ kind: 'script', text: body, bash: true, via }];
  }
  if (wrapper.name === 'hyperfine') return rest.map((text) => ({ kind: 'script', text, bash: true, via }));
  if (wrapper.name === 'parallel') {
    const end = rest.findIndex((word) => /^::::?\+?$/.test(word.value));
    const command = end === -1 ? rest : rest.slice(0, end);
    if (command.length === 0) return [{ kind: 'script', text: INPUT, bash: true, via }];
    return [{ kind: 'script', text: glue([...command, INPUT]), bash: true, via }];
  }
  return [{ kind: 'script', text: glue(rest), bash: true, via, ...place }];
}

/** Words glued with spaces, as `eval` and `ssh` do. */
function glue(words: readonly ListedWord[]): ListedWord {
  const value = words.map((word) => word.value).join(' ');
  const loose = words.find((word) => word.kind !== 'exact');
  return {
    text: words.map((word) => word.text).join(' '),
    value,
    kind:
      loose === undefined
        ? 'exact'
        : loose.kind === 'among' || loose.kind === 'glob'
          ? 'variable'
          : loose.kind,
  };
}

function scriptsOf(given: Given, via: string): Inner[] {
  return given.options.flatMap((option): Inner[] =>
    option.kind === 'script' && option.value !== null
      ? [{ kind: 'script', text: option.value, bash: true, via: `${via} ${option.name}` }]
      : [],
  );
}

/** Those that stand before the program. */
function assignmentsOf(words: readonly ListedWord[]): readonly ListedAssignment[] {
  const end = words.findIndex(({ value }) => !ASSIGNMENT.test(value));
  return words.slice(0, end === -1 ? words.length : end).map(assignmentOf);
}

export function assignmentOf(word: ListedWord): ListedAssignment {
  const equals = word.value.indexOf('=');
  return { name: word.value.slice(0, equals).replace(/\+$/, ''), value: part(word, equals + 1) };
}

function shell(name: string, words: readonly ListedWord[], bash: boolean): Unwrapped {
  const doubts: Omit<Doubt, 'command'>[] = bash ? [] : [{ kind: 'dialect', about: name }];
  if (name === 'pwsh' || name === 'powershell' || name === 'cmd') {
    const at = words.findIndex(
      (word, index) => index > 0 && /^(-|--|\/)(c|k|command|encodedcommand|e|ec|enc)/i.test(word.value),
    );
    const rest = at === -1 ? [] : words.slice(at + 1);
    return {
      inner: rest.length === 0 ? [] : [{ kind: 'script', text: glue(rest), bash, via: name }],
      doubts,
    };
  }
  let text = false;
  let stdin = false;
  const inner: Inner[] = [];
  for (let at = 1; at < words.length; at += 1) {
    const word = words[at];
    if (word === undefined) break;
    const { value } = word;
    if (word.kind !== 'exact' && mayBeOption(word))
      doubts.push({ kind: 'option', about: `${name} ${word.text}` });
    const isOption = word.kind === 'exact' && /^[-+]./.test(value) && value !== '--';
    if (isOption && value.startsWith('--')) {
      if (value === '--rcfile' || value === '--init-file') at += 1;
      continue;
    }
    if (isOption) {
      if (value.startsWith('-') && value.includes('c')) text = true;
      if (value.startsWith('-') && value.includes('s')) stdin = true;
      if (/[oO]/.test(value)) {
        at += 1;
        const named = words[at];
        if (value.startsWith('-') && named !== undefined && isReadingOption(named))
          doubts.push({ kind: 'option', about: `${name} ${value} ${named.text}` });
      }
      continue;
    }
    const operand = value === '--' || value === '-' ? words[at + 1] : word;
    if (text && operand !== undefined) inner.push({ kind: 'script', text: operand, bash, via: `${name} -c` });
    else if (stdin || operand === undefined || STDIN.test(operand.value)) {
      inner.push({ kind: 'stdin', bash, via: name });
    }
    return { inner, doubts };
  }
  // `-c` without a text is an error; without anything, the script is on standard input.
  if (!text && !words.some((word) => word.value === '--version' || word.value === '--help')) {
    inner.push({ kind: 'stdin', bash, via: name });
  }
  return { inner, doubts };
}

const ENV = optionTable(
  '-i -0 -v -u: -C: -P: -S^ --ignore-environment --null --debug --unset: --chdir: --split-string^ --block-signal? --default-signal? --ignore-signal? --list-signal-handling -',
);

function env(words: readonly ListedWord[]): Unwrapped {
  const given = readOptions(words, ENV, { stop: true });
  const doubts: Omit<Doubt, 'command'>[] = given.options
    .filter((option) => option.kind === 'unknown')
    .map((option) => ({ kind: 'option', about: `env ${option.name}` }));
  for (const word of given.loose) doubts.push({ kind: 'option', about: `env ${word.text}` });
  const split = given.options.filter((option) => option.name === '-S' || option.name === '--split-string');
  let rest = given.places[0] === undefined ? [] : words.slice(given.places[0]);
  if (rest[0]?.value === '-') rest = rest.slice(1);
  const assigns = assignmentsOf(rest);
  rest = rest.slice(assigns.length);
  const inner: Inner[] = [];
  for (const option of split) {
    // Its own quoting and ${NAME}: close enough to a shell's to be listed, too different to be trusted (GHSA-796m-2973-wc5q).
    doubts.push({ kind: 'option', about: 'env -S' });
    if (option.value === null) continue;
    // The text may hold options and assignments of env itself.
    const text = glue([option.value, ...rest]);
    inner.push({ kind: 'script', text: { ...text, value: `env ${text.value}` }, bash: true, via: 'env -S' });
  }
  if (split.length === 0 && rest.length > 0) inner.push({ kind: 'words', words: rest, via: 'env', assigns });
  if (doubts.length > 0 && split.length === 0 && rest.length > 1)
    inner.push({ kind: 'words', words: rest.slice(1), via: 'env', assigns });
  return { inner, doubts };
}

const CODE_KEY =
  /^(alias\.|core\.(pager|editor|sshcommand|fsmonitor|hookspath|gitproxy|askpass|alternaterefscommand)|sequence\.editor|pager\.|diff\.external|diff\..*\.(command|textconv)|difftool\.|mergetool\.|merge\..*\.driver|filter\..*\.(clean|smudge|process)|credential\.|gpg\.|ssh\.|web\.browser|browser\.|man\.|sendemail\.|uploadpack\.packobjectshook|remote\..*\.(uploadpack|receivepack|vcs)|protocol\.|interactive\.difffilter|trailer\..*\.(cmd|command)|tar\..*\.command|guitool\.|receive\.|include|init\.templatedir|submodule\..*\.update|url\.|http\..*proxy|http\.)/;

/** True for a configuration key of git that names a program, or where programs or secrets go. */
export const isCodeKey = (key: string): boolean => CODE_KEY.test(key.toLowerCase());

/** `-c alias.x='!rm -rf .'` and keys whose value is a command line. */
function gitConfig(words: readonly ListedWord[]): Unwrapped {
  const inner: Inner[] = [];
  for (const option of subcommandOf('git', words).before) {
    if (option.name !== '-c' || option.value === null) continue;
    const equals = option.value.value.indexOf('=');
    const key = option.value.value.slice(0, equals === -1 ? undefined : equals);
    if (equals === -1 || !isCodeKey(key)) continue;
    const value = part(option.value, equals + 1);
    const shelled = value.value.startsWith('!') ? part(value, 1) : key.startsWith('alias.') ? null : value;
    if (shelled !== null) inner.push({ kind: 'script', text: shelled, bash: true, via: `git -c ${key}` });
  }
  return { inner, doubts: [] };
}

/** `ssh -o ProxyCommand='…'`: run here, before anything else. */
function ssh(words: readonly ListedWord[]): Unwrapped {
  const wrapper = WRAPPERS.get(baseName(words[0]?.value ?? '').toLowerCase()) ?? WRAPPERS.get('ssh');
  if (wrapper === undefined) return NOTHING;
  const found = byRow(wrapper, words, 1);
  const given = readOptions(words, wrapper.options, { stop: wrapper.rest !== 'none' });
  const inner = given.options.flatMap((option): Inner[] => {
    const match =
      /^\s*(proxycommand|localcommand|knownhostscommand|pkcs11provider|securitykeyprovider)[\s=]+/i.exec(
        option.value?.value ?? '',
      );
    if (option.name !== '-o' || option.value === null || match === null) return [];
    return [
      { kind: 'script', text: part(option.value, match[0].length), bash: true, via: `ssh -o ${match[1]}` },
    ];
  });
  return merge({ inner, doubts: [] }, found);
}

/** `source /dev/stdin`: the script is what it reads. */
function source(words: readonly ListedWord[]): Unwrapped {
  const operand = words.find((word, at) => at > 0 && word.value !== '--');
  if (operand === undefined || !STDIN.test(operand.value)) return NOTHING;
  return { inner: [{ kind: 'stdin', bash: true, via: 'source' }], doubts: [] };
}

function tar(words: readonly ListedWord[]): Unwrapped {
  const inner = words.flatMap((word, at): Inner[] => {
    const match =
      /^--(?:to-c[a-z]*|use-c[a-z-]*|checkpoint-a[a-z]*|info-s[a-z]*|new-v[a-z-]*|rsh-c[a-z]*|rmt-c[a-z]*)(=(?:exec=)?)?/.exec(
        word.value,
      );
    if (match !== null) {
      const text = match[1] === undefined ? words[at + 1] : part(word, match[0].length);
      const body = text?.value.startsWith('exec=') === true ? part(text, 5) : text;
      return body === undefined ? [] : [{ kind: 'script', text: body, bash: true, via: 'tar' }];
    }
    const letters = /^-[A-Za-z]*[IF]$/.exec(word.value);
    const next = words[at + 1];
    if (letters !== null && next !== undefined)
      return [{ kind: 'script', text: next, bash: true, via: 'tar' }];
    const close = /^-[A-Za-z]*?[IF]./.exec(word.value);
    return at > 0 && close !== null && !word.value.startsWith('--')
      ? [{ kind: 'script', text: part(word, close[0].length - 1), bash: true, via: 'tar' }]
      : [];
  });
  return { inner, doubts: [] };
}

function merge(one: Unwrapped, other: Unwrapped): Unwrapped {
  return { inner: [...one.inner, ...other.inner], doubts: [...one.doubts, ...other.doubts] };
}

const SPECIAL: ReadonlyMap<string, (words: readonly ListedWord[]) => Unwrapped> = new Map([
  ['env', env],
  ['source', source],
  ['.', source],
  ['find', find],
  ['fd', fd],
  ['fdfind', fd],
  ['ssh', ssh],
  ['autossh', ssh],
  ['scp', ssh],
  ['sftp', ssh],
  ['tar', tar],
  ...OF_THE_SHELL,
]);
