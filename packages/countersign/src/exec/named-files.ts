// Which words of a command name a file by an option: `sed -f prog`, `sed -nfprog`, `make --makefile=prog`. Of programs that are
// known to take what they do from a file, all forms are; of others, what is attached to an option is a guess (approval.md 2.4).

/** The programs, by their whole names; options that say what is run; and options beside which it is said. */
const READERS: readonly (readonly [names: string, run: string, beside: string])[] = [
  ['[gmn]?awk|original-awk|bwk', '-f -E --file --exec', '-i -l --include --load'],
  ['g?sed|ssed', '-f --file', ''],
  ['(?:g|b|d|n|p|q|c|mingw32-)?make|remake', '-f --file --makefile', ''],
  [
    'ninja|samu|just|task|ant|rake|scons|gradlew?|mvnw?|ctest|cmake|bazel|cargo',
    '-f -b -I -P -S -t -buildfile -file --file --justfile --rakefile --taskfile --build-file --init-script --manifest-path',
    '',
  ],
  ['(?:ba|da|z|k|mk|a|fi|c|tc)?sh', '', '--rcfile --init-file'],
  [
    'node|nodejs|deno|bun|tsx|ts-node',
    '',
    '-r -c -P --require --import --loader --experimental-loader --env-file --env-file-if-exists --preload --config --tsconfig --import-map --project',
  ],
  ['ruby[\\d.]*|irb', '', '-r --require'],
  ['php[\\d.]*', '-f -F --file --process-file', '-c -z --php-ini'],
  ['lua[\\d.]*|luajit', '', '-l'],
  ['julia', '', '-L -J --load --sysimage'],
  ['guile[\\d.]*', '-s', '-l'],
  ['expect', '-f', ''],
  ['r|rscript|octave|gnuplot', '-f --file', ''],
  ['java', '-jar', '-cp -classpath --class-path -p --module-path'],
  ['emacs|emacsclient', '-l -x --load --script --init-directory', ''],
  ['vi|[gr]?vim|vimdiff|nvim|view|ex', '-S -s -u -U -i -l', ''],
  ['c?gdb|gdb-multiarch|lldb', '-x -ix -s -S -command -init-command --source --source-before-file', ''],
  ['psql|cockroach', '-f --file', ''],
  ['mysql|mariadb', '', '--defaults-file --defaults-extra-file'],
  ['sqlite3|duckdb', '-init', ''],
  ['jq|gojq|jaq|yq', '-f --from-file', ''],
  ['xargs|parallel', '-a --arg-file', ''],
  ['ssh|scp|sftp|autossh', '-F -b', ''],
  ['git', '-F --file', ''],
  ['docker|docker-compose|podman|kubectl|oc|helm', '-f --file --filename --values --env-file', ''],
  ['terraform|tofu', '-var-file', ''],
  ['curl', '-K --config', ''],
  ['wget', '-i --input-file --config', ''],
  ['pip[\\d.]*|pipx|uv', '-r -c --requirement --constraint', ''],
  ['at|batch|bc|dc|nft|tmux|screen|nginx|caddy|supervisord|gunicorn', '-f -c --file --config', ''],
];

/** A first word that is no option is the program text where the option stands anywhere: `jq -f -r prog`, `jq prog -f`. */
const ANYWHERE = /^(?:jq|gojq|jaq|yq)$/;
export const ANYWHERE_OPTION = /^-[A-Za-z]*f|^--fr/;

const KNOWN = READERS.map(([names, run, beside]) => ({
  is: new RegExp(`^(?:${names})(?:\\.exe)?$`, 'i'),
  options: [
    ...run.split(' ').map((name) => ({ name, runs: true })),
    ...beside.split(' ').map((name) => ({ name, runs: false })),
  ].filter(({ name }) => name !== ''),
}));

/** Where options may stand together: behind so many letters a file of its own may begin. */
const MOST_LETTERS = 8;

export interface Named {
  readonly name: string;
  /** `run`: what the program does, and `beside`: what it reads besides. Otherwise it only may be. */
  readonly as: 'run' | 'beside' | 'guess';
}

/** The options of all programs that a command names, word by word. */
export class FileOptions {
  readonly #options: { readonly name: string; readonly runs: boolean }[] = [];
  #isAnywhere = false;
  #next: Named['as'] | null = null;
  #before: Named['as'] | null = null;

  /** That program's options count from here on. False: it is none of them. */
  meet(name: string): boolean {
    const known = KNOWN.filter(({ is }) => is.test(name));
    for (const { options } of known)
      this.#options.push(...options.filter((option) => !this.#options.includes(option)));
    if (ANYWHERE.test(name)) this.#isAnywhere = true;
    return known.length > 0;
  }

  /** What a word may name by an option, its own or the one before it. Empty: it stands by itself. */
  named(word: string): readonly Named[] {
    const before = this.#next;
    this.#before = before;
    this.#next = null;
    const whole: readonly Named[] = before === null ? [] : [{ name: word, as: before }];
    if (/^-./.test(word)) return [...whole, ...this.#long(word), ...this.#short(word)];
    // `LD_PRELOAD=./x.so`, `NODE_OPTIONS=--require=./x`, `if=x`.
    const value = /^[A-Za-z_]\w*=(.+)$/s.exec(word)?.[1];
    return value === undefined ? whole : [...whole, ...guesses(value)];
  }

  /** The last word may be nothing by the time it is read: the value of the option before it may be the next one. */
  passOver(): void {
    this.#next ??= this.#before;
  }

  /** Whether one of the programs takes its text from a word that need not stand behind the option. */
  get isAnywhere(): boolean {
    return this.#isAnywhere;
  }

  /** As GNU takes them, also where only their beginning is there. */
  #long(word: string): readonly Named[] {
    const [, name = '', value] = /^--?([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(word) ?? [];
    const known = this.#options.find(
      (option) => option.name.length > 2 && option.name.replace(/^--?/, '').startsWith(name),
    );
    const isKnown = known !== undefined && (word.startsWith('--') || name.length > 1);
    const as = isKnown ? asOf(known.runs) : 'guess';
    if (value !== undefined) return value === '' ? [] : [{ name: value, as }, ...guesses(value)];
    if (isKnown && name !== '') this.#next = as;
    return [];
  }

  #short(word: string): readonly Named[] {
    if (word.startsWith('--')) return [];
    const found: Named[] = [];
    for (const { name, runs } of this.#options) {
      const at = name.length === 2 ? word.indexOf(name[1] ?? '', 1) : -1;
      if (at < 0) continue;
      const rest = word.slice(at + 1);
      const as = asOf(runs);
      if (rest === '') this.#next = as;
      else for (const text of new Set([rest, rest.replace(/^=/, '')])) found.push({ name: text, as });
    }
    for (let at = 2; at < word.length && at <= MOST_LETTERS; at += 1) {
      if (!/[A-Za-z\d]/.test(word[at - 1] ?? '')) break;
      found.push({ name: word.slice(at), as: 'guess' });
    }
    return found;
  }
}

function asOf(runs: boolean): 'run' | 'beside' {
  return runs ? 'run' : 'beside';
}

/** What stands behind a sign of equality, and behind one in that. */
function guesses(value: string): readonly Named[] {
  const inner = value.includes('=') ? [value.slice(value.indexOf('=') + 1)] : [];
  return [value, ...inner].filter((name) => name !== '').map((name) => ({ name, as: 'guess' as const }));
}
