// P-13: every command we print can be typed. Errors, hints, notices, examples and documents are read for commands, and each
// is given to the real program, whose verbs then do nothing.
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { splitWords } from '../config/words.ts';
import { renewalNotices } from '../core/pairing/renewals.ts';
import { HOST, openWorld } from '../testing/world.ts';
import { createCli } from './cli.ts';
import { makeHome, NOW } from './fixtures/stand-in.ts';
import { LATER } from './nouns.ts';
import { buildProgram } from './run.ts';
import { createTerminal } from './terminal.ts';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const silent = { write: () => true };
const streams = { stdout: silent, stderr: silent, stdin: {} };
const home = makeHome;

async function wholeProgram(): Promise<Command> {
  const world = { home: home(), env: {}, streams, clock: { now: () => NOW } };
  const program = await buildProgram(
    ['complete'],
    createCli(world, createTerminal(streams, { json: false, env: {} })),
  );
  disarm(program);
  return program;
}

function disarm(command: Command): void {
  if (command.commands.length === 0) command.action(() => undefined);
  for (const inner of command.commands) disarm(inner);
}

/** Null when the program takes it, else what it says. */
async function flawOf(command: string): Promise<string | null> {
  const words = splitWords(command);
  if (words === null) return 'a quote is left open';
  const program = await wholeProgram();
  try {
    await program.parseAsync(words.slice(1), { from: 'user' });
    return null;
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}

test('P-13: every command in a notice to owners is one the program takes, word for word', async () => {
  await using world = await openWorld();
  const { directory, links, pairings, bus } = world.services;
  const { store, clock } = world;
  await world.knows('olga', 'owner');
  const ana = await directory.add({ name: "Ana's", role: 'user', peer: world.peer('ana') }, HOST);
  await directory.setRole(ana.id, 'approver', HOST);
  for (const change of ['suspend', 'resume', 'block', 'unblock'] as const)
    await directory.setState(ana.id, change, HOST);
  await directory.rename(ana.id, 'Ana', HOST);
  await world.says('phone', 'hello');
  await links.set(await directory.find(ana.id), world.peer('phone'), 'approver', HOST);
  await links.set(await directory.find(ana.id), world.peer('phone'), 'user', HOST);
  await links.unlink(world.peer('phone'), HOST);
  await world.says('bob', 'hello');
  const { pairing } = await world.services.findPairing({ what: world.codeOf('bob') });
  await pairings.approve(pairing.id, HOST, { forMs: 86_400_000, name: null });
  clock.advance('23h');
  const roster = { traits: () => null };
  await renewalNotices({ store, clock, roster, bus, allowFile: { settle: async () => undefined } });
  await world.settle();
  const printed = world.heardBy('olga').flatMap((text) => text.match(/countersign [^\n]*$/gm) ?? []);
  expect(new Set(printed).size).toBeGreaterThan(9);
  const flaws: string[] = [];
  for (const command of new Set(printed)) {
    const flaw = await flawOf(command);
    if (flaw !== null) flaws.push(`${command}: ${flaw}`);
  }
  expect(flaws).toEqual([]);
});

/** What a piece of source or a page prints: the noun, the verb and the options, whatever prose follows. */
function commandsIn(text: string): { noun: string; verb: string; flags: string[]; named: string }[] {
  return [...text.matchAll(/\bcountersign ([a-z][a-z-]*)(?=((?:[ \t]+[^\s`'"]+)*))/g)].map(
    ([, noun = '', rest = '']) => {
      // A sentence, another command or a new value ends it; behind ` -- ` the words are another program's.
      const [own = ''] = rest.split(/[;,.)]\s|\s(?:--|&&|\||\|\||or|then|countersign)\s/);
      const [verb = ''] = /^\s+([a-z][a-z-]*)(?![\w:/.])/.exec(own)?.slice(1) ?? [];
      const flags = [...own.matchAll(/\s(--[a-z][a-z-]*)/g)].map(([, flag = '']) => flag);
      return { noun, verb, flags, named: `countersign ${noun}${own}` };
    },
  );
}

function flawsIn(text: string, program: Command, isLaterFine: boolean): string[] {
  return commandsIn(text).flatMap(({ noun, verb, flags, named }) => {
    const found = program.commands.find((command) => command.name() === noun);
    // Prose like "a countersign home" is no command; a command starts with a noun we have or will have.
    if (found === undefined) return LATER.has(noun) && !isLaterFine ? [named] : [];
    const inner = found.commands.find((command) => command.name() === verb);
    const isWord = found.registeredArguments.length > 0 || found.commands.length === 0;
    if (verb !== '' && inner === undefined && !isWord) return [named];
    const known = [...(inner ?? found).options, ...program.options].map(({ long }) => long);
    const unknown = flags.filter((flag) => flag !== '--help' && !known.includes(flag));
    return unknown.map((flag) => `${named}: there is no ${flag}`);
  });
}

test('P-13: every option in a command that the sources print is one of that command', async () => {
  const program = await wholeProgram();
  const sources = globSync(['packages/*/src/**/*.{ts,tsx}'], { cwd: ROOT });
  const flaws = sources
    .filter((path) => !/\.test\.|\/fixtures\/|\/testing\/|nouns\.ts$/.test(path))
    .flatMap((path) =>
      flawsIn(readFileSync(ROOT + path, 'utf8'), program, true).map((flaw) => `${path}: ${flaw}`),
    );
  expect(flaws).toEqual([]);
});

test('P-13: the same for every page of the documents', async () => {
  const program = await wholeProgram();
  const pages = globSync(['*.md', '{docs,examples}/**/*.md'], { cwd: ROOT });
  const flaws = pages.flatMap((path) =>
    flawsIn(readFileSync(ROOT + path, 'utf8'), program, true).map((flaw) => `${path}: ${flaw}`),
  );
  expect(flaws).toEqual([]);
});

test('a verb or an option that is not there is found', async () => {
  const program = await wholeProgram();
  const planted = [
    'hint: countersign pairing aprove ABC',
    'use `countersign people link <person> <peer> --role owner`; then rest',
    'countersign pairing list --approved, or countersign pairing list --every',
  ];
  expect(planted.flatMap((text) => flawsIn(text, program, false))).toEqual([
    'countersign pairing aprove ABC',
    'countersign people link <person> <peer> --role owner: there is no --role',
    'countersign pairing list --every: there is no --every',
  ]);
  expect(await flawOf('countersign people unlink')).toMatch(/missing required argument/);
  expect(await flawOf('countersign people role prn_a boss')).toMatch(/Allowed choices/);
});
