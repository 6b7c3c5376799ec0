// A token that names what is gone fails in its program, far from here: the doctor says so.
import { expect, test } from 'vitest';
import { jsonOf } from '../testing/house.ts';
import { OTHER_TOOLS, openTokenHouse, TOOLS } from '../testing/token-house.ts';

interface Check {
  readonly name: string;
  readonly level: string;
  readonly message: string;
}

test('tells of an account that is not there, and of nothing where all is', async () => {
  await using stage = await openTokenHouse();
  const checks = async () => {
    const { items } = await jsonOf<{ items: Check[] }>(stage.house.call('host', 'GET', '/api/v1/doctor'));
    return items.filter(({ name }) => name.startsWith('token'));
  };
  expect(await checks()).toEqual([]);
  await stage.makes({ scope: 'backend', audiences: [TOOLS, OTHER_TOOLS] });
  await stage.makes({ scope: 'ingress', accounts: ['telegram'] });
  expect(await checks()).toMatchObject([{ name: 'tokens', level: 'ok', message: '2 live' }]);
  const { id } = await stage.makes({ scope: 'ingress', accounts: ['telegram', 'twilio:own'] });
  expect(await checks()).toMatchObject([
    { name: `token ${id}`, level: 'warning', message: expect.stringMatching(/twilio:own/) },
  ]);
  await stage.revoked(`/tokens/${id}/revoke`);
  expect(await checks()).toMatchObject([{ name: 'tokens', level: 'ok' }]);
});

test('tells of a runtime whose agent has no sessions, until an ingress begins some', async () => {
  await using stage = await openTokenHouse();
  const { id } = await stage.makes({ scope: 'runtime', for: 'mian', audiences: [TOOLS] });
  const checks = async () => {
    const { items } = await jsonOf<{ items: Check[] }>(stage.house.call('host', 'GET', '/api/v1/doctor'));
    return items.filter(({ name }) => name.startsWith('token'));
  };
  expect(await checks()).toMatchObject([
    { name: `token ${id}`, level: 'warning', hint: expect.stringContaining('--for main') },
  ]);
  await stage.makes({ scope: 'ingress', accounts: ['telegram'], for: 'mian' });
  expect(await checks()).toMatchObject([{ name: 'tokens', level: 'ok' }]);
});
