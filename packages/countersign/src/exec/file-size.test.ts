// A hole of many gigabytes takes no room, and would be read for an hour: by the machine of whoever is only asked about it.
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { hashed, withFile } from './file.ts';

test('a file that is larger than any program is refused, and not read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cs-huge-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const huge = join(folder, 'huge');
  writeFileSync(huge, '');
  truncateSync(huge, 400 * 2 ** 30);
  await expect(withFile(huge, hashed)).rejects.toMatchObject({
    ...{ code: 'usage', message: expect.stringContaining('too large') },
  });
  truncateSync(huge, 16);
  expect(await withFile(huge, hashed)).toMatchObject({ path: huge });
}, 20_000);
