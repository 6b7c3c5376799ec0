// Made-up and changed stanzas: whoever becomes a sender is the one that our server stamped, and nothing crashes.
import assert from 'node:assert/strict';
import { bareOf, readMessage, readTold, type Stanza } from '../channels/xmpp/wire.ts';
import { SeededRandom } from './fakes.ts';
import { Mutator } from './mutate.ts';

const OWN = 'bot@example.org';
const NAMES = [
  'message',
  'presence',
  'iq',
  'body',
  'x',
  'delay',
  'received',
  'sent',
  'forwarded',
  'result',
  'stanza-id',
  'fallback',
  'replace',
  'error',
  'item-not-found',
  'url',
];
const SPACES = [
  'jabber:client',
  'urn:xmpp:delay',
  'urn:xmpp:carbons:2',
  'urn:xmpp:forward:0',
  'urn:xmpp:mam:2',
  'urn:xmpp:sid:0',
  'urn:xmpp:fallback:0',
  'urn:xmpp:reply:0',
  'urn:xmpp:receipts',
  'jabber:x:oob',
  'http://jabber.org/protocol/muc#user',
];
const TEXTS = [
  'eve@example.org/x',
  'EVE@EXAMPLE.ORG',
  'eve@bücher.example/owner@example.org',
  OWN,
  `${OWN}/x`,
  'owner@example.org',
  'room@rooms.example.org/owner@example.org',
  '',
  '/',
  '@',
  '\uD800',
  '\0',
  'chat',
  'groupchat',
  'error',
  '2026-01-01T00:00:00Z',
  '99999999999999999999',
  '-1',
  'x'.repeat(300),
];
const KEYS = ['from', 'to', 'type', 'id', 'xmlns', 'by', 'for', 'start', 'end', 'stamp', '__proto__'];

/** @returns how many became a message of somebody. */
export function fuzzStanzas(count: number, seed = 'xmpp'): number {
  const mutator = new Mutator(new SeededRandom(seed));
  const any = <T>(of: readonly T[]): T => mutator.one(of);
  const times = (most: number) => Array.from({ length: mutator.below(most + 1) });
  const attrs = () => Object.fromEntries(times(4).map(() => [any(KEYS), any([...TEXTS, ...SPACES])]));
  const make = (depth: number): Stanza => ({
    name: depth === 0 ? any(['message', 'message', 'message', 'presence']) : any(NAMES),
    attrs: attrs(),
    children:
      depth > 2 ? [any(TEXTS)] : times(2).map(() => (mutator.below(2) === 0 ? make(depth + 1) : any(TEXTS))),
  });
  const us = { account: 'default', own: OWN, now: Date.UTC(2026, 10, 26) };
  let taken = 0;
  for (let n = 0; n < count; n++) {
    const made = make(0);
    // Two of three begin as a genuine message, so that the changes reach what is behind the first checks.
    const genuine = { from: 'eve@example.org/x', id: 'm', type: 'chat', ...any([{}, {}, made.attrs]) };
    const body: Stanza = { name: 'body', attrs: any([{}, {}, attrs()]), children: ['hello'] };
    const children = any([[body, ...made.children], [...made.children, body], [body]]);
    const stanza = any([
      made,
      { name: 'message', attrs: genuine, children },
      { name: 'message', attrs: genuine, children },
    ]);
    readTold(stanza);
    const read = readMessage(stanza, us);
    if (read === null) continue;
    taken += 1;
    const from = Object.hasOwn(stanza.attrs, 'from') ? stanza.attrs['from'] : null;
    assert.equal(read.peer.native, bareOf(String(from)));
    assert.notEqual(read.peer.native, OWN);
    assert.ok(/^(?:eve|owner|room)@[a-z.-]+$/.test(read.peer.native), read.peer.native);
    assert.deepEqual(read.conversation, { kind: 'direct', id: read.peer.native });
    const type = Object.hasOwn(stanza.attrs, 'type') ? stanza.attrs['type'] : undefined;
    assert.ok(type === 'chat' || type === undefined, 'a kind that nobody writes');
    const marks = stanza.children.flatMap((child) => (typeof child === 'string' ? [] : [child]));
    assert.ok(!marks.some(isCopy), 'a copy of somebody else became a message');
  }
  return taken;
}

function isCopy({ name, attrs }: Stanza): boolean {
  const ns = String(attrs['xmlns']);
  return (
    (/^(?:received|sent)$/.test(name) && ns === 'urn:xmpp:carbons:2') ||
    (name === 'result' && ns === 'urn:xmpp:mam:2') ||
    (name === 'forwarded' && ns === 'urn:xmpp:forward:0') ||
    (name === 'x' && ns.endsWith('muc#user'))
  );
}
