// The channel as its owner sees it: what became of a message, how it stands, and when it tries again.
import { makeId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { expect, onTestFinished, test } from 'vitest';
import type { Inbox, Report } from '../../core/channel-port.ts';
import { type Native, parseNative } from '../../core/identity/peer.ts';
import type { Inbound } from '../../core/message.ts';
import { turns } from '../../testing/channel/rig.ts';
import { FakeClock, MemoryLog, SeededRandom } from '../../testing/fakes.ts';
import { XmppStub } from '../../testing/xmpp-stub.ts';
import { Xmpp } from './channel.ts';
import { XMPP_PEER } from './wire.ts';

function native(text: string): Native {
  const read = parseNative(text, XMPP_PEER);
  if (read === null) throw new Error(`${text} is nobody`);
  return read;
}

const to = (address: string) =>
  ({
    peer: { channel: 'xmpp', account: 'default', native: native(address) },
    conversation: { kind: 'direct', id: address },
  }) as const;

async function stage({ password = 'right' } = {}) {
  const stub = await XmppStub.start();
  const stop = new AbortController();
  const told: string[] = [];
  const pauses: number[] = [];
  const received: Inbound[] = [];
  const fates: Report[] = [];
  const log = new MemoryLog();
  const settings = {
    account: 'default',
    service: stub.service,
    domain: stub.domain,
    username: stub.account.username,
    password: { reveal: () => (password === 'right' ? stub.account.password : password) },
  };
  const channel = new Xmpp(settings, {
    clock: new FakeClock(),
    random: new SeededRandom('xmpp'),
    log,
    changed: () => told.push(channel.status().state),
    pause: async (ms) => {
      pauses.push(ms);
      await turns(pauses.length > 5 ? 10_000 : 10);
    },
  });
  const inbox: Inbox = {
    receive: async (inbound) => {
      received.push(inbound);
      return { as: 'nobody', message: makeId('message', new Uint8Array(15)), reason: 'not_allowed' };
    },
    fate: async (report) => void fates.push(report),
  };
  onTestFinished(async () => {
    stop.abort();
    await stub[Symbol.asyncDispose]();
  });
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await turns(1);
  };
  return {
    stub,
    channel,
    told,
    pauses,
    received,
    fates,
    log,
    stop,
    until,
    start: () => channel.start(inbox, stop.signal),
  };
}

test('what became of a message is told later, and only by whom it was for', async () => {
  const { stub, channel, fates, start, until } = await stage();
  await start();
  const { ref } = await channel.send(to('ana@example.org'), { id: 'one', kind: 'notice', text: 'hello' });
  const receipt = (from: string) =>
    `<message from='${from}'><received xmlns='urn:xmpp:receipts' id='${ref}'/></message>`;
  const bounce = (from: string) =>
    `<message from='${from}' type='error' id='${ref}'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`;
  for (const said of [receipt('eve@example.org/x'), bounce('eve@example.org/x'), bounce('example.org')])
    await stub.deliver(said);
  expect(fates).toEqual([]);
  await stub.deliver(receipt('ana@example.org/phone'));
  await until(() => fates.length === 1);
  expect(fates[0]).toMatchObject({ id: 'one', fate: 'delivered' });
  await stub.deliver(bounce('ana@example.org'));
  await until(() => fates.length === 2);
  expect(fates[1]).toMatchObject({ id: 'one', fate: 'failed', reason: expect.stringContaining('nobody') });
});

test('a character that no XML can carry is no poison, and a code stays in no archive', async () => {
  const { stub, channel, start } = await stage();
  await start();
  await channel.send(to('ana@example.org'), { id: 'a', kind: 'notice', text: 'a\0b\u001Bc\uFFFE\uD800d]]>' });
  expect(stub.taken[0]?.text).toBe('a\uFFFDb\uFFFDc\uFFFD\uFFFDd]]>');
  expect(stub.taken[0]?.xml).not.toContain('no-permanent-store');
  await channel.send(to('ana@example.org'), { id: 'b', kind: 'login-code', text: '123456' });
  expect(stub.taken[1]?.xml).toContain('no-permanent-store');
});

test('letters beyond ASCII go out as servers write them', async () => {
  const { stub, channel, start, received, until } = await stage();
  await start();
  await stub.deliver("<message from='ana@bücher.example/x' type='chat'><body>hello</body></message>");
  await until(() => received.length === 1);
  expect(received[0]?.peer.native).toBe('ana@xn--bcher-kva.example');
  await channel.send(to('ana@xn--bcher-kva.example'), { id: 'a', kind: 'notice', text: 'hi' });
  expect(stub.taken[0]?.to).toBe('ana@bücher.example');
});

test('a refused password is said with what to do, tried again rarely, and mends itself', async () => {
  const { stub, channel, told, pauses, log, start, until } = await stage();
  stub.refusal = 'not-authorized';
  await start();
  expect(channel.status()).toMatchObject({ state: 'failed', hint: expect.stringContaining('username') });
  expect(told).toContain('failed');
  await until(() => pauses.length > 0);
  expect(pauses[0]).toBeGreaterThanOrEqual(150_000);
  const cause = await channel.probe(new AbortController().signal).catch((why: unknown) => why);
  expect(Problem.codeOf(cause)).toBe('channel_refused');
  stub.refusal = null;
  await until(() => channel.status().state === 'connected');
  expect(JSON.stringify([channel.status(), log])).not.toContain(stub.account.password);
});

test('a server that is away at the start is said to whoever starts us', async () => {
  const { stub, channel, start } = await stage();
  stub.disconnect();
  const cause = await start().catch((why: unknown) => why);
  expect(Problem.codeOf(cause)).toBe('channel_unreachable');
  expect(channel.status().state).toBe('failed');
});

test('a broken connection: slower and slower, the same resource, and nothing of it is shown', async () => {
  const { stub, channel, pauses, start, until, stop, told } = await stage();
  await start();
  stub.disconnect();
  await until(() => pauses.length === 4);
  expect(channel.status()).toMatchObject({ state: 'retrying' });
  for (const [n, most] of [1_000, 2_000, 4_000, 8_000].entries()) {
    expect(pauses[n]).toBeGreaterThanOrEqual(most / 2);
    expect(pauses[n]).toBeLessThanOrEqual(most);
  }
  const send = channel.send(to('ana@example.org'), { id: 'a', kind: 'notice', text: 'x' });
  expect(Problem.codeOf(await send.catch((why: unknown) => why))).toBe('channel_unreachable');
  stub.reconnect();
  await until(() => channel.status().state === 'connected');
  const resources = [...stub.heard.matchAll(/<resource>([^<]*)/g)].map(([, name]) => name);
  expect(resources.length).toBe(2);
  expect(new Set(resources).size).toBe(1);
  expect(channel.status().detail).not.toContain(resources[0]);
  stop.abort();
  expect(channel.status().state).toBe('off');
  expect(told.at(-1)).toBe('off');
});

test('a live check while it runs is no second login, and one that is not running is seen by nobody', async () => {
  const { stub, channel, start } = await stage();
  expect(await channel.probe(new AbortController().signal)).toBe(stub.own);
  expect(stub.heard).not.toContain('<presence');
  await start();
  expect(stub.logins).toBe(2);
  expect(await channel.probe(new AbortController().signal)).toBe(stub.own);
  expect(stub.logins).toBe(2);
});

test('no room is written to', async () => {
  const { channel, start } = await stage();
  await start();
  const room = {
    ...to('ana@example.org'),
    conversation: { kind: 'group', id: 'room:x@rooms.example.org' },
  } as const;
  const send = channel.send(room, { id: 'a', kind: 'notice', text: 'x' });
  expect(Problem.codeOf(await send.catch((why: unknown) => why))).toBe('channel_refused');
});
