// `countersign doctor`: what is wrong, and what to do. A house that cannot even be opened is a finding, not a crash.

import { visible } from '@countersign/protocol/display';
import type { DoctorCheck } from '@countersign/protocol/gateway';
import { Problem } from '@countersign/protocol/problem';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { asProblem } from '../problems.ts';
import { examples } from './examples.ts';

export function define(noun: Command, cli: Cli): void {
  noun.description('check this installation; changes nothing').action(async () => {
    const { terminal } = cli;
    const { items, failure } = await examine(cli);
    terminal.result({ items }, () => items.flatMap(checkLines));
    const errors = items.filter(({ level }) => level === 'error').length;
    if (failure !== undefined) throw failure;
    if (errors === 0) return;
    throw new Problem('config_invalid', {
      detail: errors === 1 ? 'the doctor found an error' : `the doctor found ${errors} errors`,
      hint: 'each is named above with what to do',
    });
  });
  examples(
    noun,
    ['countersign doctor', 'countersign doctor --json'],
    'Exit 0 without errors (notes and warnings are none), else 10.',
  );
}

async function examine(cli: Cli): Promise<{ items: DoctorCheck[]; failure?: Problem }> {
  try {
    const { items } = await (await cli.client()).gateway.doctor();
    return { items };
  } catch (thrown) {
    const failure = asProblem(thrown);
    const { message, hint } = failure;
    const check = { name: 'open', level: 'error' as const, message, ...(hint === undefined ? {} : { hint }) };
    return { items: [check, ...mistakesOf(failure)], failure };
  }
}

/** A file that cannot be opened is told key by key. */
function mistakesOf({ members }: Problem): DoctorCheck[] {
  const { mistakes } = members;
  if (!Array.isArray(mistakes)) return [];
  return mistakes.flatMap((mistake: { path?: unknown; message?: unknown; hint?: unknown }) => {
    const { path = '', message, hint } = mistake;
    if (typeof message !== 'string') return [];
    const name = `config ${String(path)}`.trim();
    return [{ name, level: 'error' as const, message, ...(typeof hint === 'string' ? { hint } : {}) }];
  });
}

function checkLines({ name, level, message, hint }: DoctorCheck): string[] {
  const line = visible(`${level.padEnd(8)}${name}: ${message}`);
  return hint === undefined || level === 'ok' ? [line] : [line, visible(`        hint: ${hint}`)];
}
