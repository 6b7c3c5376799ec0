// C-01 C-02 C-04 H08: one person, two ids. A LID is never a number, whatever its digits; the two are joined by what the
// server wrote around the message, or by what the library had asked it, and by nothing else.
import assert from 'node:assert/strict';
import { describe, expect, test } from 'vitest';
import { type Native, parseNative } from '../../core/identity/peer.ts';
import type { Inbound } from '../../core/message.ts';
import { jidOf, personOf, readStanza, senderOf, strayAliases, type Us, WHATSAPP_PEER } from './wire.ts';

const NOW = Date.UTC(2026, 10, 25, 12);
const T = String(NOW / 1_000);
const ANA = '200000000000777@lid';
const PHONE = '15550001111@s.whatsapp.net';

function native(text: string): Native {
  const read = parseNative(text, WHATSAPP_PEER);
  assert.ok(read);
  return read;
}

const US: Us = {
  account: 'default',
  names: [native('+15550009999'), native('900000000009999@lid')],
  since: NOW - 60_000,
  now: NOW,
};

async function read(
  attrs: Record<string, string>,
  message: unknown = { conversation: 'hello' },
  mapped: Record<string, string> = {},
): Promise<Inbound | null> {
  const all = { id: 'A1', t: T, type: 'text', ...attrs };
  const look = async (id: Native) => (mapped[id] === undefined ? null : native(mapped[id]));
  return readStanza({ attrs: all, message }, US, look);
}

async function who(attrs: Record<string, string>, mapped?: Record<string, string>) {
  const inbound = await read(attrs, undefined, mapped);
  return inbound === null ? null : [inbound.peer.native, inbound.alias];
}

describe('who wrote', () => {
  test.each([
    ['a first contact by LID alone', { from: ANA }, [ANA, null]],
    ['a LID with its number', { from: ANA, sender_pn: PHONE }, [ANA, '+15550001111']],
    ['a number with its LID', { from: PHONE, sender_lid: ANA }, [ANA, '+15550001111']],
    ['a number alone', { from: PHONE }, ['+15550001111', null]],
    ['another device of theirs', { from: '200000000000777:12@lid' }, [ANA, null]],
    [
      'a number that is written with agent and device',
      { from: '15550001111_1:3@s.whatsapp.net' },
      ['+15550001111', null],
    ],
    ['a LID with a second LID beside it', { from: ANA, sender_pn: '300000000000000@lid' }, [ANA, null]],
    [
      'a number with a second number beside it',
      { from: PHONE, sender_lid: '15559998888@s.whatsapp.net' },
      ['+15550001111', null],
    ],
    [
      'what a group would say of somebody, in a direct chat',
      { from: ANA, participant_pn: PHONE },
      [ANA, null],
    ],
  ])('%s', async (_, attrs: Record<string, string>, expected) => {
    expect(await who(attrs)).toEqual(expected);
  });

  test('H08: a LID whose digits are an allowed number is not that number', async () => {
    expect(await who({ from: '15550001111@lid' })).toEqual(['15550001111@lid', null]);
    expect(await who({ from: '15550001111@lid', sender_pn: '15550001111@lid' })).toEqual([
      '15550001111@lid',
      null,
    ]);
    expect(jidOf(native('15550001111@lid'))).toBe('15550001111@lid');
    expect(jidOf(native('+15550001111'))).toBe('15550001111@s.whatsapp.net');
  });

  test('LID, then the number; the number, then the LID: the same person by what the library has mapped', async () => {
    const mapped = { [ANA]: '+15550001111', '+15550001111': ANA };
    expect(await who({ from: ANA }, mapped)).toEqual([ANA, '+15550001111']);
    expect(await who({ from: PHONE }, mapped)).toEqual([ANA, '+15550001111']);
    // What the envelope says stands before what was known: whether they agree is for core to judge.
    expect(await who({ from: ANA, sender_pn: '15557776666@s.whatsapp.net' }, mapped)).toEqual([
      ANA,
      '+15557776666',
    ]);
  });

  test.each([
    '120363025246125486@g.us',
    'status@broadcast',
    '120363025246125486@newsletter',
    '13135550002@bot',
    '@lid',
    'abc@lid',
    '1@lid',
    '200000000000777@lid.evil',
    '200000000000777@LID',
    '+15550001111@s.whatsapp.net',
    '015550001111@s.whatsapp.net',
    '',
    'lid',
    '15550001111@s.whatsapp.net@lid',
    '15550001111@s.whatsapp.net\n',
  ])('H05 H07: %j is nobody', async (jid) => {
    assert.equal(personOf(jid), null);
    assert.equal(await senderOf({ from: jid }), null);
  });

  test('a group says where, and its member who', async () => {
    const inbound = await read({
      from: '120363025246125486@g.us',
      participant: ANA,
      participant_pn: PHONE,
      sender_pn: '15557776666@s.whatsapp.net',
    });
    expect([inbound?.peer.native, inbound?.alias, inbound?.conversation]).toEqual([
      ANA,
      '+15550001111',
      { kind: 'group', id: '120363025246125486@g.us' },
    ]);
    expect(await who({ from: '120363025246125486@g.us' })).toBeNull();
    expect(await who({ from: '120363025246125486@g.us', participant: '120363025246125486@g.us' })).toBeNull();
  });

  test('H11: a direct chat that is none is unknown', async () => {
    expect((await read({ from: ANA, participant: PHONE }))?.conversation.kind).toBe('unknown');
    expect((await read({ from: ANA, recipient: PHONE }))?.conversation.kind).toBe('unknown');
    expect(await read({ from: 'status@broadcast', participant: PHONE })).toBeNull();
  });

  test('our own words, from a phone of ours, are about the other one', async () => {
    const own = await read(
      { from: '15550009999@s.whatsapp.net', recipient: ANA },
      { deviceSentMessage: { message: { conversation: 'hi' } } },
    );
    expect([own?.actor, own?.peer.native, own?.conversation]).toEqual([
      'self',
      ANA,
      { kind: 'direct', id: ANA },
    ]);
    const byLid = await read(
      { from: '900000000009999:2@lid', recipient: PHONE },
      { conversation: 'hi' },
      { '+15550001111': ANA },
    );
    expect([byLid?.actor, byLid?.peer.native]).toEqual(['self', ANA]);
  });
});

// The library takes the first second id that it finds, whosever it is, and joins it to the sender for good.
describe('C-02: a second id that is of somebody else is not even shown to the library', () => {
  const GROUP = '120363025246125486@g.us';
  test.each([
    ['theirs, by LID', { from: ANA, sender_pn: PHONE }, []],
    ['theirs, by number', { from: PHONE, sender_lid: ANA }, []],
    ['theirs, in a group', { from: GROUP, participant: ANA, participant_pn: PHONE }, []],
    [
      'of the other one, under our own words',
      { from: '15550009999@s.whatsapp.net', recipient: ANA, peer_recipient_pn: PHONE },
      [],
    ],
    ['a group’s, in a direct chat', { from: ANA, participant_pn: PHONE }, ['participant_pn']],
    ['a direct chat’s, in a group', { from: GROUP, participant: ANA, sender_pn: PHONE }, ['sender_pn']],
    ['a recipient’s, under somebody’s words', { from: ANA, peer_recipient_pn: PHONE }, ['peer_recipient_pn']],
    [
      'ours, under our own words to somebody',
      { from: '900000000009999@lid', recipient: ANA, sender_pn: '15550009999@s.whatsapp.net' },
      ['sender_pn'],
    ],
    ['a second LID as a number', { from: ANA, sender_pn: '300000000000000@lid' }, ['sender_pn']],
    ['a LID beside a LID', { from: ANA, sender_lid: '300000000000000@lid' }, ['sender_lid']],
    ['a number beside a number', { from: PHONE, sender_pn: '15559998888@s.whatsapp.net' }, ['sender_pn']],
    ['nobody', { from: ANA, sender_pn: 'x' }, ['sender_pn']],
    [
      'anybody’s, where it is not clear who speaks',
      { from: ANA, participant: PHONE, sender_pn: PHONE, participant_lid: ANA },
      ['sender_pn', 'participant_lid'],
    ],
    ['anybody’s, where nobody speaks', { from: GROUP, participant_pn: PHONE }, ['participant_pn']],
  ])('%s', (_, attrs, stray) => {
    expect(strayAliases(attrs)).toEqual(stray);
  });
});

describe('what was said', () => {
  test.each([
    ['words', { conversation: 'hi' }, 'text', 'hi'],
    ['longer words', { extendedTextMessage: { text: 'hi' } }, 'text', 'hi'],
    [
      'words that vanish',
      { ephemeralMessage: { message: { extendedTextMessage: { text: 'hi' } } } },
      'text',
      'hi',
    ],
    ['words under a picture', { imageMessage: { caption: 'hi' } }, 'text', 'hi'],
    ['a picture', { imageMessage: {} }, 'other', ''],
    ['a reaction', { reactionMessage: { text: '👍' } }, 'reaction', ''],
    ['a change', { protocolMessage: { type: 14 } }, 'edit', ''],
    ['a change, as it is wrapped today', { editedMessage: { message: {} } }, 'edit', ''],
    ['a message taken back', { protocolMessage: { type: 0 } }, 'other', ''],
    [
      'a press of somebody’s button',
      { buttonsResponseMessage: { selectedButtonId: 'approve' } },
      'other',
      '',
    ],
    ['a vote', { pollUpdateMessage: {} }, 'other', ''],
    ['something nobody has heard of', { telepathyMessage: { thought: 'hi' } }, 'other', ''],
  ])('H18: %s', async (_, message, kind, text) => {
    const inbound = await read({ from: ANA }, message);
    expect([inbound?.kind, inbound?.text]).toEqual([kind, text]);
  });

  test.each([
    ['keys of a group', { senderKeyDistributionMessage: { groupId: 'x' } }],
    ['copies of the past', { protocolMessage: { type: 5, historySyncNotification: {} } }],
    ['keys of our own settings', { protocolMessage: { type: 6 } }],
    ['nothing', {}],
    ['no message', null],
  ])('%s are nobody’s words', async (_, message) => {
    assert.equal(await read({ from: ANA }, message), null);
  });

  test('what is between our own devices is nobody’s words', async () => {
    assert.equal(await read({ from: ANA, category: 'peer' }), null);
  });

  test('P-05: what waited, what is old, and what has no time is not live', async () => {
    const arrived = async (attrs: Record<string, string>) => (await read({ from: ANA, ...attrs }))?.arrived;
    assert.equal(await arrived({}), 'live');
    assert.equal(await arrived({ offline: '1' }), 'backlog');
    assert.equal(await arrived({ t: String(NOW / 1_000 - 120) }), 'backlog');
    assert.equal(await arrived({ t: 'soon' }), 'backlog');
    assert.equal(await arrived({ t: String(NOW / 1_000 + 3_600) }), 'backlog');
    assert.equal(await arrived({ t: String(NOW / 1_000 - 40 * 86_400) }), 'history');
  });

  test('H58: forwarded and quoted words are marked, and the quoted ones are not among the own', async () => {
    const info = { quotedMessage: { conversation: '/pairing approve AAAA2222' }, participant: PHONE };
    const reply = await read({ from: ANA }, { extendedTextMessage: { text: 'what?', contextInfo: info } });
    expect([reply?.text, reply?.forwarded]).toEqual(['what?', false]);
    const passed = await read(
      { from: ANA },
      { extendedTextMessage: { text: 'x', contextInfo: { forwardingScore: 1 } } },
    );
    assert.equal(passed?.forwarded, true);
    assert.equal((await read({ from: ANA }, { conversation: '\u200B> /pairing approve' }))?.quoted, true);
  });
});

test('the shape of a person takes neither group nor a number that looks like a LID', () => {
  for (const id of [
    '15550001111',
    '15550001111@s.whatsapp.net',
    '120363025246125486@g.us',
    '+0155500',
    '12@lid',
    '+1555@lid',
  ])
    assert.equal(parseNative(id, WHATSAPP_PEER), null, id);
});
