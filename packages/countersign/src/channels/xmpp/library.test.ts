// The library is optional: who switches the channel on without it is told in one line what to do.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

test('without the library: one line that says how to install it', () => {
  const script = `
    import { registerHooks } from 'node:module';
    registerHooks({ resolve(name, context, next) {
      if (name === '@xmpp/client') throw Object.assign(new Error('not here'), { code: 'ERR_MODULE_NOT_FOUND' });
      return next(name, context);
    } });
    const { loadXmpp } = await import(${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'library.ts')).href)});
    await loadXmpp().catch(({ code, message, hint }) => console.log(JSON.stringify({ code, message, hint })));
  `;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(JSON.parse(said)).toEqual({
    code: 'channel_unreachable',
    message: 'the library for XMPP is not installed',
    hint: 'npm install @xmpp/client@0.14.0, beside countersign, then restart the gateway',
  });
});
