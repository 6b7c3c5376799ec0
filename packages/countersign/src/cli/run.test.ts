// The frame: what is typed wrong is answered with a sentence, a hint and exit 2; what fails keeps the code of its row;
// and under --json there is one document, or one problem, and nothing else.
import { PROBLEMS } from '@countersign/protocol/problem';
import { expect, test } from 'vitest';
import { createCli } from './cli.ts';
import { CHANNELS, countersign, makeHome, NOW, standIn } from './fixtures/stand-in.ts';
import { LATER, MEANT, NOUNS } from './nouns.ts';
import { buildProgram } from './run.ts';
import { createTerminal } from './terminal.ts';

const silent = { write: () => true };
const streams = { stdout: silent, stderr: silent, stdin: {} };

async function wholeProgram() {
  const world = { home: makeHome(), env: {}, streams, clock: { now: () => NOW } };
  return buildProgram(['complete'], createCli(world, createTerminal(streams, { json: false, env: {} })));
}

test('alone it says how to start, exit 0', async () => {
  const { code, stdout, stderr } = await countersign(makeHome());
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain('countersign demo');
  expect(stdout.match(/^ {2}countersign /gm)).toHaveLength(3);
});

test.each([
  [['paring', 'list'], 'there is no command paring', 'did you mean countersign pairing?'],
  [['approve', 'x'], 'there is no command approve', 'did you mean countersign pairing approve?'],
  [['qqqqqqqq'], 'there is no command qqqqqqqq', 'countersign --help lists every command'],
  [['pairing', 'aprove'], "unknown command 'aprove'", 'did you mean approve?'],
  [
    ['approvals'],
    'approvals needs a verb: list, history, show, approve, deny',
    'countersign approvals --help shows how',
  ],
  [
    ['elevate', 'ende'],
    'how long is a number with m or h, an hour at most',
    'did you mean countersign elevate end?',
  ],
  [['node'], 'node needs a verb: run', 'countersign node --help shows how'],
  [
    ['pairing', 'revoke', 'telegram'],
    "missing required argument 'identifier'",
    'countersign pairing revoke --help shows how',
  ],
  [
    ['tokens', 'create'],
    "required option '--scope <scope>' not specified",
    'countersign tokens create --help shows how',
  ],
  [['audit', 'list', '--limit', '0'], '--limit takes a number from 1 to 1000', '--limit 100'],
  [['people', 'map', '--clear'], 'name the person', 'countersign people map --help shows how'],
  [['pairing', 'list', '--aproved'], "unknown option '--aproved'", 'did you mean --approved?'],
])('%j is usage, exit 2, with what was meant', async (args, error, hint) => {
  const { code, stdout, stderr } = await countersign(makeHome(), ...args);
  expect({ code, stdout, stderr }).toEqual({
    code: 2,
    stdout: '',
    stderr: `error: ${error}\nhint: ${hint}\n`,
  });
});

test('verbs of later rooms do not exist yet, and none of them is a noun of this one', () => {
  expect(NOUNS.filter(({ name }) => LATER.has(name))).toEqual([]);
});

test('under --json a failure is one line, the RFC 9457 problem', async () => {
  const { code, stdout, stderr } = await countersign(makeHome(), 'nonsense', '--json');
  expect([code, stdout, stderr.split('\n').length]).toEqual([2, '', 2]);
  expect(JSON.parse(stderr)).toMatchObject({ code: 'usage', status: 400, type: '/docs/errors#usage' });
});

test('a --json after -- is an argument and no option', async () => {
  const { stderr } = await countersign(makeHome(), 'nonsense', '--', '--json');
  expect(stderr).toMatch(/^error: /);
});

test.each(Object.entries(PROBLEMS))(
  'problem %s of the gateway ends with its own exit code',
  async (code, row) => {
    const home = makeHome();
    await standIn(home, {
      'GET /api/v1/channels': { code, status: row.status, title: row.title, detail: 'Why it is so.' },
    });
    const session = await countersign(home, 'channels', 'list');
    expect(session.code).toBe(row.exit);
    expect(session.stdout).toBe('');
    expect(session.stderr).toMatch(/^error: why it is so\n/);
  },
);

test('every mistake of a configuration is shown, escaped, with its path', async () => {
  const home = makeHome();
  const mistakes = [
    { path: 'a.b', message: 'there is no such key', hint: 'did you mean "c"?' },
    { path: '', message: 'bad \u202e thing', hint: '' },
  ];
  await standIn(home, {
    'GET /api/v1/channels': {
      code: 'config_invalid',
      status: 422,
      title: 't',
      detail: '2 mistakes',
      mistakes,
    },
  });
  const { stderr } = await countersign(home, 'channels', 'list');
  expect(stderr).toContain(
    '  a.b: there is no such key (did you mean "c"?)\n  the file: bad \\u{202E} thing\n',
  );
});

test('under --json the result is one document and talk is silent', async () => {
  const home = makeHome();
  await standIn(home, { 'GET /api/v1/channels/status': CHANNELS });
  const { stdout, stderr, code } = await countersign(home, 'channels', 'status', '--json');
  expect([code, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toEqual(CHANNELS);
});

test('every noun and every verb has a sentence and an example that can be typed', async () => {
  for (const noun of (await wholeProgram()).commands) {
    for (const verb of [noun, ...noun.commands]) {
      if (verb.name() === 'complete') continue;
      const words = verb === noun ? [noun.name()] : [noun.name(), verb.name()];
      const { code, stdout } = await countersign(makeHome(), ...words, '--help');
      expect(code).toBe(0);
      expect(stdout, words.join(' ')).toMatch(/\nExamples?:\n {2}\$ /);
      expect(stdout, words.join(' ')).toContain('--json');
    }
  }
});

test('P-13: every command that a hint or an example names is one the program knows', async () => {
  const { globSync, readFileSync } = await import('node:fs');
  const { fileURLToPath } = await import('node:url');
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  const program = await wholeProgram();
  const sources = globSync(['protocol/src/problem.ts', 'countersign/src/**/*.ts'], { cwd: root });
  const unknown: string[] = [];
  for (const source of sources.filter((path) => !path.includes('.test.') && !path.includes('/fixtures/'))) {
    for (const [named, words = ''] of readFileSync(root + source, 'utf8').matchAll(
      /\bcountersign ((?:[a-z-]+ ?){1,2})/g,
    )) {
      const [noun = '', verb = ''] = words.trim().split(' ');
      const found = program.commands.find((command) => command.name() === noun);
      // Prose like "a countersign home" is no command; a command starts with a noun we have or will have.
      if (found === undefined) {
        if (LATER.has(noun) && !source.endsWith('nouns.ts')) unknown.push(`${source}: ${named}`);
        continue;
      }
      const takesWords = found.registeredArguments.length > 0 || found.commands.length === 0;
      if (verb !== '' && !takesWords && !found.commands.some((command) => command.name() === verb)) {
        unknown.push(`${source}: ${named}`);
      }
    }
  }
  expect(unknown).toEqual([]);
});

test('what people mean by a bare verb is a verb there is', async () => {
  const program = await wholeProgram();
  for (const meant of Object.values(MEANT)) {
    const [noun, verb] = meant.split(' ');
    const found = program.commands.find((command) => command.name() === noun);
    expect(found, meant).toBeDefined();
    if (verb !== undefined) expect(found?.commands.map((command) => command.name())).toContain(verb);
  }
});
