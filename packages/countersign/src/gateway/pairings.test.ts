// A stranger in the web chat, the owner at the host's door, over the routes as a client calls them.
import { createClient } from '@countersign/protocol/client';
import type { ServerFrame } from '@countersign/protocol/frames';
import { base32 } from '@countersign/protocol/ids';
import { expect, test } from 'vitest';
import { WEBCHAT_PEER } from '../channels/webchat/wire.ts';
import { parseNative } from '../core/identity/peer.ts';
import { openHouse, type TestHouse } from '../testing/house.ts';

function clientOf(house: TestHouse) {
  return createClient((path, { method, body }) =>
    house.call('host', method, path, body === undefined ? undefined : JSON.parse(body)),
  );
}

/** A page of the web chat whose key was proven. */
async function stranger(house: TestHouse, seed: number) {
  const native = parseNative(base32(Buffer.alloc(32, seed)), WEBCHAT_PEER);
  const chat = house.composed.webchat();
  if (native === null || chat === null) throw new Error('web chat is off');
  const frames: ServerFrame[] = [];
  const peer = { channel: 'webchat', account: 'default', native };
  const page = {
    peer,
    name: 'Ana',
    address: '203.0.113.7',
    send: (frame: ServerFrame) => void frames.push(frame),
  };
  await chat.attach(page);
  let said = 0;
  return {
    native,
    frames,
    async says(text: string) {
      said += 1;
      await chat.say(page, { id: `message-${seed}-${said}`, text });
      const { inbox, turns, dispatcher } = house.composed.core;
      await inbox.idle();
      await turns.idle();
      await dispatcher.dispatch();
    },
    heard: () =>
      frames.flatMap((frame) => (frame.type === 'chat.message' ? [`${frame.from}: ${frame.text}`] : [])),
  };
}

async function openRunning(): Promise<TestHouse> {
  const house = await openHouse({ running: true });
  await house.composed.channels.follow();
  return house;
}

test('asked, listed, found by code, approved, answered, revoked', async () => {
  await using house = await openRunning();
  const client = clientOf(house);
  const ana = await stranger(house, 1);
  await ana.says('hello there');
  const { items } = await client.pairings.list();
  expect(items).toMatchObject([
    {
      channel: 'webchat',
      account: 'default',
      identifier: ana.native,
      displayName: 'Ana',
      state: 'pending',
      firstWords: 'hello there',
    },
  ]);
  const [row] = items;
  const code = row?.code ?? '';
  expect(code).toMatch(/^[A-HJ-NP-Z2-9]{8}$/);
  const found = await client.pairings.find({
    what: `${code.slice(0, 4)}-${code.slice(4).toLowerCase()}`,
    channel: 'webchat',
  });
  expect(found).toMatchObject({ by: 'code', pairing: { id: row?.id } });
  const approved = await client.pairings.approve(found.pairing.id, { for: '30d', name: 'Ana B.' });
  expect(approved).toMatchObject({
    state: 'approved',
    decidedBy: 'host',
    accessUntil: expect.stringMatching(/Z$/),
  });
  expect(approved).not.toHaveProperty('code');
  await ana.says('are you there?');
  expect(ana.heard().at(-1)).toMatch(/^agent: .*are you there\?/s);
  expect((await client.sessions.list()).items).toMatchObject([
    { channel: 'webchat', person: approved.person },
  ]);
  expect(
    await client.pairings.revoke({ channel: 'webchat', identifier: ana.native.slice(0, 10) }),
  ).toMatchObject({ state: 'revoked' });
  await ana.says('still there?');
  expect(ana.heard().at(-1)).not.toMatch(/^agent: .*still there/s);
});

test('a second approval says by whom and when, a made-up id says not found', async () => {
  await using house = await openRunning();
  const client = clientOf(house);
  await (await stranger(house, 1)).says('hello');
  const [row] = (await client.pairings.list()).items;
  const id = row?.id ?? '';
  await client.pairings.approve(id.slice(0, 12));
  await expect(client.pairings.approve(id)).rejects.toMatchObject({
    code: 'already_decided',
    members: { by: 'host', state: 'approved' },
  });
  await expect(client.pairings.approve('pair_zzzzzzzz')).rejects.toMatchObject({ code: 'not_found' });
});

test('a code is no path: what stands in a path is an id', async () => {
  await using house = await openRunning();
  const client = clientOf(house);
  await (await stranger(house, 1)).says('hello');
  const [row] = (await client.pairings.list()).items;
  await expect(client.pairings.approve(row?.code ?? '')).rejects.toMatchObject({ code: 'not_found' });
});

test('lists come in pages, and a cursor that is none is refused', async () => {
  await using house = await openRunning();
  const client = clientOf(house);
  for (const name of ['Ana', 'Bea', 'Cem']) await client.people.add({ name });
  const first = await client.people.list({ limit: 2 });
  const second = await client.people.list({ limit: 2, after: first.next });
  expect([...first.items, ...second.items].map(({ name }) => name).sort()).toEqual(['Ana', 'Bea', 'Cem']);
  expect(second.next).toBeUndefined();
  await expect(client.people.list({ after: 'x' })).rejects.toMatchObject({ code: 'request_malformed' });
  const events = await client.audit.list({ limit: 2 });
  const older = await client.audit.list({ limit: 100, after: events.next });
  expect(new Set([...events.items, ...older.items].map(({ seq }) => seq)).size).toBe(
    events.items.length + older.items.length,
  );
});

test('the configuration is read with secrets masked, and changed only as a whole', async () => {
  await using house = await openHouse({
    config: { agent: { url: 'http://127.0.0.1:1/v1', apiKey: 'sk-canary-secret' } },
  });
  const client = clientOf(house);
  expect(JSON.stringify(await client.config.get())).not.toContain('canary');
  expect(await client.config.set('agent.model', 'large')).toEqual({ path: 'agent.model', value: 'large' });
  await expect(client.config.set('agent.model', 7)).rejects.toMatchObject({ code: 'config_invalid' });
  expect(await client.config.get('agent.model')).toMatchObject({ value: 'large' });
  const { items } = await client.audit.list({ type: 'config.changed' });
  expect(JSON.stringify(items)).toContain('agent.model');
  expect(JSON.stringify(items)).not.toContain('large');
});

test('the export holds what a verifier needs, and its heads are those of verify', async () => {
  await using house = await openRunning();
  const client = clientOf(house);
  await client.people.add({ name: 'Ana' });
  const { ok, heads, events } = await client.audit.verify();
  expect(ok).toBe(true);
  const lines = (await (await house.call('host', 'GET', '/api/v1/audit/export')).text())
    .trimEnd()
    .split('\n');
  const [head, ...rest] = lines.map((line) => JSON.parse(line));
  expect(head).toMatchObject({ format: 'countersign.audit.export.v1', heads });
  expect(rest).toHaveLength(events);
  expect(rest.at(-1).hash).toBe(heads[0]?.hash);
});

test('H38, O-06: claim secret, code and words are in no log, no file of run/, and no answer to a stranger', async () => {
  await using house = await openRunning();
  const client = clientOf(house);
  const { url } = await client.gateway.claimLink();
  const ana = await stranger(house, 1);
  await ana.says('canary words of a stranger');
  const [row] = (await client.pairings.list()).items;
  const secrets = [url.split('#claim=')[1] ?? '', row?.code ?? '', 'canary words'];
  const seen: string[] = [];
  for (const { method, path } of (await import('./routes.ts')).ROUTES) {
    if (path === '/api/v1/gateway/stop') continue;
    for (const door of ['tcp', 'agent'] as const) {
      const answer = await house.call(
        door,
        method,
        path.replace(/:\w+/g, row?.id ?? 'x'),
        method === 'POST' ? {} : undefined,
      );
      seen.push(await answer.text());
    }
  }
  seen.push(await (await house.call('host', 'GET', '/metrics')).text());
  seen.push(await (await house.call('host', 'GET', '/api/v1/gateway')).text());
  seen.push(await (await house.call('host', 'GET', '/api/v1/audit/export')).text());
  await client.pairings
    .find({ what: `${row?.code}XX`.slice(0, 8).split('').reverse().join('') })
    .catch(() => undefined);
  const { readdirSync, readFileSync } = await import('node:fs');
  const { join } = await import('node:path');
  for (const folder of ['logs', 'run']) {
    for (const name of readdirSync(join(house.home, folder), { recursive: true, withFileTypes: true })) {
      if (name.isFile() && !name.name.startsWith('lock'))
        seen.push(readFileSync(join(name.parentPath, name.name), 'utf8'));
    }
  }
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(7);
    expect(seen.filter((text) => text.includes(secret))).toEqual([]);
  }
});

test('doctor names what is wrong and keeps looking', async () => {
  await using house = await openRunning();
  const { chmodSync } = await import('node:fs');
  chmodSync(`${house.home}/keys`, 0o755);
  const { items } = await clientOf(house).gateway.doctor();
  expect(items.filter(({ level }) => level === 'error')).toMatchObject([
    { name: 'home', hint: `chmod 700 ${house.home}/keys` },
  ]);
  expect(items.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['store', 'audit', 'config', 'agent', 'owner', 'isolation', 'clock']),
  );
});
