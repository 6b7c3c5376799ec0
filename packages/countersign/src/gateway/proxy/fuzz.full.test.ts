import { test } from 'vitest';
import { fuzzProxy } from '../../testing/proxy-fuzz.ts';

test('H12, H68: 100,000 random and changed bodies: no crash, no failure of ours, no bearer without an identity', async () => {
  await fuzzProxy(100_000, 'full lane');
}, 900_000);
