// Checks a store against what it had acknowledged, line by line as child.ts printed it, and that nothing is there twice.
import { isId, type PairingId, type PrincipalId, type SessionId } from '@countersign/protocol/ids';
import { expect } from 'vitest';
import type { Store } from '../../core/store-port.ts';
import { StoreBench } from './bench.ts';

export async function checkPromises(store: Store, promises: readonly string[]): Promise<void> {
  const bench = new StoreBench();
  bench.begin(store, undefined);
  const events = await bench.chain();
  const told = events.map(({ body }) => `${body.type} ${body.subject['message'] ?? body.subject['pairing']}`);
  const known = new Set(told);
  expect(known.size, 'an event was told twice').toBe(told.length);
  const rows = await store.outbox.recent({ limit: 100_000 });
  const sent = new Map(rows.map((row) => [`${row.id}`, row.fate]));
  for (const promise of promises) {
    const [what = '', id = ''] = promise.split(/ (.*)/);
    switch (what) {
      case 'person':
        if (isId('principal', id))
          expect(await store.people.get(id satisfies PrincipalId), promise).not.toBeNull();
        break;
      case 'message':
        expect(known.has(`message.admitted ${id}`), promise).toBe(true);
        break;
      case 'answer':
        if (isId('session', id)) expect(await historyOf(store, id), promise).toHaveLength(1);
        break;
      case 'approval':
        expect(known.has(`pairing.approved ${id}`), promise).toBe(true);
        if (isId('pairing', id)) await checkApproval(store, id);
        break;
      case 'sent':
        expect(sent.get(id), promise).toBe('sent');
        break;
    }
  }
  const queued = promises.filter((line) => line.startsWith('outbox ')).length;
  expect(rows.length, 'an outbox item was lost').toBeGreaterThanOrEqual(queued);
}

function historyOf(store: Store, session: SessionId) {
  return store.turns.history(session, { messages: 10, bytes: 10_000 });
}

async function checkApproval(store: Store, id: PairingId): Promise<void> {
  const pairing = await store.pairings.get(id);
  expect(pairing?.state).toBe('approved');
  if (pairing === null) return;
  expect((await store.people.standing(pairing.peer)).principal?.id).toBe(pairing.principal);
}
