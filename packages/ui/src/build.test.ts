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
/** What a signed-in person waits for: the entry, the house, its frame and its first page, with their styles. */
const HOUSE_BUDGET = 250_000;
const CHAT_VIEW = ['chat.html', 'src/chat/start.tsx', 'src/text/de/strings.ts'];
const FIRST_VIEW = ['index.html', 'src/start.tsx', 'src/app/App.tsx', 'src/pages/overview/Overview.tsx'];
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
}, 300_000);
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

async function weight(files: readonly string[]): Promise<number> {
  const sizes = files.map(async (file) => gzipSync(await readFile(join(out, file))).length);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

interface Chunk {
  readonly file: string;
  readonly css?: readonly string[];
  readonly imports?: readonly string[];
  readonly dynamicImports?: readonly string[];
}

/** Some entries and everything they bring with them before anybody asks for more. */
async function chunksOf(entries: readonly string[]): Promise<ReadonlyMap<string, Chunk>> {
  const manifest: Readonly<Record<string, Chunk>> = JSON.parse(
    await readFile(join(out, 'manifest.json'), 'utf8'),
  );
  const seen = new Map<string, Chunk>();
  const walk = (name: string): void => {
    const chunk = manifest[name];
    if (seen.has(name)) return;
    if (chunk === undefined) throw new Error(`nothing was built from ${name}`);
    seen.set(name, chunk);
    for (const next of chunk.imports ?? []) walk(next);
  };
  for (const entry of entries) walk(entry);
  return seen;
}

async function broughtBy(entries: readonly string[]): Promise<readonly string[]> {
  const chunks = [...(await chunksOf(entries)).values()];
  return [...new Set(chunks.flatMap(({ file, css = [] }) => [file, ...css]))];
}

/** What they may ask for later. */
async function laterOf(entries: readonly string[]): Promise<readonly string[]> {
  return [...(await chunksOf(entries)).values()].flatMap(({ dynamicImports = [] }) => dynamicImports);
}

describe('the built pages', () => {
  test('the web chat page weighs at most 90 KB compressed, React and the longer language included', async () => {
    const files = new Set([...(await filesOf('chat.html')), ...(await broughtBy(CHAT_VIEW))]);
    expect(await weight([...files])).toBeLessThanOrEqual(CHAT_BUDGET);
  });

  test('the Control UI weighs at most 250 KB compressed until a person sees the overview', async () => {
    const files = new Set(['index.html', ...(await filesOf('index.html')), ...(await broughtBy(FIRST_VIEW))]);
    expect(files.size).toBeGreaterThan(6);
    expect(await weight([...files])).toBeLessThanOrEqual(HOUSE_BUDGET);
  });

  test('the chat page asks for nothing that was not weighed, and shares no page with the Control UI', async () => {
    const chunks = await chunksOf(CHAT_VIEW);
    expect((await laterOf(CHAT_VIEW)).filter((name) => !chunks.has(name))).toEqual([]);
    const files = (await broughtBy(CHAT_VIEW)).map((file) => file.replace(/.*\/|-[\w-]{8}\..*/g, ''));
    expect(files).not.toContain('App');
    expect(files).not.toContain('house');
  });

  test.each(['index.html', 'chat.html'])('%s has no inline script, style or handler', async (page) => {
    const html = await readFile(join(out, page), 'utf8');
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=/i);
    expect(html).not.toMatch(/(?:src|href)="(?!\/assets\/|\/manifest\.webmanifest")/);
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
