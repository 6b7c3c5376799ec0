// A server, or somebody on the way to it, that means us ill: no word of the password, no message believed, no crash.
import { expect, onTestFinished, test } from 'vitest';
import { turns } from '../../testing/channel/rig.ts';
import { XmppStub, type XmppStubOptions } from '../../testing/xmpp-stub.ts';
import { Closed } from './closing.ts';
import { type Library, loadXmpp } from './library.ts';
import { readService } from './service.ts';
import { Session } from './session.ts';
import type { Stanza } from './wire.ts';

const NEVER = () => false;
const STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>";
const MECHANISMS =
  "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>";
const BIND = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>";

interface Opening {
  readonly password?: string;
  readonly domain?: string;
  readonly mayBePlain?: (address: string | undefined) => boolean;
  readonly take?: (stanza: Stanza) => Promise<void>;
  readonly library?: Library;
}

async function stage(options: XmppStubOptions = {}) {
  const stub = await XmppStub.start(options);
  const stop = new AbortController();
  onTestFinished(async () => {
    stop.abort();
    await stub[Symbol.asyncDispose]();
  });
  const taken: Stanza[] = [];
  const ended = Promise.withResolvers<Closed>();
  const open = async (more: Opening = {}) => {
    const login = {
      service: readService(stub.service),
      domain: more.domain ?? stub.domain,
      username: stub.account.username,
      password: more.password ?? stub.account.password,
      resource: 'here',
      ...(more.mayBePlain === undefined ? {} : { mayBePlain: more.mayBePlain }),
    };
    const hooks = {
      take: more.take ?? (async (stanza: Stanza) => void taken.push(stanza)),
      closed: ended.resolve,
      now: () => 0,
    };
    const session = await Session.open(more.library ?? (await loadXmpp()), login, hooks, stop.signal);
    onTestFinished(() => session.end());
    return session;
  };
  const refused = (more: Opening = {}) =>
    open(more).then(
      () => 'it stood',
      (cause: unknown) => (cause instanceof Closed ? cause.why : String(cause)),
    );
  return { stub, open, refused, taken, ended: ended.promise, stop };
}

test.each([['SCRAM-SHA-1'], ['PLAIN']])('logs in by %s, as the server calls us', async (mechanism) => {
  const { stub, open } = await stage({ mechanisms: [mechanism] });
  const session = await open();
  expect([session.own, session.encrypted, session.acknowledges]).toEqual([stub.own, false, true]);
  expect(stub.heard.includes(stub.account.password)).toBe(false);
});

test('a password that is wrong is a login that is over, and a server in trouble is not', async () => {
  const { stub, refused } = await stage();
  expect(await refused({ password: 'wrong' })).toBe('login');
  stub.refusal = 'temporary-auth-failure';
  expect(await refused()).toBe('lost');
});

test('outside this machine nothing is said to a server that offers no TLS', async () => {
  for (const firstFeatures of [MECHANISMS, `${MECHANISMS}${BIND}`, BIND, '']) {
    const { stub, refused } = await stage({ firstFeatures });
    expect(await refused({ mayBePlain: NEVER }), firstFeatures).toBe('insecure');
    expect(stub.heard).not.toMatch(/<(auth|iq|response)/);
  }
});

test('STARTTLS that is refused, or answered by words put in before TLS stands, ends it', async () => {
  for (const answer of [
    "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    `<stream:features>${MECHANISMS}</stream:features>`,
    `<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><stream:features>${MECHANISMS}${BIND}</stream:features>`,
    "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><message from='owner@example.org'><body>x</body></message>",
    "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
    "<iq type='result' id='1'/>",
  ]) {
    const { stub, refused, taken } = await stage({ firstFeatures: `${STARTTLS}${MECHANISMS}` });
    stub.on('<starttls', (say) => say(answer));
    expect(await refused({ mayBePlain: NEVER }), answer).toBe('insecure');
    expect(stub.heard).not.toMatch(/<(auth|iq|response)/);
    expect(taken).toEqual([]);
  }
});

test('a server that offers TLS is not spoken to without, on this machine either', async () => {
  const { stub, refused } = await stage({ firstFeatures: `${STARTTLS}${MECHANISMS}` });
  stub.on('<starttls', (say) => say("<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"));
  expect(await refused()).toBe('insecure');
  expect(stub.heard).not.toContain('<auth');
});

test('a server that sends us elsewhere is not followed', async () => {
  const other = await stage();
  const { stub, open, ended } = await stage();
  await (await open()).appear();
  const elsewhere = other.stub.service.replace('xmpp://', '');
  stub.raw(
    `<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>${elsewhere}</see-other-host></stream:error>`,
  );
  expect((await ended).detail).toContain('go nowhere');
  expect(other.stub.heard).toBe('');
});

test('what is no XML, or never ends, ends the connection and nothing else', async () => {
  for (const bad of [
    '<message><body>&made-up;</body></message>',
    '</message></stream:stream></x>',
    '<a></b>',
    '<x>'.repeat(400_000),
  ]) {
    const { stub, open, ended, taken } = await stage();
    await (await open()).appear();
    stub.raw(bad);
    expect((await ended).why).toBe('lost');
    expect(taken).toEqual([]);
  }
});

test('a letter that arrives in two halves is that letter', async () => {
  const { stub, open, taken } = await stage();
  await (await open()).appear();
  const bytes = Buffer.from("<message from='ana@example.org/x'><body>a👋🏽ü</body></message>");
  for (const byte of bytes) {
    stub.bytes(Buffer.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  while (taken.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(JSON.stringify(taken[0])).toContain('a👋🏽ü');
});

test('what is nested without an end is read without one', async () => {
  const { stub, open, taken } = await stage();
  await (await open()).appear();
  await stub.deliver(
    `<message from='ana@example.org/x'>${'<a>'.repeat(20_000)}${'</a>'.repeat(20_000)}</message>`,
  );
  expect(taken).toHaveLength(1);
});

test('XEP-0198: acknowledged up to the first that is not durable, whatever came after it', async () => {
  const { stub, open } = await stage();
  const stored = Promise.withResolvers<void>();
  const session = await open({
    take: (stanza) => (JSON.stringify(stanza).includes('first') ? stored.promise : Promise.resolve()),
  });
  await session.appear();
  const seen: string[] = [];
  const all = ['first', 'second', 'third'].map((word) =>
    stub
      .deliver(`<message from='ana@example.org/x'><body>${word}</body></message>`)
      .then(() => seen.push(word)),
  );
  await session.settled();
  await session.settled();
  expect(seen).toEqual([]);
  stored.resolve();
  await Promise.all(all);
  expect(seen).toEqual(['first', 'second', 'third']);
});

test.each([true, false])(
  'H63: who says more than can be stored fills the wire and not us (acks: %s)',
  async (acks) => {
    const { stub, open } = await stage({ acks });
    const storing = Promise.withResolvers<void>();
    let read = 0;
    const take = () => {
      read += 1;
      return storing.promise;
    };
    const session = await open({ take });
    const words = 'x'.repeat(1_000);
    stub.raw(`<message from='eve@example.org/x'><body>${words}</body></message>`.repeat(2_000));
    await expect.poll(() => read).toBeGreaterThanOrEqual(200);
    await turns();
    expect(read).toBeLessThan(400);
    storing.resolve();
    await expect.poll(() => read).toBe(2_000);
    // It stands, and is heard.
    await session.settled();
  },
);

test('what could not be stored when the connection ends is not acknowledged by the goodbye', async () => {
  const { stub, open } = await stage();
  const session = await open({ take: () => new Promise(() => undefined) });
  await session.appear();
  const body = "<message from='ana@example.org/x'><body>kept</body></message>";
  const fate = stub.deliver(body);
  await session.settled();
  session.end();
  // The server has it still, for whoever comes next.
  const next = await stage();
  void next;
  const again = await open();
  await again.appear();
  expect(await fate).toBe('acknowledged');
});

test('queries are answered, and no answer of somebody else is taken for the server’s', async () => {
  const { stub, open } = await stage();
  const session = await open();
  await session.appear();
  stub.raw("<iq type='get' id='p1' from='example.org'><ping xmlns='urn:xmpp:ping'/></iq>");
  stub.raw("<iq type='set' id='p2' from='eve@example.org/x'><query xmlns='jabber:iq:roster'/></iq>");
  for (let n = 0; n < 3; n++) await session.settled();
  expect(stub.heard).toContain('<iq type="result" id="p1" to="example.org"/>');
  expect(stub.heard).toMatch(/<iq type="error" id="p2" to="eve@example.org\/x">.*service-unavailable/);
  let id = '';
  stub.on('<iq', (say) => {
    id = /id="([^"]*)"/.exec(stub.heard.slice(stub.heard.lastIndexOf('<iq')))?.[1] ?? '';
    for (const from of ['eve@example.org/x', 'evil.example.net', 'example.org/x', ''])
      say(`<iq type='result' id='${id}' from='${from}'/>`);
  });
  let isSettled = false;
  const settled = session.settled().then(() => {
    isSettled = true;
  });
  await turns();
  expect(isSettled).toBe(false);
  stub.raw(`<iq type='error' id='${id}' from='example.org'/>`);
  await settled;
});

test('a server that has no XEP-0198 is used without, and that is said', async () => {
  const { stub, open, taken } = await stage({ acks: false });
  const session = await open();
  await session.appear();
  expect(session.acknowledges).toBe(false);
  await stub.deliver("<message from='ana@example.org/x'><body>x</body></message>");
  await session.settled();
  expect(taken).toHaveLength(1);
});

test('a night of messages waits in the socket, and all of them are taken', async () => {
  const { stub, open } = await stage();
  let busy = 0;
  let most = 0;
  const session = await open({
    take: async () => {
      busy += 1;
      most = Math.max(most, busy);
      await turns(2);
      busy -= 1;
    },
  });
  await session.appear();
  const body = 'x'.repeat(2_000);
  const all = Array.from({ length: 1_500 }, (_, n) =>
    stub.deliver(`<message from='eve@example.org/x'><body>${n} ${body}</body></message>`),
  );
  expect((await Promise.all(all)).length).toBe(1_500);
  // What was in one packet already is read to its end.
  expect(most).toBeLessThan(400);
  await session.settled();
});
