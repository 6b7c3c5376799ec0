import { expect, test } from 'vitest';
import { turns } from '../../testing/channel/rig.ts';
import { SeededRandom } from '../../testing/fakes.ts';
import { Mutator } from '../../testing/mutate.ts';
import { fuzzStanzas } from '../../testing/xmpp-fuzz.ts';
import { XmppStub } from '../../testing/xmpp-stub.ts';
import { loadXmpp } from './library.ts';
import { readService } from './service.ts';
import { Session } from './session.ts';
import { readMessage } from './wire.ts';

test('H17: 100,000 made-up stanzas: no crash, and nobody but the stamped sender', () => {
  expect(fuzzStanzas(100_000)).toBeGreaterThan(1_000);
}, 120_000);

const SAID = [
  "<message from='eve@example.org/x' to='bot@example.org' type='chat' id='1'><body>hello</body></message>",
  "<message from='eve@example.org/x' type='chat'><received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='owner@example.org'><body>x</body></message></forwarded></received></message>",
  "<presence from='eve@example.org/x'/><r xmlns='urn:xmpp:sm:3'/>",
  "<iq from='eve@example.org/x' type='get' id='7'><ping xmlns='urn:xmpp:ping'/></iq>",
];

test('200 changed streams, through the parser of the library: the connection ends, waits, or goes on', async () => {
  await using stub = await XmppStub.start();
  const library = await loadXmpp();
  const mutator = new Mutator(new SeededRandom('xmpp streams'));
  const { username, password } = stub.account;
  const login = {
    service: readService(stub.service),
    domain: stub.domain,
    username,
    password,
    resource: 'r',
  };
  const senders = new Set<string>();
  let ended = 0;
  for (let n = 0; n < 200; n++) {
    const over = Promise.withResolvers<'over'>();
    const hooks = {
      take: async (stanza: Parameters<typeof readMessage>[0], own: string) => {
        const read = readMessage(stanza, { account: 'default', own, now: 0 });
        if (read !== null) senders.add(read.peer.native);
      },
      closed: () => over.resolve('over'),
      now: () => 0,
    };
    const session = await Session.open(library, login, hooks, new AbortController().signal);
    await session.appear();
    stub.bytes(Buffer.from(mutator.bytes(Buffer.from(mutator.one(SAID)))));
    // What was cut inside a tag swallows what comes after it.
    stub.raw(`'"/>]]>--></x>`);
    // What stays open swallows every answer: then it waits, until the time for an answer is over.
    const settled = session.settled().then(
      () => 'on',
      () => 'over',
    );
    const fate = await Promise.race([over.promise, settled, turns(300).then(() => 'waits')]);
    if (fate === 'over') ended += 1;
    session.end();
  }
  expect(ended).toBeGreaterThan(20);
  expect(senders).toContain('eve@example.org');
  expect(senders).not.toContain('owner@example.org');
}, 60_000);
