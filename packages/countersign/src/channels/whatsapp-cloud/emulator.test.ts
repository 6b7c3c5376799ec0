// Against an emulator that other people wrote: what our own stub gets wrong shows here. It knows texts to phone numbers and
// no more.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startWhatsAppServer } from '@openclaw/crabline';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { parseNative } from '../../core/identity/peer.ts';
import type { Inbound } from '../../core/message.ts';
import { CLOUD_SECRET, CLOUD_VERIFY, sign } from '../../testing/cloud-stub.ts';
import { WhatsAppCloud } from './channel.ts';
import { CLOUD_PEER } from './traits.ts';

async function line(more: { readonly token?: string } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-graph-'));
  const server = await startWhatsAppServer({
    graphVersion: 'v25.0',
    phoneNumberId: '106540352242922',
    recorderPath: join(folder, 'events.jsonl'),
  });
  const { accessToken, baseUrl, phoneNumberId } = server.manifest;
  const channel = new WhatsAppCloud(
    {
      account: 'default',
      phoneNumberId,
      accessToken: { reveal: () => more.token ?? accessToken },
      appSecret: { reveal: () => CLOUD_SECRET },
      verifyToken: { reveal: () => CLOUD_VERIFY },
      apiRoot: baseUrl,
      templates: { login: null, notice: null, language: 'en' },
    },
    { clock: { now: () => Date.now() } },
  );
  const stop = new AbortController();
  onTestFinished(async () => {
    stop.abort();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const received: Inbound[] = [];
  const start = () =>
    channel.start(
      {
        receive: async (inbound) => {
          received.push(inbound);
          return { as: 'repeated', first: 'nobody' };
        },
      },
      stop.signal,
    );
  return { server, channel, received, start };
}

test('we log in, are written to, and answer', async () => {
  const { server, channel, received, start } = await line();
  await start();
  expect(channel.status()).toMatchObject({
    state: 'connected',
    detail: expect.stringContaining('Crabline Test Bot'),
  });
  const { endpoints, adminToken } = server.manifest;
  const asked = await fetch(endpoints.adminInboundUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-crabline-admin-token': adminToken },
    body: JSON.stringify({
      chatJid: '15550000001@s.whatsapp.net',
      senderJid: '15550000001@s.whatsapp.net',
      text: 'hello',
      pushName: 'Ana',
    }),
  });
  const { webhook } = z.looseObject({ webhook: z.unknown() }).parse(await asked.json());
  const body = JSON.stringify(webhook);
  const request = new Request('https://gate.example/webhooks/whatsapp-cloud/default', {
    method: 'POST',
    headers: { 'x-hub-signature-256': sign(body, CLOUD_SECRET) },
    body,
  });
  expect((await channel.webhook(request)).status).toBe(200);
  expect(received).toMatchObject([
    { peer: { native: '+15550000001' }, text: 'hello', kind: 'text', arrived: 'live', displayName: 'Ana' },
  ]);
  const native = parseNative('+15550000001', CLOUD_PEER);
  if (native === null) throw new Error('no id');
  const peer = { channel: 'whatsapp-cloud', account: 'default', native };
  const to = { peer, conversation: { kind: 'direct', id: native } } as const;
  const sent = await channel.send(to, { id: 'out_1', kind: 'answer', text: 'hello you' });
  expect(sent).toMatchObject({ fate: 'sent', ref: expect.stringMatching(/.+/) });
});

test('a token it does not know is refused, and said', async () => {
  const { channel, start } = await line({ token: 'somebody-elses' });
  await expect(start()).rejects.toMatchObject({ code: 'channel_refused' });
  expect(channel.status().state).toBe('failed');
});
