// What every command gets: the terminal, the place, the clock, and one client that is opened on use and closed by the
// frame. A command file holds what its verbs say and ask, and nothing about how the gateway is reached.
import type { Client, Fetch } from '@countersign/protocol/client';
import { Problem } from '@countersign/protocol/problem';
import type { Streams, Terminal } from './terminal.ts';
import type { Transport } from './transport.ts';

/** What the clock says, in milliseconds since 1970. */
export interface Clock {
  now(): number;
}

/** How a command that we ran for somebody ended. */
export interface EndAs {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface World {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly streams: Streams;
  readonly clock: Clock;
  /** Ends this process by a signal, as a command that it ran was ended. */
  dieBy?(signal: NodeJS.Signals): void;
}

/** `--totp`, `--recovery` and whose it is, as typed. */
export interface GivenProof {
  readonly totp?: string | undefined;
  readonly recovery?: string | undefined;
  readonly as?: string | undefined;
}

export interface Cli extends Omit<World, 'streams'> {
  readonly terminal: Terminal;
  readonly streams: Streams;
  fetch(options?: ReachOptions): Promise<Fetch>;
  /** The API of this home, whoever serves it. */
  client(options?: ReachOptions): Promise<Client>;
  /** The proof that a guarded verb was given, for every client of this command from now on. */
  proveWith(given: GivenProof): void;
  /** What this command ends with, where that is another one's end: the frame says it once everything is closed. */
  endAs(end: EndAs): void;
  ended(): EndAs | null;
  /** True when a running gateway served the last call. */
  running(): boolean;
  close(): Promise<void>;
}

export interface ReachOptions {
  /** Throw `gateway_down` instead of composing the app in this process. */
  readonly onlyRunning?: boolean;
  readonly timeoutMs?: number;
}

export function createCli(world: World, terminal: Terminal): Cli {
  const opened: Transport[] = [];
  let given: GivenProof | undefined;
  let end: EndAs | null = null;
  async function reach(options: ReachOptions = {}): Promise<Fetch> {
    const { openTransport } = await import('./transport.ts');
    const transport = openTransport(world, options);
    opened.push(transport);
    return transport.fetch;
  }
  return {
    ...world,
    terminal,
    fetch: reach,
    async client(options) {
      const [fetch, { createClient }] = await Promise.all([
        reach(options),
        import('@countersign/protocol/client'),
      ]);
      if (given === undefined) return createClient(fetch);
      const { provenFetch } = await import('./proof.ts');
      return createClient(provenFetch(fetch, given, terminal));
    },
    proveWith: (proof) => {
      given = proof;
    },
    endAs: (how) => {
      end = how;
    },
    ended: () => end,
    running: () => opened.some((transport) => transport.running() === true),
    async close() {
      for (const transport of opened.splice(0)) await transport.close();
    },
  };
}

/** Asks yes or no. Without a person to ask: exit 2, naming the flag. */
export async function confirmed(cli: Cli, question: string, flag = '--yes'): Promise<boolean> {
  if (!cli.terminal.interactive) {
    throw new Problem('usage', { detail: `nobody is here to answer: ${question}`, hint: `add ${flag}` });
  }
  const { confirm, isCancel } = await import('@clack/prompts');
  const answer = await confirm({ message: question, initialValue: false, output: process.stderr });
  return !isCancel(answer) && answer;
}

const DECLINED = 'you said no, nothing was changed';

/** What `no` to a question ends with: nothing was done, and a script can tell. */
export function declined(): Problem {
  return new Problem('policy_denied', { detail: DECLINED, hint: 'run it again when you are sure' });
}

export function isDeclined(failure: unknown): boolean {
  return failure instanceof Problem && failure.code === 'policy_denied' && failure.message === DECLINED;
}

/** A word as a shell takes it back. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Every page of a list, as one. */
export async function allPages<T>(
  page: (query: {
    after?: string;
    limit: number;
  }) => Promise<{ readonly items: readonly T[]; readonly next?: string }>,
): Promise<T[]> {
  const items: T[] = [];
  for (let after: string | undefined; ; ) {
    const answer = await page({ limit: 500, ...(after === undefined ? {} : { after }) });
    items.push(...answer.items);
    if (answer.next === undefined) return items;
    after = answer.next;
  }
}
