// The pages as they are shipped: within their budget, and with nothing the Content-Security-Policy would refuse.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CHAT_BUDGET = 90_000;
let out = '';

beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'countersign-ui-'));
  // As a gateway builds it that a test has started.
  vi.stubEnv('NODE_ENV', 'test');
  await build({
    root: ROOT,
    configFile: join(ROOT, 'vite.config.ts'),
    mode: 'production',
    logLevel: 'error',
    build: { outDir: out, emptyOutDir: true },
  });
}, 60_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(out, { recursive: true, force: true });
});

async function filesOf(page: string): Promise<readonly string[]> {
  const html = await readFile(join(out, page), 'utf8');
  return [
    page,
    ...[...html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].flatMap((match) => match[1] ?? []),
  ];
}

async function weight(page: string): Promise<number> {
  const sizes = (await filesOf(page)).map(async (file) => gzipSync(await readFile(join(out, file))).length);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

describe('the built pages', () => {
  test('the web chat page weighs at most 90 KB compressed, React included', async () => {
    expect(await weight('chat.html')).toBeLessThanOrEqual(CHAT_BUDGET);
  });

  test('a page names everything it loads, so the weight is the whole weight', async () => {
    const named = new Set([...(await filesOf('chat.html')), ...(await filesOf('index.html'))]);
    const built = (await readdir(out, { recursive: true })).filter((file) => file.includes('.'));
    expect(built.filter((file) => !named.has(file))).toEqual([]);
  });

  test.each(['index.html', 'chat.html'])('%s has no inline script, style or handler', async (page) => {
    const html = await readFile(join(out, page), 'utf8');
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=/i);
    expect(html).not.toMatch(/(?:src|href)="(?!\/assets\/)/);
  });

  test('no source of ours writes HTML or evaluates text', async () => {
    const sources = (await readdir(join(ROOT, 'src'), { recursive: true })).filter(
      (file) => /\.tsx?$/.test(file) && !file.endsWith('.test.ts'),
    );
    for (const file of sources) {
      expect(await readFile(join(ROOT, 'src', file), 'utf8'), file).not.toMatch(
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|dangerouslySet/,
      );
    }
  });
});
