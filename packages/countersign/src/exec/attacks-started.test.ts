// R44: what is opened by its name is opened after the last look. So there is one more look right after the start: whoever was quicker
// has had something run, and it is ended and said so; never "not started".
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Place } from '../testing/granted-run.ts';
import type { Plan } from './derive.ts';

let place: Place;

beforeEach(() => {
  place = new Place();
});

afterEach(() => place[Symbol.dispose]());

/** Begins, leaves a program of its own in the background, and ends only when it is ended. */
const LASTING = () => `#!/bin/sh
sleep 600 &
echo $! > '${place.at('left.part')}'
mv '${place.at('left.part')}' '${place.at('left')}'
wait
`;

/** Holds everything until then: nothing of ours goes on meanwhile. */
function until(isSo: () => boolean): void {
  const end = Date.now() + 20_000;
  while (!isSo()) if (Date.now() > end) throw new Error('it never came to that');
}

/** The process whose number stands in that file. One that waits for nothing but to be forgotten is not. */
function isAlive(name: string): boolean {
  const pid = readFileSync(place.at(name), 'utf8').trim();
  if (pid === '') return true;
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', pid], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z');
}

const other = (name: string) => {
  place.file('other', '#!/bin/sh\n', 0o755);
  renameSync(place.at('other'), place.at(name));
};

interface Quick {
  readonly name: string;
  readonly plan: () => Plan;
  readonly attack: () => void;
  readonly field: 'program' | 'script';
}

const QUICK: readonly Quick[] = [
  {
    name: 'a program that begins with #!, written into',
    plan: () => place.plan({ argv: [place.file('tool', LASTING(), 0o755)] }),
    attack: () => writeFileSync(place.at('tool'), '#!/bin/sh\n'),
    field: 'program',
  },
  {
    name: 'a program that begins with #!, replaced',
    plan: () => place.plan({ argv: [place.file('tool', LASTING(), 0o755)] }),
    attack: () => other('tool'),
    field: 'program',
  },
  {
    name: 'a script in a shell’s hands, written into and back',
    plan: () => place.plan({ argv: ['sh', place.file('tool', LASTING())] }),
    attack: () => {
      for (const text of ['#!/bin/sh\n', LASTING()]) writeFileSync(place.at('tool'), text);
    },
    field: 'script',
  },
  {
    name: 'a script in the hands of a shell that a link calls by another name, replaced',
    plan: () => {
      symlinkSync('/bin/sh', place.at('ls'));
      return place.plan({ argv: ['./ls', place.file('tool', LASTING())] });
    },
    attack: () => other('tool'),
    field: 'script',
  },
];

describe.skipIf(process.platform === 'win32')('R44: swapped right after the start', () => {
  test.each(QUICK)('$name', async ({ plan, attack, field }) => {
    const out = await place.run(plan(), {
      started: () => {
        until(() => existsSync(place.at('left')));
        attack();
      },
    });
    // It began: so it is no refusal, and nobody reads "not started".
    expect(out.ran).toMatchObject({ outcome: 'ended', exitCode: null, signal: 'SIGKILL', changed: field });
    expect(out.reports.at(-1)).toMatchObject({ what: 'finished', signal: 'SIGKILL', changed: field });
    expect(out.reports.map(({ what }) => what)).not.toContain('failed');
    // With it goes what it had started.
    await expect.poll(() => isAlive('left')).toBe(false);
  });

  test.skipIf(process.platform !== 'linux')(
    'in our own group, too, and what put itself into another session: all of it is ended, and nothing beside it',
    async () => {
      const beside = spawn('sleep', ['600'], { stdio: 'ignore' });
      const deep = `setsid sh -c 'echo $$ > "${place.at('deep')}"; sleep 600; :' &\n`;
      const text = LASTING().replace('sleep 600 &', `${deep}sleep 600 &`);
      const out = await place.run(place.plan({ argv: [place.file('tool', text, 0o755)] }), {
        group: 'ours',
        started: () => {
          until(() => existsSync(place.at('left')) && existsSync(place.at('deep')));
          other('tool');
        },
      });
      expect(out.ran).toMatchObject({ outcome: 'ended', signal: 'SIGKILL', changed: 'program' });
      for (const name of ['left', 'deep']) await expect.poll(() => isAlive(name)).toBe(false);
      expect(beside.exitCode ?? beside.signalCode).toBeNull();
      beside.kill();
    },
  );

  test('one that had ended by then ended as it ended, and what was noticed is said all the same', async () => {
    place.file('tool', `#!/bin/sh\necho $$ > '${place.at('pid')}'\nexit 3\n`, 0o755);
    const out = await place.run(place.plan({ argv: ['tool'] }), {
      started: () => {
        until(() => existsSync(place.at('pid')) && !isAlive('pid'));
        other('tool');
      },
    });
    expect(out.ran).toMatchObject({ outcome: 'ended', exitCode: 3, signal: null, changed: 'program' });
    expect(out.reports.at(-1)).toMatchObject({ what: 'finished', exitCode: 3, changed: 'program' });
  });
});

test.skipIf(process.platform === 'win32')(
  'what ends at once is heard to its end, whatever it was given to read',
  async () => {
    const input = Buffer.from('in');
    const sha256 = createHash('sha256').update(input).digest('hex');
    const plan = place.plan({ argv: ['cat'] }, { stdin: { kind: 'bytes', sha256, size: 2 } });
    const all = await Promise.all(Array.from({ length: 40 }, () => place.run(plan, { input })));
    for (const { ran, output } of all) expect([ran.outcome, output]).toEqual(['ended', 'in']);
  },
);
