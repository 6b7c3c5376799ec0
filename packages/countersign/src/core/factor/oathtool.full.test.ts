// TOTP against an implementation that is not ours: oathtool (Debian package oathtool), with seeds and times by chance.
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { systemRandom } from '../../runtime/random.ts';
import { newSeed, verifyTotp } from './totp.ts';

function oathtool(...args: string[]): string | null {
  try {
    return execFileSync('oathtool', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null;
  }
}

const found = oathtool('--version')?.split('\n')[0] ?? null;
if (found === null) {
  console.warn(
    'oathtool is not on this machine: TOTP is not compared with it (Debian: apt install oathtool)',
  );
}

test.skipIf(found === null)('oathtool and we agree on a hundred seeds at a hundred times', () => {
  for (let n = 0; n < 100; n++) {
    const seed = newSeed(systemRandom);
    const bytes = systemRandom.bytes(4);
    // Up to the year 2106, second by second.
    const seconds = Buffer.from(bytes).readUInt32BE();
    const code = oathtool('--totp', '--base32', '--now', `@${seconds}`, seed);
    expect(code).toMatch(/^\d{6}$/);
    const step = Math.floor(seconds / 30);
    expect(verifyTotp(code ?? '', seed, null, seconds * 1000), `${seed} at ${seconds}`).toBe(step);
    expect(verifyTotp(code ?? '', seed, step, seconds * 1000)).toBeNull();
  }
});
