// A machine that runs what it is granted, as a process of its own, and the program that asks for it.
import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Client, createClient } from '@countersign/protocol/client';
import type { Setup } from '@countersign/protocol/device';
import type { ExecJob } from '@countersign/protocol/exec';
import { socketFetch } from '../packages/countersign/src/cli/socket-fetch.ts';
import type { RealGateway } from './gateway.ts';

const BIN = fileURLToPath(new URL('../packages/countersign/bin/countersign.js', import.meta.url));
const PATIENCE_MS = 30_000;

/** Another user of this machine: only root can start something as one. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

export class RealNode implements AsyncDisposable {
  /** Its home, and where commands run that name no folder. */
  readonly folder = mkdtempSync(join(tmpdir(), 'cs-node-'));
  /** Where its commands look for programs. */
  path = process.env['PATH'];
  output = '';
  readonly #user: User | null;
  #child: ChildProcess | null = null;

  constructor(user: User | null = null) {
    this.#user = user;
    if (user !== null) chownSync(this.folder, user.uid, user.gid);
  }

  start(setup: string | null = null): void {
    const words = ['node', 'run', '--folder', join(this.folder, 'node'), '--name', 'box'];
    const child = spawn(process.execPath, [BIN, ...words, ...(setup === null ? [] : ['--setup', setup])], {
      cwd: this.folder,
      env: { PATH: this.path, HOME: this.folder, COUNTERSIGN_HOME: join(this.folder, 'home') },
      stdio: ['ignore', 'ignore', 'pipe'],
      ...(this.#user ?? {}),
    });
    child.stderr.on('data', (part: Buffer) => {
      this.output += part.toString();
    });
    this.#child = child;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Resolves with what it was, once it says that. */
  says(text: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const child = this.#child;
      const look = () => {
        const found = text.exec(this.output);
        if (found === null) return;
        clearTimeout(late);
        child?.stderr?.off('data', look);
        resolve(found);
      };
      const late = setTimeout(() => reject(new Error(`no ${text} in: ${this.output}`)), PATIENCE_MS);
      child?.stderr?.on('data', look);
      look();
    });
  }

  /** Its exit code, or the signal that ended it. */
  get ended(): Promise<number | string | null> {
    const child = this.#child;
    if (child === null) return Promise.resolve(null);
    if (child.exitCode !== null || child.signalCode !== null)
      return Promise.resolve(child.exitCode ?? child.signalCode);
    return new Promise((resolve) => child.once('exit', (code, by) => resolve(code ?? by)));
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string | null> {
    const { ended } = this;
    this.#child?.kill(signal);
    return ended;
  }

  /** Paired for the only owner, and connected. @returns its device id. */
  async pair(gateway: RealGateway): Promise<string> {
    const { setupCode } = await gateway.json<Setup>('pair', '--role', 'node');
    this.start(setupCode);
    const [, request = ''] = await this.says(/devices approve (devreq_\w+)/);
    await gateway.json('devices', 'approve', request);
    await this.says(/connected/);
    const [, device = ''] = await this.says(/paired as (dev_\w+)/);
    return device;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The local agent's program, over its own socket. */
export function program({ home }: RealGateway): Client {
  const { socket, token } = JSON.parse(readFileSync(join(home, 'client.json'), 'utf8'));
  const fetch = socketFetch(socket, 60_000);
  return createClient((path, init) =>
    fetch(path, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } }),
  );
}

/** As a program takes it: what it printed, and how it ended. @throws when output is missing, or comes twice. */
export async function followed(
  client: Client,
  first: ExecJob,
): Promise<{ readonly out: string; readonly err: string; readonly job: ExecJob }> {
  const printed = { out: '', err: '' };
  let taken = 0;
  for (let job = first; ; ) {
    for (const { seq, stream, data } of job.output) {
      if (seq !== taken + 1) throw new Error(`output ${seq} came after ${taken}`);
      taken = seq;
      printed[stream] += Buffer.from(data, 'base64').toString('latin1');
    }
    if (['ended', 'refused', 'lost'].includes(job.state)) return { ...printed, job };
    job = await client.exec.get(job.id, { after: taken, seen: job.version, wait: 20 });
  }
}
