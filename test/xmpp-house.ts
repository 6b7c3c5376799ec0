// A real prosody, a real gateway with an account on it, and an agent that repeats what it is told.
import { writeFileSync } from 'node:fs';
import { signedBytes } from '@countersign/protocol/canonical';
import { expect } from 'vitest';
import { DeviceKey } from '../packages/countersign/src/testing/device-key.ts';
import { FakeOpenAi } from '../packages/countersign/src/testing/fake-openai.ts';
import { RealGateway } from './gateway.ts';
import { DOMAIN, Prosody } from './prosody.ts';
import { XmppPerson } from './xmpp-person.ts';

export const BOT = `bot@${DOMAIN}`;
export const PAIRING_CODE = /^Your pairing code: ([A-Z2-9]{8})$/m;
export const PASSWORD = 'nine tame otters';

export interface Row {
  readonly account: string;
  readonly identifier: string;
  readonly code: string;
  readonly state: string;
  readonly firstWords?: string;
}

interface Status {
  readonly channel: string;
  readonly account: string;
  readonly state: string;
  readonly detail: string | null;
  readonly hint?: string;
}

export class XmppHouse implements AsyncDisposable {
  readonly server: Prosody;
  readonly gateway: RealGateway;
  readonly agent: FakeOpenAi;

  private constructor(server: Prosody, gateway: RealGateway, agent: FakeOpenAi) {
    this.server = server;
    this.gateway = gateway;
    this.agent = agent;
  }

  /** Everything stands, and the owner Olga has an account on the server. */
  static async open(
    xmpp: object | ((server: Prosody) => Promise<object>) = {},
    { pairing = {}, ...more }: { readonly pairing?: object; readonly [key: string]: object } = {},
  ): Promise<XmppHouse> {
    const [server, gateway, agent] = await Promise.all([
      Prosody.start(),
      RealGateway.prepare(),
      FakeOpenAi.start({ repeats: true }),
    ]);
    const house = new XmppHouse(server, gateway, agent);
    try {
      await house.#prepare(typeof xmpp === 'function' ? await xmpp(server) : xmpp, pairing, more);
    } catch (cause) {
      await house[Symbol.asyncDispose]();
      throw cause;
    }
    return house;
  }

  async #prepare(xmpp: object, pairing: object, more: object): Promise<void> {
    const { server, gateway, agent } = this;
    server.register('bot', PASSWORD);
    gateway.extra = {
      COUNTERSIGN_TEST_ENDPOINTS: '1',
      NODE_EXTRA_CA_CERTS: server.authority,
      XMPP_PASSWORD: PASSWORD,
    };
    const account = { ...this.account(), ...xmpp };
    const config = { agent: { url: agent.url }, ...more, channels: { pairing, xmpp: account } };
    writeFileSync(`${gateway.home}/countersign.jsonc`, JSON.stringify(config), { mode: 0o600 });
    await gateway.start();
    const peer = `xmpp:olga@${DOMAIN}`;
    const added = await gateway.cli('people', 'add', 'Olga', '--role', 'owner', '--peer', peer);
    expect(added).toMatchObject({ code: 0, stderr: '' });
  }

  /** The keys of an account, as somebody writes them who runs a server. */
  account(port = this.server.places.starttls) {
    const service = `xmpp://127.0.0.1:${port}`;
    return { service, domain: DOMAIN, username: 'bot', password: { env: 'XMPP_PASSWORD' } };
  }

  arrives(name: string, resource?: string, password?: string): Promise<XmppPerson> {
    return XmppPerson.arrive(this.server, name, resource, password);
  }

  /** Writes as a stranger does, and is let in by the owner who reads the code in the list. */
  async letsIn(person: XmppPerson): Promise<void> {
    person.says(BOT, 'let me in');
    const code = PAIRING_CODE.exec((await person.hears(PAIRING_CODE)).body ?? '')?.[1] ?? '';
    expect(await this.gateway.cli('pairing', 'approve', 'xmpp', code)).toMatchObject({ code: 0 });
    await person.hears('You may talk now');
  }

  async pairings(...more: readonly string[]): Promise<readonly Row[]> {
    return (await this.gateway.json<{ items: Row[] }>('pairing', 'list', 'xmpp', ...more)).items;
  }

  async status(account = 'default'): Promise<Status | undefined> {
    const { items } = await this.gateway.json<{ items: Status[] }>('channels', 'status');
    return items.find((one) => one.channel === 'xmpp' && one.account === account);
  }

  /** What the agent was told, in its order. */
  get told(): readonly string[] {
    return this.agent.requests.map(({ body }) => body.messages?.at(-1)?.content ?? '');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.gateway[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
    await this.agent.goesAway();
  }
}

/** A browser that asks for a code and answers with one, over the addresses that its page uses. */
export class AskingBrowser {
  readonly #key = new DeviceKey();
  readonly #url: string;

  constructor({ url }: RealGateway) {
    this.#url = url;
  }

  async asks(): Promise<{ readonly requestId: string; readonly phrase: string }> {
    const answer = await this.#post('challenge', { key: this.#key.jwk, ...(await this.#signed({})) });
    expect(answer.status).toBe(202);
    return JSON.parse(await answer.text());
  }

  /** @returns the status of the answer. */
  async types(requestId: string, code: string): Promise<number> {
    return (await this.#post('verify', await this.#signed({ requestId, code }))).status;
  }

  async #signed(more: Record<string, string>): Promise<object> {
    const answer = await fetch(`${this.#url}/api/v1/login`);
    const { gateway, nonce, ts } = JSON.parse(await answer.text());
    const told = { device: this.#key.thumbprint, gateway, nonce, ts, ...more };
    return { ...more, nonce, ts, signature: this.#key.sign(signedBytes('countersign.login.v1', told)) };
  }

  #post(what: string, body: object): Promise<Response> {
    return fetch(`${this.#url}/api/v1/login/${what}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: this.#url },
      body: JSON.stringify(body),
    });
  }
}
