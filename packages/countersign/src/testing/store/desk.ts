import { Problem } from '@countersign/protocol/problem';
import { describe, expect, test } from 'vitest';
import type { Inbound, Verdict } from '../../core/message.ts';
import { NOW, type StoreBench, times, toAgent, toDesk } from './bench.ts';

export function deskSuite(bench: StoreBench): void {
  const atDesk = async (inbound: Inbound) => {
    const [accepted] = await bench.store.messages.accept([inbound], toDesk, NOW);
    if (accepted === undefined || accepted instanceof Problem || accepted.as !== 'desk')
      throw new Error('not at the desk');
    return accepted.message;
  };
  const left = async () => (await bench.store.messages.desk(1_000)).map(({ message }) => message);
  const verdict = (principal: `prn_${string}`, inbound: Inbound, key?: string) => {
    const decided: Verdict = toAgent(principal, key)(inbound);
    if (decided.to !== 'agent') throw new Error('not for the agent');
    return decided;
  };

  describe('the desk', () => {
    test('what a dead process left at the desk is found whole', async () => {
      const inbound = bench.says(bench.peer(), 'let me in', { address: '192.0.2.7', sentAt: null });
      const message = await atDesk(inbound);
      const found = (await bench.store.messages.desk(1_000)).find((one) => one.message === message);
      expect(found).toEqual({ message, because: 'pairing', inbound });
    });

    test('a message leaves the desk once, and a repetition still knows where it was', async () => {
      const inbound = bench.says(bench.peer(), 'let me in');
      const message = await atDesk(inbound);
      const won = await times(10, () => bench.store.messages.leaveDesk(message, 'nobody'));
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(await left()).not.toContain(message);
      expect(await bench.store.messages.accept([inbound], toDesk, NOW)).toEqual([
        { as: 'repeated', first: 'desk' },
      ]);
    });

    test('a message of somebody enrolled goes to the agent, once', async () => {
      const { peer, person } = await bench.known();
      const inbound = bench.says(peer, 'first words');
      const message = await atDesk(inbound);
      const admitted = await times(10, () =>
        bench.store.messages.admitFromDesk(message, verdict(person.id, inbound), NOW),
      );
      const [one, ...more] = admitted.filter((outcome) => outcome !== null);
      expect(more).toEqual([]);
      if (one === undefined || one === 'shared') throw new Error('not admitted');
      const turn = await bench.store.turns.claim(one.session, bench.store.writer, NOW + 9, NOW);
      expect(turn).toMatchObject({ message, text: 'first words', principal: person.id, peer });
      expect(await bench.store.audit.list({ subjects: [message], limit: 9 })).toHaveLength(1);
      expect(await left()).not.toContain(message);
      expect(await bench.store.messages.accept([inbound], toDesk, NOW)).toEqual([
        { as: 'repeated', first: 'desk' },
      ]);
    });

    test("H67: from the desk, too, nobody gets into somebody else's session", async () => {
      const [one, two] = [await bench.known(), await bench.known()];
      const key = bench.word();
      await bench.store.messages.accept([bench.says(one.peer, 'mine')], toAgent(one.person.id, key), NOW);
      const inbound = bench.says(two.peer, 'mine too');
      const message = await atDesk(inbound);
      expect(
        await bench.store.messages.admitFromDesk(message, verdict(two.person.id, inbound, key), NOW),
      ).toBe('shared');
      expect(await left()).not.toContain(message);
      expect(
        await bench.store.messages.admitFromDesk(message, verdict(two.person.id, inbound, key), NOW),
      ).toBeNull();
    });
  });
}
