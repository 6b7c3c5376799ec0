// R45, risk 2.6: text that is run and cannot be read is destructive, whether a pipe of the line brings it or whoever asks. An
// elevation reaches nothing destructive, so what is fed to a shell is never run by one.
import { expect, test } from 'vitest';
import { classify } from './classify.ts';
import type { ActionFacts, RiskContext } from './risk.ts';

const context: RiskContext = {
  home: '/home/u',
  guarded: { paths: [], ports: [], pids: [] },
  rules: [],
  tools: {},
};
const BYTES = { kind: 'bytes', size: 30 } as const;
type Stdin = Extract<ActionFacts, { kind: 'exec' }>['stdin'];
const cwd = { path: '/home/u/work' };
const words = (argv: readonly string[], stdin: Stdin) =>
  classify({ kind: 'exec', argv, cwd, ...(stdin === undefined ? {} : { stdin }) }, context).tier;
const line = (shell: string, stdin: Stdin = BYTES) =>
  classify({ kind: 'exec', shell, cwd, stdin: stdin ?? BYTES }, context).tier;

test.each([
  [['sh']],
  [['bash', '-s', 'x']],
  [['python3', '-']],
  [['node']],
  [['env', 'X=1', 'sh']],
  [['sh', '-c', 'sh']],
])('%j given bytes to read runs what nobody could read', (argv) => {
  expect(words(argv, BYTES)).toBe('destructive');
});

test('in a shell line whatever would read it, and not what reads something else', () => {
  expect(line('cd x && bash')).toBe('destructive');
  expect(line('echo ls | sh')).toBe('read');
  expect(line('sh < a.sh')).toBe('elevated');
});

test('what only looks at what it is given stays light; nothing to read is nothing', () => {
  for (const argv of [['cat'], ['grep', 'x'], ['wc', '-l'], ['jq', '.'], ['sort']])
    expect(words(argv, BYTES), argv.join(' ')).toBe('read');
  for (const stdin of [
    undefined,
    { kind: 'none' },
    { kind: 'terminal' },
    { kind: 'bytes', size: 0 },
  ] as const)
    expect(words(['sh'], stdin)).toBe('elevated');
});
