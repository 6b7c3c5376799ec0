// The manners of the command line: results go to stdout, talk goes to stderr, and under --json there is exactly one
// document on stdout and nothing else but, on failure, one line on stderr. Nothing here knows a command.
import { styleText } from 'node:util';

/** What a terminal needs of the world; the process in life, two arrays in a test. */
export interface Streams {
  readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean | undefined };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean | undefined };
  readonly stdin: { readonly isTTY?: boolean | undefined };
}

export interface Terminal {
  /** A line of the result. */
  out(line: string): void;
  /** A line of talk. */
  err(line: string): void;
  /** True when a person reads stdout. */
  readonly isTTY: boolean;
  /** True when a person can be asked: nobody is ever asked through a pipe. */
  readonly interactive: boolean;
  readonly json: boolean;
  /** The result: the document under --json, the lines otherwise. */
  result(document: unknown, lines: () => Iterable<string>): void;
  /** Talk that a program reading --json does not want. */
  talk(line: string): void;
  hint(line: string): void;
  bold(text: string): string;
  dim(text: string): string;
}

type Style = Parameters<typeof styleText>[0];

export function createTerminal(
  streams: Streams,
  options: { json: boolean; env: NodeJS.ProcessEnv },
): Terminal {
  const { stdout, stderr, stdin } = streams;
  const { json, env } = options;
  const isTTY = stdout.isTTY === true;
  const plain = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  const paint = (style: Style, text: string, on: boolean) =>
    on && !plain ? styleText(style, text, { validateStream: false }) : text;
  const out = (line: string) => void stdout.write(`${line}\n`);
  const err = (line: string) => void stderr.write(`${line}\n`);
  const talk = (line: string) => {
    if (!json) err(line);
  };
  return {
    out,
    err,
    isTTY,
    interactive: stdin.isTTY === true && stderr.isTTY === true && !json,
    json,
    result(document, lines) {
      if (json) out(JSON.stringify(document, null, isTTY ? 2 : undefined));
      else for (const line of lines()) out(line);
    },
    talk,
    hint: (line) => talk(`${paint('cyan', 'hint:', stderr.isTTY === true)} ${line}`),
    bold: (text) => paint('bold', text, isTTY),
    dim: (text) => paint('dim', text, isTTY),
  };
}

/** A terminal that says it has no columns (a pseudo-terminal that nobody sized) is one of the usual width: a question is not
 * drawn letter by letter. */
export function sized(stream: { columns?: number | undefined; rows?: number | undefined }): void {
  if (stream.columns === 0) stream.columns = 80;
  if (stream.rows === 0) stream.rows = 24;
}
