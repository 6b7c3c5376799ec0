// Against an emulator that other people wrote: what our own stub gets wrong shows here. It plays back a recorded chain of
// WhatsApp's own and sends in the clear, so of our checks one is left out to get in at all, and what it says is refused.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startWhatsAppServer } from '@openclaw/crabline';
import type { BinaryNode } from 'baileys';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseNative } from '../../core/identity/peer.ts';
import type { Inbound } from '../../core/message.ts';
import { MemoryLog, SeededRandom } from '../../testing/fakes.ts';
import { MemoryCredentials } from '../../testing/whatsapp/credentials.ts';
import { linkedDevice } from '../../testing/whatsapp/device.ts';
import { bundleOf, Person } from '../../testing/whatsapp/person.ts';
import { WhatsApp } from './channel.ts';
import { DeviceKeys } from './keys.ts';
import { loadBaileys } from './library.ts';
import { Session } from './session.ts';
import { checkChain } from './trust.ts';
import { readStanza, WHATSAPP_PEER } from './wire.ts';

const DEVICE = '15550009999:7@s.whatsapp.net';

async function emulator() {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-crabline-'));
  const recorder = join(folder, 'events.jsonl');
  const server = await startWhatsAppServer({ recorderPath: recorder });
  onTestFinished(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const { endpoints, adminToken } = server.manifest;
  const url = String(Object.values(endpoints).find((value) => String(value).startsWith('ws')));
  return {
    url,
    recorded: () => readFileSync(recorder, 'utf8'),
    says: (jid: string, text: string) =>
      fetch(endpoints.adminInboundUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-crabline-admin-token': adminToken },
        body: JSON.stringify({ chatJid: jid, senderJid: jid, text, pushName: 'Ana' }),
      }),
  };
}

const lenient: typeof checkChain = (chain) => checkChain(chain, chain.leaf.key);

async function until(is: () => boolean): Promise<void> {
  const from = performance.now();
  while (!is() && performance.now() - from < 10_000)
    await new Promise<void>((resolve) => setImmediate(resolve));
}

test('we log in and write; what comes in the clear is refused', async () => {
  const { url, recorded, says } = await emulator();
  const heard: Inbound[] = [];
  const channel = new WhatsApp(
    { account: 'default', phoneLogin: null, url },
    {
      clock: { now: () => Date.now() },
      random: new SeededRandom('crabline'),
      log: new MemoryLog(),
      credentials: new MemoryCredentials(linkedDevice(DEVICE, '900000000009999:7@lid').entries),
      ended: async () => undefined,
      check: lenient,
    },
  );
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  await channel.start(
    {
      receive: async (inbound) => {
        heard.push(inbound);
        return { as: 'repeated', first: 'nobody' };
      },
    },
    stop.signal,
  );
  expect(channel.status()).toMatchObject({ state: 'connected', detail: 'as +15550009999' });

  const native = parseNative('+15550001111', WHATSAPP_PEER);
  if (native === null) throw new Error('no id');
  const peer = { channel: 'whatsapp', account: 'default', native };
  const to = { peer, conversation: { kind: 'direct', id: native } } as const;
  // Of changes it knows nothing, not even the word: those are proven against our own.
  await channel.send(to, { id: 'out-1', kind: 'card', text: 'who asks: bob' });
  await until(() => recorded().includes('who asks: bob'));
  expect(recorded()).toContain('who asks: bob');
  // H17: it sends as anybody it is told to, and seals nothing.
  await says('15550001111@s.whatsapp.net', '/pairing approve AAAA2222');
  await until(() => channel.status().detail?.includes('refused') === true);
  expect(channel.status().detail).toMatch(/1 unsealed messages refused/);
  expect(heard).toEqual([]);
});

describe('C-01 C-02 H08: stanzas as they come off the wire, sealed, on somebody else’s server', () => {
  const ANA = { phone: '15550001111', lid: '200000000000777' };
  const LID = `${ANA.lid}@lid`;
  const PHONE = `${ANA.phone}@s.whatsapp.net`;

  /** What each stanza became, in the order they came. */
  async function heardOf(...stanzas: Record<string, string>[]) {
    const { url } = await emulator();
    const lib = await loadBaileys();
    const device = linkedDevice(DEVICE, '900000000009999:7@lid');
    const keys = await DeviceKeys.open(lib.baileys, new MemoryCredentials(device.entries));
    const heard: (readonly [string, string | null, boolean])[] = [];
    const opened = Promise.withResolvers<void>();
    const session: Session = new Session(lib, {
      keys,
      url,
      check: lenient,
      take: async (one) => {
        const us = { account: 'default', names: session.names, since: 0, now: Date.now() };
        const inbound = await readStanza(one, us, (id) => session.mapped(id));
        if (inbound !== null)
          heard.push([inbound.peer.native, inbound.alias ?? null, inbound.unresolved === true]);
      },
      refused: () => undefined,
      connected: () => opened.resolve(),
      closed: () => opened.reject(new Error('closed')),
    });
    onTestFinished(() => session.end());
    await opened.promise;
    const person = new Person(ANA);
    for (const [n, attrs] of stanzas.entries()) {
      const sealed = await person.seal(DEVICE, bundleOf(device.creds), { conversation: `word ${n}` });
      const node: BinaryNode = {
        tag: 'message',
        attrs: { id: `3A${n}`, type: 'text', t: String(Math.floor(Date.now() / 1_000)), ...attrs },
        content: [sealed],
      };
      session.socket.ws.emit('CB:message', node);
      await until(() => heard.length > n);
    }
    return heard;
  }

  test('a first contact by LID alone', async () => {
    expect(await heardOf({ from: LID })).toEqual([[LID, null, true]]);
  });

  test('LID, then the number beside it, then the number alone', async () => {
    expect(await heardOf({ from: LID }, { from: LID, sender_pn: PHONE }, { from: PHONE })).toEqual([
      [LID, null, true],
      [LID, '+15550001111', false],
      [LID, '+15550001111', false],
    ]);
  });

  test('the number with its LID, then the LID alone', async () => {
    expect(await heardOf({ from: PHONE, sender_lid: LID }, { from: LID })).toEqual([
      [LID, '+15550001111', false],
      [LID, '+15550001111', false],
    ]);
  });

  test('a LID with the digits of a number is that LID; a number beside the wrong person is nobody’s', async () => {
    expect(
      await heardOf(
        { from: `${ANA.phone}@lid` },
        { from: LID, participant_pn: '15557776666@s.whatsapp.net' },
        { from: LID, peer_recipient_pn: '15557776666@s.whatsapp.net' },
        { from: LID },
      ),
    ).toEqual([[`${ANA.phone}@lid`, null, true], ...Array.from({ length: 3 }, () => [LID, null, true])]);
  });

  test('a number that comes with another LID is told as it is: whose it is, core decides', async () => {
    const other = '300000000000888@lid';
    expect(await heardOf({ from: LID, sender_pn: PHONE }, { from: other, sender_pn: PHONE })).toEqual([
      [LID, '+15550001111', false],
      [other, '+15550001111', false],
    ]);
  });
});
