// The model in spec/approval.qnt, run by the simulator that npm brings: no Java, no download, no network. Traces come in the
// Informal Trace Format (apalache-mc.org, ADR 015).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { root, tool } from '../scripts/lib/node.mjs';

export type Value = string | number | boolean | null | Value[] | { [name: string]: Value };

const text = z.string();
const number = z.number();

export const stateSchema = z.object({
  request: z.object({
    state: text,
    yes: z.array(text),
    askedAt: number,
    approvedAt: number,
    redemptions: number,
  }),
  disk: text,
  now: number,
  runs: z.array(z.object({ by: text, content: text })),
});

/** What was done, with what, and what it came to. */
export interface Step {
  readonly action: string;
  readonly picks: {
    readonly x: string | null;
    readonly who: string | null;
    readonly quorum: number | null;
    readonly approved: boolean | null;
  };
  readonly state: z.infer<typeof stateSchema>;
}

export interface Explored {
  readonly isViolated: boolean;
  readonly output: string;
  readonly traces: readonly (readonly Step[])[];
}

const SPEC = join(root, 'spec/approval.qnt');

export function explore(
  main: string,
  invariants: readonly string[],
  {
    samples,
    steps,
    traces = 1,
    seed,
    witnesses = [],
  }: {
    readonly samples: number;
    readonly steps: number;
    readonly traces?: number;
    readonly seed: string;
    readonly witnesses?: readonly string[];
  },
): Explored {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-quint-'));
  try {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        tool('@informalsystems/quint/dist/src/cli.js'),
        'run',
        SPEC,
        '--backend=typescript',
        '--mbt',
        '--verbosity=1',
        `--main=${main}`,
        `--seed=${seed}`,
        `--max-samples=${samples}`,
        `--max-steps=${steps}`,
        `--n-traces=${traces}`,
        `--out-itf=${join(folder, 'trace_{seq}.itf.json')}`,
        '--invariants',
        ...invariants,
        ...(witnesses.length === 0 ? [] : ['--witnesses', ...witnesses]),
      ],
      { encoding: 'utf8', timeout: 300_000, env: { PATH: '/usr/bin:/bin' } },
    );
    const output = stdout + stderr;
    if (status !== 0 && !output.includes('[violation]')) throw new Error(`quint: ${output}`);
    return {
      isViolated: output.includes('[violation]'),
      output,
      traces: readdirSync(folder).map((file) => readTrace(readFileSync(join(folder, file), 'utf8'), main)),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const pick = <T extends z.ZodType>(of: T) => of.nullable().default(null);
const picksSchema = z.object({
  x: pick(text),
  who: pick(text),
  quorum: pick(number),
  approved: pick(z.boolean()),
});

function readTrace(json: string, main: string): Step[] {
  const { states } = z.object({ states: z.array(z.record(z.string(), z.json())) }).parse(JSON.parse(json));
  return states.map((raw) => {
    const vars: Record<string, Value> = {};
    for (const [name, value] of Object.entries(raw))
      vars[name.replace(`${main}::approval::`, '')] = plain(value);
    return {
      action: text.parse(vars['mbt::actionTaken']),
      picks: picksSchema.parse(vars['mbt::nondetPicks']),
      state: stateSchema.parse(vars),
    };
  });
}

/** Integers, sets, maps and variants as JavaScript has them: a variant without content is its name. */
function plain(value: z.core.util.JSONType): Value {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const { '#bigint': integer, '#set': set, '#map': map, '#tup': tuple, tag, value: inner } = value;
  if (typeof integer === 'string') return Number(integer);
  if (Array.isArray(set)) return set.map(plain);
  if (Array.isArray(tuple)) return tuple.map(plain);
  if (Array.isArray(map)) return map.map(plain);
  if (tag === 'None') return null;
  if (tag === 'Some') return plain(inner ?? null);
  if (typeof tag === 'string') return tag;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
}
