// Devices over HTTP, through the whole app: DPoP in front of every route, the nonce on every answer.
import { expect, test } from 'vitest';
import { ALL_SCOPES } from '../core/device/scopes.ts';
import { DeviceKey, sha256 } from '../testing/device-key.ts';
import { openHouse } from '../testing/house.ts';

test('a paired device reads with a proof, gets the next nonce with each answer, and nothing without', async () => {
  await using house = await openHouse();
  const { core, store } = house.composed;
  await house.call('host', 'POST', '/api/v1/people', { name: 'Ana', role: 'owner' });
  const key = new DeviceKey();
  const asked = { key: key.jwk, thumbprint: key.thumbprint, role: 'operator', scopes: ['read'] } as const;
  const knock = () => core.devices.connect({ ...asked, token: null, name: 'kitchen', address: null });
  const waiting = await knock();
  if (waiting.as !== 'pairing_required') throw new Error('not asked');
  await core.devices.approve(waiting.requestId, { kind: 'host' }, { for: null, approverScopes: ALL_SCOPES });
  const entered = await knock();
  if (entered.as !== 'connected') throw new Error('not in');
  const { token } = entered;
  let count = 0;
  const call = (nonce: string, method: string, path: string, body?: object) => {
    const bh = sha256(body === undefined ? '' : JSON.stringify(body));
    const htu = `http://localhost:8787${path.split('?')[0]}`;
    const jti = `jti-${nonce.length}-${path}-${method}-${count}`;
    count += 1;
    const proof = key.proof({ htm: method, htu, iat: 1, jti, ath: sha256(token), bh, nonce });
    return house.call('tcp', method, path, body, { authorization: `DPoP ${token}`, dpop: proof });
  };
  const stale = await call('none', 'GET', '/api/v1/people');
  expect(stale.status).toBe(401);
  expect(stale.headers.get('www-authenticate')).toContain('use_dpop_nonce');
  const nonce = stale.headers.get('dpop-nonce') ?? '';
  const read = await call(nonce, 'GET', '/api/v1/people?limit=5');
  expect(await read.text()).toContain('Ana');
  expect(read.status).toBe(200);
  expect(read.headers.get('dpop-nonce')).toMatch(/\./);
  const next = read.headers.get('dpop-nonce') ?? '';
  const refused = await call(next, 'POST', '/api/v1/people', { name: 'Ben', role: 'user' });
  expect(refused.status).toBe(403);
  expect(refused.headers.get('dpop-nonce')).toMatch(/\./);
  expect((await call(next, 'GET', '/api/v1/nothing')).headers.get('dpop-nonce')).toMatch(/\./);
  expect(
    (await house.call('tcp', 'GET', '/api/v1/people', undefined, { authorization: `Bearer ${token}` }))
      .status,
  ).toBe(401);
  expect(
    (await house.call('host', 'GET', '/api/v1/people', undefined, { authorization: `DPoP ${token}` })).status,
  ).toBe(401);
  expect(store.dialect).toBe('sqlite');
});
