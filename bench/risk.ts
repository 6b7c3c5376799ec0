// What it costs to say how risky a command line is, against reading the line and nothing more; and the worst that a hostile
// line can cost. The lines are the labelled ones of vectors/commands.json, which are nastier than what people write.

import { readFileSync } from 'node:fs';
import { forEachChild, parse, type SyntaxNode } from 'unbash';
import { classify } from '../packages/countersign/src/core/approval/risk/classify.ts';
import type { RiskContext } from '../packages/countersign/src/core/approval/risk/risk.ts';
import { median, ratio } from './figures.ts';
import type { Row } from './house.ts';

interface Vectors {
  readonly facts: { readonly cwd: string; readonly home: string; readonly guarded: RiskContext['guarded'] };
  readonly commands: readonly { readonly command: string }[];
}

const ROUNDS = 9;
const REPEATS = 12;
const BUDGET = 3;
const LIMIT_MS = 50;
const file = new URL('../vectors/commands.json', import.meta.url);
const { facts, commands } = JSON.parse(readFileSync(file, 'utf8')) as Vectors;
const lines = commands.map(({ command }) => command);
const context: RiskContext = { home: facts.home, guarded: facts.guarded, rules: [], tools: {} };

const judge = (shell: string): unknown =>
  classify({ kind: 'exec', shell, cwd: { path: facts.cwd } }, context);
/** Parts of a word are read when they are asked for: a line is parsed when all of it was visited. */
const visit = (node: SyntaxNode): void => forEachChild(node, visit);
const read = (line: string): unknown => visit(parse(line));

/** Microseconds of processor for one line. */
function cpu(work: (line: string) => unknown): number {
  const before = process.cpuUsage();
  for (let repeat = 0; repeat < REPEATS; repeat += 1) for (const line of lines) work(line);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / REPEATS / lines.length;
}

cpu(read);
cpu(judge);
const parsed: number[] = [];
const judged: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  parsed.push(cpu(read));
  judged.push(cpu(judge));
}
const ratios = judged.map((one, at) => one / (parsed[at] ?? Number.NaN));

const BITS = [
  'a ',
  "'a' ",
  '$(a) ',
  '$(',
  '(',
  '{a,b} ',
  '{a,',
  '*/',
  '?',
  '[a',
  '../',
  'a;',
  'a|',
  'rm a ',
  'cat <<E\na\nE\n',
  '\\',
  '$a',
  'a=b ',
  '>a ',
  '-a ',
  'env ',
  '${a:-',
  '`a` ',
  'cd a;',
  'find . -exec a {} ; ',
];
const BEFORE = ['', '"', 'rm ', '$x ', 'python -c "'];

/** 10,000 lines of up to 8 KiB that are made to cost much: the slowest, in milliseconds of processor. */
function worst(): { readonly ms: number; readonly line: string } {
  let slowest = { ms: 0, line: '' };
  for (let index = 0; index < 10_000; index += 1) {
    const bit = BITS[index % BITS.length] ?? '';
    const other = BITS[(index * 7) % BITS.length] ?? '';
    const before = BEFORE[index % BEFORE.length] ?? '';
    const size = 64 << (index % 8);
    const line = before + (bit + other).repeat(Math.ceil(size / (bit.length + other.length)));
    const start = process.cpuUsage();
    judge(line);
    const { user, system } = process.cpuUsage(start);
    const ms = (user + system) / 1_000;
    if (ms > slowest.ms) slowest = { ms, line: line.slice(0, 40) };
  }
  return slowest;
}

const hostile = worst();
const rows: readonly Row[] = [
  {
    what: `saying how risky a command line is, with every reason (${lines.length} labelled lines, CPU)`,
    baseline: `parsing it and visiting every node (${median(parsed).toFixed(1)} µs)`,
    budget: `≤ ${BUDGET} ×`,
    measured: `${ratio(ratios)}, ${median(judged).toFixed(1)} µs`,
    met: median(ratios) <= BUDGET,
  },
  {
    what: 'the slowest of 10,000 hostile lines of up to 8 KiB (CPU)',
    baseline: 'none',
    budget: `≤ ${LIMIT_MS} ms`,
    measured: `${hostile.ms.toFixed(1)} ms, ${JSON.stringify(hostile.line)}`,
    met: hostile.ms <= LIMIT_MS,
  },
];
console.log(JSON.stringify(rows));
