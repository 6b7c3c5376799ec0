// A machine in this process, against a gateway that says whatever a test likes.
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { runNode } from '../exec/node/node.ts';
import { FakeGateway } from './fake-gateway.ts';
import { FakeClock } from './fakes.ts';

export const JOB = (letter: string) => `job_${letter.repeat(24)}`;
/** Leaves a file behind, and prints. */
export const RUN = 'echo run >> ran; echo printed';

export interface Machine {
  readonly folder: string;
  readonly clock: FakeClock;
  readonly ended: Promise<unknown>;
  readonly talk: string[];
  /** In the moment that it says something: nothing of it goes on meanwhile. */
  says(line: string): void;
  ran(): boolean;
}

export function machine(
  gateway: FakeGateway,
  folder = mkdtempSync(join(tmpdir(), 'cs-node-')),
  isNew = true,
  name: string | null = 'box',
): Machine {
  const stop = new AbortController();
  const talk: string[] = [];
  const clock = new FakeClock();
  const whole = realpathSync(folder);
  const ran = () => existsSync(join(folder, 'ran'));
  let count = 0;
  const ended = runNode({
    ...{ folder: join(folder, 'node'), setup: isNew ? gateway.setupCode : null, name, clock },
    machine: 'its-host-name',
    cwd: folder,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: folder },
    id: () => {
      count += 1;
      return `proof-${count}`;
    },
    talk: (line) => {
      talk.push(line);
      box.says(line);
    },
    signal: stop.signal,
  }).then(
    () => 'ended',
    (cause: unknown) => cause,
  );
  const box: Machine = { folder: whole, clock, ended, talk, says: () => undefined, ran };
  onTestFinished(async () => {
    stop.abort();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  return box;
}

export async function openMachine(): Promise<{ gateway: FakeGateway; box: Machine }> {
  const gateway = await FakeGateway.open();
  onTestFinished(() => gateway[Symbol.asyncDispose]());
  const box = machine(gateway);
  await gateway.until(() => gateway.connects > 0);
  return { gateway, box };
}
