// Which version this is: as its package says.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const VERSION = readVersion();

function readVersion(): string {
  const parsed: { version: string } = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'),
  );
  return parsed.version;
}
