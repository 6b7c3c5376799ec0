// H68, R4, R13: who asks for verify links for many numbers is stopped, a code is good for ten minutes, and a code that is
// said in a room is spent for nobody.

import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { makeId } from '@countersign/protocol/ids';
import { expect, test } from 'vitest';
import { parseNative } from '../../core/identity/peer.ts';
import type { Inbound } from '../../core/message.ts';
import { createHasher } from '../../runtime/crypto/hasher.ts';
import { StorageKey } from '../../runtime/keys.ts';
import { FakeClock, SeededRandom } from '../../testing/fakes.ts';
import { inboundFrom } from '../../testing/inbound.ts';
import { VerifyLinks } from './verify-links.ts';

function stage() {
  const clock = new FakeClock();
  const random = new SeededRandom('verify');
  const hasher = createHasher(new StorageKey(random.bytes(32)));
  const noted: [string, string | undefined][] = [];
  const denials = {
    record: async (_key: string, { outcome, reason }: { outcome: string; reason?: string }) => {
      noted.push([outcome, reason]);
    },
  };
  const links = new VerifyLinks({
    clock,
    random,
    hasher,
    denials,
    isOn: () => true,
    home: () => 'https://assistant.example',
  });
  const offer = async (number: string, remote: string | null) => {
    const request = new IncomingMessage(new Socket());
    request.method = 'POST';
    const body = { messages: [{ role: 'user', content: `it is ${number}` }] };
    const read = async () => ({ bytes: Buffer.from(JSON.stringify(body)), release: () => {} });
    return /#code=(.+)$/.exec((await links.offer(request, remote, { read })) ?? '')?.[1] ?? null;
  };
  const passed: string[] = [];
  const inbox = links.inbox({
    receive: async ({ text }) => {
      passed.push(text);
      return { as: 'nobody', message: makeId('message', random.bytes(15)), reason: 'empty' };
    },
  });
  return { clock, offer, noted, passed, says: (text: string, more = {}) => inbox.receive(said(text, more)) };
}

function said(text: string, more: Partial<Inbound>): Inbound {
  const native = parseNative('491701234567', /^\d+$/);
  if (native === null) throw new Error('nobody');
  return inboundFrom({ channel: 'whatsapp', account: 'default', native }, { messageId: 'm1', text, ...more });
}

const NUMBER = '+49 170 1234567';
const other = (n: number) => `+49 171 ${1_000_000 + n}`;

test('one address is given ten links, and then one each six minutes; another is not held up by it', async () => {
  const { clock, offer } = stage();
  const given = async (remote: string | null, from: number) => {
    const all = [];
    for (let n = 0; n < 14; n += 1) all.push(await offer(other(from + n), remote));
    return all.filter((code) => code !== null).length;
  };
  expect(await given('203.0.113.7', 0)).toBe(10);
  expect(await given('::ffff:203.0.113.7', 20)).toBe(0);
  expect(await given('203.0.113.8', 40)).toBe(10);
  clock.advance('6m');
  expect(await given('203.0.113.7', 60)).toBe(1);
});

test('from its number it counts once, for ten minutes', async () => {
  const { clock, offer, noted, says } = stage();
  await says((await offer(NUMBER, null)) ?? '');
  const late = (await offer(NUMBER, null)) ?? '';
  clock.advance('10m');
  await says(late);
  await says(late);
  expect(noted).toEqual([
    ['ok', undefined],
    ['denied', 'late'],
  ]);
});

test('C-01: a number that the platform itself gives beside another id is theirs', async () => {
  const { offer, noted, says } = stage();
  const native = parseNative('88005553535000', /^\d+$/);
  const alias = parseNative('491701234567', /^\d+$/);
  if (native === null || alias === null) throw new Error('nobody');
  const peer = { channel: 'whatsapp', account: 'default', native };
  await says((await offer(NUMBER, null)) ?? '', { peer, alias });
  await says((await offer(NUMBER, null)) ?? '', { peer });
  expect(noted).toEqual([
    ['ok', undefined],
    ['denied', 'another_number'],
  ]);
});

test('said in a group, by a program, or among other words it is a text like any other', async () => {
  const { offer, noted, passed, says } = stage();
  const code = (await offer(NUMBER, null)) ?? '';
  await says(code, { conversation: { kind: 'group', id: 'room' } });
  await says(code, { actor: 'bot' });
  await says(`my code is ${code}`);
  expect(noted).toEqual([]);
  await says(code);
  expect(noted).toEqual([['ok', undefined]]);
  // Whatever it was, it goes the way of every message.
  expect(passed).toHaveLength(4);
});
