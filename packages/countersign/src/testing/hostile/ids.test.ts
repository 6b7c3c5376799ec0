// H03, H04, H05: two different senders never become one by the way their ids are read, written or joined into keys; and an
// id that is written down is read back as itself.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ACCOUNT,
  CHANNEL_NAMES,
  CHANNELS,
  type ChannelName,
  flawOfNative,
  isChannelName,
  isPerson,
  readPerson,
} from '../../config/native-ids.ts';
import { peerLabel } from '../../core/identity/name.ts';
import { type Peer, parseNative, peerKey, samePeer, storedNative } from '../../core/identity/peer.ts';
import { sessionKey } from '../../core/session/key.ts';
import { HARNESSES } from '../channel/all.ts';

const RULES = { agent: 'main', dmScope: 'per-account-channel-peer', allowShared: false } as const;

const account = fc.stringMatching(ACCOUNT);

/** Made once a shape: building one is what costs. */
const made = new Map<string, fc.Arbitrary<string>>();

function ids(shape: RegExp): fc.Arbitrary<string> {
  const known = made.get(shape.source);
  if (known !== undefined) return known;
  const arbitrary = fc.stringMatching(shape).filter((text) => parseNative(text, shape) !== null);
  made.set(shape.source, arbitrary);
  return arbitrary;
}

/** What an attacker who may choose an id would choose beside a given one. */
const BESIDE: readonly ((text: string) => string)[] = [
  (text) => text.toUpperCase(),
  (text) => text.toLowerCase(),
  (text) => text.normalize('NFKC'),
  (text) => text.normalize('NFD'),
  (text) => `${text} `,
  (text) => `${text}:`,
  (text) => `:${text}`,
  (text) => `default:${text}`,
  (text) => `${text}\u0000`,
  (text) => `+${text}`,
  (text) => text.replace(/^\+/, ''),
  (text) => text.replaceAll('a', '\u0430'),
  (text) => text.slice(0, -1),
  (text) => text.slice(1),
  (text) => text + text,
];
const beside = fc.constantFrom(...BESIDE);

/** A peer and another one that is as near to it as can be. */
function pairs(channel: ChannelName) {
  const { shape } = CHANNELS[channel];
  const near = fc.oneof(
    beside,
    ids(shape).map((other) => () => other),
  );
  const channels = fc.constantFrom(channel, ...CHANNEL_NAMES);
  return fc
    .tuple(ids(shape), near, account, account, fc.boolean(), channels)
    .map(([native, change, one, two, stays, channelToo]): readonly [Peer, Peer | null] => {
      const parsed = parseNative(change(native), CHANNELS[channelToo].shape);
      return [
        { channel, account: one, native: storedNative(native) },
        parsed === null ? null : { channel: channelToo, account: stays ? one : two, native: parsed },
      ];
    });
}

const direct = ({ native }: Peer) => ({ kind: 'direct', id: native }) as const;

describe.each(CHANNEL_NAMES)('%s', (channel) => {
  const { shape } = CHANNELS[channel];

  test('an id is read as it stands, and is the same read twice', () => {
    fc.assert(
      fc.property(ids(shape), (text) => {
        expect(parseNative(text, shape)).toBe(text);
        expect(parseNative(text, shape)).toBe(text);
        expect(flawOfNative(channel, text)).toBeNull();
      }),
    );
  });

  test('what is no id is not mended into one', () => {
    const near = fc.tuple(ids(shape), beside).map(([text, change]) => change(text));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), near), (text) => {
        const read = parseNative(text, shape);
        expect(read === null || read === text).toBe(true);
      }),
    );
    for (const nobody of ['', ' ', '*', 'anonymous\u200B', 'a'.repeat(257), '\uD800'])
      expect(parseNative(nobody, shape)).toBeNull();
  });

  test('two different peers have different keys, and one peer has one', () => {
    fc.assert(
      fc.property(pairs(channel), ([one, other]) => {
        const copy = { ...one };
        expect(peerKey(copy)).toBe(peerKey(one));
        if (other === null) return;
        const isSame =
          one.channel === other.channel && one.account === other.account && one.native === other.native;
        expect(samePeer(one, other)).toBe(isSame);
        expect(peerKey(one) === peerKey(other)).toBe(isSame);
        const keys = [one, other].map((peer) => sessionKey(peer, direct(peer), RULES).key);
        expect(keys[0] === keys[1]).toBe(isSame);
        // A room is never a person's session, whatever it is called.
        const room = sessionKey(other, { kind: 'group', id: other.native }, RULES).key;
        expect(room).not.toBe(keys[0]);
      }),
      { numRuns: 300 },
    );
  });

  test('written into a list with its account, a person is read back as themselves', () => {
    fc.assert(
      fc.property(ids(shape), account, (native, written) => {
        const read = readPerson(`${channel}:${written}:${native}`);
        // An id that begins like an account is taken for the id it is: name the account "default" then.
        const isItself = parseNative(`${written}:${native}`, shape) !== null;
        if (!isItself) expect(read).toEqual({ channel, account: written, native });
        const alone = readPerson(`${channel}:default:${native}`);
        expect(isPerson(alone) && alone.native === native && alone.account === 'default').toBe(true);
      }),
    );
  });
});

describe.each(HARNESSES)('the traits of $name', ({ channel, traits }) => {
  test('every sender it lets through can be written into a list of people, and no two are one', () => {
    fc.assert(
      fc.property(ids(traits.peerIds), ids(traits.peerIds), (one, other) => {
        for (const native of [one, other]) {
          expect(parseNative(native, traits.peerIds)).toBe(native);
          if (isChannelName(channel)) expect(flawOfNative(channel, native)).toBeNull();
        }
        const [a, b] = [one, other].map((native) => ({
          channel,
          account: 'default',
          native: storedNative(native),
        }));
        if (a === undefined || b === undefined) return;
        expect(peerKey(a) === peerKey(b)).toBe(one === other);
        expect(peerLabel(a) === peerLabel(b)).toBe(one === other);
      }),
    );
  });
});
