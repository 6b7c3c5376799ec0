import { describe, expect, test } from 'vitest';
import type { MappedRow } from '../../core/session/binding.ts';
import { HOUR, NOW, type StoreBench, times, toAgent } from './bench.ts';

export function bindingsSuite(bench: StoreBench): void {
  const spoken = async (account?: string) => {
    const { peer, person } = await bench.known(account);
    const { session } = await bench.admit(peer, person.id, 'hello');
    return { peer, person, session };
  };
  const inRoom = async ({ peer, person }: Awaited<ReturnType<typeof bench.known>>, key: string) => {
    const conversation = { kind: 'group', id: 'room' } as const;
    const message = bench.says(peer, 'hi', { conversation });
    const [one] = await bench.store.messages.accept([message], toAgent(person.id, key, false), NOW);
    if (one === undefined || !('as' in one) || one.as !== 'agent') throw new Error('not admitted');
    return one.session;
  };

  describe('sessions as bindings', () => {
    test('R61: a handle is found by its hash and its agent, never by one of them', async () => {
      const { session, person, peer } = await spoken();
      const hash = bench.word();
      const { bindings } = bench.store;
      expect(await bindings.byHandle(hash, 'main')).toBeNull();
      expect(await bindings.name({ hash, session, agent: 'main' }, NOW)).toBe(true);
      expect(await bindings.name({ hash, session, agent: 'main' }, NOW)).toBe(true);
      const found = await (await bench.other()).bindings.byHandle(hash, 'main');
      expect(found).toMatchObject({
        session,
        principal: person.id,
        exclusive: true,
        spoke: { peer, kind: 'direct' },
      });
      expect(found?.standing.principal?.id).toBe(person.id);
      for (const [one, agent] of [
        [hash, 'coder'],
        [hash, ''],
        [`${hash}x`, 'main'],
        ['', 'main'],
      ] as const)
        expect(await bindings.byHandle(one, agent)).toBeNull();
    });

    test('a session that is over is named by nothing new, and says so to what it was named by', async () => {
      const { session } = await spoken();
      const hash = bench.word();
      const { bindings, sessions } = bench.store;
      await bindings.name({ hash, session, agent: 'main' }, NOW);
      await sessions.revoke(session, NOW + 1);
      expect(await bindings.name({ hash: bench.word(), session, agent: 'main' }, NOW)).toBe(false);
      expect(await bindings.byHandle(hash, 'main')).toMatchObject({ endedAt: NOW + 1 });
      expect(await bindings.of(session)).toMatchObject({ endedAt: NOW + 1 });
    });

    test('H52: who speaks with an agent, lately, on a session that lasts; what could be anybody’s counts', async () => {
      const { bindings, sessions } = bench.store;
      const { peer, person } = await bench.known();
      const other = (await bench.known()).person.id;
      const agent = bench.word();
      const open = (key: string, at = NOW) =>
        bindings.open({ key, exclusive: false, principal: person.id, peer, kind: 'direct' }, at);
      const seen = async (since = NOW) => [
        await bindings.speaks(agent, person.id, since),
        await bindings.speaks(agent, other, since),
        await bindings.othersSpeak(agent, person.id, since),
      ];
      // The house of this suite is lived in: others are looked for among those who came last.
      const before = NOW + 10 * HOUR;
      expect(await seen(before)).toEqual([false, false, false]);
      await open('agent:somebody:direct:x', before);
      expect(await seen(before)).toEqual([false, false, false]);
      const session = await open(`agent:${agent}:direct:x`, before);
      expect(await seen(before)).toEqual([true, false, false]);
      expect(await bindings.othersSpeak(agent, other, before)).toBe(true);
      expect(await seen(before + 1)).toEqual([false, false, false]);
      if (session === null) expect.fail();
      await sessions.revoke(session, before);
      expect(await seen(before)).toEqual([false, false, false]);
      const loose = await open(`a key of a program ${agent}`, before);
      expect(await seen(before)).toEqual([true, false, false]);
      if (loose === null) expect.fail();
      await sessions.revoke(loose, before);
      // Another agent's by its key, and ours by a handle.
      const handed = await open(`agent:somebody:direct:${agent}`, before);
      if (handed === null) expect.fail();
      await bindings.name({ hash: bench.word(), session: handed, agent }, before);
      expect(await seen(before)).toEqual([true, false, false]);
      await sessions.revoke(handed, before);
    });

    test('R62: block, suspend and unlink stand in the very next answer', async () => {
      const { session, person, peer } = await spoken();
      const { bindings, people } = bench.store;
      await people.setState(person.id, ['active'], 'suspended');
      expect((await bindings.of(session))?.standing.principal?.state).toBe('suspended');
      await people.setState(person.id, ['suspended'], 'active');
      await people.setBlocked(peer, true, NOW);
      expect((await bindings.of(session))?.standing.peer?.blocked).toBe(true);
      await people.setBlocked(peer, false, NOW);
      await people.unlink(peer);
      expect((await bindings.of(session))?.standing.principal ?? null).toBeNull();
    });

    test('H67: two people in one room are two sessions of one key', async () => {
      const [ana, bob] = [await bench.known(), await bench.known()];
      const key = `agent:main:group:${bench.word()}`;
      const [anas, bobs] = [await inRoom(ana, key), await inRoom(bob, key)];
      const found = await bench.store.bindings.byKey(key.toUpperCase());
      expect(found.map(({ session, principal }) => [session, principal])).toEqual([
        [anas, ana.person.id],
        [bobs, bob.person.id],
      ]);
      expect(found.every(({ exclusive, spoke }) => !exclusive && spoke?.kind === 'group')).toBe(true);
      // A room is shared by its nature: it is not among the direct keys that several people speak on.
      expect(await bench.store.bindings.shared(1_000)).not.toContain(key);
    });

    test('I-06: direct keys on which several people speak are found', async () => {
      const [ana, bob] = [await bench.known(), await bench.known()];
      const key = `agent:main:${bench.word()}`;
      for (const { peer, person } of [ana, bob])
        await bench.store.messages.accept([bench.says(peer, 'hi')], toAgent(person.id, key, false), NOW);
      expect(await bench.store.bindings.shared(1_000)).toContain(key);
    });

    test('who is answered now is who a session acts as, in whatever chat of theirs that is', async () => {
      const { peer, person } = await bench.known();
      const other = bench.peer();
      await bench.link(other, person.id);
      const key = `agent:main:${bench.word()}`;
      const says = async (from: typeof peer) => {
        const [one] = await bench.store.messages.accept(
          [bench.says(from, 'hi')],
          toAgent(person.id, key),
          NOW,
        );
        if (one === undefined || !('as' in one) || one.as !== 'agent') throw new Error('not admitted');
        return one.session;
      };
      const session = await says(peer);
      const { turns, writer, bindings } = bench.store;
      expect((await bindings.of(session))?.spoke?.peer).toEqual(peer);
      expect(await says(other)).toBe(session);
      // It waits: the tools still act for what was said before.
      const first = await turns.claim(session, writer, NOW + HOUR, NOW);
      expect((await bindings.of(session))?.spoke?.peer).toEqual(peer);
      await turns.answer(first?.id ?? 'turn_', writer, 'an answer', NOW);
      await turns.claim(session, writer, NOW + HOUR, NOW);
      expect((await bindings.of(session))?.spoke?.peer).toEqual(other);
    });

    test('an ingress opens one session of a key and a person, and none on somebody else’s key', async () => {
      const { peer, person } = await bench.known();
      const { peer: foreign, person: other } = await bench.known();
      const key = `agent:main:${bench.word()}`;
      const asked = { key, exclusive: true, principal: person.id, peer, kind: 'direct' } as const;
      const second = await bench.other();
      const opened = await times(20, (n) =>
        (n % 2 === 0 ? bench.store : second).bindings.open(asked, NOW + n),
      );
      expect(new Set(opened).size).toBe(1);
      const [session] = opened;
      expect(session).toMatch(/^ses_/);
      expect(await bench.store.bindings.of(session ?? 'ses_')).toMatchObject({
        spoke: { peer },
        principal: person.id,
      });
      expect(
        await bench.store.bindings.open({ ...asked, principal: other.id, peer: foreign }, NOW),
      ).toBeNull();
      expect((await bench.store.bindings.of(session ?? 'ses_'))?.spoke?.peer).toEqual(peer);
    });

    test('forgetting a person takes their handles and their user along', async () => {
      const { session, person } = await spoken();
      const hash = bench.word();
      await bench.store.bindings.name({ hash, session, agent: 'main' }, NOW);
      await bench.store.userMap.set(person.id, { user: bench.word(), tenant: 't', attributes: {} }, NOW);
      await bench.store.people.forget(person.id);
      expect(await bench.store.bindings.byHandle(hash, 'main')).toBeNull();
      expect(await bench.store.bindings.of(session)).toBeNull();
      expect(await bench.store.userMap.get(person.id)).toBeNull();
    });
  });

  describe('users of the tools', () => {
    const user = (name: string) => ({
      user: name,
      tenant: 'acme',
      attributes: { level: 3, groups: ['a', 'b'] },
    });

    test('a person is one user, and stands with them in their binding', async () => {
      const { session, person } = await spoken();
      const { userMap, bindings } = bench.store;
      const [first, second] = [user(bench.word()), user(bench.word())];
      expect(await userMap.get(person.id)).toBeNull();
      expect(await userMap.set(person.id, first, NOW)).toBe('mapped');
      expect(await userMap.get(person.id)).toEqual({ ...first, principal: person.id, mappedAt: NOW });
      expect((await bindings.of(session))?.mapped).toEqual(first);
      expect(await userMap.set(person.id, second, NOW + 1)).toBe('mapped');
      expect((await bindings.of(session))?.mapped).toEqual(second);
      expect(await userMap.clear(person.id)).toEqual(second);
      expect(await userMap.clear(person.id)).toBeNull();
      expect((await bindings.of(session))?.mapped).toBeNull();
    });

    test('everybody who is a user is listed a page at a time; who may act and is none is found', async () => {
      const [ana, bob] = [await spoken(), await spoken()];
      const { userMap, people } = bench.store;
      await userMap.set(ana.person.id, user(bench.word()), NOW);
      const listed: MappedRow[] = [];
      for (let after: MappedRow['principal'] | null = null; ; ) {
        const page = await userMap.list({ after, limit: 2 });
        listed.push(...page);
        after = page.at(-1)?.principal ?? null;
        if (page.length < 2) break;
      }
      expect(listed.map(({ principal }) => principal)).toContain(ana.person.id);
      expect(listed.map(({ principal }) => principal)).not.toContain(bob.person.id);
      expect(listed.find(({ principal }) => principal === ana.person.id)).toEqual(
        await userMap.get(ana.person.id),
      );
      const missing = await userMap.missing(10_000);
      expect(missing).toContain(bob.person.id);
      expect(missing).not.toContain(ana.person.id);
      await people.setState(bob.person.id, ['active'], 'suspended');
      expect(await userMap.missing(10_000)).not.toContain(bob.person.id);
    });

    test('H03: two people are never one user of a tenant; in another tenant, or in other letters, that is another', async () => {
      const [ana, bob] = [await bench.person(), await bench.person()];
      const { userMap } = bench.store;
      const name = bench.word();
      await userMap.set(ana.id, user(name), NOW);
      expect(await userMap.set(bob.id, user(name), NOW)).toBe('taken');
      expect(await userMap.get(bob.id)).toBeNull();
      expect(await userMap.set(bob.id, { ...user(name), tenant: 'other' }, NOW)).toBe('mapped');
      expect(await userMap.set(bob.id, user(name.toUpperCase()), NOW)).toBe('mapped');
      // And a move that fails leaves them as they were.
      expect(await userMap.set(bob.id, user(name), NOW)).toBe('taken');
      expect((await userMap.get(bob.id))?.user).toBe(name.toUpperCase());
      expect(await userMap.set('prn_nobody', user(bench.word()), NOW)).toBe('nobody');
    });

    test('of twenty people who are mapped to one user at once one is', async () => {
      const people = await times(20, () => bench.person());
      const other = await bench.other();
      const name = bench.word();
      const done = await times(20, (n) => {
        const { id } = people[n] ?? { id: 'prn_' as const };
        return (n % 2 === 0 ? bench.store : other).userMap.set(id, user(name), NOW);
      });
      expect(done.filter((one) => one === 'mapped')).toHaveLength(1);
    });
  });
}
