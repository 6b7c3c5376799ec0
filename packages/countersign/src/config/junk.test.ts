// Whatever lies in the file, the answer is a Config or a list of mistakes: an exception here would be a gateway that a
// bad file can keep from starting without a word.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkText } from './load.ts';
import type { ChannelName } from './native-ids.ts';

const BUILT = new Set<ChannelName>(['webchat', 'telegram']);

describe('whatever is in the file', () => {
  const place = { home: '/nowhere', env: {}, built: BUILT };
  const check = (text: string) => {
    const checked = checkText(text, place, { readSecrets: true });
    if (checked.ok) return;
    expect(checked.mistakes.length).toBeGreaterThan(0);
    for (const { path, message, hint } of checked.mistakes) {
      expect([typeof path, typeof message, typeof hint]).toEqual(['string', 'string', 'string']);
    }
  };

  test('bytes of any kind give a list of mistakes and never an exception', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), check), { numRuns: 300 });
  });

  test('JSON of any kind gives a list of mistakes and never an exception', () => {
    fc.assert(fc.property(fc.json({ maxDepth: 5 }), check), { numRuns: 300 });
  });

  test('real keys with any values give a list of mistakes and never an exception', () => {
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.constantFrom('*', 'telegram:*', '1h', '', '@a', 'open'),
    );
    const keys = (...names: string[]) =>
      fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] });
    const account = keys(
      'enabled',
      'dmPolicy',
      'allowFrom',
      'botToken',
      'mode',
      'apiRoot',
      'groupPolicy',
      'groupAllowFrom',
    );
    const telegram = fc
      .tuple(account, fc.oneof(fc.dictionary(fc.string(), account), value))
      .map(([own, accounts]) => ({ ...own, accounts }));
    const file = fc.record(
      {
        gateway: fc.oneof(keys('listen', 'port', 'publicUrl', 'trustedProxies', 'agentSocket'), value),
        agent: fc.oneof(
          keys('kind', 'url', 'apiKey', 'bearerHeader', 'audience', 'waiting', 'timeout'),
          value,
        ),
        bearer: fc.oneof(keys('audiences', 'ttl'), value),
        channels: fc.oneof(
          fc.record(
            {
              telegram: fc.oneof(telegram, value),
              pairing: keys('notifyOn', 'codeFormat', 'message'),
              webchat: value,
            },
            { requiredKeys: [] },
          ),
          value,
        ),
        store: value,
        keys: fc.oneof(keys('file', 'command'), value),
        approvals: fc.oneof(keys('approvers', 'notify', 'timeout'), value),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(file, (tree) => check(JSON.stringify(tree))),
      { numRuns: 500 },
    );
  });
});
