// Programs whose operands have a grammar of their own: kill, chmod, git push.
import { HOLE, type Listed, type ListedWord } from '../shell/listing.ts';
import type { Operands } from './operands.ts';
import { type Verdict, written } from './paths.ts';
import type { RiskContext } from './risk.ts';

/** Names under which Countersign's gateway stands in a list of processes. */
const PROCESS = [
  'countersign',
  'node',
  'MainThread',
  'node countersign.js gateway run',
  '/usr/bin/node /usr/lib/node_modules/countersign/bin/countersign.js gateway run',
];

/** A line may say the same word a thousand times. */
export function different(words: readonly ListedWord[]): readonly ListedWord[] {
  if (words.length <= 16) return words;
  const seen = new Set<string>();
  return words.filter((word) => {
    if (word.among !== undefined || word.script !== undefined) return true;
    const said = `${word.kind} ${word.text}\n${word.value}`;
    return !seen.has(said) && seen.add(said);
  });
}

export function judgeKill(name: string, listed: Listed, context: RiskContext): readonly Verdict[] {
  const words = listed.words.slice(1);
  const own: Verdict = {
    rule: 'floor.countersign',
    tier: 'destructive',
    why: "would end Countersign's own process",
  };
  if (name !== 'kill') {
    const patterns = words.filter((word) => !word.value.startsWith('-'));
    const fits = patterns.some(
      (word) => word.value.includes(HOLE) || PROCESS.some((process) => fitsProcess(word.value, process)),
    );
    const wide =
      patterns.length === 0 ||
      words.some((word) =>
        /^-(u|U|g|G|t|s|P|v|n|o)|^--(uid|euid|group|inverse|session|parent|terminal|newest|oldest|user)/.test(
          word.value,
        ),
      );
    if (fits) return [own];
    return wide && !words.some((word) => /^-(l|V|-list|-version)/.test(word.value))
      ? [
          {
            rule: 'kill.many',
            tier: 'destructive',
            why: 'ends processes by who they belong to, whatever they are',
          },
        ]
      : [];
  }
  const verdicts: Verdict[] = [];
  let signal = false;
  for (const [at, word] of words.entries()) {
    if (word.kind !== 'exact' && word.kind !== 'number') {
      verdicts.push({
        rule: 'kill.unknown',
        tier: 'destructive',
        why: 'which process it ends is only known when it runs',
      });
    }
    if (at === 0 && /^-(\d+|[A-Za-z]+)$/.test(word.value)) {
      signal = /^-[sn]$/.test(word.value);
      continue;
    }
    if (signal && at === 1) continue;
    const number = Number(word.value);
    if (context.guarded.pids.includes(Math.abs(number))) verdicts.push(own);
    if (/^-\d+$/.test(word.value) || word.value === '0' || word.value === '1') {
      verdicts.push({ rule: 'kill.many', tier: 'destructive', why: 'ends more than one process' });
    }
  }
  return verdicts;
}

/** Programs that look into a process, or change it. */
export function judgePids(listed: Listed, context: RiskContext): readonly Verdict[] {
  const own = listed.words
    .slice(1)
    .some(({ value }) => context.guarded.pids.includes(Number(/(\d+)$/.exec(value)?.[1])));
  return own
    ? [{ rule: 'floor.countersign', tier: 'destructive', why: "reaches into Countersign's own process" }]
    : [];
}

/** Clouds name their verbs alike. */
export function judgeCloud(listed: Listed): readonly Verdict[] {
  const verb = listed.words
    .slice(1)
    .find(({ value }) =>
      /^(delete|destroy|terminate|remove|purge|deregister|disable|revoke|rm|rb|reset|drop|wipe|put-bucket-policy|put-user-policy|attach-|create-access-key|add-iam)/.test(
        value,
      ),
    );
  return verb === undefined
    ? []
    : [
        {
          rule: 'cloud.destructive',
          tier: 'destructive',
          why: `${verb.text} is hard to undo, or widens rights`,
        },
      ];
}

/** A pattern as pkill reads it: an expression, anywhere in the name. What is no plain text is taken to fit. */
function fitsProcess(pattern: string, process: string): boolean {
  const text = pattern.toLowerCase();
  if (text === '') return true;
  const plain = text.replaceAll(/^\^|\$$/g, '');
  if (/[.*+?()[\]{}|\\^$]/.test(plain)) return true;
  return process.toLowerCase().includes(plain);
}

/** Octal or symbolic: who may write, and whose rights it runs with. */
export function judgeMode({ given, row, listed }: Operands): readonly Verdict[] {
  if (row.name !== 'chmod') return [];
  const mode = given.options.some(({ name }) => name === '--reference')
    ? undefined
    : modeOf(given.operands[0], listed);
  return mode === undefined ? [] : judgeBits(mode);
}

export function judgeBits(mode: string): readonly Verdict[] {
  const setuid = /^0*[2-7]\d{3}$/.test(mode) || /[ugao]*[+=][rwxXt]*s/.test(mode) || mode.includes(HOLE);
  if (setuid)
    return [
      { rule: 'chmod.setuid', tier: 'destructive', why: 'a program that runs with the rights of its owner' },
    ];
  const open = /^\d*[2367]$/.test(mode) || /(^|,)[ug]*[oa][ugoa]*[+=][rxX]*w|(^|,)[+=][rxX]*w/.test(mode);
  return open ? [{ rule: 'chmod.open', tier: 'elevated', why: 'anybody on this machine may write it' }] : [];
}

/** `chmod -w file` is a mode, not an option. */
function modeOf(word: ListedWord | undefined, listed: Listed): string | undefined {
  const dashed = listed.words.find(({ value }) => /^-[rwxXst]+$/.test(value));
  return dashed === undefined ? word?.value : undefined;
}

/** `+main` forces, `:main` deletes, `+:` and a name that only the run knows may do either. */
export function judgePush(operands: readonly ListedWord[]): readonly Verdict[] {
  const refs = operands.slice(1);
  const forced = refs.some((word) => /^\+|^:[^/]/.test(word.value));
  const unknown = refs.some((word) => word.value.startsWith(HOLE));
  if (forced)
    return [
      { rule: 'git.push', tier: 'destructive', why: 'git push overwrites or deletes what others have' },
    ];
  return unknown
    ? [{ rule: 'git.push', tier: 'destructive', why: 'what git push overwrites is only known when it runs' }]
    : [];
}

/** A package by its name; by a path or an address it is a program that somebody brings. */
export function judgeFormulas(operands: readonly ListedWord[]): readonly Verdict[] {
  return different(operands)
    .filter(({ value, kind }) => kind !== 'exact' || /[/:]|\.rb$/.test(value))
    .map((word) => ({
      rule: 'code.brought',
      tier: 'elevated',
      why: `${word.text} is not the name of a package, and may be read as a program`,
    }));
}

/** The name of a fetched file is the end of its address: `wget https://example.com/.envrc` writes `.envrc`. */
export function judgeSaved({ given, listed, facts, row }: Operands): readonly Verdict[] {
  const folders = given.options.flatMap(({ name, value }) =>
    /^(-P|--directory-prefix|--output-dir)$/.test(name) && value?.kind === 'exact' ? [`${value.value}/`] : [],
  );
  return different(given.operands).flatMap((word) => {
    if (namesAny(word, row.operands.includes('wget')))
      return [
        { rule: 'path.write', tier: 'write', why: `writes what ${word.text} names` },
        { rule: 'path.made', tier: 'elevated', why: `which files ${word.text} makes, the address says` },
      ];
    const path = word.value.replace(/^[a-z]+:\/\//i, '').replace(/[?#].*$/s, '');
    const end = /\/([^/]+)$/.exec(path)?.[1] ?? 'index.html';
    const plain = end.replaceAll(/%([0-9a-f]{2})/gi, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    );
    return [...new Set([end, plain])].flatMap((name) => {
      const value = `${folders.at(-1) ?? ''}${name}`.replaceAll(RANGES, '*');
      const kind = word.kind === 'exact' && value.includes('*') ? 'glob' : word.kind;
      return written({ ...word, value, kind, text: value.replaceAll(HOLE, '…') }, listed, facts);
    });
  });
}

/** Numbers and letters in a row, as curl counts them. */
export const RANGES = /\[(?:\d+-\d+|[a-z]-[a-z]|[A-Z]-[A-Z])(?::\d+)?\]/g;

/** Whether whoever wrote the address chose several names, or the server does: `{.envrc,y}`, `ftp://host/.env*`. */
function namesAny({ value, kind }: ListedWord, wget: boolean): boolean {
  // A star without quotes is the name of a file here first.
  if (kind === 'glob' && /[*[]/.test(value)) return true;
  if (wget) return /^ftps?:.*[*?[\]]/is.test(value);
  return /[{}[\]]/.test(value.replaceAll(RANGES, ''));
}
