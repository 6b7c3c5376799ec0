// The signature is over the bytes, who wrote stands beside the message, and nothing that merely stands near it is anybody.
import { describe, expect, test } from 'vitest';
import { CHANNELS } from '../../config/native-ids.ts';
import type { Inbound } from '../../core/message.ts';
import { cloudDoor } from '../../testing/cloud-fuzz.ts';
import { sign } from '../../testing/cloud-stub.ts';
import { fuzzDoor } from '../../testing/webhook-fuzz.ts';
import { CLOUD_PEER } from './traits.ts';
import { type Happening, isSigned, readDelivery, type Us } from './wire.ts';

const NOW = 1_795_600_800_000;
const SAID = String(NOW / 1_000);
const US: Us = { account: 'default', phoneNumberId: '100', since: NOW - 60_000, now: NOW };

function delivery(value: object, { field = 'messages', number = '100' } = {}): object {
  const change = { field, value: { metadata: { phone_number_id: number }, ...value } };
  return { object: 'whatsapp_business_account', entry: [{ id: '1', changes: [change] }] };
}

function read(message: object, more: { contacts?: unknown[]; us?: Partial<Us> } = {}): readonly Happening[] {
  const text = { id: 'wamid.1', timestamp: SAID, type: 'text', text: { body: 'hello' } };
  const value = { messages: [{ ...text, ...message }], contacts: more.contacts ?? [] };
  return readDelivery(delivery(value), { ...US, ...more.us }) ?? [];
}

function one(message: object, more: Parameters<typeof read>[1] = {}): Inbound | null {
  const [first] = read(message, more);
  return first?.is === 'message' ? first.inbound : null;
}

describe('the signature', () => {
  const body = String.raw`{"text":"\u00e9 \/ x"}`;

  test('is over the bytes as they came: the same words written otherwise are not signed', () => {
    const raw = Buffer.from(body);
    expect(isSigned(raw, sign(body, 'secret'), 'secret')).toBe(true);
    const again = Buffer.from(JSON.stringify(JSON.parse(body)));
    expect(isSigned(again, sign(body, 'secret'), 'secret')).toBe(false);
  });

  test('H59 H61: no secret, no header, another form of the same header: nothing', () => {
    const raw = Buffer.from(body);
    const good = sign(body, 'secret');
    const hex = good.slice('sha256='.length);
    const forms = [
      null,
      '',
      hex,
      `sha1=${hex}`,
      `SHA256=${hex}`,
      good.toUpperCase(),
      `${good} `,
      good.slice(0, -1),
    ];
    for (const header of [
      ...forms,
      `${good},${good}`,
      `sha256=${Buffer.from(hex, 'hex').toString('base64')}`,
    ])
      expect(isSigned(raw, header, 'secret'), String(header)).toBe(false);
    expect(isSigned(raw, sign(body, ''), '')).toBe(false);
  });
});

describe('who wrote', () => {
  test('is the business-scoped id where there is one, and the number stands beside it', () => {
    expect(one({ from: '15550001', from_user_id: 'US.1A' })).toMatchObject({
      peer: { channel: 'whatsapp-cloud', account: 'default', native: 'US.1A' },
      alias: '+15550001',
    });
    expect(one({ from_user_id: 'US.1A' })).toMatchObject({ peer: { native: 'US.1A' }, alias: null });
    expect(one({ from: '15550001' })).toMatchObject({ peer: { native: '+15550001' }, alias: null });
  });

  test.each([
    { from: '' },
    { from: 'anonymous' },
    { from: '+15550001' },
    { from: '0015550001' },
    { from: '120363025246125486@g.us' },
    { from: 15_550_001 },
    { from: '15550001', from_user_id: '' },
    { from: '15550001', from_user_id: 'US' },
    { from: '15550001', from_user_id: 'us.1a' },
    { from: '15550001', from_user_id: '+15559999' },
    { from: 'junk', from_user_id: 'US.1A' },
    {},
  ])('H05 H07: %j is nobody, and nobody else takes the place', (sender) => {
    expect(read(sender, { contacts: [{ wa_id: '15550009', user_id: 'US.9' }] })).toEqual([]);
  });

  test('H01: a name comes from the card with the sender’s own id, or from none', () => {
    const mallory = { wa_id: '15550009', user_id: 'US.9', profile: { name: 'Mallory' } };
    const ana = { wa_id: '15550001', user_id: 'US.1A', profile: { name: 'Ana', username: 'ana' } };
    expect(one({ from: '15550001' }, { contacts: [mallory, ana] })).toMatchObject({ displayName: 'Ana' });
    expect(one({ from_user_id: 'US.1A' }, { contacts: [mallory, ana] })).toMatchObject({ username: 'ana' });
    expect(one({ from: '15550001' }, { contacts: [mallory] })).toMatchObject({ displayName: null });
  });

  test('H62: what is for another number of ours is not ours', () => {
    const value = { messages: [{ from: '15550001', id: 'wamid.1', timestamp: SAID, type: 'text' }] };
    expect(readDelivery(delivery(value, { number: '200' }), US)).toEqual([]);
  });

  test('the shape of an id is the one that a list takes', () => {
    expect(CLOUD_PEER.source).toBe(CHANNELS['whatsapp-cloud'].shape.source);
  });
});

describe('when and where it was said', () => {
  const said = (seconds: number, us: Partial<Us> = {}) =>
    one({ from: '15550001', timestamp: String(NOW / 1_000 + seconds) }, { us })?.arrived;

  test('P-05: a copy of long ago is none of today', () => {
    expect(said(0)).toBe('live');
    expect(said(-59)).toBe('live');
    expect(said(-61)).toBe('backlog');
    expect(said(-599, { since: 0 })).toBe('live');
    expect(said(-601, { since: 0 })).toBe('backlog');
    expect(said(-7 * 86_400 - 1, { since: 0 })).toBe('history');
    expect(said(301)).toBe('backlog');
    expect(one({ from: '15550001', timestamp: undefined })?.arrived).toBe('backlog');
    expect(one({ from: '15550001', timestamp: 'now' })?.arrived).toBe('backlog');
  });

  test('H11: a group is a group, and a place that nobody can read is unknown', () => {
    expect(one({ from: '15550001' })?.conversation.kind).toBe('direct');
    expect(one({ from: '15550001', group_id: 'GRP.1' })?.conversation).toEqual({
      kind: 'group',
      id: 'GRP.1',
    });
    for (const group_id of [null, '', 7, {}, 'a b'])
      expect(one({ from: '15550001', group_id })?.conversation.kind).toBe('unknown');
  });
});

describe('H18: what is no message is none', () => {
  test('every type of message has a fate', () => {
    const kinds = Object.fromEntries(
      [
        ['text', {}],
        ['image', { image: { caption: 'look' } }],
        ['image', { image: {} }],
        ['audio', { audio: {} }],
        ['sticker', {}],
        ['location', {}],
        ['contacts', {}],
        ['order', {}],
        ['reaction', {}],
        ['edit', {}],
        ['revoke', {}],
        ['unsupported', {}],
        ['button', { button: { payload: 'nonce' } }],
        ['interactive', { interactive: { type: 'list_reply', list_reply: { id: 'nonce' } } }],
        ['interactive', { interactive: { type: 'nfm_reply', nfm_reply: { response_json: '{}' } } }],
        ['system', { system: { type: 'x' } }],
      ].map(([type, more]) => {
        const inbound = one({ from: '15550001', type, ...(typeof more === 'object' ? more : {}) });
        return [`${type} ${JSON.stringify(more)}`, `${inbound?.actor} ${inbound?.kind}`];
      }),
    );
    expect(kinds).toEqual({
      'text {}': 'human text',
      'image {"image":{"caption":"look"}}': 'human text',
      'image {"image":{}}': 'human other',
      'audio {"audio":{}}': 'human other',
      'sticker {}': 'human other',
      'location {}': 'human other',
      'contacts {}': 'human other',
      'order {}': 'human other',
      'reaction {}': 'human reaction',
      'edit {}': 'human edit',
      'revoke {}': 'human other',
      'unsupported {}': 'human other',
      'button {"button":{"payload":"nonce"}}': 'human button',
      'interactive {"interactive":{"type":"list_reply","list_reply":{"id":"nonce"}}}': 'human button',
      'interactive {"interactive":{"type":"nfm_reply","nfm_reply":{"response_json":"{}"}}}': 'human other',
      'system {"system":{"type":"x"}}': 'system other',
    });
  });

  test('one that does not fit takes nobody else with it', () => {
    const good = { from: '15550001', id: 'wamid.1', timestamp: SAID, type: 'text', text: { body: 'hello' } };
    const value = { messages: [null, 7, { from: '15550001' }, { ...good, id: '' }, good] };
    expect(readDelivery(delivery(value), US)).toHaveLength(1);
  });

  test('history, calls and templates are nothing; another object is no delivery', () => {
    const value = { messages: [{ from: '15550001', id: 'wamid.1', timestamp: SAID, type: 'text' }] };
    for (const field of ['history', 'calls', 'message_template_status_update', 'account_update'])
      expect(readDelivery(delivery(value, { field }), US)).toEqual([]);
    for (const junk of [null, [], {}, 'x', { object: 'page', entry: [] }])
      expect(readDelivery(junk, US)).toBeNull();
  });
});

describe('what became of a message of ours', () => {
  const told = (status: object) => readDelivery(delivery({ statuses: [status] }), US);

  test('is known by what we gave it, and by nothing else', () => {
    const ours = { id: 'wamid.1', biz_opaque_callback_data: 'out_1' };
    expect(told({ ...ours, status: 'sent' })).toEqual([]);
    for (const status of ['delivered', 'read'])
      expect(told({ ...ours, status })).toEqual([{ is: 'fate', fate: { id: 'out_1', fate: 'delivered' } }]);
    expect(told({ ...ours, status: 'failed', errors: [{ code: 131_047 }] })).toEqual([
      { is: 'fate', fate: { id: 'out_1', fate: 'failed', reason: 'outside_window' } },
    ]);
    expect(told({ ...ours, status: 'failed' })).toMatchObject([{ fate: { reason: 'platform_failed' } }]);
    expect(told({ id: 'wamid.1', status: 'delivered' })).toEqual([]);
  });
});

describe('a person who has another id from now on', () => {
  test('is told of by the platform, in both of its ways', () => {
    const moved = { system: { type: 'user_changed_number', wa_id: '15550002' }, type: 'system' };
    const timestamp = '1767225600';
    const at = 1_767_225_600_000;
    expect(read({ from: '15550001', ...moved, timestamp }).at(-1)).toEqual({
      is: 'moved',
      moved: { from: '+15550001', to: '+15550002', at },
    });
    const ids = { previous: 'US.1', current: 'US.2' };
    const update = { user_id_update: [{ user_id: ids, timestamp }, { user_id: ids }] };
    expect(readDelivery(delivery(update, { field: 'user_id_update' }), US)).toEqual([
      { is: 'moved', moved: { from: 'US.1', to: 'US.2', at } },
      { is: 'moved', moved: { from: 'US.1', to: 'US.2', at: null } },
    ]);
  });
});

test('changed deliveries: no crash, and nobody out of bytes that do not verify (the full lane tries 100,000)', async () => {
  await using door = await cloudDoor();
  const { taken, refused } = await fuzzDoor(door, 2_000);
  expect(taken).toBeGreaterThan(0);
  expect(refused).toBeGreaterThan(1_000);
});
