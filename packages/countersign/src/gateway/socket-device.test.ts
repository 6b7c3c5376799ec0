// Devices on the wire as a foreign client meets them: a real socket, keys of the test's own.
import { describe, expect, test } from 'vitest';
import { ALL_SCOPES } from '../core/device/scopes.ts';
import { DeviceKey } from '../testing/device-key.ts';
import { type DeviceClient, DeviceSocket, join } from '../testing/device-socket.ts';
import { HOST } from '../testing/device-world.ts';
import { closeReason, errorFrame } from './socket-frames.ts';

const made = (role: 'operator' | 'node') => ({ role, scopes: null, makerScopes: ALL_SCOPES });

describe.each(['P-256', 'Ed25519'] as const)('a %s key', (kind) => {
  test('asks, is let in, and is told what it may, with a token and a nonce', async () => {
    await using at = await DeviceSocket.open();
    await at.world.person('Ana');
    const key = new DeviceKey(kind);
    const { hello, client } = await join(at, key);
    expect(hello).toEqual({
      type: 'hello',
      device: key.thumbprint,
      id: expect.stringMatching(/^dev_[a-z2-7]{24}$/),
      role: 'operator',
      scopes: ['pairing', 'read'],
      token: expect.stringMatching(/^cdt_/),
      expiresAt: '2026-11-25T12:15:00.000Z',
      nonce: expect.any(String),
      feed: { epoch: expect.any(String), seq: expect.any(Number) },
    });
    client.hangUp();
  });
});

test('D-03: every reason is told whole: why, which request, the command, until when', async () => {
  await using at = await DeviceSocket.open();
  const { world } = at;
  await world.person('Ana');
  const ids = new Map<string, string>();
  const told = async (client: DeviceClient) => {
    const frame = await client.next('error');
    const { code, reason } = await client.closed;
    expect(code).toBe(1008);
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
    const text = JSON.stringify({ ...frame, close: reason });
    return JSON.parse(
      text.replace(/devreq_[a-z2-7]{24}/g, (id) => {
        if (!ids.has(id)) ids.set(id, `devreq_${ids.size + 1}`);
        return ids.get(id) ?? '';
      }),
    );
  };
  const [one, two] = [new DeviceKey(), new DeviceKey('Ed25519')];
  const node = { role: 'node', scopes: ['node'] };
  const { token } = await world.devices.issueSetup(HOST, made('node'));
  const reasons: Record<string, unknown> = {};
  reasons['a new key'] = await told(await at.knock(one));
  const { hello } = await join(at, one);
  reasons['more than it holds'] = await told(await at.knock(one, { scopes: ['manage', 'read'] }));
  reasons['another role'] = await told(await at.knock(one, node));
  await world.devices.revoke((await world.devices.find(String(hello['id']))).id, HOST);
  reasons['revoked before'] = await told(await at.knock(one));
  reasons['a code of another role'] = await told(await at.knock(two, { token }));
  reasons['invited'] = await told(await at.knock(two, { ...node, token }));
  reasons['a used code'] = await told(await at.knock(new DeviceKey(), { ...node, token }));
  reasons['an unknown code'] = await told(await at.knock(new DeviceKey(), { ...node, token: 'x' }));
  reasons['no scopes'] = await told(await at.knock(two, { scopes: [] }));
  reasons['unknown scopes'] = await told(await at.knock(two, { scopes: ['read', 'admin'] }));
  expect(reasons).toMatchInlineSnapshot(`
    {
      "a code of another role": {
        "close": "auth_forbidden: that setup code was made for another role; it is still good for that",
        "code": "auth_forbidden",
        "hint": "that setup code was made for another role; it is still good for that",
        "type": "error",
      },
      "a new key": {
        "close": "pairing_required: countersign devices approve devreq_1",
        "code": "pairing_required",
        "command": "countersign devices approve devreq_1",
        "expiresAt": "2026-11-25T12:15:00.000Z",
        "hint": "this device is not paired yet; an owner lets it in with that command, or in a chat",
        "reason": "new_key",
        "requestId": "devreq_1",
        "type": "error",
      },
      "a used code": {
        "close": "setup_code_used: that setup code was used by another device already; see countersign devices list",
        "code": "setup_code_used",
        "hint": "that setup code was used by another device already; see countersign devices list",
        "type": "error",
      },
      "an unknown code": {
        "close": "auth_forbidden: that is no setup code of this gateway",
        "code": "auth_forbidden",
        "hint": "that is no setup code of this gateway",
        "type": "error",
      },
      "another role": {
        "close": "pairing_required: countersign devices approve devreq_3",
        "code": "pairing_required",
        "command": "countersign devices approve devreq_3",
        "expiresAt": "2026-11-25T12:15:00.000Z",
        "held": [
          "pairing",
          "read",
        ],
        "hint": "this key is paired for another role; an owner has to say yes to the change; what it holds works with a fresh connect: pairing, read",
        "reason": "other_role",
        "requestId": "devreq_3",
        "type": "error",
      },
      "invited": {
        "close": "pairing_required: countersign devices approve devreq_5",
        "code": "pairing_required",
        "command": "countersign devices approve devreq_5",
        "expiresAt": "2026-11-25T12:15:00.000Z",
        "hint": "this device is not paired yet; an owner lets it in with that command, or in a chat",
        "reason": "new_key",
        "requestId": "devreq_5",
        "type": "error",
      },
      "more than it holds": {
        "close": "pairing_required: countersign devices approve devreq_2",
        "code": "pairing_required",
        "command": "countersign devices approve devreq_2",
        "expiresAt": "2026-11-25T12:15:00.000Z",
        "held": [
          "pairing",
          "read",
        ],
        "hint": "this device asks for more than it holds, and an owner has to say yes; what it holds works with a fresh connect: pairing, read",
        "reason": "more_scopes",
        "requestId": "devreq_2",
        "type": "error",
      },
      "no scopes": {
        "close": "request_malformed: role operator takes one or more of approvals, manage, pairing, read, each once",
        "code": "request_malformed",
        "hint": "role operator takes one or more of approvals, manage, pairing, read, each once",
        "type": "error",
      },
      "revoked before": {
        "close": "pairing_required: countersign devices approve devreq_4",
        "code": "pairing_required",
        "command": "countersign devices approve devreq_4",
        "expiresAt": "2026-11-25T12:15:00.000Z",
        "hint": "this device was ended, or was away for too long; an owner has to let it in again",
        "reason": "was_ended",
        "requestId": "devreq_4",
        "type": "error",
      },
      "unknown scopes": {
        "close": "request_malformed: role operator takes one or more of approvals, manage, pairing, read, each once",
        "code": "request_malformed",
        "hint": "role operator takes one or more of approvals, manage, pairing, read, each once",
        "type": "error",
      },
    }
  `);
});

test('H25, H34: scopes are what was signed, known, and each once', async () => {
  await using at = await DeviceSocket.open();
  await at.world.person('Ana');
  const key = new DeviceKey();
  const client = await at.dial();
  const signed = key.connect(client.challenge, { role: 'operator', scopes: ['read'] });
  client.send({ ...signed, scopes: ['manage', 'read'] });
  expect(await client.next('error')).toMatchObject({ code: 'auth_proof_invalid' });
  for (const scopes of [['read', 'read'], ['node'], ['READ'], ['']])
    expect(await (await at.knock(key, { scopes })).next('error')).toMatchObject({
      code: 'request_malformed',
    });
  for (const scopes of [null, 'read', [1]]) {
    const odd = await at.dial();
    odd.send({ ...key.connect(odd.challenge, { role: 'operator', scopes: ['read'] }), scopes });
    expect(await odd.next('error')).toMatchObject({ code: 'request_malformed' });
  }
  expect(await at.world.devices.waiting({ limit: 9 })).toEqual([]);
});

test('a signature for another socket, another gateway or by another key opens nothing', async () => {
  await using at = await DeviceSocket.open();
  await at.world.person('Ana');
  const [key, other] = [new DeviceKey(), new DeviceKey()];
  const asked = { role: 'operator', scopes: ['read'] };
  const first = await at.dial();
  const flaws = [
    (client: DeviceClient) => key.connect({ ...client.challenge, gateway: 'another' }, asked),
    () => key.connect(first.challenge, asked),
    (client: DeviceClient) => ({ ...other.connect(client.challenge, asked), key: key.jwk }),
    (client: DeviceClient) => ({ ...key.connect(client.challenge, asked), role: 'node', scopes: ['node'] }),
  ];
  for (const flaw of flaws) {
    const client = await at.dial();
    client.send(flaw(client));
    expect(await client.next('error')).toMatchObject({ code: 'auth_proof_invalid' });
    expect((await client.closed).code).toBe(1008);
  }
  first.hangUp();
  expect(await at.world.devices.waiting({ limit: 9 })).toEqual([]);
});

test('Q24: revoking closes the open socket at once, with a reason', async () => {
  await using at = await DeviceSocket.open();
  await at.world.person('Ana');
  const key = new DeviceKey();
  const { client, hello } = await join(at, key);
  const { id } = await at.world.devices.find(String(hello['id']));
  await at.world.devices.revoke(id, HOST);
  const { code, reason } = await client.closed;
  expect([code, reason]).toEqual([1008, 'auth_forbidden: this device was ended; connecting again asks anew']);
  expect(client.frames.at(-1)).toMatchObject({ type: 'error', code: 'auth_forbidden' });
  expect(await (await at.knock(key)).next('error')).toMatchObject({ reason: 'was_ended' });
});

test('H31: a device revoked while it connects is out, whichever comes first', async () => {
  await using at = await DeviceSocket.open();
  await at.world.person('Ana');
  for (let n = 0; n < 5; n += 1) {
    const key = new DeviceKey();
    const { client, hello } = await join(at, key);
    client.hangUp();
    const { id } = await at.world.devices.find(String(hello['id']));
    const [knocking] = await Promise.all([at.knock(key), at.world.devices.revoke(id, HOST)]);
    expect((await knocking.closed).code).toBe(1008);
  }
});

test('a person who is blocked takes their sockets along; one who is lowered keeps what is left', async () => {
  await using at = await DeviceSocket.open();
  const ana = await at.world.person('Ana');
  const { client } = await join(at, new DeviceKey(), { scopes: ['approvals', 'manage', 'read'] });
  await at.world.store.people.setRole(ana.id, 'owner', 'approver');
  at.world.bus.publish('principalChanged', ana.id);
  const lowered = await client.next(
    'event',
    ({ event, scopes }) => event === 'device.changed' && scopes !== undefined,
  );
  expect(lowered['scopes']).toEqual(['approvals', 'read']);
  await at.world.store.people.setState(ana.id, ['active'], 'blocked');
  at.world.bus.publish('principalChanged', ana.id);
  expect((await client.closed).reason).toBe('auth_forbidden: its person may not use this device now');
});

test('an open socket is kept in tokens: the next comes in time, and each is good until the next is used', async () => {
  await using at = await DeviceSocket.open({ heartbeatMs: 250 });
  await at.world.person('Ana');
  const key = new DeviceKey();
  const { client, hello } = await join(at, key);
  const { tokens } = at.world.devices;
  const isGood = async (token: unknown) => (await tokens.use(String(token), key.thumbprint)) !== null;
  expect(await isGood(hello['token'])).toBe(true);
  at.world.clock.advance('11m');
  const next = await client.next('token');
  expect(next).toMatchObject({ expiresAt: '2026-11-25T12:26:00.000Z', nonce: expect.any(String) });
  expect([await isGood(hello['token']), await isGood(next['token']), await isGood(hello['token'])]).toEqual([
    true,
    true,
    false,
  ]);
  const device = await at.world.devices.find(String(hello['id']));
  expect(device.lastSeenAt).toBe(at.world.clock.now());
  client.hangUp();
});

test('what another process ended is ended here with the next beat', async () => {
  await using at = await DeviceSocket.open({ heartbeatMs: 250 });
  await at.world.person('Ana');
  const { client, hello } = await join(at, new DeviceKey());
  const { id } = await at.world.devices.find(String(hello['id']));
  await at.world.store.devices.end(id, 'revoked', 'elsewhere', at.world.clock.now());
  expect((await client.closed).code).toBe(1008);
});

test('a device says nothing in the chat, connects once, and sends no frame of its own making', async () => {
  await using at = await DeviceSocket.open();
  await at.world.person('Ana');
  const key = new DeviceKey();
  for (const frame of [
    { type: 'chat.say', id: 'say-0001', text: 'hi' },
    { type: 'hello' },
    { type: 'event', seq: 1 },
    { type: 'resume', after: 0 },
    '[]',
  ]) {
    const { client } = await join(at, new DeviceKey());
    client.send(frame);
    expect((await client.closed).code).toBe(1008);
  }
  const { client } = await join(at, key);
  client.send(key.connect(client.challenge, { role: 'operator', scopes: ['read'] }));
  expect(await client.next('error')).toMatchObject({ code: 'request_malformed' });
});

test('a close reason has at most 123 bytes, whatever the words are made of', () => {
  for (const hint of ['x'.repeat(500), 'ü'.repeat(500), '🙂'.repeat(100)]) {
    const reason = closeReason(errorFrame('auth_forbidden', hint));
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
  }
});
