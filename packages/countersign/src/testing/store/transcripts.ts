import { describe, expect, test } from 'vitest';
import { NOW, type StoreBench, times } from './bench.ts';

export function transcriptsSuite(bench: StoreBench): void {
  const line = (id: string, text = id) => ({ id, from: 'you', text, at: NOW }) as const;

  describe('transcripts', () => {
    test('lines count from one without gaps, also when twenty come at once', async () => {
      const peer = bench.peer();
      const other = await bench.other();
      const lines = await times(20, (n) =>
        (n % 2 === 0 ? bench.store : other).transcripts.append(peer, line(`line ${n}`)),
      );
      const numbers = lines.map(({ seq }) => seq).sort((a, b) => a - b);
      expect(numbers).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
      const read = await bench.store.transcripts.after(peer, 0, 100);
      expect(read).toEqual(lines.toSorted((a, b) => a.seq - b.seq));
    });

    test('a line appended twice is the line of the first time', async () => {
      const peer = bench.peer();
      const [first] = await times(10, () => bench.store.transcripts.append(peer, line('one', 'said')));
      expect(await bench.store.transcripts.append(peer, line('one', 'changed'))).toEqual(first);
      expect(await bench.store.transcripts.after(peer, 0, 9)).toEqual([{ seq: 1, ...line('one', 'said') }]);
    });

    test('a page that was away gets what came after, the newest of it', async () => {
      const peer = bench.peer();
      for (const id of ['1', '2', '3', '4']) await bench.store.transcripts.append(peer, line(id));
      const texts = async (seq: number, limit: number) =>
        (await bench.store.transcripts.after(peer, seq, limit)).map(({ text }) => text);
      expect(await texts(2, 10)).toEqual(['3', '4']);
      expect(await texts(0, 2)).toEqual(['3', '4']);
      expect(await texts(4, 10)).toEqual([]);
    });

    test('peers have transcripts of their own', async () => {
      const peer = bench.peer();
      await bench.store.transcripts.append(peer, line('1'));
      const near = { ...peer, account: bench.word() };
      expect(await bench.store.transcripts.after(near, 0, 9)).toEqual([]);
      expect(await bench.store.transcripts.append(near, line('1'))).toMatchObject({ seq: 1 });
    });

    test('the newest lines are kept, and the count goes on', async () => {
      const peer = bench.peer();
      for (const id of ['1', '2', '3', '4', '5']) await bench.store.transcripts.append(peer, line(id));
      expect(await bench.store.transcripts.prune(2)).toBeGreaterThanOrEqual(3);
      expect((await bench.store.transcripts.after(peer, 0, 9)).map(({ seq }) => seq)).toEqual([4, 5]);
      expect(await bench.store.transcripts.append(peer, line('6'))).toMatchObject({ seq: 6 });
    });
  });
}
