// A process of its own on a SQLite home, for the tests that need two of them or kill one. It does as its first argument
// says, and prints a line for everything the store has acknowledged.
import { appendFileSync } from 'node:fs';
import { Problem } from '@countersign/protocol/problem';
import { parseNative } from '../../core/identity/peer.ts';
import type { Store } from '../../core/store-port.ts';
import { SeededRandom } from '../fakes.ts';
import { HOST, NOW, SLOTS, StoreBench, toAgent } from './bench.ts';
import { openTestStore } from './open.ts';

const [mode = '', home = '', name = '', count = '0', log = ''] = process.argv.slice(2);
const store = await openTestStore('sqlite:countersign.db', { home });
const bench = new StoreBench(name);
bench.begin(store, undefined);
const random = new SeededRandom(name);

/** One line, written before the next operation begins: what is in here the store has promised to keep. */
function acknowledged(line: string): void {
  appendFileSync(log, `${line}\n`);
}

const operations: ((n: number, store: Store) => Promise<void>)[] = [
  async (n) => {
    const person = await bench.person({ name: `${name} ${n}` });
    acknowledged(`person ${person.id}`);
  },
  async (n) => {
    const { peer, person } = await bench.known(`${name}-${n}`);
    const texts = ['one', 'two', 'three'].map((text) =>
      bench.says(peer, text, { messageId: `${text} ${n}` }),
    );
    const answers = await store.messages.accept(texts, toAgent(person.id), NOW);
    for (const answer of answers) {
      if (!(answer instanceof Problem) && answer.as === 'agent') acknowledged(`message ${answer.message}`);
    }
    const [last] = answers;
    if (last === undefined || last instanceof Problem || last.as !== 'agent') return;
    const turn = await store.turns.claim(last.session, store.writer, NOW + 9, NOW);
    if (turn !== null && (await store.turns.answer(turn.id, store.writer, `answer ${n}`, NOW)))
      acknowledged(`answer ${turn.session}`);
  },
  async (n) => {
    const peer = bench.peer(`${name}-${n}`);
    const request = bench.request(peer);
    if ((await store.pairings.open(request, SLOTS)) !== 'opened') return;
    const principal = bench.id('principal');
    await store.atomically(async (tx) => {
      await tx.people.add({ id: principal, name: 'approved', role: 'user', state: 'active', createdAt: NOW });
      await bench.link(peer, principal, tx);
      await tx.pairings.settle(request.id, ['pending'], 'approved', HOST, NOW, { principal });
      await tx.audit.append([
        {
          type: 'pairing.approved',
          at: NOW,
          actor: HOST,
          subject: { pairing: request.id, principal },
          outcome: 'ok',
        },
      ]);
    });
    acknowledged(`approval ${request.id}`);
  },
  async (n) => {
    const once = `${name} ${n}`;
    const peer = bench.peer(name);
    const conversation = { kind: 'direct', id: peer.native } as const;
    await store.outbox.put(
      [{ peer, conversation, kind: 'notice', text: once, deadline: NOW + 1e6, once }],
      NOW,
    );
    acknowledged(`outbox ${once}`);
    const [item] = await store.outbox.claim([peer], store.writer, NOW + 9, NOW, 1);
    if (item !== undefined && (await store.outbox.settle(item.id, 'sent', NOW)))
      acknowledged(`sent ${item.id}`);
  },
  // Both processes write to this one peer: their lines share one count.
  async (n) => {
    const native = parseNative('everybody', /^\S+$/);
    if (native === null) return;
    const peer = { channel: 'loopback', account: 'shared', native };
    await store.transcripts.append(peer, { id: `${name} ${n}`, from: 'you', text: 'line', at: NOW });
    acknowledged(`line ${name} ${n}`);
  },
  async (n) => {
    if (await store.nonces.take('shared', `${n}`, NOW + 1e6)) acknowledged(`nonce ${n}`);
  },
];

if (mode === 'random' || mode === 'forever') {
  const last = mode === 'forever' ? Number.POSITIVE_INFINITY : Number(count);
  for (let n = 0; n < last; n += 1) {
    const [byte = 0] = random.bytes(1);
    await operations[byte % operations.length]?.(n, store);
  }
}
await store.close();
