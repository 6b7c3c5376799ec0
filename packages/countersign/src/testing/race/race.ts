// Twenty editors on one configuration file for some seconds: ten hands, four times `config set` from processes of their
// own, three who approve and three who revoke through a gateway. Who takes no lock can overwrite within microseconds, and
// looks again as a person would; everything else must stand.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../config/load.ts';
import { type Native, type Peer, storedNative } from '../../core/identity/peer.ts';
import { compose } from '../../gateway/compose.ts';
import { inboundFrom } from '../inbound.ts';
import { HOST } from '../world.ts';
import type { HandReport } from './hands.ts';

const HANDS = fileURLToPath(new URL('./hands.ts', import.meta.url));
const BIN = fileURLToPath(new URL('../../../bin/countersign.js', import.meta.url));

/** What the four command lines set, over and over. */
const KEYS = [
  { path: 'agent.model', value: (n: number) => `model-${n}` },
  { path: 'agent.history.messages', value: (n: number) => n },
  { path: 'login.maxPerHour', value: (n: number) => 1 + (n % 9) },
  { path: 'session.allowShared', value: (n: number) => n % 2 === 1 },
] as const;

export const STANDING: readonly string[] = Array.from({ length: 40 }, (_, n) => String(1000 + n));

export interface RaceEnd {
  readonly text: string;
  readonly isValid: boolean;
  readonly hands: readonly HandReport[];
  readonly set: readonly { readonly path: string; readonly wanted: unknown; readonly found: unknown }[];
  /** Command lines that ended otherwise than with 0. */
  readonly refused: readonly string[];
  readonly approved: readonly string[];
  readonly revoked: readonly string[];
  readonly mayTalk: ReadonlyMap<string, boolean>;
  readonly file: readonly string[];
  readonly remembered: readonly string[];
  readonly owed: number;
  readonly edits: number;
  readonly overwritten: number;
}

/** For so many seconds, and on a slow machine until there were so many edits: fewer would show nothing. */
export async function race(seconds: number, pauseOfClis: number, enough: number): Promise<RaceEnd> {
  const home = join(mkdtempSync(join(tmpdir(), 'cs-race-')), 'home');
  mkdirSync(home, { mode: 0o700 });
  const path = join(home, 'countersign.jsonc');
  writeFileSync(path, beginning(), { mode: 0o600 });
  const composed = await compose({
    home,
    env: {},
    running: { startedAt: 0, port: () => 8787, stop: () => undefined },
  });
  try {
    composed.config.follow(() => undefined);
    const hands = spawn(process.execPath, [HANDS, path], { stdio: ['pipe', 'pipe', 'inherit'] });
    let told = '';
    hands.stdout.on('data', (piece: Buffer) => {
      told += piece.toString();
    });
    const ended = once(hands, 'exit');
    const ends = new AbortController();
    const over = ends.signal;
    const people = new People(composed);
    const clis = KEYS.map((key) => new Cli(home, key, pauseOfClis));
    const soFar = () =>
      clis.reduce((sum, { edits }) => sum + edits, people.approved.length + people.revoked.length) +
      editsByHand(readFileSync(path, 'utf8'));
    const timed = async () => {
      await pause(seconds * 1000);
      while (soFar() < enough) await pause(100);
      ends.abort();
    };
    await Promise.all([
      timed(),
      ...[1, 2, 3].map((n) => people.approve(n, over)),
      ...[1, 2, 3].map((n) => people.revoke(n, over)),
      ...clis.map((cli) => cli.run(over)),
    ]);
    hands.stdin.end();
    await ended;
    for (let round = 0; round < 3; round++) {
      await pause(50);
      for (const cli of clis) await cli.look();
      await composed.tidyConfig();
    }
    const { store } = composed;
    const reports: HandReport[] = JSON.parse(told);
    const loaded = loadConfig({ home, env: {} });
    const account = loaded.ok
      ? loaded.config.channels.accounts.find(({ channel }) => channel === 'telegram')
      : undefined;
    return {
      text: readFileSync(path, 'utf8'),
      isValid: loaded.ok,
      hands: reports,
      set: clis.map(({ path: at, wanted }) => ({ path: at, wanted, found: composed.config.get(at) })),
      refused: clis.flatMap(({ refused }) => refused),
      approved: people.approved,
      revoked: people.revoked,
      mayTalk: await people.mayTalk(),
      file: account?.allowFrom ?? [],
      remembered: ((await store.allowLists.seen('telegram', 'default')) ?? []).map(({ native }) => native),
      owed: (await store.allowLists.wanted()).length,
      edits: [...reports, ...clis].reduce(
        (sum, { edits }) => sum + edits,
        people.approved.length + people.revoked.length,
      ),
      overwritten: [...reports, ...clis].reduce((sum, one) => sum + one.overwritten, 0),
    };
  } finally {
    await composed.close();
    rmSync(join(home, '..'), { recursive: true, force: true });
  }
}

function beginning(): string {
  const standing = STANDING.map((native) => `      "${native}", // person ${native}`).join('\n');
  const hands = Array.from({ length: 8 }, (_, n) => `  // hand ${n}: 0`).join('\n');
  return `// The first line stays.
{
${hands}
  "agent": { "kind": "echo" }, // beside the agent
  "channels": {
    /* above telegram */
    "pairing": { "maxPending": 50 },
    "telegram": { "botToken": "1:race", "allowFrom": [
${standing}
    ] }
  }
}
// The last line stays.
`.replace('}\n// The last line stays.\n', '  // The last line stays.\n}\n');
}

/** Each hand counts its own in its comment. While somebody saves, some are missing. */
function editsByHand(text: string): number {
  return [...text.matchAll(/^ *\/\/ hand \d: (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
}

type Composed = Awaited<ReturnType<typeof compose>>;

class People {
  readonly approved: string[] = [];
  readonly revoked: string[] = [];
  readonly #composed: Composed;
  #next = 500_000;

  constructor(composed: Composed) {
    this.#composed = composed;
  }

  async approve(n: number, over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      await pause(150 + n * 70);
      const native = String(this.#next++);
      const peer = peerOf(native);
      await this.#says(peer);
      const row = await this.#composed.store.pairings.latest(peer);
      if (row === null) throw new Error(`${native} got no request`);
      await this.#composed.core.pairings.approve(row.id, HOST, { forMs: null, name: null });
      this.approved.push(native);
    }
  }

  /** Ends what was given a while ago. */
  async revoke(n: number, over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      await pause(300 + n * 90);
      const native = this.approved.find((one, at) => at % 3 === n - 1 && !this.revoked.includes(one));
      if (native === undefined) continue;
      this.revoked.push(native);
      await this.#composed.core.pairings.revoke(peerOf(native), HOST);
    }
  }

  async mayTalk(): Promise<ReadonlyMap<string, boolean>> {
    const found = new Map<string, boolean>();
    for (const native of this.approved) {
      const { peer } = await this.#composed.store.people.standing(peerOf(native));
      found.set(native, peer?.direct === true);
    }
    return found;
  }

  async #says(peer: Peer): Promise<void> {
    const { inbox } = this.#composed.core;
    await inbox.receive(inboundFrom(peer, { messageId: peer.native }));
    await inbox.idle();
  }
}

function peerOf(native: string): Peer {
  const proven: Native = storedNative(native);
  return { channel: 'telegram', account: 'default', native: proven };
}

class Cli {
  readonly path: string;
  readonly refused: string[] = [];
  wanted: unknown;
  edits = 0;
  overwritten = 0;
  readonly #home: string;
  readonly #value: (n: number) => unknown;
  readonly #pauseMs: number;
  #n = 0;

  constructor(home: string, key: (typeof KEYS)[number], pauseMs: number) {
    this.#home = home;
    this.path = key.path;
    this.#value = key.value;
    this.#pauseMs = pauseMs;
  }

  async run(over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      await this.look();
      this.#n += 1;
      if (await this.#set(this.#value(this.#n))) this.edits += 1;
      await pause(this.#pauseMs, undefined, { signal: over }).catch(() => undefined);
    }
  }

  /** What was set stands, unless a hand saved over it between its look and its save. */
  async look(): Promise<void> {
    const loaded = loadConfig({ home: this.#home, env: {} });
    if (this.wanted === undefined || !loaded.ok || loaded.text.trim() === '') return;
    const found = this.path.split('.').reduce<unknown>((value, key) => member(value, key), loaded.tree);
    if (found === this.wanted) return;
    this.overwritten += 1;
    await this.#set(this.wanted);
  }

  #set(value: unknown): Promise<boolean> {
    return new Promise((resolve) => {
      const env = { HOME: this.#home, COUNTERSIGN_HOME: this.#home };
      const args = [BIN, 'config', 'set', this.path, JSON.stringify(value)];
      execFile(process.execPath, args, { env }, (error, _out, err) => {
        if (error === null) this.wanted = value;
        else this.refused.push(err);
        resolve(error === null);
      });
    });
  }
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined;
}
