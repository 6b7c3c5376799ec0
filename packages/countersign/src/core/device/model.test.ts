// The service against a model of a page: what each key holds, which requests live, which tokens are good. Any order of
// asking, deciding, ending, renewing and waiting agrees with it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AT_HOST, DeviceWorld, HOST } from '../../testing/device-world.ts';
import type { DeviceScope } from '../authorise.ts';
import { DEVICE_LIMITS, REQUEST_LIFE_MS, TOKEN_LIFE_MS } from './lifetimes.ts';
import { isWithin, joined } from './scopes.ts';

const OPERATOR: DeviceScope[] = ['approvals', 'manage', 'pairing', 'read'];
const KEYS = ['one', 'two', 'three'] as const;
type Key = (typeof KEYS)[number];

interface Pair {
  readonly id: string;
  scopes: readonly DeviceScope[];
  readonly createdAt: number;
  seenAt: number;
}

interface Asked {
  readonly id: string;
  readonly key: Key;
  readonly scopes: readonly DeviceScope[];
  readonly expiresAt: number;
  state: 'pending' | 'approved' | 'rejected' | 'superseded';
}

class Model {
  now = 0;
  readonly pairs = new Map<Key, Pair>();
  readonly asked: Asked[] = [];
  readonly tokens: {
    readonly text: string;
    readonly pair: Pair;
    readonly key: Key;
    readonly endsAt: number;
  }[] = [];

  live(key: Key): Pair | null {
    const pair = this.pairs.get(key);
    if (pair === undefined) return null;
    const { idleMs, absoluteMs } = DEVICE_LIMITS;
    return this.now - pair.seenAt >= idleMs || this.now - pair.createdAt >= absoluteMs ? null : pair;
  }

  waiting(key: Key): Asked | null {
    return (
      this.asked.find((one) => one.key === key && one.state === 'pending' && one.expiresAt > this.now) ?? null
    );
  }

  see(pair: Pair): void {
    if (this.now - pair.seenAt >= 60_000) pair.seenAt = this.now;
  }
}

type Command = fc.AsyncCommand<Model, DeviceWorld>;

class Connect implements Command {
  readonly #key: Key;
  readonly #scopes: readonly DeviceScope[];
  constructor(key: Key, scopes: readonly DeviceScope[]) {
    this.#key = key;
    this.#scopes = scopes;
  }
  check = () => true;
  async run(model: Model, world: DeviceWorld): Promise<void> {
    const key = this.#key;
    const scopes = this.#scopes;
    const outcome = await world.connect(key, { scopes });
    const pair = model.live(key);
    if (pair !== null && isWithin(scopes, pair.scopes)) {
      if (outcome.as !== 'connected') throw new Error(`expected to connect: ${JSON.stringify(outcome)}`);
      expect(outcome.scopes).toEqual(scopes);
      expect(outcome.device.id).toBe(pair.id);
      model.see(pair);
      model.tokens.push({ text: outcome.token, pair, key, endsAt: model.now + TOKEN_LIFE_MS });
      return;
    }
    if (outcome.as !== 'pairing_required') throw new Error(`expected to ask: ${JSON.stringify(outcome)}`);
    const waiting = model.waiting(key);
    if (waiting !== null && isWithin(waiting.scopes, scopes) && isWithin(scopes, waiting.scopes)) {
      expect(outcome.requestId).toBe(waiting.id);
      return;
    }
    expect(model.asked.map(({ id }) => id)).not.toContain(outcome.requestId);
    if (waiting !== null) waiting.state = 'superseded';
    if (pair === null) model.pairs.delete(key);
    const expiresAt = model.now + REQUEST_LIFE_MS;
    model.asked.push({ id: outcome.requestId, key, scopes, expiresAt, state: 'pending' });
  }
  toString = () => `connect(${this.#key}, ${this.#scopes})`;
}

class Decide implements Command {
  readonly #index: number;
  readonly #yes: boolean;
  constructor(index: number, yes: boolean) {
    this.#index = index;
    this.#yes = yes;
  }
  check = (model: Readonly<Model>) => model.asked.length > 0;
  async run(model: Model, world: DeviceWorld): Promise<void> {
    const asked = model.asked[this.#index % model.asked.length];
    if (asked === undefined) return;
    const request = await world.devices.findRequest(asked.id);
    const decided = await (this.#yes
      ? world.devices.approve(request.id, HOST, AT_HOST)
      : world.devices.reject(request.id, HOST)
    ).catch((cause: { code: string }) => cause.code);
    if (asked.state !== 'pending' || asked.expiresAt <= model.now) {
      const isDecided = asked.state === 'approved' || asked.state === 'rejected';
      expect(decided).toBe(isDecided ? 'already_decided' : 'expired');
      return;
    }
    asked.state = this.#yes ? 'approved' : 'rejected';
    if (!this.#yes) return;
    if (typeof decided === 'string' || !('granted' in decided))
      throw new Error(`not approved: ${String(decided)}`);
    expect(decided.granted).toEqual(asked.scopes);
    const pair = model.live(asked.key);
    if (pair !== null) {
      pair.scopes = joined(pair.scopes, asked.scopes);
      expect(decided.device).toMatchObject({ id: pair.id, scopes: pair.scopes });
      return;
    }
    const { id } = decided.device;
    model.pairs.set(asked.key, { id, scopes: asked.scopes, createdAt: model.now, seenAt: model.now });
  }
  toString = () => `${this.#yes ? 'approve' : 'reject'}(${this.#index})`;
}

class Revoke implements Command {
  readonly #key: Key;
  constructor(key: Key) {
    this.#key = key;
  }
  check = (model: Readonly<Model>) => model.pairs.has(this.#key);
  async run(model: Model, world: DeviceWorld): Promise<void> {
    const pair = model.pairs.get(this.#key);
    if (pair === undefined) return;
    await world.devices.revoke((await world.devices.find(pair.id)).id, HOST);
    model.pairs.delete(this.#key);
  }
  toString = () => `revoke(${this.#key})`;
}

class UseToken implements Command {
  readonly #index: number;
  readonly #holder: Key;
  constructor(index: number, holder: Key) {
    this.#index = index;
    this.#holder = holder;
  }
  check = (model: Readonly<Model>) => model.tokens.length > 0;
  async run(model: Model, world: DeviceWorld): Promise<void> {
    const token = model.tokens[this.#index % model.tokens.length];
    if (token === undefined) return;
    const live = await world.devices.tokens.use(token.text, this.#holder.padEnd(43, '-'));
    const pair = model.live(token.key);
    const isGood = pair === token.pair && token.endsAt > model.now && token.key === this.#holder;
    expect(live === null).toBe(!isGood);
    if (!isGood) return;
    expect(live?.scopes).toEqual(token.pair.scopes);
    model.see(token.pair);
  }
  toString = () => `use(${this.#index} by ${this.#holder})`;
}

class Wait implements Command {
  readonly #ms: number;
  constructor(ms: number) {
    this.#ms = ms;
  }
  check = () => true;
  async run(model: Model, world: DeviceWorld): Promise<void> {
    model.now += this.#ms;
    world.clock.advance(this.#ms);
  }
  toString = () => `wait(${this.#ms})`;
}

test('every order of asking, deciding, ending, using and waiting agrees with the model', async () => {
  const key = fc.constantFrom(...KEYS);
  const scopes = fc.subarray(OPERATOR, { minLength: 1 });
  const commands = [
    fc.tuple(key, scopes).map(([of, asked]) => new Connect(of, asked)),
    fc.tuple(fc.nat(20), fc.boolean()).map(([n, yes]) => new Decide(n, yes || n % 2 === 0)),
    key.map((of) => new Revoke(of)),
    fc.tuple(fc.nat(20), key).map(([n, of]) => new UseToken(n, of)),
    fc.constantFrom(30_000, REQUEST_LIFE_MS, DEVICE_LIMITS.idleMs).map((ms) => new Wait(ms)),
  ];
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 40 }), async (run) => {
      await using world = await DeviceWorld.open();
      await world.person('Ana');
      const model = new Model();
      model.now = world.clock.now();
      await fc.asyncModelRun(() => ({ model, real: world }), run);
    }),
    { numRuns: 40, interruptAfterTimeLimit: 20_000 },
  );
});
