// R44: what is destructive runs only from files that whoever asks cannot change. Root may change everything and is exempt, so what
// is looked at here is looked at by another user, where there can be one.
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { Place } from '../testing/granted-run.ts';

const OTHER = 65_534;
const isRoot = process.geteuid?.() === 0;
const WHY = whyNot();
if (WHY !== null) console.warn(`writable: not looked at by another user: ${WHY}`);
const HERE = process.platform !== 'win32';

let place: Place;

beforeEach(() => {
  place = new Place();
  chmodSync(place.path, 0o755);
});

afterEach(() => place[Symbol.dispose]());

/** @returns why nobody else can look. */
function whyNot(): string | null {
  if (!isRoot) return 'only root can start a program as another user';
  try {
    found([['true']], { cwd: '/' });
    return null;
  } catch {
    return 'this clone lies where another user cannot read it';
  }
}

/** What that user, or our own where we are not root, could replace of each command. */
function found(commands: readonly (readonly string[])[], { cwd }: { cwd: string }): unknown {
  const at = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  const program = `
    import { derive } from ${at('derive.ts')};
    import { replaceable } from ${at('writable.ts')};
    const found = [];
    for (const argv of ${JSON.stringify(commands)}) {
      await using derived = await derive({
        run: { argv }, cwd: ${JSON.stringify(cwd)}, env: { PATH: '/usr/bin:/bin' }, named: [],
        stdin: { kind: 'none' }, host: 'ins_a',
      });
      found.push(await replaceable(derived));
    }
    process.stdout.write(JSON.stringify(found));`;
  const stdout = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    ...(isRoot ? { uid: OTHER, gid: OTHER } : {}),
    ...{ cwd: fileURLToPath(new URL('.', import.meta.url)), env: {}, encoding: 'utf8' },
  });
  return JSON.parse(stdout);
}

interface Rights {
  readonly mode: number;
  readonly owner?: number;
  readonly group?: number;
}

function give(path: string, { mode, owner = 0, group = 0 }: Rights): void {
  chownSync(path, owner, group);
  chmodSync(path, mode);
}

/** A program at the end of those folders, each with its rights. */
function made(file: Rights, ...folders: readonly Rights[]): string {
  const names = folders.map((_, at) => ['a', 'b', 'c'].slice(0, at + 1).join('/'));
  for (const name of names) mkdirSync(place.at(name));
  const path = place.file([...names.slice(-1), 'tool'].join('/'), '#!/bin/sh\n');
  give(path, file);
  for (const [at, name] of names.entries()) give(place.at(name), folders[at] ?? { mode: 0o755 });
  return path;
}

const ROOTS: Rights = { mode: 0o755 };
const THEIRS: Rights = { mode: 0o755, owner: OTHER };
/** Where one moves only what is one’s own. */
const STICKY: Rights = { mode: 0o1777 };

describe.skipIf(WHY !== null)('R44: what another user could replace', () => {
  test.each<readonly [string, boolean, readonly [Rights, ...Rights[]]]>([
    ['root’s, in folders of root', false, [ROOTS, ROOTS]],
    ['their own, which they may not write: they can make it so', true, [{ ...THEIRS, mode: 0o555 }]],
    ['root’s, and everybody may write', true, [{ mode: 0o757 }]],
    ['root’s, and their group may write', true, [{ mode: 0o775, group: OTHER }]],
    ['root’s, and their group may only read', false, [{ mode: 0o755, group: OTHER }]],
    ['in a folder of theirs, which they may not write: the same', true, [ROOTS, { ...THEIRS, mode: 0o555 }]],
    ['in a folder that everybody may write', true, [ROOTS, { mode: 0o777 }]],
    ['in a folder that their group may write', true, [ROOTS, { mode: 0o775, group: OTHER }]],
    ['further below a folder that everybody may write', true, [ROOTS, { mode: 0o777 }, ROOTS]],
    ['further below a folder of theirs', true, [ROOTS, THEIRS, ROOTS]],
    ['in a sticky folder', false, [ROOTS, STICKY]],
    ['in a folder of root in a sticky one', false, [ROOTS, STICKY, ROOTS]],
    ['in a folder of theirs in a sticky one', true, [ROOTS, STICKY, THEIRS]],
    ['of root, in a sticky folder of theirs', true, [ROOTS, { ...STICKY, owner: OTHER }]],
    ['further below a folder of theirs in a sticky one', true, [ROOTS, STICKY, THEIRS, ROOTS]],
  ])('%s: %s', (_, isSo, [file, ...folders]) => {
    const path = made(file, ...folders);
    // As a program, as a script of one that nobody can replace, and as what is taken away by one that runs nothing.
    const expected = isSo ? ['program', 'script', null] : [null, null, null];
    expect(found([[path], ['sh', path], ['rm', path]], { cwd: place.path })).toEqual(expected);
  });

  test('what reads it by #! counts as the program does', () => {
    copyFileSync(realpathSync('/bin/sh'), place.at('reader'));
    place.file('tool', `#!${place.at('reader')}\n`, 0o755);
    const look = () => found([[place.at('tool')]], { cwd: place.path });
    give(place.at('reader'), ROOTS);
    expect(look()).toEqual([null]);
    give(place.at('reader'), THEIRS);
    expect(look()).toEqual(['program']);
  });

  test('a shell that a link calls rm is no rm: its script counts', () => {
    const path = made(THEIRS);
    symlinkSync('/bin/sh', place.at('rm'));
    expect(found([[place.at('rm'), path]], { cwd: place.path })).toEqual(['script']);
  });
});

/** Our own user: one that is not root, in any case. */
function asUser(): void {
  if (!isRoot || process.seteuid === undefined) return;
  process.seteuid(OTHER);
  onTestFinished(() => process.seteuid?.(0));
}

test.skipIf(!HERE)(
  'R44: what is destructive and could be replaced does not run, whatever the yes',
  async () => {
    const path = place.script('tool');
    if (isRoot) for (const one of [path, place.path]) chownSync(one, OTHER, OTHER);
    asUser();
    const plan = place.plan({ argv: [path] });
    const out = await place.run(plan, { facts: { tier: 'destructive' } });
    expect(out.ran).toMatchObject({ outcome: 'refused', changed: null, isRedeemed: false });
    expect(out.ran).toMatchObject({ why: expect.stringContaining('the program can be replaced') });
    expect([place.runs, out.redeemed, out.reports]).toEqual([0, 0, []]);
    // What is less than that is bound by its content alone.
    expect((await place.run(plan, { facts: { tier: 'elevated' } })).ran.outcome).toBe('ended');
    expect(place.runs).toBe(1);
  },
);

test('root is exempt: it could change everything, and is told so (LIMITATIONS)', async (context) => {
  if (!isRoot) return context.skip('only root is exempt, and this is not root');
  const plan = place.plan({ argv: [place.script('tool')] });
  expect((await place.run(plan, { facts: { tier: 'destructive' } })).ran.outcome).toBe('ended');
});

test.skipIf(!HERE)('what is one’s own can be replaced, and what is the system’s cannot', (context) => {
  if (isRoot) return context.skip('root may replace everything; another user is tried above');
  const path = place.script('tool');
  expect(found([[path], ['sh', path], ['env']], { cwd: place.path })).toEqual(['program', 'script', null]);
});
