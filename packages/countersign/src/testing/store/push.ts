// Browsers that are told: one row a device and endpoint, nothing outlives its device, one key pair whoever made one.
import { ID_KINDS, makeId } from '@countersign/protocol/ids';
import { describe, expect, test } from 'vitest';
import type { NewDevice } from '../../core/device/devices-port.ts';
import type { NewPush } from '../../core/push/push-port.ts';
import { SeededRandom } from '../fakes.ts';
import { NOW, type StoreBench, times } from './bench.ts';

const KEEP = 3;

export function pushSuite(bench: StoreBench): void {
  const id = <K extends 'device' | 'push'>(kind: K): ReturnType<typeof makeId<K>> =>
    makeId(kind, new SeededRandom(bench.word()).bytes(ID_KINDS[kind].bytes));
  const paired = async (): Promise<NewDevice> => {
    const device: NewDevice = {
      id: id('device'),
      key: { kty: 'OKP', crv: 'Ed25519', x: 'x'.repeat(43) },
      thumbprint: bench.word().padEnd(43, '-'),
      role: 'operator',
      scopes: ['pairing', 'read'],
      name: 'kitchen',
      principal: (await bench.person()).id,
      via: 'approval',
      proven: false,
      createdAt: NOW,
    };
    expect(await bench.store.devices.add(device)).toBe('added');
    return device;
  };
  const asked = (device: NewDevice, more: Partial<NewPush> = {}): NewPush => ({
    id: id('push'),
    device: device.id,
    endpoint: `https://push.example/${bench.word()}`,
    p256dh: 'p',
    auth: 'a',
    language: 'en',
    createdAt: NOW,
    ...more,
  });
  const of = async ({ id: device }: NewDevice) =>
    (await bench.store.push.list()).filter((row) => row.device === device).map((row) => row.id);

  describe('push subscriptions', () => {
    test('come back as they were put, and the endpoint is nowhere to read', async () => {
      const device = await paired();
      const put = asked(device, { language: 'de' });
      const row = { ...put, lastOkAt: null, failing: null };
      expect(await bench.store.push.put(put, KEEP)).toEqual({ as: 'added', row });
      expect(await bench.store.push.get(put.id)).toEqual(row);
      expect(await bench.store.push.get(id('push'))).toBeNull();
      await bench.store.push.note(put.id, { failing: 'refused_403' });
      expect((await bench.store.push.get(put.id))?.failing).toBe('refused_403');
      await bench.store.push.note(put.id, { okAt: NOW + 5 });
      expect(await bench.store.push.get(put.id)).toEqual({ ...row, lastOkAt: NOW + 5 });
    });

    test('the same endpoint again keeps its id and takes the new keys', async () => {
      const device = await paired();
      const first = asked(device);
      await bench.store.push.put(first, KEEP);
      await bench.store.push.note(first.id, { failing: 'busy' });
      const again = asked(device, { endpoint: first.endpoint, p256dh: 'p2', auth: 'a2', language: 'de' });
      const { row, as } = (await bench.store.push.put(again, KEEP)) ?? expect.fail();
      expect([as, row]).toEqual([
        'renewed',
        { ...again, id: first.id, createdAt: NOW, lastOkAt: null, failing: null },
      ]);
      expect(await of(device)).toEqual([first.id]);
    });

    test('twenty at once with one endpoint leave one row', async () => {
      const device = await paired();
      const endpoint = `https://push.example/${bench.word()}`;
      const other = await bench.other();
      const puts = await times(20, (n) =>
        (n % 2 === 0 ? bench.store : other).push.put(asked(device, { endpoint }), KEEP),
      );
      expect(puts.filter((put) => put?.as === 'added')).toHaveLength(1);
      expect(new Set(puts.map((put) => put?.row.id)).size).toBe(1);
      expect(await of(device)).toHaveLength(1);
    });

    test('a device keeps its newest', async () => {
      const device = await paired();
      const other = asked(await paired());
      await bench.store.push.put(other, KEEP);
      const ids: string[] = [];
      for (let n = 0; n < 5; n++) {
        const put = asked(device);
        ids.push(put.id);
        await bench.store.push.put(put, KEEP);
      }
      expect(await of(device)).toEqual(ids.slice(-KEEP));
      expect(await bench.store.push.get(other.id)).not.toBeNull();
    });

    test('R62: a device that ends takes them along in the same write, and no more are taken', async () => {
      const device = await paired();
      await bench.store.push.put(asked(device), KEEP);
      await bench.store.devices.end(device.id, 'revoked', 'revoked', NOW);
      expect(await of(device)).toEqual([]);
      expect(await bench.store.push.put(asked(device), KEEP)).toBeNull();
    });

    test('R62: a device that ends while it subscribes leaves nothing', async () => {
      const device = await paired();
      const other = await bench.other();
      await Promise.all([
        ...Array.from({ length: 8 }, () => bench.store.push.put(asked(device), 99)),
        other.devices.end(device.id, 'revoked', 'revoked', NOW),
      ]);
      expect(await of(device)).toEqual([]);
    });

    test('forgetting a person takes theirs along', async () => {
      const device = await paired();
      await bench.store.push.put(asked(device), KEEP);
      await bench.store.people.forget(device.principal);
      expect(await of(device)).toEqual([]);
    });

    test('is ended once', async () => {
      const put = asked(await paired());
      await bench.store.push.put(put, KEEP);
      const removed = await times(5, () => bench.store.push.remove(put.id));
      expect(removed.filter(Boolean)).toHaveLength(1);
    });

    test('one key pair, whoever makes one at the same moment', async () => {
      const other = await bench.other();
      const pairs = await times(10, (n) =>
        (n % 2 === 0 ? bench.store : other).push.putKeys(
          { publicKey: bench.word(), privateKey: bench.word() },
          NOW,
        ),
      );
      expect(new Set(pairs.map((pair) => JSON.stringify(pair))).size).toBe(1);
      expect(await other.push.keys()).toEqual(pairs[0]);
    });
  });
}
