import { describe, expect, test } from 'vitest';
import { NOW, type StoreBench, times, toAgent } from './bench.ts';

export function peopleSuite(bench: StoreBench): void {
  describe('people', () => {
    test('a person comes back as they went in', async () => {
      const person = await bench.person({ name: 'Ana Müller 🦊', role: 'approver' });
      expect(await bench.store.people.get(person.id)).toEqual(person);
    });

    test('an unknown id is nobody', async () => {
      expect(await bench.store.people.get(bench.id('principal'))).toBeNull();
    });

    test('a person is found by id, by its beginning with or without the prefix, and by the exact name', async () => {
      const person = await bench.person({ name: `Zoë ${bench.word()}` });
      const { people } = bench.store;
      for (const text of [person.id, person.id.slice(0, 12), person.id.slice(4, 14), person.name]) {
        expect(await people.find(text)).toEqual([person]);
      }
      expect(await people.find(person.name.slice(0, -1))).toEqual([]);
      expect(await people.find(person.name.toUpperCase())).toEqual([]);
      expect(await people.find('')).toEqual([]);
    });

    test('a list goes on where the page before ended', async () => {
      const added = [await bench.person(), await bench.person(), await bench.person()];
      const [first] = added;
      const page = await bench.store.people.list({ after: first?.id ?? null, limit: 1 });
      expect(page).toEqual(added.slice(1, 2));
      const rest = await bench.store.people.list({ after: page[0]?.id ?? null, limit: 1 });
      expect(rest).toEqual(added.slice(2, 3));
    });

    test('owners are those whose role is owner now', async () => {
      const person = await bench.person({ role: 'owner' });
      const owners = async () => (await bench.store.people.owners()).map(({ id }) => id);
      expect(await owners()).toContain(person.id);
      expect(await bench.store.people.setRole(person.id, 'owner', 'user')).toBe(true);
      expect(await owners()).not.toContain(person.id);
    });

    test('a role or state that is no longer what it was is not changed', async () => {
      const { people } = bench.store;
      const { id } = await bench.person();
      expect(await people.setRole(id, 'owner', 'approver')).toBe(false);
      expect(await people.setState(id, ['suspended'], 'blocked')).toBe(false);
      expect(await people.setState(id, ['active', 'suspended'], 'blocked')).toBe(true);
      expect(await people.setState(id, [], 'active')).toBe(false);
      expect(await people.get(id)).toMatchObject({ role: 'user', state: 'blocked' });
    });

    test('of twenty changes of one role one wins', async () => {
      const { id } = await bench.person();
      const won = await times(20, () => bench.store.people.setRole(id, 'user', 'approver'));
      expect(won.filter(Boolean)).toHaveLength(1);
    });

    test('a new name is found and the old one is not', async () => {
      const person = await bench.person();
      const name = `New ${bench.word()}`;
      expect(await bench.store.people.rename(person.id, name)).toBe(true);
      expect(await bench.store.people.find(name)).toEqual([{ ...person, name }]);
      expect(await bench.store.people.find(person.name)).toEqual([]);
      expect(await bench.store.people.rename(bench.id('principal'), name)).toBe(false);
    });
  });

  describe('peers', () => {
    test('a stranger stands for nobody', async () => {
      expect(await bench.store.people.standing(bench.peer())).toEqual({ peer: null, principal: null });
    });

    test('a linked peer stands for its person', async () => {
      const { peer, person } = await bench.known();
      expect(await bench.store.people.standing(peer)).toMatchObject({
        peer: {
          ...peer,
          principal: person.id,
          ceiling: 'user',
          blocked: false,
          direct: true,
          accessUntil: null,
        },
        principal: { id: person.id, role: 'user', state: 'active' },
      });
      expect(await bench.store.people.peersOf(person.id)).toEqual([
        {
          ...peer,
          principal: person.id,
          ceiling: 'user',
          assurance: 'high',
          blocked: false,
          direct: true,
          accessUntil: null,
          displayName: 'Ana',
          username: 'ana_1',
          linkedAt: NOW,
        },
      ]);
    });

    test('H13: a link holds on its own channel and account and on no other', async () => {
      const { peer } = await bench.known();
      const elsewhere = [
        { ...peer, account: bench.word() },
        { ...peer, channel: 'webchat' },
        { ...peer, native: bench.peer('x', `${peer.native}x`).native },
        { ...peer, native: bench.peer('x', peer.native.toUpperCase()).native },
      ];
      for (const other of elsewhere) {
        expect(await bench.store.people.standing(other)).toEqual({ peer: null, principal: null });
      }
    });

    test('a peer belongs to one person: of twenty links one wins', async () => {
      const peer = bench.peer();
      const people = await times(20, () => bench.person());
      const linked = await Promise.all(people.map(({ id }) => bench.link(peer, id)));
      expect(linked.filter((outcome) => outcome === 'linked')).toHaveLength(1);
      const winner = people[linked.indexOf('linked')];
      expect((await bench.store.people.standing(peer)).principal?.id).toBe(winner?.id);
    });

    test('a blocked peer cannot be linked, and a block can be lifted', async () => {
      const peer = bench.peer();
      const person = await bench.person();
      const { people } = bench.store;
      expect(await people.setBlocked(peer, true, NOW)).toBe(true);
      expect(await people.setBlocked(peer, true, NOW)).toBe(false);
      expect(await bench.link(peer, person.id)).toBe('taken');
      expect((await people.standing(peer)).peer).toMatchObject({ blocked: true, principal: null });
      expect(await people.setBlocked(peer, false, NOW)).toBe(true);
      expect(await people.setBlocked(peer, false, NOW)).toBe(false);
      expect(await bench.link(peer, person.id)).toBe('linked');
    });

    test('a linked peer keeps its person while it is blocked', async () => {
      const { peer, person } = await bench.known();
      await bench.store.people.setBlocked(peer, true, NOW);
      expect(await bench.store.people.standing(peer)).toMatchObject({
        peer: { blocked: true, principal: person.id },
        principal: { id: person.id },
      });
      expect(await bench.store.people.grantDirect(peer, null)).toBe(false);
      expect(await bench.store.people.unlink(peer)).toBe(person.id);
      expect((await bench.store.people.standing(peer)).peer).toMatchObject({
        blocked: true,
        principal: null,
      });
    });

    test('a direct grant is given to a linked peer only', async () => {
      const { peer } = await bench.known();
      expect(await bench.store.people.grantDirect(peer, NOW + 5)).toBe(true);
      expect((await bench.store.people.standing(peer)).peer).toMatchObject({
        direct: true,
        accessUntil: NOW + 5,
      });
      expect(await bench.store.people.grantDirect(bench.peer(), null)).toBe(false);
    });

    test('R20: a ceiling is set on a peer of that person only, and never on one that changed hands', async () => {
      const { people } = bench.store;
      const { peer, person } = await bench.known();
      expect(await people.setCeiling(peer, 'owner', person.id)).toBe(true);
      expect((await people.standing(peer)).peer).toMatchObject({ ceiling: 'owner', principal: person.id });
      expect(await people.setCeiling(bench.peer(), 'owner', person.id)).toBe(false);
      await people.unlink(peer);
      const other = await bench.person();
      await bench.link(peer, other.id);
      expect(await people.setCeiling(peer, 'owner', person.id)).toBe(false);
      expect((await people.standing(peer)).peer).toMatchObject({ ceiling: 'user', principal: other.id });
      await people.setBlocked(peer, true, NOW);
      expect(await people.setCeiling(peer, 'owner', other.id)).toBe(false);
    });

    test('a link is ended once, and says whose it was', async () => {
      const { peer, person } = await bench.known();
      const ended = await times(20, () => bench.store.people.unlink(peer));
      expect(ended.filter((id) => id !== null)).toEqual([person.id]);
      expect(await bench.store.people.standing(peer)).toEqual({ peer: null, principal: null });
    });

    test('H67: a chat that changes hands takes its keys along and nothing that was said on them', async () => {
      const { peer, person } = await bench.known();
      const [own, elsewhere] = [
        `agent:main:${peer.native}:direct:${peer.native}`,
        `agent:main:${bench.word()}`,
      ];
      const second = bench.peer(peer.account);
      await bench.link(second, person.id);
      const says = (who: typeof peer, by: typeof person.id, key: string) =>
        bench.store.messages.accept([bench.says(who, 'a secret')], toAgent(by, key), NOW);
      const [first] = await says(peer, person.id, own);
      await says(second, person.id, elsewhere);
      await bench.store.people.unlink(peer);
      const other = await bench.person();
      await bench.link(peer, other.id);
      const [again] = await says(peer, other.id, own);
      expect(again).toMatchObject({ as: 'agent' });
      expect(again).not.toMatchObject({ session: Reflect.get(Object(first), 'session') });
      // A key that names another chat of the same person stays theirs.
      expect(await says(peer, other.id, elsewhere)).toMatchObject([{ as: 'shared' }]);
      await bench.store.people.unlink(second);
      expect(await says(peer, other.id, elsewhere)).toMatchObject([{ as: 'agent' }]);
    });

    test('peers are found by the beginning of their id, on one account or on all', async () => {
      const account = bench.word();
      const name = `${bench.word()}-`;
      const person = await bench.person();
      for (const end of ['a', 'b']) await bench.link(bench.peer(account, name + end), person.id);
      await bench.link(bench.peer(bench.word(), `${name}c`), person.id);
      const natives = async (...args: Parameters<typeof bench.store.people.findPeers>) =>
        (await bench.store.people.findPeers(...args)).map(({ native }) => native);
      expect(await natives('loopback', account, name)).toEqual([`${name}a`, `${name}b`]);
      expect(await natives('loopback', null, name)).toEqual([`${name}a`, `${name}b`, `${name}c`]);
      expect(await natives('webchat', null, name)).toEqual([]);
    });
  });
}
