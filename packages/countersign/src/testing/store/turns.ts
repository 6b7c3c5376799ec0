import { makeId, type SessionId, type TurnId, type WriterId } from '@countersign/protocol/ids';
import { describe, expect, test } from 'vitest';
import { NOW, type StoreBench, times } from './bench.ts';

const OTHER: WriterId = makeId('writer', new Uint8Array(15).fill(7));

export function turnsSuite(bench: StoreBench): void {
  const waiting = async (...texts: string[]) => {
    const { peer, person } = await bench.known();
    let session: SessionId | undefined;
    for (const text of texts) session = (await bench.admit(peer, person.id, text)).session;
    if (session === undefined) throw new Error('no message');
    return { peer, person, session };
  };
  const claim = (session: SessionId, until = NOW + 100, now = NOW, by = bench.store.writer) =>
    bench.store.turns.claim(session, by, until, now);
  const claimed = async (session: SessionId) => {
    const turn = await claim(session);
    if (turn === null) throw new Error('nothing to claim');
    return turn;
  };
  const ask = async (session: SessionId, answer: string) => {
    const turn = await claimed(session);
    expect(await bench.store.turns.answer(turn.id, bench.store.writer, answer, NOW)).toBe(true);
  };
  const isOpen = async (session: SessionId, now = NOW) =>
    (await bench.store.turns.open(now)).includes(session);

  describe('turns', () => {
    test('one question at a time: the next can be claimed when the one before is answered', async () => {
      const { session, peer, person } = await waiting('one', 'two');
      const first = await claimed(session);
      expect(first).toMatchObject({
        session,
        sessionKey: `agent:main:loopback:${peer.account}:direct:${peer.native}`,
        principal: person.id,
        peer,
        conversation: { kind: 'direct', id: peer.native },
        text: 'one',
        receivedAt: NOW,
        attempt: 1,
      });
      expect(await claim(session)).toBeNull();
      expect(await isOpen(session)).toBe(false);
      expect(await bench.store.turns.answer(first.id, bench.store.writer, 'yes', NOW)).toBe(true);
      expect(await isOpen(session)).toBe(true);
      expect(await claimed(session)).toMatchObject({ text: 'two', attempt: 1 });
    });

    test('of twenty claims at once one gets the turn', async () => {
      const { session } = await waiting('one', 'two', 'three');
      const other = await bench.other();
      const turns = await times(20, (n) =>
        (n % 2 === 0 ? bench.store : other).turns.claim(session, OTHER, NOW + 9, NOW),
      );
      expect(turns.filter((turn) => turn !== null)).toHaveLength(1);
    });

    test('a claim that ran out is taken over: same turn, next attempt, and the first claimer has lost it', async () => {
      const { session } = await waiting('one');
      const first = await claimed(session);
      expect(await isOpen(session, NOW + 100)).toBe(true);
      const second = await claim(session, NOW + 200, NOW + 100, OTHER);
      expect(second).toMatchObject({ id: first.id, message: first.message, attempt: 2 });
      const { turns, writer } = bench.store;
      expect(await turns.hold(first.id, writer, NOW + 300)).toBe(false);
      expect(await turns.answer(first.id, writer, 'late', NOW)).toBe(false);
      expect(await turns.release(first.id, writer)).toBe(false);
      expect(await turns.fail(first.id, writer, NOW)).toBe(false);
      expect(await turns.answer(first.id, OTHER, 'in time', NOW)).toBe(true);
      expect(await turns.answer(first.id, OTHER, 'twice', NOW)).toBe(false);
      expect(await turns.history(session, { messages: 10, bytes: 1_000 })).toEqual([
        { user: 'one', assistant: 'in time' },
      ]);
    });

    test('a claim that is held does not run out', async () => {
      const { session } = await waiting('one');
      const { id } = await claimed(session);
      expect(await bench.store.turns.hold(id, bench.store.writer, NOW + 500)).toBe(true);
      expect(await claim(session, NOW + 900, NOW + 499, OTHER)).toBeNull();
      expect(await claim(session, NOW + 900, NOW + 500, OTHER)).not.toBeNull();
    });

    test('a turn given back is claimed again as the next attempt', async () => {
      const { session } = await waiting('one');
      const { id } = await claimed(session);
      expect(await bench.store.turns.release(id, bench.store.writer)).toBe(true);
      expect(await bench.store.turns.release(id, bench.store.writer)).toBe(false);
      expect(await isOpen(session)).toBe(true);
      expect(await claimed(session)).toMatchObject({ id, attempt: 2 });
    });

    test("what a dead process of a writer had claimed is given back, and nobody else's", async () => {
      const [mine, theirs] = [await waiting('mine'), await waiting('theirs')];
      const dead: WriterId = makeId('writer', new Uint8Array(15).fill(9));
      await claim(mine.session, NOW + 100, NOW, dead);
      await claim(theirs.session, NOW + 100, NOW, OTHER);
      expect(await bench.store.turns.abandon(dead)).toBe(1);
      expect(await isOpen(mine.session)).toBe(true);
      expect(await isOpen(theirs.session)).toBe(false);
    });

    test('a failed turn leaves no text and no history', async () => {
      const { session } = await waiting('one');
      const { id } = await claimed(session);
      expect(await bench.store.turns.fail(id, bench.store.writer, NOW)).toBe(true);
      expect(await isOpen(session)).toBe(false);
      expect(await bench.store.turns.history(session, { messages: 10, bytes: 1_000 })).toEqual([]);
    });

    test('messages that waited too long end and are told, claimed ones do not', async () => {
      const { peer, person } = await bench.known();
      const { session, message } = await bench.admit(peer, person.id, 'asked', NOW - 10_000);
      const second = await bench.admit(peer, person.id, 'old', NOW - 10_000);
      await bench.admit(peer, person.id, 'new', NOW);
      await claimed(session);
      const ended = (await bench.store.turns.expire(NOW - 5_000, 1_000)).filter(
        (one) => one.session === session,
      );
      expect(ended).toEqual([
        { message: second.message, session, peer, conversation: { kind: 'direct', id: peer.native } },
      ]);
      expect(ended.map((one) => one.message)).not.toContain(message);
      expect(await bench.store.turns.expire(NOW - 5_000, 1_000)).toEqual([]);
    });

    test('past the most that may wait the newest end', async () => {
      const { session, peer } = await waiting('asked', 'one', 'two', 'three');
      await claimed(session);
      const ended = await bench.store.turns.overflow(session, 1);
      expect(ended).toHaveLength(2);
      expect(ended).toMatchObject([{ peer }, { peer }]);
      expect(await bench.store.turns.overflow(session, 1)).toEqual([]);
    });

    test('history is the last exchanges, oldest first, within its bounds', async () => {
      const { session } = await waiting('1', '22', '333', 'äää');
      for (const answer of ['a', 'bb', 'ccc', 'dddd']) await ask(session, answer);
      const { turns } = bench.store;
      const all = [
        { user: '1', assistant: 'a' },
        { user: '22', assistant: 'bb' },
        { user: '333', assistant: 'ccc' },
        { user: 'äää', assistant: 'dddd' },
      ];
      expect(await turns.history(session, { messages: 100, bytes: 1_000 })).toEqual(all);
      expect(await turns.history(session, { messages: 5, bytes: 1_000 })).toEqual(all.slice(2));
      expect(await turns.history(session, { messages: 1, bytes: 1_000 })).toEqual([]);
      // Bytes, not characters: the last exchange has ten of them.
      expect(await turns.history(session, { messages: 100, bytes: 16 })).toEqual(all.slice(2));
      expect(await turns.history(session, { messages: 100, bytes: 15 })).toEqual(all.slice(3));
      expect(await turns.history(session, { messages: 100, bytes: 9 })).toEqual([]);
    });

    test('history knows its own session only', async () => {
      const [one, two] = [await waiting('secret'), await waiting('hello')];
      await ask(one.session, 'answer');
      expect(await bench.store.turns.history(two.session, { messages: 10, bytes: 1_000 })).toEqual([]);
    });

    test('an unknown session or turn is refused in silence', async () => {
      const turn: TurnId = makeId('turn', new Uint8Array(15));
      expect(await claim(makeId('session', new Uint8Array(15)))).toBeNull();
      expect(await bench.store.turns.answer(turn, bench.store.writer, 'x', NOW)).toBe(false);
    });

    test("a session's last turn moves with its turns", async () => {
      const { session, person } = await waiting('one');
      await claim(session, NOW + 100, NOW + 50);
      expect(await bench.store.sessions.list({ principal: person.id, limit: 1 })).toMatchObject([
        { lastTurnAt: NOW + 50 },
      ]);
    });
  });
}
