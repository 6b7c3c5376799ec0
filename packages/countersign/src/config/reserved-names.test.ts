// An account is a part of session keys. Named like another part, its keys would read like somebody else's.
import { expect, test } from 'vitest';
import { checkText } from './load.ts';

const place = { home: '/nowhere', env: {} };
const named = (account: string) =>
  JSON.stringify({ channels: { telegram: { enabled: false, accounts: { [account]: { enabled: false } } } } });

test.each(['direct', 'dm', 'group', 'main'])('no account is named %s', (account) => {
  const checked = checkText(named(account), place, { readSecrets: false });
  expect(checked).toMatchObject({
    ok: false,
    mistakes: [
      { path: `channels.telegram.accounts.${account}`, message: 'this name is part of session keys' },
    ],
  });
});

test('a name that only begins like one is a name', () => {
  expect(checkText(named('main2'), place, { readSecrets: false })).toMatchObject({ ok: true });
  expect(checkText(named('directory'), place, { readSecrets: false })).toMatchObject({ ok: true });
});
