import { Problem } from '@countersign/protocol/problem';
import { describe, expect, test } from 'vitest';
import type { Inbound } from '../../core/message.ts';
import { NOW, type StoreBench, times, toAgent, toDesk, toNobody } from './bench.ts';

export function acceptSuite(bench: StoreBench): void {
  const accept = (batch: readonly Inbound[], decide: Parameters<typeof bench.store.messages.accept>[1]) =>
    bench.store.messages.accept(batch, decide, NOW);

  describe('accepting messages', () => {
    test("each message of a batch is answered in its place, decided on its sender's standing", async () => {
      const { peer, person } = await bench.known();
      const stranger = bench.peer();
      const batch = [
        bench.says(stranger, 'who am I'),
        bench.says(peer, 'hello'),
        bench.says(stranger, 'nobody'),
      ];
      const answers = await accept(batch, (inbound, standing) => {
        if (standing.principal !== null) return toAgent(standing.principal.id)(inbound);
        return inbound.text === 'nobody' ? toNobody() : toDesk();
      });
      expect(answers).toMatchObject([
        { as: 'desk', because: 'pairing', standing: { peer: null, principal: null } },
        { as: 'agent' },
        { as: 'nobody', reason: 'not_allowed' },
      ]);
      const sessions = await bench.store.sessions.list({ principal: person.id, limit: 5 });
      expect(sessions).toMatchObject([
        {
          key: `agent:main:loopback:${peer.account}:direct:${peer.native}`,
          principal: person.id,
          createdAt: NOW,
        },
      ]);
    });

    test('an admitted message and its audit event are one', async () => {
      const { peer, person } = await bench.known();
      const { message, session } = await bench.admit(peer, person.id, 'hello');
      const [event, ...more] = await bench.store.audit.list({ subjects: [message], limit: 5 });
      expect(more).toEqual([]);
      expect(event?.body).toMatchObject({
        type: 'message.admitted',
        actor: 'sender',
        subject: { message, session, principal: person.id, channel: peer.channel, account: peer.account },
        personal: null,
      });
    });

    test('a repeated message is counted once and told what became of it', async () => {
      const { peer, person } = await bench.known();
      const to = { agent: toAgent(person.id), desk: toDesk, nobody: toNobody };
      for (const first of ['agent', 'desk', 'nobody'] as const) {
        const inbound = bench.says(peer, 'again');
        expect(await accept([inbound], to[first])).toMatchObject([{ as: first }]);
        for (const decide of Object.values(to)) {
          expect(await accept([inbound], decide)).toEqual([{ as: 'repeated', first }]);
        }
      }
    });

    test('a message that is twice in one batch is counted once', async () => {
      const { peer, person } = await bench.known();
      const inbound = bench.says(peer, 'twice');
      const answers = await accept([inbound, { ...inbound }, bench.says(peer, 'other')], toAgent(person.id));
      expect(answers).toMatchObject([{ as: 'agent' }, { as: 'repeated', first: 'agent' }, { as: 'agent' }]);
    });

    test('a message delivered forty times at once is admitted once', async () => {
      const { peer, person } = await bench.known();
      const inbound = bench.says(peer, 'hello');
      const other = await bench.other();
      const answers = await times(40, async (n) => {
        const [answer] = await (n % 2 === 0 ? bench.store : other).messages.accept(
          [inbound],
          toAgent(person.id),
          NOW,
        );
        return answer;
      });
      const kinds = answers.map((answer) => (answer instanceof Problem ? answer.code : answer?.as));
      expect(kinds.filter((as) => as === 'agent')).toHaveLength(1);
      expect(kinds.filter((as) => as === 'repeated')).toHaveLength(39);
    });

    test("the platform's id counts within account, conversation and sender: nobody can use up another's", async () => {
      const { peer, person } = await bench.known();
      const inbound = bench.says(peer, 'hello');
      const others = [
        { ...inbound, peer: bench.peer(peer.account) },
        { ...inbound, peer: { ...peer, account: bench.word() } },
        { ...inbound, peer: { ...peer, channel: 'webchat' } },
        { ...inbound, conversation: { kind: 'group', id: bench.word() } as const },
        { ...inbound, messageId: bench.word() },
      ];
      const decide = toAgent(person.id, undefined, false);
      for (const one of [inbound, ...others])
        expect(await accept([one], decide)).toMatchObject([{ as: 'agent' }]);
    });

    test('H67: a second person on a session key of one person is refused, and nothing of theirs is kept', async () => {
      const [one, two] = [await bench.known(), await bench.known()];
      const key = `agent:main:${bench.word()}`;
      expect(await accept([bench.says(one.peer, 'mine')], toAgent(one.person.id, key))).toMatchObject([
        { as: 'agent' },
      ]);
      const inbound = bench.says(two.peer, 'secret');
      expect(await accept([inbound], toAgent(two.person.id, key))).toMatchObject([{ as: 'shared' }]);
      expect(await accept([inbound], toAgent(two.person.id, key))).toEqual([
        { as: 'repeated', first: 'shared' },
      ]);
      expect(await accept([bench.says(two.peer, 'open?')], toAgent(two.person.id, key, false))).toMatchObject(
        [{ as: 'shared' }],
      );
      expect(await accept([bench.says(one.peer, 'still')], toAgent(one.person.id, key))).toMatchObject([
        { as: 'agent' },
      ]);
      // Runtimes lower-case keys, so a key that differs in case only is the same key.
      expect(
        await accept([bench.says(two.peer, 'LOUD')], toAgent(two.person.id, key.toUpperCase())),
      ).toMatchObject([{ as: 'shared' }]);
      expect(await bench.store.sessions.list({ principal: two.person.id, limit: 5 })).toEqual([]);
    });

    test('H67: of two people who are first on one key in the same batch, or at once, one gets it', async () => {
      const [one, two] = [await bench.known(), await bench.known()];
      const key = `agent:main:${bench.word()}`;
      const decide = (inbound: Inbound) =>
        toAgent(inbound.peer === one.peer ? one.person.id : two.person.id, key)(inbound);
      const together = await accept([bench.says(one.peer, '1'), bench.says(two.peer, '2')], decide);
      expect(together).toMatchObject([{ as: 'agent' }, { as: 'shared' }]);
      const people = await times(12, () => bench.known());
      const fresh = `agent:main:${bench.word()}`;
      const other = await bench.other();
      const atOnce = await Promise.all(
        people.map(async ({ peer, person }, n) => {
          const store = n % 2 === 0 ? bench.store : other;
          const [answer] = await store.messages.accept(
            [bench.says(peer, 'hi')],
            toAgent(person.id, fresh),
            NOW,
          );
          return answer instanceof Problem ? answer.code : answer?.as;
        }),
      );
      expect(atOnce.filter((as) => as === 'agent')).toHaveLength(1);
      expect(atOnce.filter((as) => as === 'shared')).toHaveLength(11);
    });

    test('a shared key has a session for each person', async () => {
      const [one, two] = [await bench.known(), await bench.known()];
      const key = `agent:main:loopback:group:${bench.word()}`;
      const batch = [bench.says(one.peer, '1'), bench.says(two.peer, '2'), bench.says(one.peer, '3')];
      const decide = (inbound: Inbound) =>
        toAgent(inbound.peer === one.peer ? one.person.id : two.person.id, key, false)(inbound);
      const answers = await accept(batch, decide);
      const sessions = answers.map((answer) =>
        !(answer instanceof Problem) && answer.as === 'agent' ? answer.session : null,
      );
      expect(sessions[0]).toBe(sessions[2]);
      expect(new Set(sessions).size).toBe(2);
      expect(await bench.store.sessions.find(key)).toHaveLength(2);
      expect(await bench.store.sessions.find(sessions[0] ?? '')).toHaveLength(1);
    });

    test('one message that cannot be stored does not take the others with it', async () => {
      const { peer, person } = await bench.known();
      const batch = [bench.says(peer, 'good'), bench.says(peer, 'bad'), bench.says(peer, 'also good')];
      const answers = await accept(batch, (inbound) => {
        if (inbound.text === 'bad') throw new Error('no rule for this');
        return toAgent(person.id)(inbound);
      });
      expect(answers).toMatchObject([{ as: 'agent' }, { code: 'internal' }, { as: 'agent' }]);
      expect(answers[1]).toBeInstanceOf(Problem);
      expect(await accept(batch, toAgent(person.id))).toMatchObject([
        { as: 'repeated', first: 'agent' },
        { as: 'agent' },
        { as: 'repeated', first: 'agent' },
      ]);
    });

    test('text of any kind comes back as it was said', async () => {
      const { peer, person } = await bench.known();
      for (const text of [
        '',
        'a\u0000b',
        '🦊 ünï',
        `'; drop table messages; --`,
        'x'.repeat(100_000),
        '$1 ? ?',
      ]) {
        const { session } = await bench.admit(peer, person.id, text);
        const turn = await bench.store.turns.claim(session, bench.store.writer, NOW + 9, NOW);
        expect(turn?.text).toBe(text);
        await bench.store.turns.answer(turn?.id ?? 'turn_', bench.store.writer, text, NOW);
      }
    });

    test('an empty batch is nothing', async () => {
      expect(await accept([], toNobody)).toEqual([]);
    });

    test('dedupe rows end with their time, admitted texts do not', async () => {
      const { peer, person } = await bench.known();
      const old = bench.says(peer, 'old');
      await bench.store.messages.accept([old], toNobody, NOW - 1_000);
      await bench.admit(peer, person.id, 'kept', NOW - 1_000);
      expect(await bench.store.messages.prune(NOW - 999)).toBeGreaterThanOrEqual(1);
      expect(await accept([old], toNobody)).toMatchObject([{ as: 'nobody' }]);
      const [session] = await bench.store.sessions.list({ principal: person.id, limit: 1 });
      const turn = await bench.store.turns.claim(session?.id ?? 'ses_', bench.store.writer, NOW + 9, NOW);
      expect(turn?.text).toBe('kept');
    });

    test('H60: what told no time of its own is known for longer, for nothing else says that a copy is one', async () => {
      const { peer } = await bench.known();
      const timeless = { ...bench.says(peer, 'by SMS'), sentAt: null };
      await bench.store.messages.accept([timeless], toNobody, NOW - 1_000);
      await bench.store.messages.prune(NOW - 999, NOW - 1_000);
      expect(await accept([timeless], toNobody)).toEqual([{ as: 'repeated', first: 'nobody' }]);
      await bench.store.messages.prune(NOW - 999, NOW - 999);
      expect(await accept([timeless], toNobody)).toMatchObject([{ as: 'nobody' }]);
    });
  });
}
