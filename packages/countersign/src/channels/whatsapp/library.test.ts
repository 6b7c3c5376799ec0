// The library is optional: who has no WhatsApp has neither it nor its licence. Who switches the channel on without it is
// told in one line what to do.
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { SAYINGS } from './library.ts';

test('without the library: one line that says how to install it', () => {
  const script = `
    import { registerHooks } from 'node:module';
    registerHooks({ resolve(name, context, next) {
      if (name === 'baileys') throw Object.assign(new Error('not here'), { code: 'ERR_MODULE_NOT_FOUND' });
      return next(name, context);
    } });
    const { loadBaileys } = await import(${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'library.ts')).href)});
    await loadBaileys().catch(({ code, message, hint }) => console.log(JSON.stringify({ code, message, hint })));
  `;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(JSON.parse(said)).toEqual({
    code: 'channel_unreachable',
    message: 'the library for WhatsApp is not installed',
    hint: 'npm install baileys@7.0.0-rc14, beside countersign, then restart the gateway',
  });
});

describe('R65: the crypto library writes whole sessions, private keys included, on the terminal', () => {
  const folder = join(
    createRequire(createRequire(import.meta.url).resolve('baileys')).resolve('libsignal'),
    '../src',
  );

  test('of all that it can say, nothing is let through; what others say is', () => {
    const script = `
      const { createRequire } = await import('node:module');
      const { SessionRecord } = createRequire(${JSON.stringify(join(folder, '../index.js'))})('./index.js');
      const session = () => ({ indexInfo: { closed: -1, privKey: Buffer.from('a-private-key') } });
      new SessionRecord().closeSession(session());
      const { loadBaileys } = await import(${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'library.ts')).href)});
      await loadBaileys();
      console.log('from here on');
      const record = new SessionRecord();
      const one = session();
      record.closeSession(one);
      record.closeSession(one);
      record.openSession(one);
      record.openSession(one);
      console.error('an error of somebody else', { and: 'its words' });
    `;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    // It does print: otherwise this test would prove nothing.
    expect(stdout).toMatch(/^Closing session:[\s\S]*privKey[\s\S]*from here on\n$/);
    expect(stderr).toBe("an error of somebody else { and: 'its words' }\n");
  });

  test('every saying of the version that was looked at is known', () => {
    const sources = readdirSync(folder).filter((name) => name.endsWith('.js'));
    const sayings = sources.flatMap((name) =>
      [
        ...readFileSync(join(folder, name), 'utf8').matchAll(
          /^(?!\s*\/\/).*console\.(?:\w+)\(\s*(['"])(.+?)\1/gm,
        ),
      ].map(([, , words = '']) => words),
    );
    expect(sayings.length).toBeGreaterThan(8);
    for (const words of sayings)
      expect(
        SAYINGS.some((saying) => words.startsWith(saying)),
        words,
      ).toBe(true);
  });
});
