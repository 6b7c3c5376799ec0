import { expect, test } from 'vitest';
import { twilioDoor } from '../../testing/twilio-fuzz.ts';
import { fuzzDoor } from '../../testing/webhook-fuzz.ts';

test('H17: 100,000 changed deliveries: no crash, and nobody out of bytes that do not verify', async () => {
  await using door = await twilioDoor();
  const { taken, refused } = await fuzzDoor(door, 100_000);
  expect(taken).toBeGreaterThan(100);
  expect(refused).toBeGreaterThan(50_000);
}, 300_000);
