// A home whose key of grants is gone gets another, and says so: every client and machine that pinned the one before refuses.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openGrantKey } from './grant-key.ts';
import { systemRandom } from './random.ts';

test('another key of grants beside a store that was there is said; the first of a new home, and one that is there, are not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cs-keys-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const said: unknown[] = [];
  const log = { warn: (event: string, facts?: object) => said.push([event, facts]) };
  const open = (mayCreate: boolean) =>
    openGrantKey({ folder, random: systemRandom, mayCreate }, log).publicJwk.kid;
  const first = open(true);
  expect([open(false), said]).toEqual([first, []]);
  rmSync(join(folder, 'grant.pem'));
  const second = open(false);
  expect(second).not.toBe(first);
  expect(said).toMatchObject([['grant.key_made', { kid: second }]]);
});
