// Whoever writes a channel imports the port; that must not drag a test runner, a database or the gateway into their process.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('countersign/channel loads neither a test runner nor a store, nor anything of a gateway', async () => {
  const hook =
    'const seen = []; registerHooks({ resolve: (s, c, next) => { seen.push(next(s, c).url); return next(s, c); } });';
  const load = "await import('countersign/channel'); console.log(JSON.stringify(seen));";
  const code = `import { registerHooks } from 'node:module'; ${hook} ${load}`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], {
    cwd: import.meta.dirname,
  });
  const loaded: string[] = JSON.parse(stdout);
  expect(loaded.join()).toContain('/testing/channel-conformance.ts');
  expect(
    loaded.filter((url) => /vitest|sqlite|\/(store|gateway|channels|config|runtime)\//.test(url)),
  ).toEqual([]);
});
