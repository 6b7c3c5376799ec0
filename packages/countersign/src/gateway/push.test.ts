// Who is told, of what, and who no more: over the real store, the real devices and a push service on this machine.
import { makeId, type PrincipalId } from '@countersign/protocol/ids';
import { expect, test } from 'vitest';
import type { Caller } from '../core/authorise.ts';
import type { LiveDevice } from '../core/device/tokens.ts';
import { parseNative } from '../core/identity/peer.ts';
import { createPushSender } from '../runtime/web-push.ts';
import { approvalRow, needOf } from '../testing/approval-rows.ts';
import { DeviceWorld, HOST } from '../testing/device-world.ts';
import { MemoryLog, SeededRandom } from '../testing/fakes.ts';
import { PushBrowser, PushService, readVapid } from '../testing/push-service.ts';
import { SLOTS } from '../testing/store/bench.ts';
import { createPushServices, type PushServices, pushSubject } from './push-services.ts';

const PACE = { gatherMs: 5, quietMs: 0 };
const PAIRED = new Set(['pairing.requested'] as const);

class Stage implements AsyncDisposable {
  readonly world: DeviceWorld;
  readonly service: PushService;
  readonly push: PushServices;
  readonly log = new MemoryLog();
  held = 0;
  readonly #random = new SeededRandom('push stage');
  #count = 0;

  private constructor(world: DeviceWorld, service: PushService) {
    this.world = world;
    this.service = service;
    const { store, clock, devices } = world;
    const sender = createPushSender({ clock, rules: { loopback: true }, subject: () => pushSubject(null) });
    const held = async () => this.held;
    const random = new SeededRandom('pushes');
    this.push = createPushServices({
      store,
      clock,
      random,
      log: this.log,
      sender,
      devices,
      held,
      pace: PACE,
    });
  }

  static async open(): Promise<Stage> {
    return new Stage(await DeviceWorld.open(), await PushService.open());
  }

  /** A paired browser that asked to be told. */
  async browser(name: string, scopes: readonly string[] = ['pairing', 'read'], whose?: PrincipalId) {
    const { requestId } = await this.world.asks(name, { scopes });
    const approval = {
      for: whose ?? null,
      approverScopes: ['approvals', 'manage', 'pairing', 'read'],
    } as const;
    const { device } = await this.world.devices.approve(requestId, HOST, approval);
    const browser = new PushBrowser();
    const live: LiveDevice | null = await this.world.devices.tokens.live(device.id);
    if (live === null) throw new Error(`${name} may nothing`);
    const { role, scopes: may } = live;
    const caller = {
      door: 'device',
      device: device.id,
      principal: device.principal,
      role,
      scopes: may,
    } as const;
    const asked = { ...browser.subscription(`${this.service.origin}/${name}`), language: 'en' } as const;
    const { id } = await this.push.door.subscribe(caller, asked);
    return { name, device, browser, caller: caller satisfies Caller, id, asked };
  }

  async stranger(channel = 'loopback'): Promise<void> {
    this.#count += 1;
    const { store, clock } = this.world;
    const now = clock.now();
    const native = parseNative(`stranger${this.#count}`, /^\S+$/);
    if (native === null) throw new Error('no native id');
    const peer = { channel, account: 'default', native };
    const id = makeId('pairing', this.#random.bytes(15));
    const secret = { code: 'K7M2P9QX', codeHash: `h${this.#count}`, displayName: 'Mallory', username: 'mal' };
    const words = { firstWords: 'hello there', beside: null };
    const rest = { ...words, addressKey: null, createdAt: now, expiresAt: now + 3_600_000 };
    await store.pairings.open({ id, peer, ...secret, ...rest }, SLOTS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.push.bell.stop();
    await this.service[Symbol.asyncDispose]();
    await this.world[Symbol.asyncDispose]();
  }
}

test('a stranger who waits is told of by kind and channel, and by nothing else', async () => {
  await using stage = await Stage.open();
  await stage.world.person('Ana');
  const { browser } = await stage.browser('kitchen');
  await stage.stranger();
  stage.push.bell.committed(PAIRED);
  const [delivered = expect.fail()] = await stage.service.arrived(1);
  const text = browser.read(delivered);
  expect(JSON.parse(text)).toEqual({ kind: 'pairing', channel: 'loopback', language: 'en' });
  expect(text).not.toMatch(/stranger|Mallory|K7M2P9QX|pair_|hello|Ana|kitchen|\d/);
  expect(readVapid(delivered).claims).toMatchObject({ aud: stage.service.origin });
});

test('a crowd is one notification, and of two channels none is named', async () => {
  await using stage = await Stage.open();
  await stage.world.person('Ana');
  const { browser } = await stage.browser('kitchen');
  await stage.stranger('loopback');
  await stage.stranger('webchat');
  for (let n = 0; n < 30; n++) stage.push.bell.committed(PAIRED);
  const [delivered = expect.fail()] = await stage.service.arrived(1);
  await stage.push.bell.stop();
  expect(stage.service.delivered).toHaveLength(1);
  expect(JSON.parse(browser.read(delivered))).toMatchObject({ kind: 'pairing', channel: null });
});

test('what was decided before the notification went out is not told of', async () => {
  await using stage = await Stage.open();
  await stage.world.person('Ana');
  await stage.browser('kitchen', ['manage', 'pairing', 'read']);
  const told = async (kind: 'pairing' | 'device' | 'config' | 'recovery') => {
    const before = stage.service.delivered.length;
    await stage.push.pushes.tell(kind);
    return stage.service.delivered.length - before;
  };
  expect([await told('pairing'), await told('device'), await told('config')]).toEqual([0, 0, 0]);
  await stage.stranger();
  await stage.world.asks('another');
  stage.held = 1;
  expect([await told('pairing'), await told('device'), await told('config')]).toEqual([1, 1, 1]);
  expect(await told('recovery')).toBe(1);
});

test('who cannot decide it is not told: by scope, by role, by state, at the moment of telling', async () => {
  await using stage = await Stage.open();
  const { world } = stage;
  const ana = await world.person('Ana');
  await stage.browser('phone', ['pairing', 'read'], ana.id);
  const desk = await stage.browser('desk', ['manage', 'pairing', 'read'], ana.id);
  await stage.stranger();
  await world.asks('another');
  stage.held = 1;
  const told = async (kind: 'pairing' | 'device' | 'config') => {
    const before = stage.service.delivered.length;
    await stage.push.pushes.tell(kind);
    return stage.service.delivered
      .slice(before)
      .map(({ path }) => path.slice(1))
      .sort();
  };
  expect(await told('pairing')).toEqual(['desk', 'phone']);
  expect(await told('device')).toEqual(['desk']);
  expect(await told('config')).toEqual(['desk']);
  await world.store.people.setState(ana.id, ['active'], 'suspended');
  expect(await told('pairing')).toEqual([]);
  await world.store.people.setState(ana.id, ['suspended'], 'active');
  expect(await told('pairing')).toEqual(['desk', 'phone']);
  await world.devices.revoke(desk.device.id, HOST);
  expect(await told('pairing')).toEqual(['phone']);
  world.clock.advance('31d');
  await stage.stranger();
  expect(await told('pairing')).toEqual([]);
});

test('R62: a revoked device has no row any more, and a retry of its last notification goes nowhere', async () => {
  await using stage = await Stage.open();
  await stage.world.person('Ana');
  const { device, id } = await stage.browser('kitchen');
  await stage.stranger();
  stage.service.answers.push({ status: 503, headers: { 'retry-after': '1' } });
  const [again = expect.fail()] = await stage.push.pushes.tell('pairing');
  expect(again).toMatchObject({ id, tries: 1, afterMs: 1_000 });
  await stage.world.devices.revoke(device.id, HOST);
  expect(await stage.world.store.push.list()).toEqual([]);
  expect(await stage.push.pushes.again(again)).toBeNull();
  expect(stage.service.delivered).toHaveLength(1);
});

test('a browser that let go of it (410) is not told again, and the audit says so', async () => {
  await using stage = await Stage.open();
  await stage.world.person('Ana');
  await stage.browser('kitchen');
  await stage.stranger();
  stage.service.answers.push({ status: 410 });
  expect(await stage.push.pushes.tell('pairing')).toEqual([]);
  expect(await stage.world.store.push.list()).toEqual([]);
  const ended = (await stage.world.events()).find(({ body }) => body.type === 'push.ended');
  expect([ended?.body.reason, ended?.body.actor]).toEqual(['gone', 'system']);
});

test('a busy service is tried a few times, then shown as failing until one arrives', async () => {
  await using stage = await Stage.open();
  await stage.world.person('Ana');
  const { caller } = await stage.browser('kitchen');
  await stage.stranger();
  for (let n = 0; n < 4; n++) stage.service.answers.push({ status: 503 });
  let [again] = await stage.push.pushes.tell('pairing');
  const waits: number[] = [];
  while (again !== undefined) {
    waits.push(again.afterMs);
    again = (await stage.push.pushes.again(again)) ?? undefined;
  }
  expect(waits).toEqual([5_000, 30_000, 120_000]);
  const shown = async () => (await stage.push.door.list(caller)).items[0];
  expect(await shown()).toMatchObject({ failing: 'busy_503' });
  await stage.push.pushes.tell('pairing');
  expect(await shown()).not.toHaveProperty('failing');
  expect(await shown()).toMatchObject({ lastOkAt: expect.any(String) });
  stage.service.answers.push({ status: 403 });
  expect(await stage.push.pushes.tell('pairing')).toEqual([]);
  expect(await shown()).toMatchObject({ failing: 'refused_403' });
});

test('R8: a crowd at the door rings a phone so many times an hour and no more, and drowns nothing else', async () => {
  await using stage = await Stage.open();
  await stage.world.person('Ana');
  await stage.browser('kitchen');
  await stage.stranger();
  for (let n = 0; n < 30; n++) await stage.push.pushes.tell('pairing');
  expect(stage.service.delivered).toHaveLength(12);
  // And a crowd at the door keeps nobody from hearing of something rarer.
  await stage.push.pushes.tell('recovery');
  expect(stage.service.delivered).toHaveLength(13);
});

test('the bell does not ring twice within its quiet, and what came meanwhile rings at its end', async () => {
  await using stage = await Stage.open();
  await stage.world.person('Ana');
  await stage.browser('kitchen');
  await stage.stranger();
  stage.push.bell.committed(PAIRED);
  await stage.service.arrived(1);
  stage.push.bell.committed(PAIRED);
  stage.push.bell.committed(new Set(['pairing.approved', 'message.admitted'] as const));
  await stage.service.arrived(2);
  await stage.push.bell.stop();
  stage.push.bell.committed(PAIRED);
  expect(stage.service.delivered).toHaveLength(2);
});

test('a device sees, tries and ends its own; who manages sees and ends all, and rings nobody else', async () => {
  await using stage = await Stage.open();
  const { door } = stage.push;
  await stage.world.person('Ana');
  const phone = await stage.browser('phone');
  const desk = await stage.browser('desk', ['manage', 'pairing', 'read']);
  const ids = async (caller: Caller) => (await door.list(caller)).items.map(({ id, mine }) => [id, mine]);
  expect(await ids(phone.caller)).toEqual([[phone.id, true]]);
  expect(await ids(desk.caller)).toEqual([
    [phone.id, false],
    [desk.id, true],
  ]);
  expect(JSON.stringify(await door.list(desk.caller))).not.toMatch(/endpoint|127\.0\.0\.1|p256dh/);
  expect([await door.endVerb(phone.caller, phone.id), await door.endVerb(phone.caller, desk.id)]).toEqual([
    'push.end_own',
    'push.end',
  ]);
  await expect(door.test(desk.caller, phone.id)).rejects.toMatchObject({ code: 'not_found' });
  expect(await door.test(phone.caller, phone.id)).toEqual({ as: 'delivered' });
  const [delivered = expect.fail()] = stage.service.delivered;
  expect(JSON.parse(phone.browser.read(delivered))).toMatchObject({ kind: 'test', channel: null });
  for (let n = 0; n < 2; n++) await door.test(phone.caller, phone.id);
  await expect(door.test(phone.caller, phone.id)).rejects.toMatchObject({ code: 'rate_limited' });
  await door.end(desk.caller, phone.id);
  await expect(door.end(desk.caller, phone.id)).rejects.toMatchObject({ code: 'not_found' });
  await expect(door.end(desk.caller, 'push_x')).rejects.toMatchObject({ code: 'not_found' });
  expect(await ids({ door: 'host' })).toEqual([[desk.id, false]]);
  expect((await stage.world.eventTypes()).filter((type) => type.startsWith('push.'))).toEqual([
    'push.subscribed',
    'push.subscribed',
    'push.ended',
  ]);
});

test('an endpoint that may not be asked is refused with the reason, and nothing is kept', async () => {
  await using stage = await Stage.open();
  await stage.world.person('Ana');
  const { caller, asked } = await stage.browser('kitchen');
  for (const endpoint of ['http://push.example/x', 'https://10.0.0.1/x', 'https://a:b@push.example/x']) {
    await expect(stage.push.door.subscribe(caller, { ...asked, endpoint })).rejects.toMatchObject({
      code: 'request_malformed',
      message: expect.not.stringContaining(endpoint),
    });
  }
  expect(await stage.world.store.push.list()).toHaveLength(1);
});

test('a device that subscribes again and again is slowed down, and leaves no pile behind', async () => {
  await using stage = await Stage.open();
  await stage.world.person('Ana');
  const { caller, asked } = await stage.browser('kitchen');
  const again = (n: number) =>
    stage.push.door.subscribe(caller, { ...asked, endpoint: `${stage.service.origin}/${n}` });
  for (let n = 0; n < 9; n++) await again(n);
  await expect(again(9)).rejects.toMatchObject({ code: 'rate_limited' });
  expect(await stage.world.store.push.list()).toHaveLength(3);
});

test('the key to subscribe with is made once and stays', async () => {
  await using stage = await Stage.open();
  const keys = await Promise.all(Array.from({ length: 8 }, () => stage.push.door.list({ door: 'host' })));
  expect(new Set(keys.map(({ publicKey }) => publicKey)).size).toBe(1);
  expect(Buffer.from(keys[0]?.publicKey ?? '', 'base64url')).toHaveLength(65);
});

test('a service that asks to be left alone for a day is left alone', async () => {
  await using stage = await Stage.open();
  await stage.world.person('Ana');
  const { caller } = await stage.browser('kitchen');
  await stage.stranger();
  stage.service.answers.push({ status: 429, headers: { 'retry-after': '86400' } });
  expect(await stage.push.pushes.tell('pairing')).toEqual([]);
  expect((await stage.push.door.list(caller)).items).toMatchObject([{ failing: 'busy_429' }]);
});

test('E-15: of a request those are told who were asked, whoever asked is not, and nothing of it is said', async () => {
  await using stage = await Stage.open();
  const { world } = stage;
  const [ana, ben, cleo] = [
    await world.person('Ana'),
    await world.person('Ben', 'approver'),
    await world.person('Cleo', 'approver'),
  ];
  const phone = await stage.browser('ana', ['approvals', 'read'], ana.id);
  await stage.browser('ben', ['approvals', 'read'], ben.id);
  await stage.browser('cleo', ['approvals', 'read'], cleo.id);
  await stage.browser('away', ['manage', 'read'], ana.id);
  const now = world.clock.now();
  const more = { need: needOf([ana.id, ben.id]), requester: cleo.id } as const;
  await world.store.approvals.open(approvalRow('appr_aaaaaaaaaaaaaaaaaaaaaaaa', now, more), null);
  stage.push.bell.committed(new Set(['approval.requested'] as const));
  await stage.service.arrived(2);
  await stage.push.bell.stop();
  const told = stage.service.delivered;
  expect(told.map(({ path }) => path).sort()).toEqual(['/ana', '/ben']);
  const [mine = expect.fail()] = told.filter(({ path }) => path === '/ana');
  expect(JSON.parse(phone.browser.read(mine))).toEqual({ kind: 'approval', channel: null, language: 'en' });
  const before = told.length;
  world.clock.advance('1h');
  await stage.push.pushes.tell('approval');
  expect(stage.service.delivered).toHaveLength(before);
});
