// Who wrote, out of one stanza: the address that our server stamped, and nothing that the sender can choose.
import { expect, test } from 'vitest';
import { bareOf, readMessage, readTold, type Stanza, type Us } from './wire.ts';

const el = (name: string, attrs: Stanza['attrs'], ...children: Stanza['children']): Stanza => ({
  name,
  attrs,
  children,
});
const us: Us = { account: 'default', own: 'bot@example.org', now: Date.parse('2026-06-01T00:00:00Z') };
const said = (attrs: Stanza['attrs'], ...more: Stanza['children']) => words('hello', attrs, ...more);
const words = (text: string, attrs: Stanza['attrs'], ...more: Stanza['children']) =>
  el(
    'message',
    { id: 'm1', type: 'chat', from: 'ana@example.org/x', ...attrs },
    el('body', {}, text),
    ...more,
  );
const nobody = (stanza: Stanza) => expect(readMessage(stanza, us)).toBe(null);
const mark = (name: string, xmlns: string, ...children: Stanza['children']) =>
  el(name, { xmlns }, ...children);

test('the sender is the bare address, whatever the resource says', () => {
  for (const resource of ['owner@example.org', '', '/', '@', '/a/b@c', '\u202E']) {
    const read = readMessage(said({ from: `ana@example.org/${resource}` }), us);
    expect([read?.peer.native, read?.text, read?.arrived]).toEqual(['ana@example.org', 'hello', 'live']);
    expect(JSON.stringify([read?.conversation, read?.messageId])).not.toContain('owner');
  }
});

test('one address has one form, and what only looks like it is another or nobody', () => {
  expect(bareOf('Ana@EXAMPLE.org./Phone')).toBe('ana@example.org');
  expect(bareOf('ana@bücher.example')).toBe('ana@xn--bcher-kva.example');
  expect(bareOf('ana@XN--bcher-KVA.example')).toBe('ana@xn--bcher-kva.example');
  // Cyrillic: a letter of it is seen.
  expect(bareOf('ana@ехample.org')).toBe('ana@xn--ample-ywe6i.org');
  const disguised = [
    'ana@ｅxample.org',
    'ana@１２７.0.0.1',
    'ａna@example.org',
    'ÉVA@example.org',
    'ana@exa\u200Bmple.org',
    'ana@example。org',
    'ana@exam%70le.org',
    'ana@',
    '@example.org',
    'example.org',
    'ana@b@example.org',
    'room:x@example.org',
    'a na@example.org',
    'ana@-',
    '',
    '/x',
  ];
  for (const address of disguised.filter((one) => one !== 'ana@-'))
    expect(bareOf(address), address).toBe(null);
});

test('without a sender, of our own, or of a kind that nobody writes it is nobody’s message', () => {
  for (const attrs of [{ from: null }, { from: 'bot@example.org/x' }, { from: 'BOT@EXAMPLE.ORG/x' }])
    nobody(said(attrs));
  for (const type of ['error', 'headline', 'groupchat', 'CHAT', 'x']) nobody(said({ type }));
});

test('H17: a forged carbon, copy or archive names nobody', () => {
  const inner = said({ from: 'owner@example.org/x' });
  const forwarded = mark('forwarded', 'urn:xmpp:forward:0', inner);
  for (const name of ['received', 'sent'])
    nobody(said({ from: 'eve@example.org/x' }, mark(name, 'urn:xmpp:carbons:2', forwarded)));
  nobody(said({ from: 'eve@example.org/x' }, mark('result', 'urn:xmpp:mam:2', forwarded)));
  nobody(said({ from: 'eve@example.org/x' }, forwarded));
  nobody(
    el(
      'message',
      { from: 'eve@example.org/x', type: 'chat', id: 'c' },
      mark('received', 'urn:xmpp:carbons:2', forwarded),
    ),
  );
});

test('a nick is no identity: what comes from a room is nobody’s, whatever the nick says', () => {
  const muc = mark('x', 'http://jabber.org/protocol/muc#user');
  nobody(said({ from: 'room@rooms.example.org/owner@example.org', type: 'groupchat' }));
  nobody(said({ from: 'room@rooms.example.org/owner' }, muc));
  const invite = mark(
    'x',
    'http://jabber.org/protocol/muc#user',
    el('invite', { from: 'owner@example.org/x' }),
  );
  nobody(said({ from: 'room@rooms.example.org', type: 'normal' }, invite));
  nobody(
    said(
      { from: 'eve@example.org/x' },
      el('x', { xmlns: 'jabber:x:conference', jid: 'room@rooms.example.org' }),
    ),
  );
});

test('what waited at the server is no live message, and its stamp is no promise', () => {
  const delay = (stamp: string) => el('delay', { xmlns: 'urn:xmpp:delay', stamp });
  const read = readMessage(said({}, delay('2026-01-02T03:04:05Z')), us);
  expect([read?.arrived, read?.sentAt]).toEqual(['backlog', Date.parse('2026-01-02T03:04:05Z')]);
  expect(readMessage(said({}, delay('2999-01-01T00:00:00Z')), us)?.sentAt).toBe(us.now);
  expect(readMessage(said({}, delay('nonsense')), us)?.arrived).toBe('backlog');
  expect(
    readMessage(said({}, el('x', { xmlns: 'jabber:x:delay', stamp: '20260102T03:04:05' })), us)?.arrived,
  ).toBe('backlog');
});

test('the own words alone: what is quoted, sealed or said by a program is not typed', () => {
  const fallback = (attrs: Stanza['attrs'], ...children: Stanza['children']) =>
    el('fallback', { xmlns: 'urn:xmpp:fallback:0', ...attrs }, ...children);
  const range = (start: string, end: string) => el('body', { xmlns: 'urn:xmpp:fallback:0', start, end });
  const reply = { for: 'urn:xmpp:reply:0' };
  // Counted in characters, of which 👋 is one.
  expect(readMessage(words('> 👋\nyes', {}, fallback(reply, range('0', '4'))), us)?.text).toBe('yes');
  for (const [start, end] of [
    ['1', '4'],
    ['0', '99'],
    ['0', '-1'],
    ['0', 'x'],
    ['', ''],
  ] as const)
    nobody(words('> a\nyes', {}, fallback(reply, range(start, end))));
  nobody(words('> a', {}, fallback(reply)));
  nobody(words('/pairing approve', {}, fallback(reply, range('0', '1')), fallback(reply, range('0', '2'))));
  nobody(words('This person took a message back', {}, fallback({ for: 'urn:xmpp:message-retract:1' })));
  const kind = (...more: Stanza['children']) => readMessage(said({}, ...more), us)?.kind;
  expect(kind(mark('encrypted', 'eu.siacs.conversations.axolotl'))).toBe('other');
  expect(kind(el('encryption', { xmlns: 'urn:xmpp:eme:0', namespace: 'x' }))).toBe('other');
  expect(kind(el('replace', { xmlns: 'urn:xmpp:message-correct:0', id: 'm0' }))).toBe('edit');
  expect(kind(mark('reactions', 'urn:xmpp:reactions:0'))).toBe('reaction');
  expect(kind(mark('addresses', 'http://jabber.org/protocol/address'))).toBe('text');
  expect(readMessage(said({}, mark('addresses', 'http://jabber.org/protocol/address')), us)?.forwarded).toBe(
    true,
  );
});

test('two bodies, or one of another namespace, are no words', () => {
  nobody(said({}, el('body', { 'xml:lang': 'de' }, '/pairing approve')));
  nobody(el('message', { from: 'ana@example.org/x' }, mark('body', 'http://www.w3.org/1999/xhtml', 'hello')));
});

test('a retry counts once; a program that counts anew after a start is not taken for one', () => {
  const idOf = (stanza: Stanza) => readMessage(stanza, us)?.messageId;
  expect(idOf(words('a', { id: '1' }))).toBe(idOf(words('a', { id: '1' })));
  expect(idOf(words('a', { id: '1' }))).not.toBe(idOf(words('b', { id: '1' })));
  const by = (server: string, id: string) => el('stanza-id', { xmlns: 'urn:xmpp:sid:0', by: server, id });
  expect(idOf(words('a', { id: '1' }, by('bot@example.org', 's1')))).toBe('s:s1');
  expect(idOf(words('a', { id: '1' }, by('evil@example.net', 's1')))).toBe(idOf(words('a', { id: '1' })));
  expect(idOf(words('a', { id: '1' }, by('bot@example.org', 's1'), by('bot@example.org', 's2')))).toBe(
    idOf(words('a', { id: '1' })),
  );
  // No name at all is a message all the same.
  expect(idOf(words('a', { id: null }))).toMatch(/^c:/);
});

test('a bounce and a receipt are read with who said it, and with nothing else of it', () => {
  const gone = el('error', { type: 'cancel' }, mark('item-not-found', 'urn:ietf:params:xml:ns:xmpp-stanzas'));
  expect(readTold(el('message', { from: 'ana@example.org', id: 'o1', type: 'error' }, gone))).toEqual({
    from: 'ana@example.org',
    id: 'o1',
    error: { condition: 'item-not-found', type: 'cancel' },
  });
  const receipt = el('received', { xmlns: 'urn:xmpp:receipts', id: 'o1' });
  expect(readTold(el('message', { from: 'ana@example.org/x' }, receipt))).toEqual({
    from: 'ana@example.org',
    id: 'o1',
    error: null,
  });
  expect(readTold(el('message', { from: 'ana@example.org/x' }, receipt, receipt))).toBe(null);
  expect(readTold(said({}))).toBe(null);
});
