// One channel over the real library, with WhatsApp played beside it, a clock that moves when told and a log that is looked
// into. Waiting costs no time: how long it would have been is written down.
import assert from 'node:assert/strict';
import { makeId } from '@countersign/protocol/ids';
import { WhatsApp } from '../../channels/whatsapp/channel.ts';
import { checkChain } from '../../channels/whatsapp/trust.ts';
import { WHATSAPP_PEER } from '../../channels/whatsapp/wire.ts';
import type { Inbox, Report } from '../../core/channel-port.ts';
import { parseNative } from '../../core/identity/peer.ts';
import type { Inbound } from '../../core/message.ts';
import { FakeClock, MemoryLog, SeededRandom } from '../fakes.ts';
import { MemoryCredentials } from './credentials.ts';
import { WhatsAppStub } from './stub.ts';

export class Stage implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly log = new MemoryLog();
  readonly heard: Inbound[] = [];
  readonly reports: Report[] = [];
  readonly ended: string[] = [];
  readonly pauses: number[] = [];
  readonly stub: WhatsAppStub;
  readonly credentials: MemoryCredentials;
  receive: (inbound: Inbound) => Promise<void> = async () => undefined;
  #stop = new AbortController();

  private constructor(stub: WhatsAppStub, credentials: MemoryCredentials) {
    this.stub = stub;
    this.credentials = credentials;
    stub.now = () => this.clock.now();
  }

  static async open({ linked = true } = {}): Promise<Stage> {
    const stub = await WhatsAppStub.start();
    return new Stage(stub, new MemoryCredentials(linked ? stub.linked() : undefined));
  }

  make(): WhatsApp {
    const { clock, log, credentials, stub } = this;
    return new WhatsApp(
      { account: 'default', phoneLogin: null, url: stub.url },
      {
        clock,
        log,
        credentials,
        random: new SeededRandom('whatsapp'),
        ended: async (reason) => void this.ended.push(reason),
        pause: async (ms) => {
          this.pauses.push(ms);
          await new Promise<void>((resolve) => setImmediate(resolve));
        },
        check: (chain, key) => checkChain(chain, key, stub.root),
      },
    );
  }

  async start(channel = this.make()): Promise<WhatsApp> {
    const inbox: Inbox = {
      receive: async (inbound) => {
        this.heard.push(inbound);
        await this.receive(inbound);
        return { as: 'nobody', message: makeId('message', new Uint8Array(15)), reason: 'not_allowed' };
      },
      fate: async (report) => void this.reports.push(report),
    };
    await channel.start(inbox, this.#stop.signal);
    return channel;
  }

  stop(): void {
    this.#stop.abort();
    this.#stop = new AbortController();
  }

  async until(is: () => boolean): Promise<void> {
    while (!is()) await new Promise<void>((resolve) => setImmediate(resolve));
  }

  to(native: string) {
    const read = parseNative(native, WHATSAPP_PEER);
    assert.ok(read);
    const peer = { channel: 'whatsapp', account: 'default', native: read };
    return { peer, conversation: { kind: 'direct', id: read } } as const;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await this.stub[Symbol.asyncDispose]();
  }
}
