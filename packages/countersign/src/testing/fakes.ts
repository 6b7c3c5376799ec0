// Time and chance for tests: a clock that moves when told, bytes that a seed decides, a log that is kept.
import { createHash } from 'node:crypto';
import type { Clock, Log, LogFields, Millis, Random } from '../core/ports.ts';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export class FakeClock implements Clock {
  #now: Millis;

  constructor(start: Millis = Date.UTC(2026, 10, 25, 12)) {
    this.#now = start;
  }

  now(): Millis {
    return this.#now;
  }

  /** `advance('61s')`, `advance('24h')`, `advance(5)`; a negative number goes back, as clocks do. */
  advance(by: string | number): void {
    const [, count, unit] = /^(\d+)(ms|s|m|h|d)$/.exec(String(by)) ?? [];
    const size = UNITS[unit ?? ''];
    this.#now += typeof by === 'number' ? by : Number(count) * (size ?? Number.NaN);
    if (!Number.isFinite(this.#now)) throw new RangeError(`not a duration: ${by}`);
  }
}

export class SeededRandom implements Random {
  readonly #seed: string;
  #counter = 0;

  constructor(seed: string) {
    this.#seed = seed;
  }

  bytes(n: number): Uint8Array {
    const blocks: Uint8Array[] = [];
    for (let have = 0; have < n; have += 32) {
      this.#counter += 1;
      blocks.push(createHash('sha256').update(`${this.#seed}/${this.#counter}`).digest());
    }
    return Buffer.concat(blocks).subarray(0, n);
  }
}

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly event: string;
  readonly fields: LogFields;
}

export class MemoryLog implements Log {
  readonly lines: LogLine[] = [];

  debug(event: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'debug', event, fields });
  }
  info(event: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'info', event, fields });
  }
  warn(event: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'warn', event, fields });
  }
  error(event: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'error', event, fields });
  }
}
