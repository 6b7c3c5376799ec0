// `gateway start|stop|restart`. `start` comes back when the gateway answers, or with the reason why it does not; `stop`
// comes back when the process is gone, so that the next start finds the home free.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { GatewayStatus } from '@countersign/protocol/gateway';
import { Problem } from '@countersign/protocol/problem';
import type { Cli } from '../cli.ts';
import { relative } from '../times.ts';
import { runningStatus } from './gateway-status.ts';

const BIN = fileURLToPath(new URL('../../../bin/countersign.js', import.meta.url));
const START_PATIENCE_MS = 60_000;
/** Answers in flight are finished first, and an agent may take its time. */
const STOP_PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 40;

export async function startGateway(cli: Cli): Promise<void> {
  const before = await runningStatus(cli);
  await report(cli, before ?? (await launch(cli)), before === undefined);
}

export async function stopGateway(cli: Cli): Promise<void> {
  const pid = await stop(cli);
  const stopped = pid !== undefined;
  cli.terminal.result({ running: false, stopped, ...(stopped ? { pid } : {}) }, () => [
    stopped ? `stopped, pid ${pid} is gone` : 'no gateway is running',
  ]);
}

export async function restartGateway(cli: Cli): Promise<void> {
  const pid = await stop(cli);
  if (pid !== undefined) cli.terminal.talk(`stopped, pid ${pid} is gone`);
  await report(cli, await launch(cli), true);
}

async function launch(cli: Cli): Promise<GatewayStatus> {
  const child = spawnGateway(cli);
  const ended = endOf(child, cli);
  const deadline = cli.clock.now() + START_PATIENCE_MS;
  while (cli.clock.now() < deadline) {
    const failure = await Promise.race([ended, wait(LOOK_EVERY_MS)]);
    if (failure !== undefined) throw failure;
    const status = await runningStatus(cli);
    if (status?.pid !== child.pid || status === undefined) continue;
    child.disconnect();
    child.unref();
    return status;
  }
  child.kill();
  throw new Problem('gateway_timeout', {
    detail: `the gateway was not ready within ${START_PATIENCE_MS / 1000} seconds, and was stopped`,
    hint: 'countersign logs says how far it came',
  });
}

/** What the child says itself goes to its parent; this file only ever holds the last words of a crash of Node. */
const crashFile = (cli: Cli) => join(cli.home, 'logs', 'gateway.crash');

function spawnGateway(cli: Cli): ChildProcess {
  mkdirSync(join(cli.home, 'logs'), { recursive: true, mode: 0o700 });
  const lastWords = openSync(crashFile(cli), 'w', 0o600);
  try {
    return spawn(process.execPath, [...process.execArgv, BIN, 'gateway', 'run', '--detached'], {
      detached: true,
      stdio: ['ignore', 'ignore', lastWords, 'ipc'],
      env: cli.env,
      windowsHide: true,
    });
  } finally {
    closeSync(lastWords);
  }
}

/** Resolves when the child ended before it was ready, with what it said. */
function endOf(child: ChildProcess, cli: Cli): Promise<Problem> {
  return new Promise((resolve) => {
    let told: unknown;
    child.on('message', (message) => {
      told = message;
    });
    child.on('error', (cause) =>
      resolve(new Problem('internal', { detail: `the gateway did not start: ${cause.message}`, cause })),
    );
    child.on('exit', (code, signal) => {
      const tell = () =>
        resolve(told === undefined ? crashed(cli, code, signal) : Problem.fromDocument(told));
      if (child.connected) child.once('disconnect', tell);
      else tell();
    });
  });
}

function crashed(cli: Cli, code: number | null, signal: string | null): Problem {
  const words = readFileSync(crashFile(cli), 'utf8').split('\n');
  const error = words.find((line) => /^\w*Error\b/.test(line));
  const how = signal === null ? `exit code ${code}` : signal;
  return new Problem('internal', {
    detail: `the gateway ended with ${how} before it was ready${error === undefined ? '' : `: ${error}`}`,
    hint: `its last words are in ${crashFile(cli)}`,
  });
}

async function report(cli: Cli, status: GatewayStatus, started: boolean): Promise<void> {
  const { terminal, clock } = cli;
  const { pid, addresses, owned } = status;
  // A gateway that ran before has told its link; a newer one would end that one under somebody's hands.
  const link = owned || !started ? null : await (await cli.client({ onlyRunning: true })).gateway.claimLink();
  const document = {
    running: true,
    started,
    pid,
    addresses,
    owned,
    ...(link === null ? {} : { claim: link }),
  };
  terminal.result(document, () => [
    started ? `the gateway runs in the background, pid ${pid}` : `the gateway runs already, pid ${pid}`,
    ...addresses.map((address) => `  ${address}`),
    ...(link === null ? [] : [`nobody owns it yet; make it yours: ${link.url}`]),
  ]);
  if (link !== null) {
    const ends = relative(link.expiresAt, clock.now());
    terminal.talk(`the link works once and ends ${ends}; countersign claim makes a new one`);
  } else if (!owned) terminal.hint('nobody owns it yet: countersign claim');
}

/** Returns the process that was stopped, or undefined when none ran. */
async function stop(cli: Cli): Promise<number | undefined> {
  const status = await runningStatus(cli);
  if (status === undefined) return undefined;
  await (await cli.client({ onlyRunning: true })).gateway.stop();
  const deadline = cli.clock.now() + STOP_PATIENCE_MS;
  while (cli.clock.now() < deadline) {
    if (!isAlive(status.pid)) return status.pid;
    await wait(LOOK_EVERY_MS);
  }
  throw new Problem('gateway_timeout', {
    detail: `the gateway is still there ${STOP_PATIENCE_MS / 1000} seconds after it was told to stop, pid ${status.pid}`,
    hint: 'an answer may be in flight: wait, or end the process yourself',
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  // In a container nobody may be there to collect a dead child: it keeps its number, and has ended all the same.
  return process.platform !== 'linux' || !/^\d+ \(.*\) Z/s.test(readStat(pid));
}

function readStat(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return `${pid} () Z`;
  }
}
