// The door of sign-in by chat code, over HTTP: what it lets a stranger find out, which is nothing (R13).
import { signedBytes } from '@countersign/protocol/canonical';
import { expect, test } from 'vitest';
import { DeviceKey } from '../testing/device-key.ts';
import { jsonOf, openHouse, type TestHouse } from '../testing/house.ts';

interface State {
  readonly gateway: string;
  readonly nonce: string;
  readonly ts: number;
}

const PATH = '/api/v1/login';
const state = (house: TestHouse) => jsonOf<State>(house.call('tcp', 'GET', PATH));

function signed(key: DeviceKey, { gateway, nonce, ts }: State, more: Record<string, string> = {}) {
  const bytes = signedBytes('countersign.login.v1', { device: key.thumbprint, gateway, nonce, ts, ...more });
  return { ...more, nonce, ts, signature: key.sign(bytes) };
}

const challenge = (house: TestHouse, key: DeviceKey, told: State) =>
  house.call('tcp', 'POST', `${PATH}/challenge`, { key: key.jwk, ...signed(key, told) });

test('R13: a nonce is spent by an answer to a request that never was: what is left of it tells nothing', async () => {
  await using house = await openHouse();
  const key = new DeviceKey();
  // Nobody owns this house: no code was sent, and the request is one in name only.
  const { requestId } = await jsonOf<{ requestId: string }>(challenge(house, key, await state(house)));
  const told = await state(house);
  const answer = signed(key, told, { requestId, code: '123456' });
  const tried = await house.call('tcp', 'POST', `${PATH}/verify`, answer);
  expect(await jsonOf(tried)).toMatchObject({ code: 'challenge_failed' });
  const again = await challenge(house, key, told);
  expect(await jsonOf(again)).toMatchObject({ code: 'auth_proof_invalid' });
});

test('R65: an answer to a request that never was stands in the audit', async () => {
  await using house = await openHouse();
  const answer = signed(new DeviceKey(), await state(house), {
    requestId: `chal_${'a'.repeat(24)}`,
    code: '123456',
  });
  const tried = await house.call('tcp', 'POST', `${PATH}/verify`, answer);
  expect(await jsonOf(tried)).toMatchObject({ code: 'challenge_failed' });
  const { items } = await jsonOf<{ items: { type: string; reason?: string }[] }>(
    house.call('host', 'GET', '/api/v1/audit'),
  );
  expect(items.filter(({ type }) => type === 'login.failed')).toMatchObject([{ reason: 'unknown' }]);
});
