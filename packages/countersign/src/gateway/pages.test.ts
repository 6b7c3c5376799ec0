// What is served is what was built: no name of a request leaves the folder (traversal), and a missing build is told.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Problem } from '@countersign/protocol/problem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SeededRandom } from '../testing/fakes.ts';
import { Pages } from './pages.ts';

const root = mkdtempSync(join(tmpdir(), 'countersign-pages-'));
const folder = join(root, 'ui');

beforeAll(() => {
  mkdirSync(join(folder, 'assets', 'inner.js'), { recursive: true });
  for (const name of ['index', 'chat']) writeFileSync(join(folder, `${name}.html`), `<title>${name}</title>`);
  writeFileSync(join(folder, 'assets', 'chat-abc.js'), 'export {};');
  writeFileSync(join(folder, 'assets', 'chat-abc.css'), 'p{}');
  writeFileSync(join(folder, 'assets', 'odd.html'), '<script>');
  mkdirSync(join(folder, 'icons'));
  writeFileSync(join(folder, 'index.html'), '<style nonce="__NONCE__"></style><meta nonce="__NONCE__">');
  writeFileSync(join(folder, 'sw.js'), 'self;');
  writeFileSync(join(folder, 'manifest.webmanifest'), '{}');
  for (const name of ['icon-192.png', 'other.png']) writeFileSync(join(folder, 'icons', name), 'png');
  writeFileSync(join(root, 'secret.js'), 'secret');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const pagesOf = (chatUrl: string | null = null, at = folder, publicUrl: string | null = null) =>
  new Pages({
    folder: at,
    random: new SeededRandom('pages'),
    names: () => ({ publicUrl, chatUrl }),
    home: () => 'http://localhost:8787',
  });
const asked = (host: string) => new Request('http://localhost/chat', { headers: { host } });
const policyOf = (answer: Response) => answer.headers.get('content-security-policy') ?? '';

test('a page is never kept and an asset is for ever, both under a policy that runs our scripts only', async () => {
  const page = await pagesOf().page('chat', asked('localhost'));
  const asset = await pagesOf().asset('chat-abc.js');
  expect([await page.text(), page.headers.get('cache-control')]).toEqual(['<title>chat</title>', 'no-store']);
  expect(asset.headers.get('cache-control')).toContain('immutable');
  expect(asset.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect((await pagesOf().asset('chat-abc.css')).headers.get('content-type')).toBe('text/css; charset=utf-8');
  expect(policyOf(page)).toContain("trusted-types 'none'");
  // Left out, it would mean script-src: any script of this origin.
  expect(policyOf(page)).toContain("worker-src 'none'");
  expect(policyOf(page)).not.toContain('nonce-');
  expect(policyOf(asset)).toBe(policyOf(page));
});

test('each answer with the Control UI has a nonce of its own, in its policy and where the build left room', async () => {
  const pages = pagesOf();
  const nonces: string[] = [];
  for (const answer of [
    await pages.page('index', asked('localhost')),
    await pages.page('index', asked('localhost')),
  ]) {
    const [, nonce = ''] = /style-src 'self' 'nonce-([A-Za-z0-9+/]{24})'/.exec(policyOf(answer)) ?? [];
    expect(await answer.text()).toBe(`<style nonce="${nonce}"></style><meta nonce="${nonce}">`);
    expect(policyOf(answer)).toContain("script-src 'self';");
    expect(policyOf(answer)).toContain('trusted-types default');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    nonces.push(nonce);
  }
  expect(new Set(nonces).size).toBe(2);
  expect(nonces).not.toContain('');
});

test('a build without a placeholder is served as it is', async () => {
  const plain = join(root, 'plain');
  mkdirSync(plain);
  writeFileSync(join(plain, 'index.html'), '<title>plain</title>');
  const answer = await pagesOf(null, plain).page('index', asked('localhost'));
  expect([answer.status, await answer.text()]).toEqual([200, '<title>plain</title>']);
});

test('the worker is asked for anew each time, under a policy that lets it fetch and nothing else', async () => {
  const worker = await pagesOf().root('worker', asked('localhost'));
  expect(worker.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(worker.headers.get('cache-control')).toBe('no-cache');
  expect(policyOf(worker)).toMatch(/^default-src 'none'; connect-src 'self';/);
  const manifest = await pagesOf().root('manifest', asked('localhost'));
  expect(manifest.headers.get('content-type')).toBe('application/manifest+json');
});

test.each(['other.png', '../icons/icon-192.png', 'icon-512.png', '', 'icon-192.png\0'])(
  'an icon named %j is not there',
  async (name) => {
    expect((await pagesOf().icon('icon-192.png')).headers.get('content-type')).toBe('image/png');
    const caught: unknown = await pagesOf()
      .icon(name)
      .catch((cause: unknown) => cause);
    expect(Problem.codeOf(caught)).toBe('not_found');
  },
);

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

test.each<[string, string | null, string]>([
  ['where the Control UI is open to people', 'https://assistant.example', 'https://assistant.example'],
  ['to this machine, where it is open nowhere else', null, 'http://localhost:8787'],
])('under the name of web chat alone the Control UI leads %s', async (_name, publicUrl, origin) => {
  const pages = pagesOf('https://chat.example', folder, publicUrl);
  for (const host of ['chat.example', 'Chat.Example:443']) {
    const page = await pages.page('index', asked(host));
    expect([page.status, page.headers.get('location'), page.headers.get('cache-control')]).toEqual([
      307,
      `${origin}/`,
      'no-store',
    ]);
    expect((await pages.root('worker', asked(host))).headers.get('location')).toBe(`${origin}/sw.js`);
    expect((await pages.root('manifest', asked(host))).status).toBe(307);
    expect((await pages.page('chat', asked(host))).status).toBe(200);
  }
  expect((await pages.page('index', asked('assistant.example'))).status).toBe(200);
});

test('one name for both is no reason to send anybody away', async () => {
  const pages = pagesOf('https://one.example', folder, 'https://one.example');
  expect((await pages.page('index', asked('one.example'))).status).toBe(200);
  expect((await pages.page('chat', asked('one.example'))).status).toBe(200);
});
