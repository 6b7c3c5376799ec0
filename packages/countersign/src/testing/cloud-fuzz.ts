// The door of WhatsApp's cloud interface, for fuzzing: a genuine delivery of each kind.
import { WhatsAppCloud } from '../channels/whatsapp-cloud/channel.ts';
import { CLOUD_SECRET, CLOUD_TOKEN, CLOUD_VERIFY, CloudStub, sign } from './cloud-stub.ts';
import { FakeClock } from './fakes.ts';
import type { FuzzedDoor } from './webhook-fuzz.ts';

export async function cloudDoor(): Promise<FuzzedDoor & AsyncDisposable> {
  const clock = new FakeClock();
  const stub = await CloudStub.start({ now: () => clock.now() });
  const settings = {
    account: 'default',
    phoneNumberId: stub.phoneNumberId,
    accessToken: { reveal: () => CLOUD_TOKEN },
    appSecret: { reveal: () => CLOUD_SECRET },
    verifyToken: { reveal: () => CLOUD_VERIFY },
    apiRoot: stub.url,
    templates: { login: null, notice: null, language: 'en' },
  };
  const both = { from: '15550000002', from_user_id: 'US.200A' };
  const at = stub.timestamp;
  const bodies = [
    stub.bodyOf(stub.said('15550000001', 'hello')),
    stub.bodyOf(stub.said('US.100A', 'hello ünïcødé 👋🏽')),
    stub.bodyOf({
      messages: [{ ...both, id: 'wamid.B', timestamp: at, type: 'text', text: { body: 'both' } }],
    }),
    stub.bodyOf({
      messages: [
        {
          ...both,
          id: 'wamid.P',
          timestamp: at,
          type: 'interactive',
          interactive: { type: 'button_reply', button_reply: { id: 'nonce', title: 'Approve' } },
        },
        {
          from: '15550000003',
          id: 'wamid.M',
          timestamp: at,
          type: 'image',
          image: { id: '1', caption: 'look' },
        },
      ],
      statuses: [
        { id: 'wamid.S', status: 'failed', biz_opaque_callback_data: 'out_1', errors: [{ code: 131_047 }] },
      ],
    }),
    stub.bodyOf(
      { message_echoes: [{ id: 'wamid.E', to: '15550000004', timestamp: at }] },
      'smb_message_echoes',
    ),
    stub.bodyOf({ user_id_update: [{ user_id: { previous: 'US.1', current: 'US.2' } }] }, 'user_id_update'),
  ];
  return {
    channel: new WhatsAppCloud(settings, { clock }),
    bodies,
    request: (body, signed) =>
      new Request('https://stage.example/webhooks/whatsapp-cloud/default', {
        method: 'POST',
        headers: { 'x-hub-signature-256': sign(Buffer.from(signed), CLOUD_SECRET) },
        body: Buffer.from(body),
      }),
    isSame: (one, other) => Buffer.compare(one, other) === 0,
    mayBe: ({ peer: { native }, alias }, body) => {
      const ids = idsIn(JSON.parse(Buffer.from(body).toString()));
      const stands = (id: string) => ids.has(id.startsWith('+') ? id.slice(1) : id);
      return stands(native) && (alias === undefined || alias === null || stands(alias));
    },
    [Symbol.asyncDispose]: () => stub[Symbol.asyncDispose](),
  };
}

/** Whatever stands in a place that names a sender. */
function idsIn(value: unknown): ReadonlySet<string> {
  const ids = new Set<string>();
  const look = (one: unknown): void => {
    if (typeof one !== 'object' || one === null) return;
    for (const [key, inner] of Object.entries(one)) {
      if (typeof inner === 'string' && (key === 'from' || key === 'from_user_id' || key === 'to'))
        ids.add(inner);
      look(inner);
    }
  };
  look(value);
  return ids;
}
