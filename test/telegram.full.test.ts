// The first road on a real messenger's client, against two emulators that other people wrote: a stranger gets a code and
// nothing else, the owner says yes, the next words are answered. The gateway is a real one, with its own process and home.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTelegramServer } from '@openclaw/crabline';
import { TelegramServer } from 'telegram-test-api/lib/telegramServer.js';
import { afterEach, expect, test } from 'vitest';
import { freePort } from '../packages/countersign/src/testing/free-port.ts';
import { TelegramStub } from '../packages/countersign/src/testing/telegram-stub.ts';
import { RealGateway } from './gateway.ts';

const TOKEN = '110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw';
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function gatewayAt(apiRoot: string, channel: object = {}, isPublic = false): Promise<RealGateway> {
  const gateway = await RealGateway.prepare();
  cleanups.push(() => gateway[Symbol.asyncDispose]());
  gateway.extra = { COUNTERSIGN_TEST_ENDPOINTS: '1', BOT_TOKEN: TOKEN };
  const telegram = { botToken: { env: 'BOT_TOKEN' }, apiRoot, ...channel };
  const config = { channels: { telegram }, ...(isPublic ? { gateway: { publicUrl: gateway.url } } : {}) };
  writeFileSync(join(gateway.home, 'countersign.jsonc'), JSON.stringify(config), { mode: 0o600 });
  await gateway.start();
  return gateway;
}

const CODE = /^Your pairing code: ([A-Z2-9]{8})$/m;

test('telegram-test-api: a stranger, a code, a yes, an answer', async () => {
  const server = new TelegramServer({ port: await freePort(), host: '127.0.0.1' });
  await server.start();
  cleanups.push(() => server.stop());
  const gateway = await gatewayAt(server.config.apiURL);
  const ana = server.getClient(TOKEN, {
    userId: 555_001,
    chatId: 555_001,
    firstName: 'Ana',
    timeout: 60_000,
  });

  await ana.sendMessage(ana.makeMessage('hello'));
  const code = CODE.exec(textsOf(await ana.getUpdates())[0] ?? '')?.[1];
  expect(code).toBeDefined();
  const { items } = await gateway.json<{ items: object[] }>('pairing', 'list', 'telegram');
  expect(items).toMatchObject([
    { channel: 'telegram', identifier: '555001', code, username: 'testUserName' },
  ]);

  expect(await gateway.cli('pairing', 'approve', 'telegram', String(code))).toMatchObject({ code: 0 });
  expect(textsOf(await ana.getUpdates())).toHaveLength(1);
  await ana.sendMessage(ana.makeMessage('hello again'));
  expect(textsOf(await ana.getUpdates()).join()).toContain('hello again');
  // Nothing that was printed or logged holds the token.
  expect(gateway.output).not.toContain(TOKEN.split(':')[1]);
});

test('crabline: a stranger, a code, a yes, an answer; the same name from another id is another stranger', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'crabline-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const sent: { readonly chat: string; readonly text: string }[] = [];
  let hear: () => void = () => undefined;
  const server = await startTelegramServer({
    botToken: TOKEN,
    recorderPath: join(folder, 'telegram.jsonl'),
    onEvent: (event: { readonly path?: string; readonly body?: unknown }) => {
      if (!String(event.path).endsWith('/sendMessage')) return;
      const { chat_id, text } = JSON.parse(JSON.stringify(event.body));
      sent.push({ chat: String(chat_id), text });
      hear();
    },
  });
  cleanups.push(() => server.close());
  const { apiRoot, adminInboundUrl } = server.manifest.endpoints;
  const gateway = await gatewayAt(apiRoot);

  const say = async (fromId: number, text: string) => {
    const answer = await fetch(adminInboundUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-crabline-admin-token': server.manifest.adminToken },
      body: JSON.stringify({
        chatId: String(fromId),
        fromId: String(fromId),
        fromUsername: 'ana_of_old',
        text,
      }),
    });
    expect(answer.status).toBe(200);
  };
  const heard = async (count: number) => {
    while (sent.length < count) await new Promise<void>((resolve) => (hear = resolve));
    return sent[count - 1];
  };

  await say(555_001, 'hello');
  const first = await heard(1);
  expect(first?.chat).toBe('555001');
  const code = CODE.exec(first?.text ?? '')?.[1];
  expect(await gateway.cli('pairing', 'approve', 'telegram', String(code))).toMatchObject({ code: 0 });
  await heard(2);
  await say(555_001, 'hello again');
  expect((await heard(3))?.text).toContain('hello again');

  // H01: the user name changes hands, the approval does not.
  await say(555_002, 'it is me, ana');
  const other = await heard(4);
  expect(other?.chat).toBe('555002');
  expect(other?.text).toMatch(CODE);
});

test('by webhook, over real connections: proven before it is read, stored before it is answered', async () => {
  const stub = await TelegramStub.start({ token: TOKEN });
  cleanups.push(() => stub[Symbol.asyncDispose]());
  const webhookSecret = 'a-secret_of_0123456789';
  const gateway = await gatewayAt(stub.url, { mode: 'webhook', webhookSecret }, true);
  await stub.until(() => stub.webhook !== null);
  const url = `${gateway.url}/webhooks/telegram/default`;
  expect(stub.webhook).toEqual({ url, secret: webhookSecret });

  const ana = { id: 555_001, is_bot: false, first_name: 'Ana' };
  expect(await stub.say(ana, 'hello')).toBe(200);
  await stub.until(() => stub.shown(ana.id).length === 1);
  expect(stub.shown(ana.id)[0]?.text).toMatch(CODE);

  const post = (headers: Record<string, string>, body: string | ReadableStream) =>
    fetch(url, { method: 'POST', headers, body, duplex: 'half' }).then(({ status }) => status);
  const proof = { 'x-telegram-bot-api-secret-token': webhookSecret };
  const endless = () =>
    new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(16_384)),
    });
  expect(await post({}, '{}')).toBe(401);
  expect(await post(proof, 'no json')).toBe(400);
  expect(await post(proof, 'x'.repeat(65_537))).toBe(413);
  // Refused while it is still being sent: either the answer or the end of the connection comes through.
  for (const [headers, status] of [
    [{}, 401],
    [proof, 413],
  ] as const)
    expect([status, 'cut']).toContain(await post(headers, endless()).catch(() => 'cut'));
  // A sender that hangs up in the middle of a body takes nobody with it.
  const { port } = new URL(url);
  const socket = connect(Number(port), 'localhost');
  const head = `POST /webhooks/telegram/default HTTP/1.1\r\nhost: localhost:${port}\r\ncontent-length: 500\r\n`;
  await new Promise<void>((resolve) =>
    socket.write(`${head}x-telegram-bot-api-secret-token: ${webhookSecret}\r\n\r\n{"update_id"`, () =>
      resolve(),
    ),
  );
  socket.resetAndDestroy();
  expect(await stub.say(ana, 'still there?')).toBe(200);
});

function textsOf({ result }: { readonly result: readonly object[] }): string[] {
  return result.map((update): string => {
    const { message } = JSON.parse(JSON.stringify(update));
    return String(message?.text);
  });
}
