// Before a password goes out, the server has proven its name over TLS; a server that cannot, or somebody on the way, gets
// none, and the owner reads why. Every account of one real gateway goes wrong in another way, and each is on its own.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DOMAIN, MISNAMED, PLAIN, type Prosody, UNTRUSTED, whyNoProsody } from './prosody.ts';
import { outsideAddress } from './proxies.ts';
import { BOT, XmppHouse } from './xmpp-house.ts';
import { WireTap } from './xmpp-wire-tap.ts';

const missing = whyNoProsody();
const outside = outsideAddress();
const noOutside =
  'this machine has no address but loopback: servers elsewhere that offer no TLS were NOT tested';

const PATIENCE = { timeout: 90_000 };
/** The first word of any login. */
const LOGIN = /<(auth|authenticate|iq|response)\b/;

const MECHANISMS = `<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism><mechanism>SCRAM-SHA-1</mechanism></mechanisms>`;
const FEATURES = `<stream:features>${MECHANISMS}</stream:features>`;
const HEAD = `<?xml version='1.0'?><stream:stream from='${DOMAIN}' id='one' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>`;
const OFFER = `<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>`;
const PROCEED = `<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`;

describe('a real prosody', { timeout: 180_000 }, () => {
  let house: XmppHouse;
  const taps: Record<string, WireTap> = {};
  const tap = (name: string): WireTap => taps[name] ?? expect.unreachable(`no tap ${name}`);

  beforeAll(async () => {
    if (missing !== null) return;
    house = await XmppHouse.open(async (server) => ({ accounts: await accountsOf(server) }));
  }, 180_000);

  async function accountsOf(server: Prosody): Promise<Record<string, object>> {
    const { starttls } = server.places;
    for (const host of [UNTRUSTED, MISNAMED, PLAIN]) server.register('bot', 'nine tame otters', host);
    taps['password'] = await WireTap.start({ to: starttls });
    taps['untrusted'] = await WireTap.start({ to: starttls });
    taps['misnamed'] = await WireTap.start({ to: starttls });
    taps['misnamed-direct'] = await WireTap.start({ to: server.places.direct });
    const accounts: Record<string, object> = {
      password: {
        username: 'bot2',
        password: 'none of its passwords',
        service: `xmpp://127.0.0.1:${taps['password'].port}`,
      },
      host: { domain: 'nowhere.test' },
      untrusted: { domain: UNTRUSTED, service: `xmpp://127.0.0.1:${taps['untrusted'].port}` },
      misnamed: { domain: MISNAMED, service: `xmpp://127.0.0.1:${taps['misnamed'].port}` },
      'misnamed-direct': {
        domain: MISNAMED,
        username: 'bot5',
        service: `xmpps://127.0.0.1:${taps['misnamed-direct'].port}`,
      },
      here: { domain: PLAIN },
      closed: { username: 'bot3', service: 'xmpp://127.0.0.1:1' },
    };
    if (outside !== null) {
      const strip = (text: string) => text.replace(/<starttls.*<\/starttls>/s, MECHANISMS);
      const inject = (text: string) =>
        text.includes('<starttls')
          ? PROCEED + FEATURES
          : text.includes('<stream:stream')
            ? HEAD + OFFER
            : null;
      taps['plain'] = await WireTap.start({ to: starttls }, outside);
      taps['stripped'] = await WireTap.start({ to: starttls, change: strip }, outside);
      taps['eager'] = await WireTap.start(
        { to: null, answer: (text) => (text.includes('<stream:stream') ? HEAD + FEATURES : null) },
        outside,
      );
      taps['injected'] = await WireTap.start({ to: null, answer: inject }, outside);
      taps['elsewhere'] = await WireTap.start({ to: starttls }, outside);
      accounts['plain'] = {
        domain: PLAIN,
        username: 'bot4',
        service: `xmpp://${outside}:${taps['plain'].port}`,
      };
      for (const name of ['stripped', 'eager', 'injected', 'elsewhere'])
        accounts[name] = { username: `bot-${name}`, service: `xmpp://${outside}:${tap(name).port}` };
      server.register('bot-elsewhere', 'nine tame otters');
      server.register('bot4', 'nine tame otters', PLAIN);
    }
    server.register('bot2', 'another password');
    server.register('bot5', 'nine tame otters', MISNAMED);
    return accounts;
  }
  beforeEach(({ skip }) => skip(missing !== null, missing ?? ''));
  afterAll(async () => {
    for (const one of Object.values(taps)) await one[Symbol.asyncDispose]();
    await house?.[Symbol.asyncDispose]();
  });

  const reads = (account: string, status: object) =>
    expect.poll(() => house.status(account), PATIENCE).toMatchObject(status);

  test('the account beside them runs', async () => {
    await reads('default', { state: 'connected', detail: `as ${BOT}` });
  });

  test('a wrong password is named, with what to try, and is tried once: servers shut out who knocks', async () => {
    await reads('password', {
      state: 'failed',
      detail: expect.stringContaining('refuses this user name and password'),
      hint: expect.stringContaining('username'),
    });
    expect(tap('password').visits).toBe(1);
  });

  test('a domain that the server does not serve is named', async () => {
    await reads('host', { state: 'failed', detail: expect.stringContaining('does not serve that domain') });
  });

  test('an address at which nobody answers is tried again', async () => {
    await reads('closed', { detail: expect.stringContaining('nobody answers') });
  });

  test.each(['untrusted', 'misnamed', 'misnamed-direct'])(
    'H59: a certificate that does not prove the domain (%s) gets no word of a login',
    async (name) => {
      await reads(name, {
        state: 'failed',
        detail: expect.stringContaining('certificate'),
        hint: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
      });
      expect(tap(name).visits).toBeGreaterThan(0);
      expect(tap(name).went.toString('latin1')).not.toMatch(LOGIN);
      // What TLS hid from the tap, the server would know.
      expect(house.server.log).not.toMatch(/Authenticated as bot5?@(untrusted|misnamed)\.test/);
    },
  );

  test('on this machine a server without TLS is allowed, and the status says that it has none', async () => {
    await reads('here', {
      state: 'connected',
      detail: expect.stringContaining('unencrypted, on this machine'),
    });
  });

  describe('at an address that is not this machine’s own', () => {
    beforeEach(({ skip }) => skip(outside === null, noOutside));

    test('a server with TLS is reached', async () => {
      await reads('elsewhere', { state: 'connected', detail: `as bot-elsewhere@${DOMAIN}` });
      expect(tap('elsewhere').went.toString('latin1')).toContain('<starttls');
      expect(tap('elsewhere').went.toString('latin1')).not.toMatch(LOGIN);
    });

    test.each([
      ['plain', 'a server that offers no TLS'],
      ['stripped', 'somebody who takes the offer of TLS away'],
      ['eager', 'somebody who asks for the password at once'],
      ['injected', 'somebody who says yes to TLS and puts the login behind it'],
    ])('H63: %s: %s hears no login', async (name) => {
      await reads(name, {
        state: 'failed',
        detail: expect.stringMatching(/no encryption|before TLS/),
        hint: expect.stringContaining('xmpps:'),
      });
      expect(tap(name).visits).toBeGreaterThan(0);
      expect(tap(name).went.toString('latin1')).not.toMatch(LOGIN);
      expect(tap(name).went.toString('latin1')).not.toContain(
        Buffer.from('nine tame').toString('base64').slice(0, 8),
      );
    });
  });

  test('no password stands in what the gateway printed, or in its lists', async () => {
    const { stdout, stderr } = await house.gateway.cli('channels', 'status', '--json');
    for (const text of [stdout, stderr, house.gateway.output]) expect(text).not.toMatch(/otters|none of its/);
  });
});
