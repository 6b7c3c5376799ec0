// What is served is what was built: no name of a request leaves the folder (traversal), and a missing build is told.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Problem } from '@countersign/protocol/problem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Pages } from './pages.ts';

const root = mkdtempSync(join(tmpdir(), 'countersign-pages-'));
const folder = join(root, 'ui');

beforeAll(() => {
  mkdirSync(join(folder, 'assets', 'inner.js'), { recursive: true });
  for (const name of ['index', 'chat']) writeFileSync(join(folder, `${name}.html`), `<title>${name}</title>`);
  writeFileSync(join(folder, 'assets', 'chat-abc.js'), 'export {};');
  writeFileSync(join(folder, 'assets', 'chat-abc.css'), 'p{}');
  writeFileSync(join(folder, 'assets', 'odd.html'), '<script>');
  writeFileSync(join(root, 'secret.js'), 'secret');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const pagesOf = (chatUrl: string | null = null, at = folder) =>
  new Pages({ folder: at, chatUrl: () => chatUrl });
const asked = (host: string) => new Request('http://localhost/chat', { headers: { host } });

test('a page is never kept and an asset is for ever, both under the same policy', async () => {
  const page = await pagesOf().page('index', asked('localhost'));
  const asset = await pagesOf().asset('chat-abc.js');
  expect([await page.text(), page.headers.get('cache-control')]).toEqual([
    '<title>index</title>',
    'no-store',
  ]);
  expect(asset.headers.get('cache-control')).toContain('immutable');
  expect(asset.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect((await pagesOf().asset('chat-abc.css')).headers.get('content-type')).toBe('text/css; charset=utf-8');
  const policy = page.headers.get('content-security-policy');
  expect(policy).toContain("trusted-types 'none'");
  expect(asset.headers.get('content-security-policy')).toBe(policy);
});

test.each([
  '../index.html',
  '../../secret.js',
  '..',
  '',
  '.',
  'inner.js',
  'odd.html',
  'none.js',
  'chat-abc.js\0',
  '/etc/passwd',
])('an asset named %j is not there', async (name) => {
  const caught: unknown = await pagesOf()
    .asset(name)
    .catch((cause: unknown) => cause);
  expect(Problem.codeOf(caught)).toBe('not_found');
});

test('without a build there is one page that says what builds it', async () => {
  const pages = pagesOf(null, join(root, 'nowhere'));
  const answer = await pages.page('index', asked('localhost'));
  expect([pages.built, answer.status]).toEqual([false, 503]);
  expect(await answer.text()).toContain('npm start');
  expect(answer.headers.get('cache-control')).toBe('no-store');
});

test('with a chat address, /chat elsewhere leads there, and the Control UI stays', async () => {
  const pages = pagesOf('https://chat.example');
  const away = await pages.page('chat', asked('localhost:8787'));
  expect([away.status, away.headers.get('location')]).toEqual([307, 'https://chat.example/chat']);
  expect((await pages.page('chat', asked('CHAT.example'))).status).toBe(200);
  expect((await pages.page('index', asked('localhost:8787'))).status).toBe(200);
});
