// `/pair`, end to end on the loopback channel: an owner invites a device from a chat, and says yes or no to it there.
import { expect, test } from 'vitest';
import { buttonsHarness } from '../../testing/channel/loopback.ts';
import { HOST, openWorld, type World } from '../../testing/world.ts';
import type { ConnectRequest } from '../device/connecting.ts';

const URL = 'https://house.example';

async function owned(options: Parameters<typeof openWorld>[0] = { publicUrl: URL }): Promise<World> {
  const world = await openWorld(options);
  await world.knows('olga', 'owner');
  return world;
}

async function knocks(world: World, key: string, more: Partial<ConnectRequest> = {}) {
  const outcome = await world.services.devices.connect({
    key: { kty: 'OKP', crv: 'Ed25519', x: 'x'.repeat(43) },
    thumbprint: key.padEnd(43, '-'),
    role: 'operator',
    scopes: ['pairing', 'read'],
    token: null,
    name: key,
    address: '127.0.0.1',
    ...more,
  });
  await world.settle();
  return outcome;
}

async function asks(world: World, key: string, more: Partial<ConnectRequest> = {}): Promise<string> {
  const outcome = await knocks(world, key, more);
  if (outcome.as !== 'pairing_required') throw new Error(JSON.stringify(outcome));
  return outcome.requestId;
}

/** An owner whom nothing but the channel's own weak word names. */
async function isOwnerWithoutAssurance(world: World, name: string): Promise<void> {
  const person = { id: `prn_${name}`, name, role: 'owner', state: 'active', createdAt: 0 } as const;
  await world.store.people.add(person);
  const link = { principal: person.id, ceiling: 'owner', assurance: 'low', direct: true } as const;
  const claims = { accessUntil: null, displayName: null, username: null, at: 0 };
  await world.store.people.link(world.peer(name), { ...link, ...claims });
}

const last = (world: World, name: string) => world.heardBy(name).at(-1) ?? '';

/** The setup code that `/pair` sent. */
async function invited(world: World, name = 'olga', words = '/pair'): Promise<string> {
  await world.says(name, words);
  return last(world, name);
}

test('/pair sends an instruction, then the bare setup code; with it, one word says yes', async () => {
  await using world = await owned();
  await world.says('olga', '/pair');
  const [instruction = '', code = ''] = world.heardBy('olga').slice(-2);
  expect(instruction).toContain('within 10 minutes');
  expect(instruction).toContain(`open ${URL}`);
  expect(instruction).toContain('see people, devices');
  expect(instruction).not.toContain(code);
  expect(Object.keys(JSON.parse(Buffer.from(code, 'base64').toString('utf8')))).toEqual(['url', 'token']);
  await asks(world, 'phone', { token: code });
  await world.says('olga', '/pair approve');
  expect(last(world, 'olga')).toMatch(
    /^Approved: "phone" \(operator\) may see people.*\nUndo: countersign devices revoke dev_/,
  );
  expect((await knocks(world, 'phone')).as).toBe('connected');
  expect(world.agent.asked).toEqual([]);
});

test('R64: the setup code is in no log, no event and no row once it was sent', async () => {
  await using world = await owned();
  const code = await invited(world);
  const { token }: { token: string } = JSON.parse(Buffer.from(code, 'base64').toString('utf8'));
  const written = JSON.stringify([await world.events(), world.log.lines]);
  expect(written).not.toContain(token);
  expect(written).not.toContain(code);
  const fates = (await world.store.outbox.recent({ limit: 2 })).map(({ fate }) => fate);
  expect(fates.every((fate) => fate === 'sent' || fate === 'delivered')).toBe(true);
});

test('a code that cannot be delivered in its ten minutes is never sent late', async () => {
  await using world = await owned();
  const { dispatcher } = world.services;
  const dispatch = dispatcher.dispatch.bind(dispatcher);
  dispatcher.dispatch = async () => undefined;
  await world.says('olga', '/pair');
  dispatcher.dispatch = dispatch;
  world.clock.advance('11m');
  await world.settle();
  expect(last(world, 'olga')).toContain('The next message is a setup code');
});

test('R22: without an id, only the one request that came with a code of one’s own; never the latest', async () => {
  await using world = await owned();
  await world.says('olga', '/pair approve');
  expect(last(world, 'olga')).toContain('No device waits that came with a setup code of yours');
  const stranger = await asks(world, 'stranger');
  await world.says('olga', '/pair approve');
  expect(last(world, 'olga')).toContain('No device waits that came with a setup code of yours');
  await asks(world, 'phone', { token: await invited(world) });
  await asks(world, 'tablet', { token: await invited(world) });
  await world.says('olga', '/pair approve');
  expect(last(world, 'olga')).toContain('more than one request');
  expect((await knocks(world, 'phone')).as).toBe('pairing_required');
  await world.says('olga', `/pair approve ${stranger}`);
  expect((await knocks(world, 'stranger')).as).toBe('connected');
});

test('another owner’s code does not make it one’s own', async () => {
  await using world = await owned();
  await world.knows('otto', 'owner');
  await asks(world, 'phone', { token: await invited(world, 'otto') });
  await world.says('olga', '/pair approve');
  expect(last(world, 'olga')).toContain('No device waits that came with a setup code of yours');
});

test('/pair reject, by a beginning of the id in any case', async () => {
  await using world = await owned();
  const id = await asks(world, 'phone');
  await world.says('olga', `/pair reject ${id.slice(0, 15).toUpperCase()}`);
  expect(last(world, 'olga')).toContain('Denied: "phone" (operator)');
  await world.says('olga', `/pair approve ${id}`);
  expect(last(world, 'olga')).toMatch(/rejected already \(just now\)/);
});

test('/pair node invites a node and nothing else', async () => {
  await using world = await owned();
  const token = await invited(world, 'olga', '/pair node');
  expect(await knocks(world, 'phone', { token })).toMatchObject({ as: 'refused' });
  await asks(world, 'box', { token, role: 'node', scopes: ['node'] });
});

test('the card asks in words, its buttons decide as the words would, and it says how it ended', async () => {
  await using world = await owned({ publicUrl: URL, on: [buttonsHarness] });
  const stage = world.on(buttonsHarness);
  const cardOf = async (id: string) => {
    const card = (await stage.bench.shown('olga')).findLast(({ text }) => text.includes(id));
    if (card === undefined) throw new Error('olga has no card');
    return card;
  };
  const yes = await cardOf(await asks(world, 'phone'));
  expect(yes.text).toContain('It would be able to: see people');
  expect(yes.buttons).toEqual(['Approve', 'Deny']);
  await stage.presses(yes, 'Approve', 'olga');
  expect((await knocks(world, 'phone')).as).toBe('connected');
  const id = await asks(world, 'tablet');
  await stage.presses(await cardOf(id), 'Deny', 'olga');
  expect((await world.services.devices.findRequest(id)).state).toBe('rejected');
  expect((await cardOf(id)).buttons).toEqual([]);

  // Decided elsewhere, and the card has not heard of it yet.
  const third = await asks(world, 'watch');
  const late = await cardOf(third);
  world.services.dispatcher.dispatch = async () => undefined;
  await world.services.devices.reject((await world.services.devices.findRequest(third)).id, HOST);
  await stage.presses(late, 'Approve', 'olga');
  expect((await stage.bench.told('olga')).at(-1)).toContain('that request is rejected already');
});

test('without a public https address it is refused with the recipe, and nothing is made', async () => {
  await using world = await owned({});
  await world.says('olga', '/pair');
  expect(last(world, 'olga')).toContain('countersign config set gateway.publicUrl');
  expect(last(world, 'olga')).toContain('countersign pair');
  expect((await world.events()).some(({ body }) => body.type === 'setup.issued')).toBe(false);
});

test('an approver’s /pair is refused, and a user’s is talk', async () => {
  await using world = await owned();
  await world.knows('ben', 'approver');
  await world.says('ben', '/pair');
  expect(last(world, 'ben')).toContain('needs an owner');
  await world.knows('uwe');
  expect((await world.says('uwe', '/pair')).as).toBe('agent');
});

test('a chat of low assurance refuses a device and cannot let one in', async () => {
  await using world = await openWorld({ publicUrl: URL });
  await isOwnerWithoutAssurance(world, 'olga');
  await world.says('olga', '/pair');
  expect(last(world, 'olga')).toContain('in a terminal: countersign pair');
  const id = await asks(world, 'phone');
  expect(last(world, 'olga')).toContain('Yes, in a terminal: countersign devices approve');
  await world.says('olga', `/pair approve ${id}`);
  expect(last(world, 'olga')).toContain('in a terminal: countersign devices approve');
  expect((await knocks(world, 'phone')).as).toBe('pairing_required');
  await world.says('olga', `/pair reject ${id}`);
  expect((await world.services.devices.findRequest(id)).state).toBe('rejected');
});

test('a code whose maker was lowered meanwhile invites nobody', async () => {
  await using world = await owned();
  await world.knows('otto', 'owner');
  const token = await invited(world, 'otto');
  const id = await asks(world, 'phone', { token });
  await world.services.directory.setRole('otto', 'user', HOST);
  await world.says('olga', `/pair approve ${id}`);
  expect(last(world, 'olga')).toContain('worth nothing any more');
});
