// A house on any one channel, with its people: olga owns it, anton approves, ulf may talk, ana asks, eve is hostile. Where
// the channel proves too little for a yes (surfaces.md §8), olga answers from another one.

import type { Principal } from '../../core/identity/people-port.ts';
import type { PairingRow } from '../../core/pairing/pairings-port.ts';
import type { EventKind } from '../channel/events.ts';
import type { ChannelHarness, Shown } from '../channel/harness.ts';
import { buttonsHarness } from '../channel/loopback.ts';
import { has } from '../channel/rig.ts';
import type { Stand } from '../stand.ts';
import { HOST, openWorld, type World } from '../world.ts';

type Options = NonNullable<Parameters<typeof openWorld>[0]>;

export class House implements AsyncDisposable {
  readonly world: World;
  /** The default account of the channel under test. */
  readonly here: Stand;
  /** Where the owner reads and writes. */
  readonly desk: Stand;
  /** What had been said when the story began: adding people is told to owners. */
  #before = { visible: 0, told: 0 };

  readonly #payloads = new Map<string, string>();

  constructor(world: World, here: Stand, desk: Stand) {
    this.world = world;
    this.here = here;
    this.desk = desk;
    const { channel } = desk.bench;
    const send = channel.send.bind(channel);
    // An attacker who has seen the owner's traffic knows what the newest buttons carry.
    channel.send = (to, message) => {
      for (const { label, value } of message.buttons ?? []) this.#payloads.set(label, value);
      return send(to, message);
    };
  }

  /** What the newest button of that label carries. */
  payloadOf(label: string): string {
    const value = this.#payloads.get(label);
    if (value === undefined) throw new Error(`no button ${label} was sent`);
    return value;
  }

  /** A second account of the same channel. */
  get there(): Stand {
    return this.world.on(this.here.harness, 'support');
  }

  /** Somebody who may talk already. */
  async knows(name: string, role: Principal['role'], stand = this.here): Promise<Principal> {
    const person = await this.world.services.directory.add({ name, role, peer: stand.peer(name) }, HOST);
    await this.world.settle();
    const told = (await this.desk.heard('olga')).length;
    this.#before = { visible: await this.here.bench.visible(), told };
    return person;
  }

  /** How much could be seen on the channel since everybody was there. */
  async visible(): Promise<number> {
    return (await this.here.bench.visible()) - this.#before.visible;
  }

  /** What the owner was told since then. */
  async told(): Promise<string[]> {
    return (await this.desk.heard('olga')).slice(this.#before.told);
  }

  /** What the owner types, and what they are told. */
  async orders(text: string, name = 'olga'): Promise<string> {
    await this.desk.says(name, text);
    return (await this.desk.heard(name)).at(-1) ?? '';
  }

  open(): Promise<readonly PairingRow[]> {
    return this.world.store.pairings.list({ states: ['pending', 'waiting'], limit: 2_000 });
  }

  async stateOf(name: string, stand = this.here): Promise<PairingRow['state'] | null> {
    return (await this.world.store.pairings.latest(stand.peer(name)))?.state ?? null;
  }

  /** The newest card about a request in that person's chat. */
  async cardOf(name: string): Promise<Shown> {
    const card = (await this.desk.bench.shown(name)).findLast(({ buttons }) => buttons.length > 0);
    if (card === undefined) throw new Error(`${name} was shown no card`);
    return card;
  }

  /** Texts that reached the agent. */
  get asked(): readonly string[] {
    return this.world.agent.asked.map(({ text }) => text);
  }

  async eventsOf(type: string): Promise<number> {
    await this.world.services.denials.flush(this.world.clock.now(), true);
    return (await this.world.events()).filter(({ body }) => body.type === type).length;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.world[Symbol.asyncDispose]();
  }
}

interface HouseOptions extends Omit<Options, 'on'> {
  /** Olga, its owner. */
  readonly owned?: boolean;
}

export async function openHouse(harness: ChannelHarness, options: HouseOptions = {}): Promise<House> {
  const { owned = true, ...more } = options;
  const desk = isTrusted(harness) ? harness : buttonsHarness;
  const world = await openWorld({ ...more, on: desk === harness ? [harness] : [harness, desk] });
  const house = new House(world, world.on(harness), world.on(desk));
  if (owned) await house.knows('olga', 'owner', house.desk);
  return house;
}

/** Two accounts, where the channel can have them. */
export const BOTH = { accounts: ['default', 'support'] } as const;

/** Whether an owner may say yes there. */
export function isTrusted({ traits }: ChannelHarness): boolean {
  return traits.assurance !== 'low';
}

export function kindsOf(harness: ChannelHarness, kinds: readonly EventKind[]): readonly EventKind[] {
  return kinds.filter((kind) => has(harness, kind));
}

export async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'nothing',
    (cause: unknown) => (cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)),
  );
}
