// One account of one channel inside a World: people say and press things there as the platform's users do, and the test
// sees what core made of it.

import type { Peer } from '../core/identity/peer.ts';
import type { Accepted, Inbound } from '../core/message.ts';
import type { TestEvent } from './channel/events.ts';
import type { ChannelBench, ChannelHarness, Place, Shown } from './channel/harness.ts';

/** A message that reached core, and what core made of it. */
export interface Taken {
  readonly inbound: Inbound;
  readonly accepted: Accepted;
}

export class Stand {
  readonly harness: ChannelHarness;
  readonly bench: ChannelBench;
  readonly #world: { settle(): Promise<void> };
  readonly #taken: readonly Taken[];
  #count = 0;

  constructor(
    world: { settle(): Promise<void> },
    harness: ChannelHarness,
    bench: ChannelBench,
    taken: readonly Taken[],
  ) {
    this.#world = world;
    this.harness = harness;
    this.bench = bench;
    this.#taken = taken;
  }

  get account(): string {
    return this.bench.channel.account;
  }

  peer(name: string): Peer {
    return this.bench.peer(name);
  }

  /** Said in the direct chat; everything that follows has happened when this resolves. */
  says(name: string, text: string, more: Partial<TestEvent> = {}): Promise<Accepted | null> {
    return this.event({ kind: 'text', from: name, text, ...more });
  }

  /** @returns what core made of it; null when the adapter handed nothing over. */
  async event(event: Omit<TestEvent, 'id'> & { readonly id?: string }): Promise<Accepted | null> {
    this.#count += 1;
    const before = this.#taken.length;
    await this.bench.deliver({ id: `${this.account}-${this.#count}`, ...event });
    return this.#after(before);
  }

  async presses(message: Shown, label: string, as: string): Promise<Accepted | null> {
    const before = this.#taken.length;
    await this.bench.press(message, label, as);
    return this.#after(before);
  }

  /** Texts that person sees now, oldest first. */
  async heard(name: string, place: Place = 'direct'): Promise<string[]> {
    const shown = await this.bench.shown(name, place);
    return shown.filter(({ removed }) => !removed).map(({ text }) => text);
  }

  async lastShown(name: string): Promise<Shown> {
    const shown = (await this.bench.shown(name)).findLast(({ removed }) => !removed);
    if (shown === undefined) throw new Error(`${name} was shown nothing`);
    return shown;
  }

  /** The code that person was sent last. */
  async codeOf(name: string): Promise<string> {
    const line = (await this.heard(name)).findLast((text) => text.includes('Your code: ')) ?? '';
    const [, code] = /Your code: (\S+)/.exec(line) ?? [];
    if (code === undefined) throw new Error(`${name} was sent no code`);
    return code;
  }

  /** Everything of this account that reached core. */
  get taken(): readonly Taken[] {
    return this.#mine(0);
  }

  async #after(before: number): Promise<Accepted | null> {
    await this.#world.settle();
    return this.#mine(before).at(-1)?.accepted ?? null;
  }

  #mine(from: number): readonly Taken[] {
    const { channel } = this.harness;
    return this.#taken
      .slice(from)
      .filter(({ inbound: { peer } }) => peer.channel === channel && peer.account === this.account);
  }
}
