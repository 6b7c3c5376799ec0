// The log: JSON lines in a private file, one readable line an event on a terminal. T12: redaction by path misses what
// it was not told of, so only fields named here are ever written. A log that cannot be written never stops the gateway:
// lines are dropped, counted, and the count is told once it works again.
import { styleText } from 'node:util';
import pino from 'pino';
import type { Clock, Log, LogFields } from '../core/ports.ts';
import { createLogFile, type LogSink, terminalSink } from './log-sink.ts';

/** Ids, counts, reasons, places. Nothing a person typed and nothing that opens anything. */
const FIELDS: ReadonlySet<string> = new Set(
  `account agent approval attempt attempts audience bytes channel changed command count delivery device dialect door
  dropped error event family fate from grant host id installation kind message method migration mode ms name outbox
  outcome pairing path person pid pending port principal problem purpose queue reason request retryInMs role route rule
  schema scope sequence session size state status surface target test tier to trace turn url version waiting writer`.split(
    /\s+/,
  ),
);

const MAX_TEXT = 512;

type Level = 'debug' | 'info' | 'warn' | 'error';

export interface LogOptions {
  readonly clock: Clock;
  /** Least level that is written; `info` by default. */
  readonly level?: Level;
  /** The file for JSON lines. */
  readonly file?: string;
  /** A descriptor for readable lines, usually 2. */
  readonly terminal?: number;
  /** Colours on the terminal. */
  readonly colour?: boolean;
}

export interface OpenLog extends Log {
  close(): void;
}

export function openLog(options: LogOptions): OpenLog {
  const { clock, level = 'info', file, terminal, colour = false } = options;
  const sinks: LogSink[] = [];
  const writers: ((level: Level, event: string, fields: LogFields) => void)[] = [];
  const now = () => new Date(clock.now()).toISOString();
  if (file !== undefined) {
    const sink = createLogFile(
      file,
      (count) => `${JSON.stringify({ level: 'warn', time: now(), event: 'log.dropped', count })}\n`,
    );
    sinks.push(sink);
    const json = pino(
      {
        level,
        base: null,
        messageKey: 'event',
        timestamp: () => `,"time":"${now()}"`,
        formatters: { level: (label) => ({ level: label }) },
      },
      sink,
    );
    writers.push((at, event, fields) => json[at](fields, event));
  }
  if (terminal !== undefined) {
    const sink = terminalSink(terminal, (count) => `${now()} warn log.dropped count=${count}\n`);
    sinks.push(sink);
    const least = LEVELS.indexOf(level);
    writers.push((at, event, fields) => {
      if (LEVELS.indexOf(at) >= least) sink.write(readable(now(), at, event, fields, colour));
    });
  }
  const write =
    (at: Level) =>
    (event: string, fields: LogFields = {}) => {
      const known = allowed(fields);
      for (const writer of writers) writer(at, event, known);
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    close: () => sinks.forEach((sink) => void sink.close()),
  };
}

const LEVELS: readonly Level[] = ['debug', 'info', 'warn', 'error'];

/** The fields that may be written; of the others only that they were there. */
function allowed(fields: LogFields): LogFields {
  const kept: Record<string, LogFields[string]> = {};
  const left: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (!FIELDS.has(name)) left.push(name);
    else
      kept[name] =
        typeof value === 'string' && value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value;
  }
  return left.length === 0 ? kept : { ...kept, omitted: left.join(',').slice(0, MAX_TEXT) };
}

const COLOURS = { debug: 'gray', info: 'green', warn: 'yellow', error: 'red' } as const;

function readable(time: string, level: Level, event: string, fields: LogFields, colour: boolean): string {
  const word = level.padEnd(5);
  const shown = colour ? styleText(COLOURS[level], word, { validateStream: false }) : word;
  const rest = Object.entries(fields).map(([name, value]) => ` ${name}=${printed(value)}`);
  return `${time.slice(11, 19)} ${shown} ${event}${rest.join('')}\n`;
}

/** A value is one word on one line, whatever is in it: no line of its own, no escape sequence, no reversed text. */
function printed(value: LogFields[string]): string {
  const text = String(value);
  if (/^[\w.:/@+-]+$/.test(text)) return text;
  return JSON.stringify(text).replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`,
  );
}
