// A store as the first release left it: the tables of step 0001 alone, filled with what today's verbs write into those of
// its columns. Read back column by column, it has to be the same whatever came after.
import { makeId } from '@countersign/protocol/ids';
import type { Store } from '../../core/store-port.ts';
import type { Database, Row, Value } from '../../store/dialects/database.ts';
import { baseline } from '../../store/migrations/0001-baseline.ts';
import { HOST, NOW, SLOTS, StoreBench, toAgent, toDesk } from './bench.ts';

type Tables = ReadonlyMap<string, readonly string[]>;

/** What step 0001 says, not what the database has: a later step must not widen the comparison. */
function tablesOf(database: Database): Tables {
  const tables = new Map<string, readonly string[]>();
  for (const statement of baseline(database.types)) {
    const [, name, body] = /^create table (\w+) \(([\s\S]*)\)[^)]*$/.exec(statement) ?? [];
    if (name === undefined || body === undefined) continue;
    const columns = body.replace(/\([^)]*\)/g, '').split(',');
    const names = columns.map((column) => column.trim().split(' ')[0] ?? '');
    tables.set(
      name,
      names.filter(
        (column) => column !== '' && column !== 'n' && column !== 'primary' && column !== 'unique',
      ),
    );
  }
  return tables;
}

function select(name: string, columns: readonly string[]): string {
  return `select ${columns.join(', ')} from ${name} order by ${columns.join(', ')}`;
}

/** Every row of every table of the first schema, in an order of its own. */
export async function rowsOfSchemaOne(database: Database): Promise<ReadonlyMap<string, readonly Row[]>> {
  const rows = new Map<string, readonly Row[]>();
  for (const [name, columns] of tablesOf(database)) {
    const found = await database.connection.all(select(name, columns));
    rows.set(
      name,
      found.map((row) => ({ ...row })),
    );
  }
  return rows;
}

/** Makes `old` a database of schema 1 that holds what `from` holds. */
export async function writeSchemaOne(old: Database, from: Database): Promise<void> {
  await old.transaction(async (connection) => {
    const { text } = old.types;
    await connection.run(
      `create table meta (key ${text} primary key, value ${text} not null) ${old.types.end(true)}`,
    );
    for (const statement of baseline(old.types)) await connection.run(statement);
  });
  const meta = await from.connection.all('select key, value from meta');
  const kept = meta.map((row): Value[] => [
    String(row['key']),
    row['key'] === 'schema' ? '1' : String(row['value']),
  ]);
  await old.connection.insert('meta', ['key', 'value'], kept);
  for (const [name, columns] of tablesOf(old)) {
    const counted = (await hasCount(from, name)) ? 'order by n' : '';
    const rows = await from.connection.all(`select ${columns.join(', ')} from ${name} ${counted}`);
    await old.connection.insert(
      name,
      columns,
      rows.map((row) => columns.map((column) => asValue(row[column]))),
    );
  }
}

async function hasCount(database: Database, name: string): Promise<boolean> {
  return baseline(database.types).some(
    (statement) => statement.startsWith(`create table ${name} (`) && /\(\s*n /.test(statement),
  );
}

function asValue(value: unknown): Value {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  if (value instanceof Uint8Array) return value;
  throw new Error('a row of the first schema holds text, numbers and bytes');
}

/** A house some weeks old: people of every role and state, requests in every state, messages and the outbox at every point. */
export async function livedIn(store: Store) {
  const bench = new StoreBench('one');
  bench.begin(store, undefined);
  const owner = await bench.person({ role: 'owner', name: 'Owner' });
  const ownerPeer = bench.peer();
  await bench.link(ownerPeer, owner.id);
  const { peer, person } = await bench.known();
  const suspended = await bench.known();
  await store.people.setState(suspended.person.id, ['active'], 'suspended');
  await store.people.setBlocked(bench.peer(), true, NOW);

  const requests = [];
  for (const state of ['pending', 'approved', 'denied', 'revoked', 'blocked', 'expired'] as const) {
    const request = bench.request(bench.peer(), state === 'expired' ? { expiresAt: NOW } : {});
    await store.pairings.open(request, SLOTS);
    if (state !== 'pending' && state !== 'expired') {
      const more = state === 'approved' ? { principal: person.id, accessUntil: NOW + 1e9 } : {};
      const first = state === 'revoked' ? 'approved' : state;
      await store.pairings.settle(request.id, ['pending'], first, HOST, NOW, more);
      if (state === 'revoked') await store.pairings.settle(request.id, ['approved'], state, HOST, NOW);
    }
    requests.push({ id: request.id, state });
  }
  await store.pairings.sweep(NOW, 0);
  const account = bench.word();
  for (let n = 0; n <= SLOTS.max; n++) {
    const request = bench.request(bench.peer(account));
    const state = (await store.pairings.open(request, SLOTS)) === 'full' ? 'waiting' : 'pending';
    requests.push({ id: request.id, state });
  }

  const { session } = await bench.admit(peer, person.id, 'first');
  const turn = await store.turns.claim(session, store.writer, NOW + 9, NOW);
  await store.turns.answer(turn?.id ?? 'turn_', store.writer, 'first answer', NOW);
  await bench.admit(peer, person.id, 'second');
  await store.messages.accept([bench.says(bench.peer(), 'at the desk')], toDesk, NOW);
  const said = bench.says(peer, 'third');
  await store.messages.accept([said], toAgent(person.id), NOW);
  await store.transcripts.append(peer, { id: '1', from: 'you', text: 'hello', at: NOW });

  const conversation = { kind: 'direct', id: peer.native } as const;
  const draft = { peer, conversation, kind: 'notice', deadline: NOW + 1e9 } as const;
  await store.outbox.put([{ ...draft, text: 'sent', once: 'once 1', principal: person.id }], NOW);
  const [item] = await store.outbox.claim([peer], store.writer, NOW + 9, NOW, 1);
  await store.outbox.settle(item?.id ?? 'out_', 'sent', NOW);
  const turnId = makeId('turn', new Uint8Array(15).fill(7));
  await store.outbox.put([{ ...draft, text: 'queued', kind: 'answer', turn: turnId }], NOW);
  await store.claims.issue('claim', NOW + 1e9);
  await store.nonces.take('connect', 'one', NOW + 1e9);
  await store.limits.take('login', { burst: 3, refillMs: 1_000 }, NOW);
  await store.audit.append([
    {
      type: 'person.added',
      at: NOW,
      actor: HOST,
      subject: { principal: person.id },
      outcome: 'ok',
      personal: { name: person.name },
      about: person.id,
    },
  ]);
  await store.audit.index();
  return { owner, ownerPeer, peer, person, requests, session, said, events: await bench.chain() };
}
