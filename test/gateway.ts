// A real gateway for tests: the bin, a fresh home, a free port, a process of its own. And the CLI as typed.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../packages/countersign/src/testing/free-port.ts';

const BIN = fileURLToPath(new URL('../packages/countersign/bin/countersign.js', import.meta.url));

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class RealGateway implements AsyncDisposable {
  readonly home: string;
  readonly port: number;
  /** Set before it starts, beside what a home needs. */
  extra: NodeJS.ProcessEnv = {};
  /** What runs it, where that is not the bin. */
  program: readonly string[] = [BIN, 'gateway', 'run'];
  /** What it printed so far. */
  output = '';
  #child: ChildProcess | null = null;

  private constructor(home: string, port: number) {
    this.home = home;
    this.port = port;
  }

  /** A home and a port; nothing runs yet. */
  static async prepare(): Promise<RealGateway> {
    return new RealGateway(mkdtempSync(join(tmpdir(), 'cs-')), await freePort());
  }

  static async start(): Promise<RealGateway> {
    const gateway = await RealGateway.prepare();
    await gateway.start();
    return gateway;
  }

  get url(): string {
    return `http://localhost:${this.port}`;
  }

  get claimLink(): string {
    const link = /http:\/\/localhost:\d+\/#claim=\S+/.exec(this.output)?.[0];
    if (link === undefined) throw new Error('the gateway printed no claim link');
    return link;
  }

  get env(): NodeJS.ProcessEnv {
    const { PATH, HOME, LANG } = process.env;
    return {
      PATH,
      HOME,
      LANG,
      COUNTERSIGN_HOME: this.home,
      COUNTERSIGN_PORT: String(this.port),
      ...this.extra,
    };
  }

  /** Starts it and waits until it says where it is. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, this.program, {
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.output = '';
    await new Promise<void>((resolve, reject) => {
      const hear = (chunk: Buffer) => {
        this.output += chunk.toString();
        if (/countersign pairing list/.test(this.output)) resolve();
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.on('exit', (code) => reject(new Error(`the gateway ended with ${code}: ${this.output}`)));
    });
  }

  /** Ends it; resolves with its exit code, or the signal's name. */
  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string | null> {
    const child = this.#child;
    this.#child = null;
    if (child === null) return Promise.resolve(null);
    if (child.exitCode !== null || child.signalCode !== null)
      return Promise.resolve(child.exitCode ?? child.signalCode);
    return new Promise((resolve) => {
      child.on('exit', (code, by) => resolve(code ?? by));
      child.kill(signal);
    });
  }

  /** `countersign ...args` on this home. */
  cli(...args: readonly string[]): Promise<Ran> {
    return new Promise((resolve) => {
      const child = execFile(process.execPath, [BIN, ...args], { env: this.env }, (error, stdout, stderr) => {
        const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : 1;
        resolve({ code, stdout, stderr });
      });
      // Nothing is typed: what reads its input to the end finds it.
      child.stdin?.end();
    });
  }

  /** As `cli`, with the one JSON document it prints. @throws when it failed. */
  async json<T>(...args: readonly string[]): Promise<T> {
    const { code, stdout, stderr } = await this.cli(...args, '--json');
    if (code !== 0) throw new Error(`countersign ${args.join(' ')}: exit ${code}: ${stderr}`);
    return JSON.parse(stdout);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(this.home, { recursive: true, force: true });
  }
}
