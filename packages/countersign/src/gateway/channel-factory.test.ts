// What nobody has switched on costs nothing: no code of a channel is loaded before an account of it runs.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

test('a gateway without messengers loads none of them, nor anything of their vendors', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-load-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const code = [
    "import { registerHooks } from 'node:module';",
    'const seen = [];',
    'registerHooks({ resolve: (s, c, next) => { const found = next(s, c); seen.push(found.url); return found; } });',
    `const { compose } = await import(${JSON.stringify(join(import.meta.dirname, 'compose.ts'))});`,
    `const house = await compose({ home: ${JSON.stringify(join(folder, 'home'))}, env: {}, running: null });`,
    'await house.channels.follow(); house.channels.stop(); await house.close();',
    'console.log(JSON.stringify(seen));',
  ].join('\n');
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], {
    cwd: import.meta.dirname,
  });
  const loaded: string[] = JSON.parse(stdout.trim().split('\n').at(-1) ?? '[]');
  expect(loaded.join()).toContain('/channels/webchat/channel.ts');
  expect(loaded.join()).toContain('/channels/twilio/traits.ts');
  // Traits may take the shape of an id from the parser, which is pure.
  const messengers =
    /\/channels\/(?!webchat\/)[^/]+\/(?!traits\.ts|wire\.ts)|grammy|baileys|twilio\/lib|@xmpp/;
  expect(loaded.filter((url) => messengers.test(url))).toEqual([]);
});
