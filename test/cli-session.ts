// Reads and compares sessions as typed (age's idea). In a session:
//   # text             a heading; from here on
//   $ countersign …    a command, split into words as a shell would; nothing is expanded
//   text, 2| text      a line of stdout, a line of stderr, in their order
//   [exit 2]           the exit code, 0 when it is not said
//   > ana says hello   somebody in the web chat does something; > port taken, > file NAME CONTENT prepare the world;
//                    > app NAME SEED STEPS names what an authenticator app shows
// In expected lines `…` is anything, a line of only `…` any number of lines, and `<code>` a word that is the same wherever
// the session names it, also in commands.
import { splitWords } from '../packages/countersign/src/config/words.ts';

export interface Step {
  readonly line: number;
  /** A command's words, or what is done in the world. */
  readonly kind: 'command' | 'world';
  readonly text: string;
  readonly stdout: string[];
  readonly stderr: string[];
  exit: number;
}

export function parseSession(text: string): Step[] {
  const steps: Step[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const step = steps.at(-1);
    const exit = /^\[exit (\d+)\]$/.exec(line)?.[1];
    if (/^[$>] /.test(line)) {
      const kind = line.startsWith('$') ? 'command' : 'world';
      steps.push({ line: index + 1, kind, text: line.slice(2), stdout: [], stderr: [], exit: 0 });
    } else if (line.startsWith('#') || step === undefined) continue;
    else if (exit !== undefined) step.exit = Number(exit);
    else if (line.startsWith('2| ')) step.stderr.push(line.slice(3));
    else step.stdout.push(line);
  }
  // The empty lines before the next command belong to the reader, not to the output.
  for (const { stdout } of steps) while (stdout.at(-1) === '') stdout.pop();
  return steps;
}

export type Names = Map<string, string>;

export function wordsOf(text: string, names: Names): string[] {
  const words = splitWords(text);
  if (words === null) throw new Error(`a quote is left open: ${text}`);
  return words.map((word) => word.replaceAll(NAME, (whole, name: string) => names.get(name) ?? whole));
}

const NAME = /<([a-z][a-z-]*)>/g;

/** Null when the output is as expected, and new names are known then; otherwise the first line that is not. */
export function mismatch(expected: readonly string[], output: string, names: Names): string | null {
  const lines = output === '' ? [] : output.replace(/\n$/, '').split('\n');
  let at = 0;
  let skipping = false;
  for (const wanted of expected) {
    if (wanted === '…') {
      skipping = true;
      continue;
    }
    let found = matches(wanted, lines[at], names);
    while (skipping && !found && at < lines.length) found = matches(wanted, lines[++at], names);
    if (!found) return `expected: ${wanted}\n     got: ${lines[at] ?? '(nothing more)'}`;
    skipping = false;
    at += 1;
  }
  return skipping || at === lines.length ? null : `expected: (nothing more)\n     got: ${lines[at]}`;
}

function matches(wanted: string, line: string | undefined, names: Names): boolean {
  if (line === undefined) return false;
  const fresh: string[] = [];
  const pattern = wanted
    .split(/(…|<[a-z][a-z-]*>)/)
    .map((part) => {
      if (part === '…') return '.*';
      const name = /^<(.+)>$/.exec(part)?.[1];
      if (name === undefined) return literally(part);
      const known = names.get(name);
      if (known !== undefined) return literally(known);
      fresh.push(name);
      return '(\\S+?)';
    })
    .join('');
  const match = new RegExp(`^${pattern}$`, 'u').exec(line);
  for (const [index, name] of fresh.entries()) names.set(name, match?.[index + 1] ?? '');
  if (match === null) for (const name of fresh) names.delete(name);
  return match !== null;
}

function literally(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
