import { expect, test } from 'vitest';
import { fuzzStanzas } from '../../testing/xmpp-fuzz.ts';

test('H17: 5,000 made-up stanzas: no crash, and nobody but the stamped sender', () => {
  expect(fuzzStanzas(5_000)).toBeGreaterThan(100);
});
