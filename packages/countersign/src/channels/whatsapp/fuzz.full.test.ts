// H05 H17: 100,000 stanzas as an attacker, or a broken line, would change them. Nothing crashes, and nobody comes out who
// is not written in the attributes that the server writes: never a group, never a number out of a LID, never out of words.
import assert from 'node:assert/strict';
import { test } from 'vitest';
import { parseNative } from '../../core/identity/peer.ts';
import { SeededRandom } from '../../testing/fakes.ts';
import { Mutator } from '../../testing/mutate.ts';
import { personOf, readStanza, senderOf, strayAliases, WHATSAPP_PEER } from './wire.ts';

const NOW = Date.UTC(2026, 10, 25, 12);
const us = { account: 'default', names: [], since: NOW - 60_000, now: NOW };
const T = String(NOW / 1_000);

const SEEDS = [
  [
    { id: 'A1', from: '200000000000777@lid', sender_pn: '15550001111@s.whatsapp.net', t: T, notify: 'Ana' },
    { conversation: 'hello' },
  ],
  [
    { id: 'A2', from: '15550001111:3@s.whatsapp.net', sender_lid: '200000000000777@lid', t: T },
    { extendedTextMessage: { text: 'hi', contextInfo: { isForwarded: true, mentionedJid: ['1@lid'] } } },
  ],
  [
    {
      id: 'A3',
      from: '120363025246125486@g.us',
      participant: '200000000000777@lid',
      participant_pn: '15550001111@s.whatsapp.net',
      t: T,
    },
    { ephemeralMessage: { message: { imageMessage: { caption: 'x' } } } },
  ],
  [
    { id: 'A4', from: '15550001111@lid', t: T, offline: '1' },
    { protocolMessage: { type: 14, editedMessage: { conversation: 'x' } } },
  ],
  [
    { id: 'A5', from: 'status@broadcast', participant: '15550001111@s.whatsapp.net', t: T },
    { reactionMessage: { text: '👍' } },
  ],
] as const;

/** Where the server writes who somebody is. */
const NAMES = ['from', 'participant', 'sender_pn', 'sender_lid', 'participant_pn', 'participant_lid'];

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}

test('100,000 changed stanzas: no crash, and nobody out of anything but the server’s own attributes', async () => {
  const mutator = new Mutator(new SeededRandom('whatsapp stanzas'));
  let people = 0;
  for (let n = 0; n < 100_000; n++) {
    const [written, said] = mutator.one(SEEDS);
    const attrs: Record<string, string> = { ...written };
    for (let changes = mutator.below(3); changes > 0; changes--) {
      const key = mutator.one(Object.keys(attrs));
      const value = text(mutator.bytes(Buffer.from(attrs[key] ?? '')));
      attrs[mutator.below(4) === 0 ? mutator.one(NAMES) : key] = value;
    }
    const changed = text(mutator.bytes(Buffer.from(JSON.stringify(said))));
    const message = mutator.below(2) === 0 ? said : parsed(changed);
    // What is taken away takes away a name at most, and never gives one.
    const trimmed: Record<string, string> = { ...attrs };
    for (const name of strayAliases(attrs)) delete trimmed[name];
    const [before, after] = [await senderOf(attrs), await senderOf(trimmed)];
    const names = [before?.native, before?.alias ?? undefined];
    assert.equal(before === null, after === null);
    if (after !== null) assert.ok(names.includes(after.native));
    if (after?.alias) assert.ok(names.includes(after.alias));
    assert.deepEqual(strayAliases(trimmed), []);
    const inbound = await readStanza({ attrs, message }, us);
    if (inbound === null) continue;
    people += 1;
    const { native } = inbound.peer;
    assert.equal(parseNative(native, WHATSAPP_PEER), native);
    const known = NAMES.map((key) => personOf(attrs[key]));
    assert.ok(known.includes(native), `${native} out of ${JSON.stringify(attrs)}`);
    if (inbound.alias) assert.ok(known.includes(inbound.alias));
    if (inbound.conversation.kind === 'direct') assert.ok(!attrs['from']?.endsWith('@g.us'));
  }
  assert.ok(people > 10_000, `${people} came through`);
}, 300_000);
