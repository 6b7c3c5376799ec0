// Service tokens: found by their hash alone, ended once, with everything that was made for them.
import { ID_KINDS, makeId, type SessionId } from '@countersign/protocol/ids';
import { describe, expect, test } from 'vitest';
import type { NewBearer, NewToken } from '../../core/token/tokens-port.ts';
import { SeededRandom } from '../fakes.ts';
import { NOW, type StoreBench, times } from './bench.ts';

const MINUTE = 60_000;

export function tokensSuite(bench: StoreBench): void {
  const id = <K extends 'token' | 'session'>(kind: K): ReturnType<typeof makeId<K>> =>
    makeId(kind, new SeededRandom(bench.word()).bytes(ID_KINDS[kind].bytes));
  const made = async (more: Partial<NewToken> = {}): Promise<NewToken> => {
    const token: NewToken = {
      token: id('token'),
      hash: bench.word().padEnd(43, '-'),
      name: 'a program',
      scope: 'ingress',
      agent: null,
      accounts: ['telegram:own', 'telegram:default'],
      audiences: [],
      hopSecret: 'chs_secret',
      maker: 'host',
      createdAt: NOW,
      expiresAt: null,
      ...more,
    };
    await bench.store.tokens.add(token);
    return token;
  };
  const bearerOf = async (holder: NewToken | null, more: Partial<NewBearer> = {}): Promise<NewBearer> => {
    const bearer: NewBearer = {
      jti: bench.word(),
      session: id('session') satisfies SessionId,
      principal: (await bench.person()).id,
      agent: 'main',
      audience: 'tools.example',
      holder: holder?.token ?? null,
      expiresAt: NOW + 5 * MINUTE,
      ...more,
    };
    await bench.store.bearers.record(bearer);
    return bearer;
  };

  describe('service tokens', () => {
    test('come back as they were put, by hash, id and beginning; the hop secret only when it is asked for', async () => {
      const put = await made();
      const { hash, hopSecret, ...told } = put;
      const row = { ...told, lastUsedAt: null, revokedAt: null };
      expect(await bench.store.tokens.byHash(hash)).toEqual(row);
      expect(await bench.store.tokens.get(put.token)).toEqual(row);
      expect(await bench.store.tokens.find(put.token.slice(0, 12))).toEqual([row]);
      expect(await bench.store.tokens.find(put.token.slice(4, 12))).toEqual([row]);
      expect(await bench.store.tokens.hopSecret(put.token)).toBe(hopSecret);
      expect(await bench.store.tokens.byHash(put.token)).toBeNull();
      expect(await bench.store.tokens.get(id('token'))).toBeNull();
      expect(await bench.store.tokens.hopSecret(id('token'))).toBeNull();
      const plain = await made({ scope: 'read', accounts: [], hopSecret: null });
      expect(await bench.store.tokens.hopSecret(plain.token)).toBeNull();
    });

    test('are listed newest first, a page at a time; the live ones without what ended', async () => {
      const all = [await made(), await made({ expiresAt: NOW + MINUTE }), await made()];
      const newest = all.map(({ token }) => token).toReversed();
      const page = await bench.store.tokens.list({ limit: 2 });
      expect(page.map(({ token }) => token)).toEqual(newest.slice(0, 2));
      const [, after] = newest;
      const next = await bench.store.tokens.list({ limit: 1, ...(after === undefined ? {} : { after }) });
      expect(next.map(({ token }) => token)).toEqual(newest.slice(2));
      await bench.store.tokens.revoke(all[2]?.token ?? 'tok_', NOW);
      const live = await bench.store.tokens.list({ limit: 9, live: NOW + MINUTE });
      expect(live.map(({ token }) => token).filter((token) => newest.includes(token))).toEqual([newest[2]]);
    });

    test('a first use is one, however many come at once; later ones are kept to the minute', async () => {
      const { token } = await made();
      const other = await bench.other();
      const uses = await times(12, (n) => (n % 2 === 0 ? bench.store : other).tokens.use(token, NOW));
      expect(uses.filter(Boolean)).toHaveLength(1);
      await bench.store.tokens.use(token, NOW + MINUTE - 1);
      expect(await bench.store.tokens.get(token)).toMatchObject({ lastUsedAt: NOW });
      await bench.store.tokens.use(token, NOW + MINUTE);
      expect(await bench.store.tokens.get(token)).toMatchObject({ lastUsedAt: NOW + MINUTE });
    });

    test('R62: end once, and what was made for them ends in the same write; others go on', async () => {
      const token = await made({ scope: 'runtime' });
      const mine = await bearerOf(token);
      const theirs = await bearerOf(await made({ scope: 'runtime' }));
      const ours = await bearerOf(null);
      const other = await bench.other();
      const ends = await times(12, (n) =>
        (n % 2 === 0 ? bench.store : other).tokens.revoke(token.token, NOW + n),
      );
      expect(ends.filter(Boolean)).toHaveLength(1);
      const row = await bench.store.tokens.get(token.token);
      expect((await bench.store.bearers.get(mine.jti))?.revokedAt).toBe(row?.revokedAt);
      expect(row?.revokedAt).not.toBeNull();
      for (const { jti } of [theirs, ours]) {
        expect(await bench.store.bearers.get(jti)).toMatchObject({ revokedAt: null });
      }
    });
  });

  describe('bearers that are out', () => {
    test('come back as they were written first, and end once', async () => {
      const bearer = await bearerOf(null);
      await bench.store.bearers.record({ ...bearer, audience: 'another.example' });
      expect(await bench.store.bearers.get(bearer.jti)).toEqual({ ...bearer, revokedAt: null });
      const ends = await times(6, (n) => bench.store.bearers.revoke(bearer.jti, NOW + n));
      expect(ends.filter(Boolean)).toHaveLength(1);
      expect(await bench.store.bearers.revoke('unheard of', NOW)).toBe(false);
      expect(await bench.store.bearers.get('unheard of')).toBeNull();
    });

    test('are forgotten with their person, and once nobody asks any more', async () => {
      const bearer = await bearerOf(null);
      await bench.store.people.forget(bearer.principal);
      expect(await bench.store.bearers.get(bearer.jti)).toBeNull();
      const old = await bearerOf(null, { expiresAt: NOW });
      const young = await bearerOf(null, { expiresAt: NOW + 1 });
      await bench.store.bearers.prune(NOW);
      expect(await bench.store.bearers.get(old.jti)).toBeNull();
      expect(await bench.store.bearers.get(young.jti)).not.toBeNull();
    });
  });
}
