// The half of `exec --host` that is this terminal: what is typed, what is piped in, where output goes, and signals.

import type { ApprovalRow } from '@countersign/protocol/approval';
import { createClient } from '@countersign/protocol/client';
import { type ExecAsk, type RemoteSignal, SIGNALS } from '@countersign/protocol/exec';
import { Problem } from '@countersign/protocol/problem';
import { newName } from '../clients/names.ts';
import { kindOf, readAll } from '../exec/stdin.ts';
import { openAgentDoor } from './agent-door.ts';
import type { Cli } from './cli.ts';
import { execRemotely } from './exec-remote.ts';
import { fdSink } from './fd-sink.ts';

export interface OnHost {
  readonly host: string;
  readonly client?: string;
  readonly cwd?: string;
  readonly env?: readonly string[];
  readonly shell?: string;
  readonly session?: string;
}

/** What fits into one call beside the rest. */
const MOST_INPUT = 512 * 1_024;

/** Ends as the command ends. @throws Problem `policy_denied`: it did not run. */
export async function execOnHost(
  cli: Cli,
  argv: readonly string[],
  options: OnHost,
  waiting: (row: ApprovalRow) => void,
): Promise<void> {
  const { host, cwd, env = [], shell, session } = options;
  const { fetch } = openAgentDoor(cli.home, options.client);
  const stdin = await inputOf(cli);
  const ask: ExecAsk = {
    ...(shell === undefined ? { argv: [...argv] } : { shell }),
    ...(cwd === undefined ? {} : { cwd }),
    ...(session === undefined ? {} : { session }),
    ...{ host, stdin, env: valuesOf(cli.env, env) },
  };
  const sinks = { out: fdSink(1), err: fdSink(2) };
  const exitCode = await execRemotely({
    ...{ client: createClient(fetch), ask, waiting, onSignal },
    key: newName(),
    talk: (line) => cli.terminal.talk(line),
    write: (stream, bytes) => sinks[stream].write(bytes),
  });
  cli.endAs({ exitCode, signal: null });
}

/** A terminal stays here: a command elsewhere reads what is piped in, whole, or nothing. */
async function inputOf({ streams }: Cli): Promise<string | null> {
  if (kindOf(0, streams.stdin.isTTY === true) !== 'bytes') return null;
  const { bytes } = await readAll(process.stdin);
  if (bytes !== null && bytes.length > MOST_INPUT)
    throw new Problem('usage', {
      detail: `more than ${MOST_INPUT / 1_024} KiB of standard input for another machine`,
      hint: 'bring it there as a file, and name the file',
    });
  return bytes?.toString('base64') ?? null;
}

function valuesOf(all: NodeJS.ProcessEnv, names: readonly string[]): Record<string, string> {
  const values: [string, string][] = names.map((name) => {
    const value = all[name];
    if (value !== undefined) return [name, value];
    throw new Problem('usage', { detail: `${name} is not set here`, hint: 'set it, or leave --env out' });
  });
  return Object.fromEntries(values);
}

function onSignal(hear: (signal: RemoteSignal) => void): () => void {
  const handlers = SIGNALS.filter((one) => one !== 'SIGPIPE').map((signal) => {
    const handle = () => hear(signal);
    process.on(signal, handle);
    return [signal, handle] as const;
  });
  return () => {
    for (const [signal, handle] of handlers) process.off(signal, handle);
  };
}
