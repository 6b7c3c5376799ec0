import { describe, expect, test } from 'vitest';
import { HOUR, NOW, type StoreBench, times, toAgent } from './bench.ts';

export function sessionsSuite(bench: StoreBench): void {
  const spoken = async () => {
    const { peer, person } = await bench.known();
    const { session } = await bench.admit(peer, person.id, 'hello');
    return { peer, person, session };
  };
  const { messages, bytes } = { messages: 9, bytes: 999 };

  describe('sessions', () => {
    test('a revoked session gives its key free, and the next message begins another of the same person', async () => {
      const { peer, person, session } = await spoken();
      expect(await bench.store.sessions.revoke(session, NOW + 1)).toHaveLength(1);
      expect(await bench.store.sessions.find(session)).toMatchObject([{ id: session, endedAt: NOW + 1 }]);
      const next = await bench.admit(peer, person.id, 'again');
      expect(next.session).not.toBe(session);
      const listed = async (live: boolean) =>
        (await bench.store.sessions.list({ principal: person.id, live, limit: 9 })).map(({ id }) => id);
      expect(await listed(false)).toEqual([next.session, session]);
      expect(await listed(true)).toEqual([next.session]);
    });

    test('of twenty who revoke at once one does', async () => {
      const { session } = await spoken();
      const other = await bench.other();
      const done = await times(20, (n) =>
        (n % 2 === 0 ? bench.store : other).sessions.revoke(session, NOW + n),
      );
      expect(done.filter((waited) => waited !== null)).toHaveLength(1);
    });

    test('a turn under way when its session is revoked finds its claim lost, whatever it wants to do', async () => {
      const { session } = await spoken();
      const { turns, writer } = bench.store;
      const turn = await turns.claim(session, writer, NOW + HOUR, NOW);
      if (turn === null) throw new Error('nothing to claim');
      const waited = await bench.store.sessions.revoke(session, NOW + 1);
      expect(waited?.map(({ message }) => message)).toEqual([turn.message]);
      expect(await turns.hold(turn.id, writer, NOW + HOUR)).toBe(false);
      expect(await turns.release(turn.id, writer)).toBe(false);
      expect(await turns.fail(turn.id, writer, NOW)).toBe(false);
      expect(await turns.answer(turn.id, writer, 'too late', NOW)).toBe(false);
      expect(await turns.open(NOW + HOUR)).not.toContain(session);
    });

    test('of what was said in a revoked session nothing is left', async () => {
      const { session } = await spoken();
      const { turns, writer } = bench.store;
      const turn = await turns.claim(session, writer, NOW + HOUR, NOW);
      await turns.answer(turn?.id ?? 'turn_', writer, 'an answer', NOW);
      expect(await turns.history(session, { messages, bytes })).toHaveLength(1);
      expect(await bench.store.sessions.revoke(session, NOW + 1)).toEqual([]);
      expect(await turns.history(session, { messages, bytes })).toEqual([]);
    });

    test('a message that slips in while its session is revoked is never claimed', async () => {
      const { peer, person, session } = await spoken();
      // Two gateways: one has read who holds the key when the other ends it. What is left is a message in a session that is over.
      const key = `agent:main:group:${peer.native}`;
      const shared = toAgent(person.id, key, false);
      const [first] = await bench.store.messages.accept([bench.says(peer, 'one')], shared, NOW);
      if (first === undefined || !('as' in first) || first.as !== 'agent') throw new Error('not admitted');
      await bench.store.sessions.revoke(first.session, NOW);
      expect(await bench.store.turns.claim(first.session, bench.store.writer, NOW + 9, NOW)).toBeNull();
      expect(await bench.store.turns.open(NOW + HOUR)).not.toContain(first.session);
      expect(await bench.store.turns.claim(session, bench.store.writer, NOW + 9, NOW)).not.toBeNull();
    });

    test('others on a shared key, and what else the person has, go on', async () => {
      const [ana, bob] = [await bench.known(), await bench.known()];
      const key = `agent:main:group:${bench.word()}`;
      const says = async ({ peer, person }: typeof ana) => {
        const [one] = await bench.store.messages.accept(
          [bench.says(peer, 'x')],
          toAgent(person.id, key, false),
          NOW,
        );
        if (one === undefined || !('as' in one) || one.as !== 'agent') throw new Error('not admitted');
        return one.session;
      };
      const [anas, bobs] = [await says(ana), await says(bob)];
      const own = await bench.admit(ana.peer, ana.person.id, 'in private');
      await bench.store.sessions.revoke(anas, NOW);
      expect(await says(bob)).toBe(bobs);
      expect(await says(ana)).not.toBe(anas);
      expect((await bench.admit(ana.peer, ana.person.id, 'still')).session).toBe(own.session);
      expect((await bench.store.people.standing(ana.peer)).principal?.id).toBe(ana.person.id);
    });
  });
}
