// The guides are tried, not believed: every configuration they show is taken as it stands, and what the guide of an own
// ingress signs is what the gateway reads.
import { once } from 'node:events';
import { globSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { checkText } from '../packages/countersign/src/config/load.ts';
import { readHop } from '../packages/countersign/src/core/token/hop.ts';
import { root } from '../scripts/lib/node.mjs';

const GUIDES = globSync('docs/guides/*.md', { cwd: root }).sort();
const fences = (page: string, language: string) =>
  [
    ...readFileSync(join(root, page), 'utf8').matchAll(
      new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'),
    ),
  ].map(([, body = '']) => body);

describe('a configuration of a guide is taken as it stands, without a warning', () => {
  const shown = GUIDES.flatMap((page) => fences(page, 'jsonc').map((body) => [page, body] as const));
  test('there are some', () => {
    expect(shown.length).toBeGreaterThan(2);
  });

  test.each(shown)('%s', (_, body) => {
    const checked = checkText(body, { home: root, env: {} }, { readSecrets: false });
    expect(checked).toMatchObject({ ok: true, warnings: [] });
  });
});

test('what the guide of an own ingress signs, the gateway reads', async () => {
  const home = mkdtempSync(join(tmpdir(), 'countersign-guide-'));
  const [code = ''] = fences('docs/guides/own-ingress.md', 'ts');
  writeFileSync(join(home, 'assert.ts'), code);
  const made: { assert: (said: object, ingress: object) => Promise<unknown> } = await import(
    pathToFileURL(join(home, 'assert.ts')).href
  );
  const asked: { header: string; body: string; authorization: string }[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const { authorization = '', 'x-countersign-hop': header } = request.headers;
    asked.push({ header: String(header), body, authorization });
    const good = asked.length === 1;
    const answer = good ? { state: 'refused' } : { title: 'No', detail: 'why it is so', hint: 'what to do' };
    response.writeHead(good ? 200 : 403, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const secret = 'chs_secret';
  const ingress = { id: 'tok_a', token: 'cst_a', hopSecret: secret, url: `http://127.0.0.1:${address.port}` };
  expect(await made.assert({ sender: '555001' }, ingress)).toEqual({ state: 'refused' });
  const [{ header, body, authorization } = { header: '', body: '', authorization: '' }] = asked;
  expect([authorization, JSON.parse(body)]).toEqual(['Bearer cst_a', { sender: '555001' }]);
  const of = {
    token: 'tok_a',
    method: 'POST',
    path: '/api/v1/ingress/sessions',
    body: Buffer.from(body),
  } as const;
  expect(readHop(header, of, secret, Date.now())).toMatchObject({
    nonce: expect.stringMatching(/^[\w-]{22}$/),
  });
  // A refusal is told with what to do.
  await expect(made.assert({}, ingress)).rejects.toThrow('why it is so. what to do');
});
