// A whole gateway with WhatsApp played beside it: real handshake, real sealing, and everything above it as it ships. Only
// the root of the certificates is another one, and only code can say so.

import type { LoginStepRow } from '@countersign/protocol/channel-login';
import { createClient } from '@countersign/protocol/client';
import type { AccountStatus } from '@countersign/protocol/gateway';
import type { PairingRow } from '@countersign/protocol/pairing';
import { checkChain } from '../../channels/whatsapp/trust.ts';
import type { Stage } from '../../gateway/channel-factory.ts';
import { jsonOf, openHouse, type TestHouse } from '../house.ts';
import type { Person } from './person.ts';
import { WhatsAppStub } from './stub.ts';

const CODE = /pairing code: ([A-Z2-9]{8})/;
const PATIENCE_MS = 15_000;

interface Options {
  /** Beside the address of the played WhatsApp. */
  readonly whatsapp?: object;
  readonly channels?: object;
  readonly config?: object;
}

export function stageOf({ root }: WhatsAppStub): Stage {
  return { whatsappChain: (chain, key) => checkChain(chain, key, root) };
}

export class WhatsAppHouse implements AsyncDisposable {
  readonly stub: WhatsAppStub;
  house: TestHouse;
  readonly #options: Options;

  private constructor(stub: WhatsAppStub, house: TestHouse, options: Options) {
    this.stub = stub;
    this.house = house;
    this.#options = options;
  }

  /** Up, with nobody linked yet. */
  static async open(options: Options = {}): Promise<WhatsAppHouse> {
    const stub = await WhatsAppStub.start();
    return new WhatsAppHouse(stub, await begin(stub, options), options);
  }

  /** Up, and a phone has linked it. */
  static async linked(options: Options = {}): Promise<WhatsAppHouse> {
    const one = await WhatsAppHouse.open(options);
    const end = await one.link();
    if (end.state !== 'linked') throw new Error(`not linked: ${JSON.stringify(end)}`);
    await one.until(async () => (await one.status()).state === 'connected');
    return one;
  }

  get client() {
    return createClient((path, { method, body }) =>
      this.house.call('host', method, path, body === undefined ? undefined : JSON.parse(body)),
    );
  }

  /** As a page links: the phone scans what is shown, or types it. */
  async link(
    request: { force?: boolean; phone?: string } = {},
    types = (code: string) => code,
  ): Promise<LoginStepRow> {
    const { channels } = this.client;
    let row = await channels.login('whatsapp', request);
    while (row.state !== 'linked' && row.state !== 'failed') {
      row = await channels.loginStep(row.id, row.step);
      if (row.state === 'picture') this.stub.scanned(row.text ?? '');
      if (row.state === 'code') {
        await this.until(() => this.stub.hello !== null);
        await this.stub.typed(types(row.text ?? ''));
      }
    }
    return row;
  }

  /** The gateway ends, and begins on the same home. */
  async restart(): Promise<void> {
    const { composed, home } = this.house;
    await this.settle();
    composed.channels.stop();
    await composed.close();
    this.house = await begin(this.stub, this.#options, home);
  }

  async status(channel = 'whatsapp', probe = false): Promise<AccountStatus> {
    const { items } = await this.client.channels.status(probe ? { probe } : {});
    const row = items.find((one) => one.channel === channel);
    if (row === undefined) throw new Error(`${channel} is not configured`);
    return row;
  }

  async pairings(): Promise<readonly PairingRow[]> {
    const { items } = await jsonOf<{ items: PairingRow[] }>(
      this.house.call('host', 'GET', '/api/v1/pairings'),
    );
    return items;
  }

  /** As people are met today: by LID, with the number beside it unless something else is said. */
  async says(person: Person, text: string, attrs?: Record<string, string>): Promise<string> {
    const who = attrs ?? { from: person.lid, sender_pn: person.pn };
    const answer = await this.stub.say(person, { id: this.stub.name(), ...who }, { conversation: text });
    await this.house.composed.core.inbox.idle();
    return answer;
  }

  /** Everything that person was sent, oldest first; what was taken back is not there. */
  heard({ names }: Person): readonly string[] {
    return this.stub.shown.filter(({ to, removed }) => to === names.lid && !removed).map(({ text }) => text);
  }

  /** What `about` finds in what they were sent, once it is there. */
  async hears(person: Person, about: RegExp): Promise<string> {
    const find = () => this.heard(person).findLast((text) => about.test(text));
    await this.until(() => find() !== undefined);
    return find() ?? '';
  }

  /** Writes as a stranger, and reads the code. */
  async code(person: Person, attrs?: Record<string, string>): Promise<string> {
    await this.says(person, 'hello', attrs);
    return CODE.exec(await this.hears(person, CODE))?.[1] ?? '';
  }

  /** An owner, in this chat. */
  async owns(person: Person, name: string): Promise<void> {
    const code = await this.code(person);
    await this.client.people.add({ name, role: 'owner' });
    await this.client.people.link(name, { peer: code, as: 'owner' });
    await this.settle();
  }

  /** Whether everything that had to happen has happened by now. */
  async settle(): Promise<void> {
    const { inbox, aliases, turns, dispatcher } = this.house.composed.core;
    await inbox.idle();
    await aliases.idle();
    await turns.idle();
    await dispatcher.dispatch();
  }

  async until(is: () => boolean | Promise<boolean>): Promise<void> {
    const from = performance.now();
    while (!(await is())) {
      if (performance.now() - from > PATIENCE_MS)
        throw new Error(`it did not come: ${JSON.stringify(this.stub.shown)}`);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.house.composed.channels.stop();
    await this.settle().catch(() => undefined);
    await this.house[Symbol.asyncDispose]();
    await this.stub[Symbol.asyncDispose]();
  }
}

async function begin(stub: WhatsAppStub, options: Options, home?: string): Promise<TestHouse> {
  const { whatsapp = {}, channels = {}, config = {} } = options;
  const all = { whatsapp: { waWebSocketUrl: stub.url, ...whatsapp }, ...channels };
  const house = await openHouse({
    running: true,
    env: { COUNTERSIGN_TEST_ENDPOINTS: '1' },
    stage: stageOf(stub),
    ...(home === undefined ? { config: { ...config, channels: all } } : { home }),
  });
  await house.composed.core.desk.recover();
  await house.composed.channels.follow();
  return house;
}
