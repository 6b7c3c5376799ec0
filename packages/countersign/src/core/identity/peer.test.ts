// Whoever can make two ids equal can be somebody else: H03 (normalised ids), H05 (empty and near ids), H07 (a group as a
// person). Equality is exact, and what is not exactly an id is nobody.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHANNEL_NAMES, CHANNELS } from '../../config/native-ids.ts';
import { type Native, type Peer, parseNative, peerKey, samePeer, storedNative } from './peer.ts';

const ANY = /^.+$/su;

function native(text: string, shape = ANY): Native {
  const id = parseNative(text, shape);
  if (id === null) throw new Error(`${JSON.stringify(text)} is nobody`);
  return id;
}

const natives = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 40 })
  .filter((text) => parseNative(text, ANY) !== null);
const names = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,8}$/);
const peers: fc.Arbitrary<Peer> = fc.record({
  channel: names,
  account: names,
  native: natives.map((id) => native(id)),
});

describe('H03: different ids stay different', () => {
  test('peerKey is injective, colons in ids or not', () => {
    const tricky = fc.constantFrom('a', 'a:b', ':', '::', 'default:a', 'b:default:a').map((id) => native(id));
    const some = fc.oneof(peers, fc.record({ channel: names, account: names, native: tricky }));
    fc.assert(
      fc.property(some, some, (a, b) => {
        const isSame = a.channel === b.channel && a.account === b.account && a.native === b.native;
        expect(peerKey(a) === peerKey(b)).toBe(isSame);
        expect(samePeer(a, b)).toBe(isSame);
      }),
      { numRuns: 1_000 },
    );
  });

  const lookalikes: readonly (readonly [string, string])[] = [
    ['U123ABC', 'u123abc'],
    ['ana@example.org', 'Ana@example.org'],
    ['ana@example.org', 'аna@example.org'],
    ['\u00e9va', 'e\u0301va'],
    ['ﬁn', 'fin'],
    ['１２３', '123'],
    ['straße', 'strasse'],
    ['ana.b', 'ana-b'],
    ['ana_b', 'ana-b'],
    ['+15555550123', '15555550123'],
    ['555001', '0555001'],
    ['a:b', 'a%3Ab'],
  ];
  for (const [one, other] of lookalikes) {
    test(`${one} is not ${other}`, () => {
      const [a, b] = [one, other].map((id) => ({ channel: 'x', account: 'default', native: native(id) }));
      if (a === undefined || b === undefined) throw new Error('two peers');
      expect(samePeer(a, b)).toBe(false);
      expect(peerKey(a)).not.toBe(peerKey(b));
    });
  }

  test('an id is kept as it came, to the letter', () => {
    fc.assert(
      fc.property(natives, (id) => {
        expect(native(id)).toBe(id);
      }),
    );
  });

  test('the same id on another account or channel is another person', () => {
    const ana = { channel: 'telegram', account: 'default', native: native('555001') };
    expect(samePeer(ana, { ...ana, account: 'support' })).toBe(false);
    expect(samePeer(ana, { ...ana, channel: 'discord' })).toBe(false);
    expect(samePeer(ana, { ...ana })).toBe(true);
  });
});

describe('H05: empty, padded and hidden is nobody', () => {
  const nobody = {
    empty: '',
    'a space': ' ',
    'padded before': ' 555001',
    'padded after': '555001 ',
    'a line feed after': '555001\n',
    'a tab inside': '555\t001',
    'NUL after': '555001\u0000',
    'a zero-width space': '555\u200b001',
    'a zero-width joiner': '555001\u200d',
    'a bidi override': '\u202e555001',
    'a soft hyphen': '555\u00ad001',
    'a byte order mark': '\ufeff555001',
    'a no-break space': '555\u00a0001',
    'a line separator': '555001\u2028',
    'half a character': '555001\ud83d',
    'a private character': '555001\ue000',
    'no assigned character': '555001\u0378',
    'too long': '5'.repeat(257),
  };
  for (const [name, text] of Object.entries(nobody)) {
    test(name, () => expect(parseNative(text, ANY)).toBeNull());
  }

  test('a part of an id, or more than it, is not the id', () => {
    const { shape } = CHANNELS.telegram;
    expect(parseNative('555001', shape)).toBe('555001');
    for (const near of [
      'anonymous',
      'null',
      'undefined',
      '0',
      '-1',
      '+555001',
      'telegram:555001',
      '555001x',
      '5e5',
    ]) {
      expect(parseNative(near, shape), near).toBeNull();
    }
  });

  test('a damaged row of our own store is a problem, never somebody', () => {
    for (const text of ['', 'x'.repeat(257)]) {
      expect(() => storedNative(text)).toThrow(expect.objectContaining({ code: 'internal' }));
    }
  });
});

describe('H07: a group is never a person', () => {
  const everywhere = ['channel:123', 'thread:123', 'group:123', '*', '@ana'];
  const groups: Readonly<Partial<Record<(typeof CHANNEL_NAMES)[number], readonly string[]>>> = {
    telegram: ['-1001234567890', '-5'],
    whatsapp: ['120363000000000000@g.us', '15555550123-1600000000@g.us', 'status@broadcast', '1@newsletter'],
    'whatsapp-cloud': ['120363000000000000@g.us', 'GROUP:Y2FwaV9ncm91cA'],
    twilio: ['whatsapp:120363000000000000@g.us', 'CH0123456789abcdef'],
    slack: ['C0123456789', 'G0123456789', 'D0123456789', 'S0123456789', 'B0123456789'],
    signal: ['group.aGVsbG8=', 'aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ='],
    imessage: ['chat123456789', 'iMessage;+;chat123456789', 'any;+;chat1'],
    feishu: ['oc_5ad11d72b830411d72b836c20', 'on_5ad11d72b830411d72b836c20'],
    xmpp: ['room@conference.example.org/ana', 'conference.example.org'],
  };
  for (const channel of CHANNEL_NAMES) {
    test(`no id of a group fits a person on ${channel}`, () => {
      const { shape } = CHANNELS[channel];
      for (const group of [...everywhere, ...(groups[channel] ?? [])]) {
        expect(parseNative(group, shape), group).toBeNull();
      }
    });
  }
});

test('no shape of a person lets in what spans two lines', () => {
  for (const channel of CHANNEL_NAMES) {
    expect(CHANNELS[channel].shape.flags).not.toContain('m');
    expect(CHANNELS[channel].shape.source).toMatch(/^\^.*\$$/);
  }
});
