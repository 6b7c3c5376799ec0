// A process beside us that does nothing, in our group, so that a signal to all of the group can be told from one to us alone: Node
// does not say who sent one, and Ctrl-C at a terminal goes to all. What hit the bystander hit the command, too. It is looked at in
// /proc, not waited for, so that a machine under load makes no difference. Invariant: in doubt the answer is null, never a guess.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';

/** It waits until we are gone, however we went. SIGQUIT would have it leave a core behind. */
const WAITS = 'trap "" QUIT; read -r nothing';
/** The system reaches one process of a group after the other: so long after the first the last has been reached. */
const REACHED_MS = 20;
/** What was sent before it was there is heard by then. */
const SETTLED_MS = 50;

export class Bystander {
  #process: ChildProcess | null = null;
  #isSettled = false;
  #isStopped = false;

  constructor() {
    this.#renew();
  }

  /** Of a SIGINT that was just heard: whether only we were sent it; null where that cannot be told. */
  async wasAlone(): Promise<boolean | null> {
    const beside = this.#isSettled ? this.#process : null;
    if (beside === null) return null;
    if (!isHit(beside)) await pause(REACHED_MS, undefined, { ref: false });
    if (!isHit(beside)) return true;
    // Heard twice meanwhile: one of both renews it.
    if (this.#process === beside) this.#renew();
    return false;
  }

  stop(): void {
    this.#isStopped = true;
    this.#process?.kill('SIGKILL');
    this.#process = null;
  }

  #renew(): void {
    this.#isSettled = false;
    this.#process = null;
    if (this.#isStopped || process.platform !== 'linux') return;
    const beside = spawn('/bin/sh', ['-c', WAITS], {
      ...{ cwd: '/', env: {}, stdio: ['pipe', 'ignore', 'ignore'] },
    });
    // Without one nothing can be told: that is all.
    beside.once('error', () => undefined);
    beside.stdin?.once('error', () => undefined);
    // One that ends at once, and by itself, would do so again.
    beside.once('exit', (_, signal) => {
      if (this.#process === beside && (signal !== null || this.#isSettled)) this.#renew();
    });
    beside.unref();
    this.#process = beside;
    void this.#settle(beside);
  }

  async #settle(beside: ChildProcess): Promise<void> {
    await pause(SETTLED_MS, undefined, { ref: false });
    // A turn of its own for signals that waited while we were busy.
    await turn();
    if (this.#process === beside && beside.pid !== undefined && !isHit(beside)) this.#isSettled = true;
  }
}

/** SIGINT is on its way to it, or SIGKILL, which is what the system makes of a signal that ends. */
const ENDING = 0x102n;

/** It is gone, or about to be. */
function isHit({ pid, exitCode, signalCode }: ChildProcess): boolean {
  if (pid === undefined || exitCode !== null || signalCode !== null) return true;
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    const pending = [...status.matchAll(/^(?:SigPnd|ShdPnd):\s+([\da-f]+)$/gm)];
    return (
      /^State:\s+[ZX]/m.test(status) || pending.some(([, bits]) => (BigInt(`0x${bits}`) & ENDING) !== 0n)
    );
  } catch {
    return true;
  }
}
