// Ten people with editors on one configuration file, in a process of their own: they read it, change a line of theirs,
// look whether it is still what they read, and save. They take no lock. Half of them save in place, half by renaming.
// On its input's end each looks once more that its line stands, and the process prints what became of everybody.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

export interface HandReport {
  readonly name: string;
  /** What stands in the file for it at the end: a number in a comment, or whether its person is listed. */
  readonly last: number | boolean;
  readonly edits: number;
  /** How often its line was not what it had saved: somebody saved over it between its look and its save. */
  readonly overwritten: number;
}

const [path = ''] = process.argv.slice(2);
let isOver = false;
process.stdin.on('end', () => {
  isOver = true;
});
process.stdin.resume();

/** One hand: how its line reads, and how it changes it. */
interface Hand {
  readonly name: string;
  read(text: string): number | boolean;
  write(text: string, value: number | boolean): string;
  next(value: number | boolean): number | boolean;
}

const commenting = (n: number): Hand => ({
  name: `comment-${n}`,
  read: (text) => Number(new RegExp(`// hand ${n}: (\\d+)`).exec(text)?.[1] ?? -1),
  write: (text, value) => text.replace(new RegExp(`// hand ${n}: \\d+`), `// hand ${n}: ${value}`),
  next: (value) => Number(value) + 1,
});

const listing = (n: number): Hand => ({
  name: `person-${n}`,
  read: (text) => text.includes(`"7000${n}"`),
  write: (text, value) =>
    value === true
      ? text.replace('"allowFrom": [\n', `"allowFrom": [\n      "7000${n}", // by hand\n`)
      : text.replace(new RegExp(`^.*"7000${n}".*\n`, 'm'), ''),
  next: (value) => value !== true,
});

const hands = [...[0, 1, 2, 3, 4, 5, 6, 7].map(commenting), ...[8, 9].map(listing)];

async function edit(hand: Hand, n: number): Promise<HandReport> {
  const byRename = n % 2 === 0;
  let round = 0;
  let saved: number | boolean | null = null;
  let [edits, overwritten] = [0, 0];
  const tryOnce = (value: (before: number | boolean) => number | boolean): boolean => {
    const text = readFileSync(path, 'utf8');
    if (!text.trimEnd().endsWith('}')) return false; // somebody is saving
    const next = value(hand.read(text));
    const after = hand.write(text, next);
    const draft = `${path}.${hand.name}`;
    if (byRename) writeFileSync(draft, after, { mode: 0o600 });
    if (readFileSync(path, 'utf8') !== text) return false;
    if (byRename) renameSync(draft, path);
    else writeFileSync(path, after);
    saved = next;
    return true;
  };
  const look = (): void => {
    const text = readFileSync(path, 'utf8');
    if (saved === null || !text.trimEnd().endsWith('}') || hand.read(text) === saved) return;
    overwritten += 1;
    const again = saved;
    tryOnce(() => again);
  };
  while (!isOver) {
    // Nobody keeps time with anybody.
    round += 1;
    await pause(200 + ((n * 137 + round * 71) % 400));
    look();
    if (tryOnce(hand.next)) edits += 1;
  }
  for (let last = 0; last < 10; last++) {
    await pause(100);
    look();
  }
  return { name: hand.name, last: saved ?? hand.read(readFileSync(path, 'utf8')), edits, overwritten };
}

const reports = await Promise.all(hands.map((hand, n) => edit(hand, n)));
process.stdout.write(`${JSON.stringify(reports)}\n`);
