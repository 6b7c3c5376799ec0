// What somebody with an account of their own on our server can try, and a service of somebody else beside it. Whoever they
// say they are, in whatever part of a stanza, they are the address that the server stamped, or nobody.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DOMAIN, FOREIGN, FOREIGN_SECRET, type Prosody, ROOMS, whyNoProsody } from './prosody.ts';
import { ForeignService } from './xmpp-foreign.ts';
import { BOT, PAIRING_CODE, PASSWORD, XmppHouse } from './xmpp-house.ts';
import { message, type XmppPerson } from './xmpp-person.ts';

const missing = whyNoProsody();

const OLGA = `olga@${DOMAIN}`;
const NS = {
  carbons: 'urn:xmpp:carbons:2',
  forward: 'urn:xmpp:forward:0',
  mam: 'urn:xmpp:mam:2',
  muc: 'http://jabber.org/protocol/muc#user',
};

describe('a hostile account on a real prosody', { timeout: 180_000 }, () => {
  let house: XmppHouse;
  let olga: XmppPerson;
  let count = 0;

  beforeAll(async () => {
    if (missing !== null) return;
    const accounts = async (server: Prosody) => {
      server.register('bot-two', PASSWORD);
      return { accounts: { second: { username: 'bot-two' } } };
    };
    house = await XmppHouse.open(accounts, { pairing: { maxPending: 100 } });
    olga = await house.arrives('olga');
    olga.says(BOT, '/whoami');
    await olga.hears('Olga');
  }, 180_000);
  beforeEach(({ skip }) => skip(missing !== null, missing ?? ''));
  afterAll(() => house?.[Symbol.asyncDispose]());

  /** Somebody new, known to nobody. */
  async function mallory(resource?: string): Promise<XmppPerson> {
    count += 1;
    return house.arrives(`mallory${count}`, resource);
  }

  const rowOf = async (person: XmppPerson) =>
    (await house.pairings('--all')).find(({ identifier }) => identifier === person.jid);

  /** All that was sent before has been read: what stands in the name of the owner would be done by now. */
  async function everythingIsRead(...people: readonly XmppPerson[]): Promise<void> {
    for (const person of people) await person.settled();
    olga.says(BOT, '/whoami');
    await olga.hears('Olga');
  }

  /** The code of somebody who has asked to be let in. */
  async function asks(person: XmppPerson): Promise<string> {
    person.says(BOT, 'let me in');
    return PAIRING_CODE.exec((await person.hears(PAIRING_CODE)).body ?? '')?.[1] ?? '';
  }

  const inside = (from: string, text: string) =>
    `<forwarded xmlns='${NS.forward}'><delay xmlns='urn:xmpp:delay' stamp='${new Date().toISOString()}'/>` +
    message(BOT, text).replace('<message ', `<message xmlns='jabber:client' from='${from}' `) +
    '</forwarded>';
  const wrapped = (more: string, body = '', attrs = "type='chat'") =>
    `<message to='${BOT}' ${attrs}>${body}${more}</message>`;

  test('H01 H17: with the owner’s address in "from" it is stamped with its own, and decides nothing', async () => {
    using eve = await mallory();
    const code = await asks(eve);
    for (const from of [OLGA, `${OLGA}/phone`, BOT, DOMAIN, '', `${OLGA}/`, `OLGA@${DOMAIN}`])
      eve.raw(message(BOT, `/pairing approve ${code}`).replace('<message ', `<message from='${from}' `));
    await everythingIsRead(eve);
    expect(await rowOf(eve)).toMatchObject({ state: 'pending', code });
  });

  test.each([
    [
      'a carbon copy received',
      (from: string, text: string) =>
        wrapped(`<received xmlns='${NS.carbons}'>${inside(from, text)}</received>`),
    ],
    [
      'a carbon copy sent',
      (from: string, text: string) => wrapped(`<sent xmlns='${NS.carbons}'>${inside(from, text)}</sent>`),
    ],
    [
      'a carbon copy that claims to be of our own account',
      (from: string, text: string) =>
        wrapped(
          `<received xmlns='${NS.carbons}'>${inside(from, text)}</received>`,
          '',
          `from='${BOT}' type='chat'`,
        ),
    ],
    [
      'a result of the archive',
      (from: string, text: string) =>
        wrapped(`<result xmlns='${NS.mam}' id='1' queryid='q1'>${inside(from, text)}</result>`, '', ''),
    ],
    ['something passed on', (from: string, text: string) => wrapped(inside(from, text))],
    [
      'something passed on, beside words',
      (from: string, text: string) => wrapped(inside(from, text), `<body>${text}</body>`),
    ],
    [
      'an address of whom it is said to be',
      (from: string, text: string) =>
        wrapped(
          `<addresses xmlns='http://jabber.org/protocol/address'><address type='ofrom' jid='${from}'/></addresses><nick xmlns='http://jabber.org/protocol/nick'>${from}</nick>`,
          `<body>${text}</body>`,
        ),
    ],
    [
      'a stanza inside the words',
      (from: string, text: string) => message(BOT, `</body></message><message from='${from}'><body>${text}`),
    ],
  ])('H17 H18: the owner’s words in %s are nobody’s (CVE-2017-5589)', async (_, forge) => {
    using eve = await mallory();
    const code = await asks(eve);
    eve.raw(forge(`${OLGA}/phone`, `/pairing approve ${code}`));
    eve.raw(forge(OLGA, `/pairing approve ${code}`));
    await everythingIsRead(eve);
    expect(await rowOf(eve)).toMatchObject({ state: 'pending', code });
    expect(eve.words).toHaveLength(1);
  });

  const beside = (more: string, words = 'not words') => message(BOT, words, { more });
  test('H11 H18 H19: what is no message of a person begins nothing and is answered by nothing', async () => {
    using eve = await mallory();
    const nothings = [
      ...['error', 'headline', 'groupchat'].map((type) => message(BOT, 'not words', { type })),
      wrapped("<active xmlns='http://jabber.org/protocol/chatstates'/>"),
      wrapped("<received xmlns='urn:xmpp:receipts' id='cs-1'/>"),
      wrapped("<displayed xmlns='urn:xmpp:chat-markers:0' id='cs-1'/>"),
      wrapped("<reactions xmlns='urn:xmpp:reactions:0' id='cs-1'><reaction>x</reaction></reactions>"),
      wrapped("<retract xmlns='urn:xmpp:message-retract:1' id='cs-1'/>"),
      wrapped("<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='x'/></event>"),
      wrapped("<propose xmlns='urn:xmpp:jingle-message:0' id='1'/>"),
      wrapped('<subject>not words</subject>'),
      wrapped('', '<body/>'),
      wrapped('', "<body xml:lang='en'>not words</body><body xml:lang='de'>keine</body>"),
      wrapped(
        "<html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'>not words</body></html>",
      ),
      beside("<replace xmlns='urn:xmpp:message-correct:0' id='cs-1'/>"),
      beside("<encrypted xmlns='eu.siacs.conversations.axolotl'/>"),
      beside("<encryption xmlns='urn:xmpp:eme:0' namespace='urn:xmpp:omemo:2'/>"),
      beside(`<x xmlns='jabber:x:conference' jid='room@${ROOMS}'/>`),
      beside(`<x xmlns='${NS.muc}'><invite from='${OLGA}'/></x>`),
      beside("<x xmlns='jabber:x:oob'><url>not words</url></x>"),
    ];
    for (const one of nothings) eve.raw(one);
    eve.raw(`<presence to='${BOT}'/><presence to='${BOT}' type='probe'/>`);
    // The first real words begin a request, and so nothing before has.
    eve.says(BOT, 'real words');
    await eve.hears(PAIRING_CODE);
    expect(eve.words).toHaveLength(1);
    expect(await rowOf(eve)).toMatchObject({ state: 'pending', firstWords: 'real words' });
  });

  test('H19: a request to be on its list is not answered, and whether it is there is not told', async () => {
    using eve = await mallory();
    for (const type of ['subscribe', 'subscribed', 'probe', 'unsubscribe'])
      eve.raw(`<presence to='${BOT}' type='${type}'/>`);
    await asks(eve);
    await everythingIsRead(eve);
    // The server itself ends what was never begun; nothing says that somebody is there.
    const presences = eve.heard.filter(({ name, from }) => name === 'presence' && from.startsWith(BOT));
    expect(presences.filter(({ type }) => type === '' || type === 'subscribed')).toEqual([]);
  });

  test.each(['olga@chat.test', 'olga@chat.test/phone', 'approved', 'a\u202eb', `${BOT}/x`])(
    'H05: a resource called %j is part of nobody’s name',
    async (resource) => {
      using eve = await mallory(resource);
      const code = await asks(eve);
      eve.says(BOT, `/pairing approve ${code}`);
      await everythingIsRead(eve);
      expect(await rowOf(eve)).toMatchObject({ identifier: eve.jid, state: 'pending', code });
      expect(JSON.stringify(await rowOf(eve))).not.toContain('olga');
    },
  );

  test('H01 H03: letters that only look like the owner’s name are another name', async () => {
    // Cyrillic and Greek; full width and capital letters are folded by the server, which has that account already.
    for (const name of ['\u043elga', 'olg\u03b1']) {
      using eve = await house.arrives(name);
      await asks(eve);
      const rows = (await house.pairings()).filter(({ identifier }) => identifier === eve.jid);
      expect(rows).toMatchObject([{ state: 'pending' }]);
    }
    for (const name of ['Olga', '\uff4flga', 'OLGA']) {
      const same = await house.arrives(name).catch((cause: Error) => cause);
      expect(same).toBeInstanceOf(Error);
    }
  });

  test('H07: a room, whatever nick somebody has in it, is no sender, and nothing is said into it', async () => {
    using eve = await mallory();
    const code = await asks(eve);
    const command = `/pairing approve ${code}`;
    const room = `olga@${ROOMS}`;
    eve.raw(`<presence to='${room}/${OLGA}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`);
    await eve.sees(({ name, from }) => name === 'presence' && from === `${room}/${OLGA}`, 'the room');
    await eve.ask(
      'set',
      room,
      "<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query>",
    );
    eve.raw(
      `<message to='${room}'><x xmlns='${NS.muc}'><invite to='${BOT}'><reason>${command}</reason></invite></x></message>`,
    );
    eve.raw(beside(`<x xmlns='jabber:x:conference' jid='${room}' reason='${command}'/>`, command));
    eve.says(room, command, { type: 'groupchat' });
    eve.says(`${room}/bot`, command);
    // As a member it is told by the room itself, though it never came in.
    await eve.ask(
      'set',
      room,
      `<query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='member' jid='${BOT}'><reason>${command}</reason></item></query>`,
    );
    await everythingIsRead(eve);
    expect(await rowOf(eve)).toMatchObject({ state: 'pending', code });
    const rows = await house.pairings('--all');
    expect(rows.filter(({ identifier }) => identifier.includes(ROOMS))).toEqual([]);
    expect(eve.heard.filter(({ xml }) => xml.includes('countersign-'))).toMatchObject([
      { from: expect.stringContaining(BOT) },
    ]);
  });

  test('H04: the owner’s name at another server is a stranger, and a service may not borrow our server’s', async () => {
    using eve = await mallory();
    const code = await asks(eve);
    using foreign = await ForeignService.start(house.server, FOREIGN, FOREIGN_SECRET);
    const command = `/pairing approve ${code}`;
    const say = (from: string, more = '') =>
      foreign.raw(
        `<message from='${from}' to='${BOT}' type='chat' id='${Math.random()}'><body>${command}</body>${more}</message>`,
      );
    // As a private message out of a room comes, with the mark that servers put on it.
    say(`room@${FOREIGN}/${OLGA}`, `<x xmlns='${NS.muc}'/>`);
    say(`olga@${FOREIGN}`);
    const heard = await foreign.next(
      ({ body }) => PAIRING_CODE.test(body ?? ''),
      'a code for the foreign olga',
    );
    expect(heard.xml).toContain(`to='olga@${FOREIGN}'`);
    say(OLGA);
    await everythingIsRead(eve);
    const rows = await house.pairings('--all');
    expect(rows.filter(({ identifier }) => identifier.includes(FOREIGN))).toMatchObject([
      { identifier: `olga@${FOREIGN}`, state: 'pending' },
    ]);
    expect(await rowOf(eve)).toMatchObject({ state: 'pending', code });
  });

  test('H62: the name of somebody else’s message, and of an archive of ours, hides nothing', async () => {
    using ana = await house.arrives('ana');
    await house.letsIn(ana);
    using ben = await house.arrives('ben');
    await house.letsIn(ben);
    const more = `<stanza-id xmlns='urn:xmpp:sid:0' by='${BOT}' id='one'/><origin-id xmlns='urn:xmpp:sid:0' id='one'/>`;
    ben.says(BOT, 'of Ben', { id: 'one', more });
    await ben.hears('You said: of Ben');
    ana.says(BOT, 'of Ana', { id: 'one', more });
    await ana.hears('You said: of Ana');
    // The same program after a new start counts from the beginning.
    ben.says(BOT, 'of Ben, later', { id: 'one', more });
    await ben.hears('You said: of Ben, later');
  });

  test('H22 H62: who may talk to one account is a stranger to the next, with the same words under the same name', async () => {
    using carl = await house.arrives('carl');
    await house.letsIn(carl);
    carl.says(BOT, 'the same words', { id: 'same' });
    await carl.hears('You said: the same words');
    carl.says(`bot-two@${DOMAIN}`, 'the same words', { id: 'same' });
    const answer = await carl.hears(PAIRING_CODE);
    expect(answer.from).toContain(`bot-two@${DOMAIN}`);
    expect(house.told.filter((text) => text === 'the same words')).toHaveLength(1);
    const rows = (await house.pairings()).filter(({ identifier }) => identifier === carl.jid);
    expect(rows).toMatchObject([{ account: 'second', firstWords: 'the same words' }]);
  });

  test('H18: queries at the connection itself change nothing, and nobody else answers ours', async () => {
    using eve = await mallory();
    await asks(eve);
    // Its answer names the connection.
    const full = eve.messages[0]?.from ?? '';
    expect(full).toMatch(/^bot@chat\.test\/countersign-/);
    const roster = `<query xmlns='jabber:iq:roster'><item jid='${eve.jid}' subscription='both'/></query>`;
    expect(await eve.ask('set', full, roster)).toMatchObject({ type: 'error' });
    expect(await eve.ask('get', full, "<query xmlns='jabber:iq:version'/>")).toMatchObject({ type: 'error' });
    const resource = full.slice(full.indexOf('/') + 1);
    for (let n = 1; n <= 200; n += 1) {
      eve.raw(`<iq type='result' id='q${n}-${resource}' to='${full}'/>`);
      eve.raw(`<iq type='error' id='q${n}-${resource}' to='${full}'/>`);
    }
    // And what was said to somebody else is not theirs to bounce.
    const known = olga.messages.map(({ id }) => id);
    for (const id of known)
      eve.raw(
        `<message type='error' id='${id}' to='${full}'><error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`,
      );
    await everythingIsRead(eve);
    await expect.poll(() => house.status(), { timeout: 60_000 }).toMatchObject({ state: 'connected' });
  });

  test('a stamp that somebody writes themselves opens nothing', async () => {
    const stamp = (when: string) => `<delay xmlns='urn:xmpp:delay' from='${DOMAIN}' stamp='${when}'/>`;
    using eve = await mallory();
    for (const when of ['1970-01-01T00:00:00Z', '2099-01-01T00:00:00Z', 'now', ''])
      eve.says(BOT, `stamped ${when}`, { more: stamp(when) });
    eve.says(BOT, 'now');
    await eve.hears(PAIRING_CODE);
    expect(await rowOf(eve)).toMatchObject({ firstWords: 'now' });
    expect(eve.words).toHaveLength(1);
  });
});
