// The API as a signed-in browser calls it, against a door in memory that takes each nonce once.
import { Problem } from '@countersign/protocol/problem';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ApiPorts, apiWith } from './api.ts';
import { type DeviceKey, deviceKeyOf } from './device-key.ts';
import { FakeApi } from './testing/fake-api.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;
let key: DeviceKey;
beforeAll(async () => {
  const pair = await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
  key = await deviceKeyOf(pair, 'window');
});

function calling(door: FakeApi, more: Partial<ApiPorts> = {}) {
  let pass = { token: 'cdt_1', nonce: 'n1' };
  const rejected: string[] = [];
  const api = apiWith({
    key,
    origin: 'https://gate.example',
    fetch: door.fetch,
    pass: () => Promise.resolve(pass),
    renewed: (nonce) => {
      pass = { ...pass, nonce };
    },
    rejected: (token) => {
      rejected.push(token);
      pass = { token: door.token, nonce: door.nonce };
    },
    now: () => 1_700_000_000_000,
    newId: () => crypto.randomUUID(),
    ...more,
  });
  return { api, rejected };
}

describe('a signed-in browser', () => {
  test('sends token, proof and body, and takes the nonce of each answer for the next call', async () => {
    const door = new FakeApi();
    const { api } = calling(door);
    await api().devices.list('live');
    await api().devices.setup({ role: 'node' });
    expect(door.heard).toMatchObject([
      { method: 'GET', path: '/api/v1/devices?show=live&limit=500', body: '', token: 'cdt_1', nonce: 'n1' },
      { method: 'POST', path: '/api/v1/devices/setup', body: '{"role":"node"}', nonce: 'n2' },
    ]);
  });

  test('calls again once with the fresh nonce when its own was too old', async () => {
    const door = new FakeApi();
    const { api } = calling(door);
    door.nonce = 'n9';
    await api().factors.list();
    expect(door.heard.map(({ nonce }) => nonce)).toEqual(['n1', 'n2']);
  });

  test('does not call a third time', async () => {
    const door = new FakeApi();
    const { api } = calling(door);
    door.answer = () => ({ status: 401, body: { code: 'use_dpop_nonce', title: 'Again' } });
    await expect(api().factors.list()).rejects.toMatchObject({ code: 'use_dpop_nonce' });
    expect(door.heard).toHaveLength(2);
  });

  test('several calls at once end well, though each answer makes the nonces before it stale', async () => {
    const door = new FakeApi();
    const { api } = calling(door);
    door.rotates = false;
    await Promise.all([api().factors.list(), api().devices.list('live'), api().devices.list('pending')]);
    expect(door.heard).toHaveLength(3);
  });

  test('gets a new token when the gateway no longer takes the old one, and calls once more', async () => {
    const door = new FakeApi();
    const { api, rejected } = calling(door);
    door.token = 'cdt_2';
    await api().devices.prove();
    expect(rejected).toEqual(['cdt_1']);
    expect(door.heard.map(({ token }) => token)).toEqual(['cdt_1', 'cdt_2']);
  });

  test('a proof that did not fit is not sent once more, and costs no token', async () => {
    const door = new FakeApi();
    const { api, rejected } = calling(door);
    door.answer = () => ({ status: 401, body: { code: 'challenge_failed', title: 'No' } });
    await expect(api({ kind: 'totp', value: '111111' }).devices.prove()).rejects.toMatchObject({
      code: 'challenge_failed',
    });
    expect(door.heard).toHaveLength(1);
    expect(rejected).toEqual([]);
  });

  test('carries a factor where one is given, and only there', async () => {
    const door = new FakeApi();
    const { api } = calling(door);
    await api({ kind: 'totp', value: '123456' }).devices.prove();
    await api().factors.list();
    expect(door.heard.map(({ factor }) => factor)).toEqual(['totp 123456', null]);
  });

  test('a refusal is the gateway’s problem, and a gateway that is away is one as well', async () => {
    const door = new FakeApi();
    door.answer = () => ({ status: 403, body: { code: 'auth_factor_required', title: 'A proof' } });
    await expect(calling(door).api().factors.enrolTotp()).rejects.toMatchObject({
      code: 'auth_factor_required',
    });
    const gone = calling(door, { fetch: () => Promise.reject(new TypeError('failed')) });
    await expect(gone.api().factors.list()).rejects.toEqual(new Problem('gateway_down'));
  });
});
