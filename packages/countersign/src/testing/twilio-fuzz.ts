// The door of Twilio, for fuzzing: a genuine delivery of each kind.
import { createHmac } from 'node:crypto';
import { Twilio } from '../channels/twilio/channel.ts';
import { readForm } from '../channels/twilio/wire.ts';
import { FakeClock } from './fakes.ts';
import { TWILIO_SID, TWILIO_TOKEN, TwilioStub } from './twilio-stub.ts';
import type { FuzzedDoor } from './webhook-fuzz.ts';

const OURS = 'whatsapp:+15550783881';

export async function twilioDoor(): Promise<FuzzedDoor & AsyncDisposable> {
  const stub = await TwilioStub.start({ from: OURS });
  const settings = {
    account: 'default',
    accountSid: TWILIO_SID,
    authToken: { reveal: () => TWILIO_TOKEN },
    from: OURS,
    apiRoot: stub.url,
    publicUrl: stub.origin,
    templates: { login: null, notice: null },
  };
  const from = 'whatsapp:+15550000001';
  const form = (more: Readonly<Record<string, string>>) =>
    new URLSearchParams({ ...stub.formOf(from, 'hello ünïcødé 👋🏽'), ...more }).toString();
  return {
    channel: new Twilio(settings, { clock: new FakeClock() }),
    bodies: [
      form({}),
      form({ NumMedia: '1', MediaUrl0: 'https://api.twilio.com/m', Body: '' }),
      form({ Forwarded: 'true' }),
      form({ Body: 'Forwardedtrue', ButtonText: 'Yes', ButtonPayload: 'nonce' }),
    ],
    request: (body, signed) =>
      new Request(`${stub.origin}/webhooks/twilio/default`, {
        method: 'POST',
        headers: { 'x-twilio-signature': signatureOf(`${stub.origin}/webhooks/twilio/default`, signed) },
        body: Buffer.from(body),
      }),
    isSame: (one, other) => JSON.stringify(fieldsOf(one)) === JSON.stringify(fieldsOf(other)),
    mayBe: ({ peer: { native } }, body) => readForm(body)?.get('From') === native,
    [Symbol.asyncDispose]: () => stub[Symbol.asyncDispose](),
  };
}

/** As Twilio's library makes it (wire.test.ts holds the two against each other); also over what is no form of theirs. */
function signatureOf(url: string, body: Uint8Array): string {
  const signed = fieldsOf(body).reduce((text, [name, value]) => `${text}${name}${value}`, url);
  return createHmac('sha1', TWILIO_TOKEN).update(signed, 'utf8').digest('base64');
}

function fieldsOf(body: Uint8Array): (readonly [string, string])[] {
  return [...new URLSearchParams(Buffer.from(body).toString())].sort(([a], [b]) => (a < b ? -1 : 1));
}
