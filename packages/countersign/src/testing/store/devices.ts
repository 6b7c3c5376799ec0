import type { PublicJwk } from '@countersign/protocol/gateway';
import { type DeviceId, ID_KINDS, makeId } from '@countersign/protocol/ids';
import { describe, expect, test } from 'vitest';
import type {
  DeviceRequestRow,
  NewDevice,
  NewDeviceRequest,
  NewSetup,
  RequestOpened,
} from '../../core/device/devices-port.ts';
import type { Store } from '../../core/store-port.ts';
import { SeededRandom } from '../fakes.ts';
import { HOST, HOUR, NOW, type StoreBench, times } from './bench.ts';

const KEY: PublicJwk = { kty: 'OKP', crv: 'Ed25519', x: 'x'.repeat(43) };
const MANY = 10_000;

export function devicesSuite(bench: StoreBench): void {
  const id = <K extends 'device' | 'deviceRequest' | 'setup'>(kind: K): ReturnType<typeof makeId<K>> =>
    makeId(kind, new SeededRandom(bench.word()).bytes(ID_KINDS[kind].bytes));
  const thumbprint = () => bench.word().padEnd(43, '-');

  const request = (more: Partial<NewDeviceRequest> = {}): NewDeviceRequest => ({
    id: id('deviceRequest'),
    key: KEY,
    thumbprint: thumbprint(),
    role: 'operator',
    scopes: ['pairing', 'read'],
    name: 'kitchen',
    address: '192.0.2.7',
    setup: null,
    createdAt: NOW,
    expiresAt: NOW + HOUR,
    ...more,
  });
  const device = async (more: Partial<NewDevice> = {}): Promise<NewDevice> => ({
    id: id('device'),
    key: KEY,
    thumbprint: thumbprint(),
    role: 'operator',
    scopes: ['pairing', 'read'],
    name: 'kitchen',
    principal: more.principal ?? (await bench.person()).id,
    via: 'approval',
    proven: false,
    createdAt: NOW,
    ...more,
  });
  const paired = async (more: Partial<NewDevice> = {}): Promise<NewDevice> => {
    const made = await device(more);
    expect(await bench.store.devices.add(made)).toBe('added');
    return made;
  };
  const setup = (more: Partial<NewSetup> = {}): NewSetup => ({
    id: id('setup'),
    hash: bench.word(),
    role: 'node',
    scopes: ['node'],
    maker: null,
    createdAt: NOW,
    expiresAt: NOW + HOUR,
    ...more,
  });
  const opened = (outcome: RequestOpened): DeviceRequestRow => {
    if (outcome.as === 'full') throw new Error('there was no slot');
    return outcome.row;
  };
  const both = async (): Promise<(n: number) => Store> => {
    const other = await bench.other();
    return (n) => (n % 2 === 0 ? bench.store : other);
  };

  describe('device requests', () => {
    test('a request is read back as it was asked', async () => {
      const asked = request();
      const row = opened(await bench.store.devices.request(asked, MANY));
      const state = { state: 'pending', decidedAt: null, decidedBy: null, device: null };
      expect(row).toEqual({ ...asked, ...state });
      expect(await bench.store.devices.getRequest(asked.id)).toEqual(row);
      expect(await bench.store.devices.lastRequest(asked.thumbprint)).toEqual(row);
      expect(await bench.store.devices.findRequests(asked.id.slice(0, 15))).toEqual([row]);
      expect(await bench.store.devices.findRequests(asked.id.slice(7, 15))).toEqual([row]);
      expect(await bench.store.devices.findRequests('%_\u0000')).toEqual([]);
    });

    test('D-02, Q17: the same content of the same key is the same request, also forty at once', async () => {
      const asked = request();
      const store = await both();
      const outcomes = await times(40, (n) =>
        store(n).devices.request({ ...asked, id: id('deviceRequest') }, MANY),
      );
      expect(new Set(outcomes.map((outcome) => opened(outcome).id)).size).toBe(1);
      expect(outcomes.filter(({ as }) => as === 'opened')).toHaveLength(1);
    });

    test('R21, Q7: another content is another request, and the one before is void', async () => {
      const first = opened(await bench.store.devices.request(request(), MANY));
      const wider = request({ thumbprint: first.thumbprint, scopes: ['manage', 'pairing', 'read'] });
      expect(await bench.store.devices.request(wider, MANY)).toMatchObject({
        as: 'opened',
        superseded: first.id,
      });
      expect(await bench.store.devices.settleRequest(first.id, 'approved', HOST, NOW + 1)).toBe(false);
      expect(await bench.store.devices.getRequest(first.id)).toMatchObject({
        state: 'superseded',
        scopes: ['pairing', 'read'],
      });
    });

    test('a key that asks for two things at once holds one request in the end', async () => {
      const key = thumbprint();
      const store = await both();
      await times(10, (n) =>
        store(n)
          .devices.request(request({ thumbprint: key, scopes: n % 3 === 0 ? ['read'] : ['manage'] }), MANY)
          .catch(() => null),
      );
      const rows = await bench.store.devices.listRequests({ states: ['pending'], limit: MANY });
      expect(rows.filter((row) => row.thumbprint === key)).toHaveLength(1);
    });

    test('R23: parallel strangers never exceed the number that may wait, and the end of one makes room', async () => {
      const before = await bench.store.devices.listRequests({ states: ['pending'], limit: MANY });
      const cap = before.length + 3;
      const store = await both();
      const outcomes = await times(20, (n) => store(n).devices.request(request(), cap));
      const won = outcomes.filter(({ as }) => as === 'opened');
      expect(won.length).toBeGreaterThan(0);
      const pending = await bench.store.devices.listRequests({ states: ['pending'], limit: MANY });
      expect(pending.length).toBeLessThanOrEqual(cap);
      expect(await bench.store.devices.request(request(), won.length)).toEqual({ as: 'full' });
      // Who was invited needs no place.
      expect(await bench.store.devices.request(request(), null)).toMatchObject({ as: 'opened' });
      const [one] = won;
      if (one?.as !== 'opened') throw new Error('nobody got in');
      expect(await bench.store.devices.settleRequest(one.row.id, 'rejected', HOST, NOW + 1)).toBe(true);
      expect(await bench.store.devices.request(request(), cap)).toMatchObject({ as: 'opened' });
    });

    test('a request that has run out neither stands in the way nor is approved', async () => {
      const late = request({ expiresAt: NOW + 10 });
      await bench.store.devices.request(late, MANY);
      expect(await bench.store.devices.settleRequest(late.id, 'approved', HOST, NOW + 10)).toBe(false);
      const again = request({ thumbprint: late.thumbprint, createdAt: NOW + 10 });
      expect(await bench.store.devices.request(again, MANY)).toMatchObject({
        as: 'opened',
        superseded: null,
      });
      expect(await bench.store.devices.getRequest(late.id)).toMatchObject({ state: 'expired' });
    });

    test('of twenty approvals of one request one wins', async () => {
      const { id: asked } = opened(await bench.store.devices.request(request(), MANY));
      const store = await both();
      const won = await times(20, (n) => store(n).devices.settleRequest(asked, 'approved', HOST, NOW));
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(await bench.store.devices.getRequest(asked)).toMatchObject({
        state: 'approved',
        decidedAt: NOW,
        decidedBy: 'host',
      });
    });
  });

  describe('devices', () => {
    test('a device is read back as it was paired, by id, key and name', async () => {
      const made = await paired({ name: bench.word() });
      const row = { ...made, state: 'paired', lastSeenAt: NOW, endedAt: null, endedWhy: null };
      expect(await bench.store.devices.get(made.id)).toEqual(row);
      expect(await bench.store.devices.byThumbprint(made.thumbprint)).toEqual(row);
      for (const what of [made.id, made.id.slice(0, 12), made.thumbprint, made.name])
        expect(await bench.store.devices.find(what)).toEqual([row]);
      expect(await bench.store.devices.find('no such device \u0000')).toEqual([]);
    });

    test('of twenty pairings of one key one is written', async () => {
      const key = thumbprint();
      const principal = (await bench.person()).id;
      const store = await both();
      const outcomes = await times(20, async (n) =>
        store(n).devices.add(await device({ thumbprint: key, principal })),
      );
      expect(outcomes.filter((outcome) => outcome === 'added')).toHaveLength(1);
    });

    test('H31: what has ended is not paired by anything, and its key may be paired anew', async () => {
      const made = await paired();
      expect(await bench.store.devices.end(made.id, 'revoked', 'revoked', NOW + 1)).toBe(true);
      const { devices } = bench.store;
      expect(await devices.end(made.id, 'revoked', 'again', NOW + 2)).toBe(false);
      expect(await devices.setScopes(made.id, made.scopes, ['manage'])).toBe(false);
      expect(await devices.setProven(made.id)).toBe(false);
      const again = await paired({ thumbprint: made.thumbprint });
      expect(await devices.byThumbprint(made.thumbprint)).toMatchObject({ id: again.id });
      expect(await devices.get(made.id)).toMatchObject({ state: 'revoked', endedWhy: 'revoked' });
    });

    test('one that ran out can still be revoked, once', async () => {
      const made = await paired();
      const { devices } = bench.store;
      expect(await devices.end(made.id, 'expired', 'expired', NOW + 1)).toBe(true);
      expect(await devices.end(made.id, 'expired', 'expired', NOW + 1)).toBe(false);
      expect(await devices.end(made.id, 'revoked', 'lost', NOW + 2)).toBe(true);
      expect(await devices.end(made.id, 'revoked', 'lost', NOW + 2)).toBe(false);
    });

    test('who is forgotten has no device, no token, no invitation and no request left', async () => {
      const principal = (await bench.person()).id;
      const invitation = setup({ maker: principal });
      await bench.store.setups.issue(invitation);
      const made = await paired({ principal });
      const came = opened(await bench.store.devices.request(request(), null));
      await bench.store.devices.settleRequest(came.id, 'approved', HOST, NOW, made.id);
      const invited = opened(await bench.store.devices.request(request({ setup: invitation.id }), null));
      const hash = bench.word();
      const token = { hash, device: made.id, replaces: null, issuedAt: NOW, expiresAt: NOW + HOUR };
      await bench.store.deviceTokens.issue(token);
      const other = await paired();
      expect(await bench.store.people.forget(principal)).toBe(true);
      const { devices, setups, deviceTokens } = bench.store;
      expect(await devices.get(made.id)).toBeNull();
      expect(await deviceTokens.find(hash, NOW)).toBeNull();
      expect(await setups.get(invitation.id)).toBeNull();
      for (const { id: asked } of [came, invited]) expect(await devices.getRequest(asked)).toBeNull();
      expect(await devices.get(other.id)).not.toBeNull();
    });

    test('scopes change from what they were, and from nothing else', async () => {
      const made = await paired();
      const { devices } = bench.store;
      expect(await devices.setScopes(made.id, ['read'], ['manage'])).toBe(false);
      const store = await both();
      const won = await times(10, (n) => store(n).devices.setScopes(made.id, made.scopes, ['read']));
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(await devices.get(made.id)).toMatchObject({ scopes: ['read'] });
    });
  });

  describe('setup codes', () => {
    test('Q9, H30: of twenty keys that show one code at once one has it, and keeps it', async () => {
      const made = setup();
      await bench.store.setups.issue(made);
      const keys = Array.from({ length: 20 }, thumbprint);
      const store = await both();
      const outcomes = await times(20, (n) => store(n).setups.take(made.hash, 'node', keys[n] ?? '', NOW));
      expect(outcomes.filter(({ as }) => as === 'taken')).toHaveLength(1);
      expect(outcomes.filter(({ as }) => as === 'used')).toHaveLength(19);
      const { takenBy } = (await bench.store.setups.get(made.id)) ?? {};
      expect(keys).toContain(takenBy);
      const again = await bench.store.setups.take(made.hash, 'node', String(takenBy), NOW);
      expect(again).toMatchObject({ as: 'taken', first: false });
    });

    test('a wrong role does not consume it; late and unknown ones are told apart', async () => {
      const made = setup();
      const { setups } = bench.store;
      await setups.issue(made);
      const key = thumbprint();
      expect(await setups.take(made.hash, 'operator', key, NOW)).toMatchObject({ as: 'wrong_role' });
      expect(await setups.take(bench.word(), 'node', key, NOW)).toEqual({ as: 'unknown' });
      expect(await setups.take(made.hash, 'node', key, made.expiresAt)).toMatchObject({ as: 'expired' });
      expect(await setups.take(made.hash, 'node', key, NOW)).toMatchObject({ as: 'taken', first: true });
      expect(await setups.take(made.hash, 'operator', thumbprint(), NOW)).toMatchObject({ as: 'used' });
    });

    test('once decided it is spent, for its own key too', async () => {
      const made = setup();
      const { setups } = bench.store;
      await setups.issue(made);
      const key = thumbprint();
      await setups.take(made.hash, 'node', key, NOW);
      await setups.spend(made.id, NOW + 1);
      expect(await setups.take(made.hash, 'node', key, NOW + 1)).toMatchObject({ as: 'expired' });
    });
  });

  describe('device tokens', () => {
    const token = (of: DeviceId, more: Partial<{ replaces: string; issuedAt: number }> = {}) => ({
      hash: bench.word(),
      device: of,
      replaces: null,
      issuedAt: NOW,
      expiresAt: NOW + HOUR,
      ...more,
    });

    test('a token is found while it lasts', async () => {
      const { id: of } = await paired();
      const made = token(of);
      const { deviceTokens } = bench.store;
      expect(await deviceTokens.issue(made)).toBe(true);
      expect(await deviceTokens.find(made.hash, NOW)).toEqual({ device: of, used: false });
      expect(await deviceTokens.find(made.hash, NOW + HOUR)).toBeNull();
    });

    test('D-08: the one before is good until the next is used once; another page of the same device keeps its own', async () => {
      const { id: of } = await paired();
      const { deviceTokens } = bench.store;
      const [first, elsewhere] = [token(of), token(of)];
      const next = token(of, { replaces: first.hash });
      for (const one of [first, elsewhere, next]) await deviceTokens.issue(one);
      await deviceTokens.use(first.hash);
      await deviceTokens.use(elsewhere.hash);
      expect(await deviceTokens.find(first.hash, NOW)).toMatchObject({ used: true });
      await deviceTokens.use(next.hash);
      expect(await deviceTokens.find(first.hash, NOW)).toBeNull();
      expect(await deviceTokens.find(next.hash, NOW)).toEqual({ device: of, used: true });
      expect(await deviceTokens.find(elsewhere.hash, NOW)).toMatchObject({ used: true });
    });

    test('R62, Q24: the end of a device is the end of its tokens, and it gets no other', async () => {
      const { id: of } = await paired();
      const store = await both();
      const made = Array.from({ length: 10 }, () => token(of));
      const [ended] = await Promise.all([
        bench.store.devices.end(of, 'revoked', 'revoked', NOW),
        times(10, (n) => store(n).deviceTokens.issue(made[n] ?? token(of))),
      ]);
      expect(ended).toBe(true);
      for (const { hash } of made) expect(await bench.store.deviceTokens.find(hash, NOW)).toBeNull();
      expect(await bench.store.deviceTokens.issue(token(of))).toBe(false);
    });

    test('a device that connects again and again keeps the newest few', async () => {
      const { id: of } = await paired();
      const made = Array.from({ length: 20 }, (_, n) => token(of, { issuedAt: NOW + n }));
      for (const one of made) await bench.store.deviceTokens.issue(one);
      const found = await Promise.all(made.map(({ hash }) => bench.store.deviceTokens.find(hash, NOW + 30)));
      expect(found.filter((one) => one !== null)).toHaveLength(16);
      expect(found.slice(0, 4)).toEqual([null, null, null, null]);
    });
  });
}
