// The README is run, not believed: every ```sh fence, in order, in one home, except the two `npm ci` lines (.ci/run
// proves those) and fences marked `<!-- test:skip reason -->`.
import { execFile } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../packages/countersign/src/testing/free-port.ts';
import { environment, root } from '../scripts/lib/node.mjs';
import { type Fence, shellFences, verbOf } from './fences.ts';

const README = join(root, 'README.md');
const home = mkdtempSync(join(tmpdir(), 'countersign-readme-'));
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  const port = String(await freePort());
  env = environment({
    HOME: home,
    COUNTERSIGN_HOME: join(home, '.countersign'),
    COUNTERSIGN_PORT: port,
    NO_COLOR: '1',
  });
});
afterAll(async () => {
  // A fence may have left a gateway running: it goes with the home it holds.
  if (existsSync(join(home, '.countersign')))
    await bash('node packages/countersign/bin/countersign.js gateway stop', 30_000);
  rmSync(home, { recursive: true, force: true });
});

const fences = existsSync(README) ? shellFences(readFileSync(README, 'utf8')) : [];
const runnable = fences.filter((fence) => commandsToRun(fence).length > 0);

test('there is a README.md, and it has commands to run', () => {
  expect(existsSync(README), 'README.md is missing').toBe(true);
  expect(runnable.length, 'README.md has no ```sh fence with a command of its own').toBeGreaterThan(0);
});

test('both npm ci lines of the README are there: from a clone to a gateway, and to the tests', () => {
  const first = fences.flatMap(({ commands }) => commands).filter((command) => command.startsWith('npm ci'));
  expect(first).toEqual(['npm ci && npm start', 'npm ci && npm test']);
});

describe.runIf(runnable.length > 0)('README commands', () => {
  for (const fence of runnable) {
    test(`line ${fence.line}: ${fence.commands[0]}`, { timeout: 180_000 }, async (context) => {
      if (fence.skip !== undefined) return context.skip(fence.skip);
      const { code, output } = await bash(['set -e', ...commandsToRun(fence)].join('\n'), 170_000);
      expect(code, output).toBe(0);
    });
  }
});

test('every countersign verb in a fence of README and docs is one the program knows', {
  timeout: 120_000,
}, async () => {
  const pages = [
    'README.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    ...globSync('{docs,examples}/**/*.md', { cwd: root }),
  ];
  const texts = pages
    .filter((path) => existsSync(join(root, path)))
    .map((path) => readFileSync(join(root, path), 'utf8'));
  const commands = texts.flatMap(shellFences).flatMap((fence) => fence.commands);
  const verbs = new Set(commands.flatMap((command) => verbOf(command)?.join(' ') ?? []));
  const unknown = [];
  for (const verb of verbs) {
    const { code, output } = await bash(
      `node packages/countersign/bin/countersign.js ${verb} --help`,
      30_000,
    );
    const usage = /^usage: countersign (.*)$/im.exec(output)?.[1] ?? '';
    if (code !== 0 || !usage.startsWith(verb)) unknown.push(verb);
  }
  expect(unknown).toEqual([]);
});

describe('what a fence says', () => {
  test('continued lines are joined, prompts and comments dropped, the marker read', () => {
    const text =
      '<!-- test:skip needs a bot -->\n```sh\n$ a \\\n  b   # why\n\n# talk\nc --x "#1"\n```\n\n```jsonc\nno\n```\n';
    expect(shellFences(text)).toEqual([{ line: 2, commands: ['a b', 'c --x "#1"'], skip: 'needs a bot' }]);
  });

  test('a fence that is never closed is an error, not an empty fence', () => {
    expect(() => shellFences('```sh\nrm -rf x\n')).toThrow(/never closed/);
  });

  test('verbs are told from their arguments', () => {
    expect(verbOf('npx countersign pairing approve K7QD2M4X')).toEqual(['pairing', 'approve']);
    expect(verbOf('countersign demo')).toEqual(['demo']);
    expect(verbOf('countersign --help')).toEqual([]);
    expect(verbOf('npm ci && npm start')).toBeUndefined();
  });
});

function commandsToRun({ commands }: Fence): string[] {
  return commands.filter((command) => !command.startsWith('npm ci'));
}

function bash(script: string, timeout: number): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = execFile('bash', ['-c', script], { cwd: root, env, timeout }, (error, stdout, stderr) => {
      resolve({
        code: error === null ? 0 : 1,
        output: `${stdout}${stderr}${error?.killed ? '(took too long)' : ''}`,
      });
    });
    child.stdin?.end();
  });
}
