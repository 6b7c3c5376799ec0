// H44, R44: somebody puts another file, folder or program in the place of what was asked about. Each attack twice: while people are
// asked, and again in the moment between the spending of the grant and the start. Refused, or what was approved runs; never theirs.
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Place } from '../testing/granted-run.ts';
import type { Plan } from './derive.ts';

let place: Place;

beforeEach(() => {
  place = new Place();
});

afterEach(() => place[Symbol.dispose]());

/** What began, in order. */
const ran = (): string => (existsSync(place.at('ran')) ? readFileSync(place.at('ran'), 'utf8') : '');

const says = (word: string) => `#!/bin/sh\necho ${word} >> '${place.at('ran')}'\n`;

function file(name: string, text: string, mode = 0o755): string {
  mkdirSync(dirname(place.at(name)), { recursive: true });
  const path = place.file(name, text, mode);
  utimesSync(path, 1_000_000_000, 1_000_000_000);
  return path;
}

/** More than is read a second time without a need, and always of the same moment. */
function large(word: string): string {
  return `${says(word)}exit\n${'#'.repeat(1_500_000)}`;
}

function link(name: string, to: string): void {
  rmSync(place.at(name), { force: true });
  symlinkSync(place.at(to), place.at(name));
}

/** A program that is no script: the shell, with something behind its end that it never reads. */
function binary(name: string, tail: string): void {
  mkdirSync(dirname(place.at(name)), { recursive: true });
  copyFileSync(realpathSync('/bin/sh'), place.at(name));
  appendFileSync(place.at(name), tail);
  chmodSync(place.at(name), 0o755);
}

/** `evil` gets that name. */
function takes(name: string, make = () => {}): void {
  make();
  renameSync(place.at('evil'), place.at(name));
}

/** Which folder it is in. */
const here = () => `echo "$(cat here)" >> '${place.at('ran')}'`;

/** By itself, and in a shell's hands. */
const program = (name: string) => place.plan({ argv: [name] });
const script = (name: string) => place.plan({ argv: ['sh', name] });

function changeFolders(): void {
  renameSync(place.at('good.d'), place.at('away'));
  renameSync(place.at('evil.d'), place.at('good.d'));
}

interface Attack {
  readonly name: string;
  readonly plan: () => Plan;
  readonly attack: () => void;
  readonly field: 'program' | 'script' | 'cwd';
  /** What it comes to where everything is held open by then; otherwise it is refused there, too. */
  readonly late?: 'approved runs';
}

const ATTACKS: readonly Attack[] = [
  {
    name: 'a link to a program leads to another one',
    plan: () => {
      for (const word of ['good', 'evil']) file(word, says(word));
      link('tool', 'good');
      return program('tool');
    },
    attack: () => link('tool', 'evil'),
    field: 'program',
    late: 'approved runs',
  },
  {
    name: 'a link to the folder of a program leads to another one (CVE-2026-27545)',
    plan: () => {
      for (const word of ['good', 'evil']) file(`${word}.d/tool`, says(word));
      link('bin', 'good.d');
      return program('./bin/tool');
    },
    attack: () => link('bin', 'evil.d'),
    field: 'program',
    late: 'approved runs',
  },
  {
    name: 'another program takes the name of the program',
    plan: () => {
      for (const word of ['good', 'evil']) file(word, says(word));
      return program('./good');
    },
    attack: () => takes('good'),
    field: 'program',
  },
  {
    name: 'a binary takes the place of a binary',
    plan: () => {
      binary('good', 'good');
      return place.plan({ argv: ['./good', '-c', `echo began >> '${place.at('ran')}'`] });
    },
    attack: () => takes('good', () => binary('evil', 'evil')),
    field: 'program',
  },
  {
    name: 'a program is written into',
    plan: () => program(file('tool', says('good'))),
    attack: () => writeFileSync(place.at('tool'), says('evil')),
    field: 'program',
  },
  {
    name: 'a large program is written into, with its size and its time as they were',
    plan: () => program(file('tool', large('good'))),
    attack: () => file('tool', large('evil')),
    field: 'program',
  },
  {
    name: 'the program is gone',
    plan: () => program(file('tool', says('good'))),
    attack: () => rmSync(place.at('tool')),
    field: 'program',
  },
  {
    name: 'a program of that name stands earlier in PATH',
    plan: () => {
      file('late/tool', says('good'));
      mkdirSync(place.at('early'));
      const env = { PATH: `${place.at('early')}:${place.at('late')}:/usr/bin:/bin` };
      return place.plan({ argv: ['tool'] }, { env });
    },
    attack: () => file('early/tool', says('evil')),
    field: 'program',
    late: 'approved runs',
  },
  {
    name: 'another folder has the name of the one that the program is in',
    plan: () => {
      binary('good.d/tool', '');
      file('evil.d/tool', says('evil'));
      return place.plan({ argv: ['./good.d/tool', '-c', `echo good >> '${place.at('ran')}'`] });
    },
    attack: changeFolders,
    field: 'program',
    late: 'approved runs',
  },
  {
    name: 'what reads a script by #! is another one',
    plan: () => {
      binary('reader', 'good');
      return program(file('tool', says('good').replace('/bin/sh', place.at('reader'))));
    },
    attack: () => takes('reader', () => binary('evil', 'evil')),
    field: 'program',
  },
  {
    name: 'what env finds for a #! stands earlier in PATH',
    plan: () => {
      binary('late/reader', 'good');
      file('tool', says('good').replace('/bin/sh', '/usr/bin/env reader'));
      mkdirSync(place.at('early'));
      const env = { PATH: `${place.at('early')}:${place.at('late')}` };
      return place.plan({ argv: [place.at('tool')] }, { env });
    },
    attack: () => binary('early/reader', 'evil'),
    field: 'program',
    late: 'approved runs',
  },
  {
    name: 'the program runs as its owner by now (set-user-id)',
    plan: () => {
      binary('tool', '');
      return place.plan({ argv: ['./tool', '-c', `echo began >> '${place.at('ran')}'`] });
    },
    attack: () => chmodSync(place.at('tool'), 0o4755),
    field: 'program',
  },
  {
    name: 'a link to a script leads to another one',
    plan: () => {
      for (const word of ['good', 'evil']) file(word, says(word));
      link('script', 'good');
      return script('script');
    },
    attack: () => link('script', 'evil'),
    field: 'script',
  },
  {
    name: 'another file takes the name of a script',
    plan: () => {
      for (const word of ['good', 'evil']) file(word, says(word));
      return script('good');
    },
    attack: () => takes('good'),
    field: 'script',
  },
  {
    name: 'a script is written into',
    plan: () => script(file('good', says('good'))),
    attack: () => writeFileSync(place.at('good'), says('evil')),
    field: 'script',
  },
  {
    name: 'a script of a shell line is written into',
    plan: () => place.plan({ shell: `true && sh '${file('good', says('good'))}'` }),
    attack: () => writeFileSync(place.at('good'), says('evil')),
    field: 'script',
  },
  {
    name: 'a script of a shell that a link calls by another name is written into',
    plan: () => {
      file('good', says('good'));
      symlinkSync('/bin/sh', place.at('ls'));
      return place.plan({ argv: ['./ls', 'good'] });
    },
    attack: () => writeFileSync(place.at('good'), says('evil')),
    field: 'script',
  },
  {
    name: 'another folder has the name of the one it runs in',
    plan: () => {
      for (const word of ['good', 'evil']) file(`${word}.d/here`, word, 0o644);
      return place.plan({ shell: here() }, { cwd: place.at('good.d') });
    },
    attack: changeFolders,
    field: 'cwd',
    late: 'approved runs',
  },
  {
    name: 'a link to the folder it runs in leads to another one',
    plan: () => {
      for (const word of ['good', 'evil']) file(`${word}.d/here`, word, 0o644);
      link('work', 'good.d');
      return place.plan({ shell: here() }, { cwd: place.at('work') });
    },
    attack: () => link('work', 'evil.d'),
    field: 'cwd',
    late: 'approved runs',
  },
];

describe.skipIf(process.platform === 'win32')('H44: swapped while people are asked', () => {
  test.each(ATTACKS)('$name', async ({ plan, attack, field }) => {
    const out = await place.run(plan(), { waiting: attack });
    expect(out.ran).toMatchObject({ outcome: 'refused', changed: field, why: `changed: ${field}` });
    // Nothing ran, and the grant is whole.
    expect([ran(), out.redeemed, out.reports]).toEqual(['', 0, []]);
  });

  test.each(ATTACKS)('and without it that runs, once: $name', async ({ plan }) => {
    expect((await place.run(plan())).ran).toMatchObject({ outcome: 'ended', exitCode: 0, changed: null });
    expect(ran()).toMatch(/^(?:good|began)\n$/);
  });
});

// Elsewhere a path is followed between the last look and the start (LIMITATIONS).
describe.runIf(process.platform === 'linux')('R44: swapped between the grant and the start', () => {
  test.each(ATTACKS)('$name', async ({ plan, attack, field, late }) => {
    const out = await place.run(plan(), { redeeming: attack });
    if (late === 'approved runs') {
      expect(out.ran).toMatchObject({ outcome: 'ended', exitCode: 0 });
      expect(ran()).toBe('good\n');
      return;
    }
    expect(out.ran).toMatchObject({ outcome: 'refused', changed: field, isRedeemed: true });
    expect(ran()).toBe('');
    // The grant is gone, and whoever reads of it learns that nothing was started.
    expect(out.reports).toMatchObject([{ what: 'failed', why: `changed: ${field}` }]);
  });
});

test.skipIf(process.platform === 'win32')(
  'H44: written into and back, with the time as it was: its content counts while people are asked, its every change after that',
  async () => {
    const there = () => ['evil', 'good'].map((word) => file('tool', says(word)));
    file('tool', says('good'));
    expect((await place.run(program('./tool'), { waiting: there })).ran).toMatchObject({ outcome: 'ended' });
    const out = await place.run(program('./tool'), { redeeming: there });
    expect(out.ran).toMatchObject({ outcome: 'refused', changed: 'program', isRedeemed: true });
    expect(ran()).toBe('good\n');
  },
);
