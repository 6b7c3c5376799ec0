// The harness of the example, and the suite run on it. The page that explains it shows the very file that is tested here.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Answer,
  type ChannelBench,
  type ChannelHarness,
  channelConformance,
  type Forgery,
  type Native,
  NOT_HERE,
  parseNative,
  type Shown,
  type StagePorts,
  type TestEvent,
} from 'countersign/channel';
import { describe, test } from 'vitest';
import { PAGER_TRAITS, Pager } from './pager.ts';

const NO_GROUPS = 'a pager is one person and us';
const ONE_WAY = 'the service has one kind of message, and no list of the past';

/** Pager numbers of the test people: the same name is the same number, every time. */
function numberOf(name: string): Native {
  const digits = createHmac('sha256', 'people').update(name).digest().readUInt32BE() % 900_000_000;
  const native = parseNative(String(100_000_000 + digits), PAGER_TRAITS.peerIds);
  if (native === null) throw new Error(`${name} has no number`);
  return native;
}

/** The pager service, and its customers. */
class PagerBench implements ChannelBench {
  readonly channel: Pager;
  readonly press = NOT_HERE.press;
  readonly told = NOT_HERE.told;
  readonly disconnect = NOT_HERE.disconnect;
  readonly reconnect = NOT_HERE.reconnect;
  readonly until = NOT_HERE.until;
  readonly #ports: StagePorts;
  readonly #paged: { readonly to: string; readonly text: string }[] = [];
  #failing: number[] = [];

  constructor(ports: StagePorts) {
    this.#ports = ports;
    this.channel = new Pager(ports.account, {
      clock: ports.clock,
      secret: 's3cret',
      post: (page) => this.#post(page),
    });
  }

  peer(name: string) {
    return { channel: 'pager', account: this.#ports.account, native: numberOf(name) };
  }

  deliver(event: TestEvent): Promise<Answer> {
    return this.#call(bodyOf(event, this.#ports.clock.now()), {});
  }

  forge(event: TestEvent, how: Forgery): Promise<Answer> {
    const now = this.#ports.clock.now();
    const body = bodyOf(event, now);
    switch (how) {
      case 'tampered':
        return this.#call(body, { sent: body.replace('words', 'wordz') });
      case 'unsigned':
        return this.#call(body, { signature: null });
      case 'wrong-secret':
        return this.#call(body, { secret: 'guess' });
      case 'stale':
        return this.#call(body, { at: now - 301_000 });
      case 'other-account':
        return this.#call(body, { account: 'another' });
      default:
        return how satisfies never;
    }
  }

  async #call(
    body: string,
    fake: { sent?: string; signature?: null; secret?: string; at?: number; account?: string },
  ): Promise<Answer> {
    const { secret = 's3cret', at = this.#ports.clock.now(), account = this.#ports.account } = fake;
    const signature = createHmac('sha256', secret).update(`${account}\n${at}\n${body}`).digest('hex');
    const headers = {
      'x-pager-time': String(at),
      ...(fake.signature === null ? {} : { 'x-pager-signature': signature }),
    };
    const request = new Request('http://localhost/webhooks/pager', {
      method: 'POST',
      body: fake.sent ?? body,
      headers,
    });
    return (await this.channel.webhook(request)).ok ? 'acknowledged' : 'refused';
  }

  async #post(page: { to: string; text: string }): Promise<Response> {
    const status = this.#failing.shift() ?? 202;
    if (status === 0) throw new TypeError('fetch failed');
    if (status === 202) this.#paged.push(page);
    return new Response(null, { status, headers: { 'retry-after': '3' } });
  }

  async shown(name: string): Promise<readonly Shown[]> {
    return this.#paged
      .filter(({ to }) => to === numberOf(name))
      .map(({ text }, n) => ({ ref: String(n), text, buttons: [], edited: false, removed: false }));
  }

  async visible(): Promise<number> {
    return this.#paged.length;
  }

  failNext(how: Parameters<ChannelBench['failNext']>[0], times: number): void {
    const status = { unreachable: 0, rate_limited: 429, refused: 400, cannot_initiate: 403 }[how];
    this.#failing = Array.from({ length: times }, () => status);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

function bodyOf({ kind, from, id, text, displayName: name, at }: TestEvent, now: number): string {
  const type = kind === 'receipt' ? 'read' : kind === 'unknown' ? 'hologram' : 'page';
  return JSON.stringify({
    type,
    from: numberOf(from),
    id,
    text,
    at: at ?? now,
    ...(name === undefined ? {} : { name }),
  });
}

const harness: ChannelHarness = {
  name: 'pager (the example)',
  channel: 'pager',
  traits: PAGER_TRAITS,
  lacks: {
    'group-text': NO_GROUPS,
    'group-mention': NO_GROUPS,
    'thread-text': NO_GROUPS,
    edit: ONE_WAY,
    forwarded: ONE_WAY,
    inline: ONE_WAY,
    reply: ONE_WAY,
    quotation: ONE_WAY,
    reaction: ONE_WAY,
    join: ONE_WAY,
    own: 'the service does not send us what we said',
    bot: 'a number is a person, or pretends to be one',
    anonymous: 'a page without a number is not delivered',
    system: ONE_WAY,
    media: ONE_WAY,
    press: 'a pager has no buttons of ours',
    'group-press': NO_GROUPS,
    backlog: 'a page that waited comes with its own time, like every other',
    history: ONE_WAY,
    connection: 'the service calls us, one request a page',
    probe: 'the service has no such call',
  },
  native: numberOf,
  groupIds: [],
  open: async (ports) => new PagerBench(ports),
};

channelConformance(harness, { describe, test });

test('the page about writing a channel shows the file that is tested', () => {
  const page = readFileSync(join(import.meta.dirname, '../writing-a-channel.md'), 'utf8');
  assert.ok(page.includes(`\`\`\`ts\n${readFileSync(join(import.meta.dirname, 'pager.ts'), 'utf8')}\`\`\``));
});
