// A page that shows how an account stands is told when that changes, by every channel that has a service elsewhere: green
// that stays green after the service has gone is worse than no light at all (P-14).
import { expect, onTestFinished, test } from 'vitest';
import type { Channel, Inbox } from '../core/channel-port.ts';
import { CLOUD_SECRET, CLOUD_TOKEN, CLOUD_VERIFY, CloudStub } from '../testing/cloud-stub.ts';
import { FakeClock, MemoryLog, SeededRandom } from '../testing/fakes.ts';
import { TWILIO_SID, TWILIO_TOKEN, TwilioStub } from '../testing/twilio-stub.ts';
import { MemoryCredentials } from '../testing/whatsapp/credentials.ts';
import { WhatsAppStub } from '../testing/whatsapp/stub.ts';
import { Twilio } from './twilio/channel.ts';
import { WhatsApp } from './whatsapp/channel.ts';
import { checkChain } from './whatsapp/trust.ts';
import { WhatsAppCloud } from './whatsapp-cloud/channel.ts';

type Build = (changed: () => void, works: boolean) => Promise<Channel>;

const post = async () => new Response(null, { status: 200 });
const clock = new FakeClock();

const CHANNELS: Readonly<Record<string, Build>> = {
  twilio: async (changed, works) => {
    const stub = await TwilioStub.start({ from: '+15550783881', post });
    onTestFinished(() => stub[Symbol.asyncDispose]());
    const settings = {
      account: 'default',
      accountSid: TWILIO_SID,
      authToken: { reveal: () => (works ? TWILIO_TOKEN : 'somebody-elses') },
      from: '+15550783881',
      apiRoot: stub.url,
      publicUrl: stub.origin,
      templates: { login: null, notice: null },
    };
    return new Twilio(settings, { clock, changed });
  },
  'whatsapp-cloud': async (changed, works) => {
    const stub = await CloudStub.start({ now: () => clock.now(), post });
    onTestFinished(() => stub[Symbol.asyncDispose]());
    const settings = {
      account: 'default',
      phoneNumberId: stub.phoneNumberId,
      accessToken: { reveal: () => (works ? CLOUD_TOKEN : 'somebody-elses') },
      appSecret: { reveal: () => CLOUD_SECRET },
      verifyToken: { reveal: () => CLOUD_VERIFY },
      apiRoot: stub.url,
      templates: { login: null, notice: null, language: 'en' },
    };
    return new WhatsAppCloud(settings, { clock, changed });
  },
  whatsapp: async (changed, works) => {
    const stub = await WhatsAppStub.start();
    onTestFinished(() => stub[Symbol.asyncDispose]());
    stub.turnAway(works ? null : '401');
    return new WhatsApp(
      { account: 'default', phoneLogin: null, url: stub.url },
      {
        clock,
        random: new SeededRandom('live'),
        log: new MemoryLog(),
        credentials: new MemoryCredentials(stub.linked()),
        ended: async () => undefined,
        changed,
        check: (chain, key) => checkChain(chain, key, stub.root),
      },
    );
  },
};

const inbox: Inbox = { receive: async () => ({ as: 'repeated', first: 'nobody' }) };

test.each(Object.keys(CHANNELS))(
  '%s: told of the start, of what came of it, and of the end',
  async (name) => {
    for (const works of [true, false]) {
      const seen: string[] = [];
      const channel: Channel | undefined = await CHANNELS[name]?.(
        () => void seen.push(channel?.status().state ?? ''),
        works,
      );
      const stop = new AbortController();
      onTestFinished(() => stop.abort());
      await channel?.start(inbox, stop.signal).catch(() => undefined);
      expect(seen).toEqual(['starting', works ? 'connected' : 'failed']);
      if (!works) continue;
      stop.abort();
      expect(seen.at(-1)).toBe('off');
      expect(new Set(seen).size).toBe(seen.length);
    }
  },
);
