// A process that asks, decides and writes lists through the services of core, and dies by SIGKILL before the write it was
// told: asking.full.test.ts starts it again and again, one write later each time. It prints how many writes there are.
import { makeId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { LOOPBACK_TRAITS } from '../../channels/loopback/channel.ts';
import { Denials } from '../../core/audit/denials.ts';
import { Bus } from '../../core/bus.ts';
import { closeExpired } from '../../core/cards.ts';
import type { Peer } from '../../core/identity/peer.ts';
import { Pairings } from '../../core/pairing/pairings.ts';
import { PairingRequests } from '../../core/pairing/requests.ts';
import type { Roster } from '../../core/roster.ts';
import type { Connection, Database } from '../../store/dialects/database.ts';
import { openSqlite } from '../../store/dialects/node-sqlite.ts';
import { overDatabase } from '../../store/open.ts';
import { FakeClock } from '../fakes.ts';
import { HOST, StoreBench, toDesk } from './bench.ts';
import { testPorts } from './open.ts';

const [file = '', account = '', dieAt = '0'] = process.argv.slice(2);
/** Counted once the store is open. */
let writes = Number.NEGATIVE_INFINITY;

/** Before each write and each commit. Reads change nothing: dying among them is dying before the next write. */
function step(): void {
  writes += 1;
  if (writes === Number(dieAt)) process.kill(process.pid, 'SIGKILL');
}

function mortal(connection: Connection): Connection {
  return {
    all(sql, values) {
      if (!/^\s*select/i.test(sql)) step();
      return connection.all(sql, values);
    },
    run(sql, values) {
      step();
      return connection.run(sql, values);
    },
    insert(...args) {
      step();
      return connection.insert(...args);
    },
    insertNew(...args) {
      step();
      return connection.insertNew(...args);
    },
    findEach: (...args) => connection.findEach(...args),
    findMany: (...args) => connection.findMany(...args),
  };
}

const sqlite = openSqlite(file);
const database: Database = {
  dialect: sqlite.dialect,
  types: sqlite.types,
  connection: mortal(sqlite.connection),
  transaction: (work) =>
    sqlite.transaction(async (connection) => {
      const done = await work(mortal(connection));
      step();
      return done;
    }),
  hasTable: (connection, name) => sqlite.hasTable(connection, name),
  lockSchema: (connection) => sqlite.lockSchema(connection),
  takeTurn: (connection, what) => sqlite.takeTurn(connection, what),
  close: () => sqlite.close(),
};

const clock = new FakeClock();
const ports = testPorts({ clock });
const store = await overDatabase(database, ports);
const bench = new StoreBench(account);
bench.begin(store, undefined);
writes = 0;

const ACCOUNT = {
  enabled: true,
  dmPolicy: 'pairing',
  allowFrom: [],
  groupPolicy: 'disabled',
  groupAllowFrom: [],
  requireMention: true,
  personalNumber: false,
} as const;
const roster: Roster = {
  channels: ['loopback'],
  policy: () => ACCOUNT,
  traits: () => ({ ...LOOPBACK_TRAITS, buttons: true, edits: true, writesConfig: true }),
  admission: () => ({
    agent: 'main',
    dmScope: 'per-account-channel-peer',
    allowShared: false,
    pairingMaxAgeMs: 600_000,
  }),
  pairing: () => ({
    codeFormat: 'XXXXXXXX',
    tokenExpiryMs: 3_600_000,
    denyCooldownMs: 3_600_000,
    slots: { max: 9, maxPerAddress: 9, evictAfterMs: 600_000, maxWaiting: 9 },
    message: 'Your code: {code}',
    notifyMessage: '{identifier} asks. Code: {code}',
    notifyOn: [],
    writeConfig: true,
  }),
  waiting: () => ({ max: 9, maxAgeMs: 3_600_000 }),
  history: () => ({ messages: 9, bytes: 9_999 }),
  login: () => ({
    on: false,
    codeTtlMs: 60_000,
    codeDigits: 6,
    maxAttempts: 5,
    maxOpen: 3,
    maxPerHour: 5,
    deliverTo: [],
    allowCarrier: false,
  }),
  agentTimeoutMs: () => 9_999,
};
const bus = new Bus();
/** A file that takes every edit at once. */
const allowFile = {
  async settle() {
    for (const edit of await store.allowLists.wanted()) await store.allowLists.done(edit, clock.now());
  },
};
const shared = { store, clock, random: ports.random, roster, bus };
const requests = new PairingRequests({ ...shared, hasher: ports.hasher, denials: new Denials(store) });
const pairings = new Pairings({ ...shared, allowFile });

async function ask(): Promise<Peer> {
  const peer = bench.peer(account);
  const [accepted] = await store.messages.accept([bench.says(peer, 'let me in')], toDesk, clock.now());
  if (accepted === undefined || accepted instanceof Problem || !('message' in accepted))
    throw new Error('the message did not reach the desk');
  await requests.ask(bench.says(peer, 'let me in'), accepted.message);
  return peer;
}

async function requestOf(peer: Peer) {
  const row = await store.pairings.latest(peer);
  if (row === null) throw new Error('nobody asked');
  return row.id;
}

/** Sends what is due, as the dispatcher does. */
async function send(): Promise<void> {
  const chats = [account, 'owners'].map((one) => ({ channel: 'loopback', account: one }));
  const items = await store.outbox.claim(chats, store.writer, clock.now() + 60_000, clock.now(), 50);
  for (const item of items) {
    if (item.kind === 'card' && item.card !== undefined)
      await store.cards.delivered(item.card, `m ${item.id}`, clock.now());
    await store.outbox.settle(item.id, 'sent', clock.now());
  }
}

await store.outbox.abandon(store.writer);
for (let n = (await store.people.owners()).length; n < 2; n += 1) {
  await store.atomically(async (tx) => {
    const id = makeId('principal', ports.random.bytes(15));
    await tx.people.add({ id, name: `Owner ${n}`, role: 'owner', state: 'active', createdAt: clock.now() });
    const link = { ceiling: 'owner', assurance: 'high', direct: true, accessUntil: null } as const;
    const names = { displayName: null, username: null };
    await tx.people.link(bench.peer('owners'), { principal: id, ...link, ...names, at: clock.now() });
  });
}
const until = { forMs: 86_400_000, name: null };
const ana = await ask();
await pairings.approve(await requestOf(ana), HOST, until);
const [bob, eve] = [await ask(), await ask()];
await send();
await pairings.deny(await requestOf(bob), HOST);
await pairings.block(await requestOf(eve), HOST);
await pairings.approve(await requestOf(ana), HOST, until);
await ask();
await pairings.revoke(ana, HOST);
clock.advance('2h');
await closeExpired(store, clock.now());
await send();
await store.close();
console.log(writes);
