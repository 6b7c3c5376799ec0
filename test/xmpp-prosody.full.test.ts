// The first road on a server that other people wrote, with nothing in between: real accounts, real TLS, a gateway with its
// own process. A stranger gets a code and nothing else, the owner says yes from a chat, and no break loses a word.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { KnockingDevice } from './knocking-device.ts';
import { DOMAIN, whyNoProsody } from './prosody.ts';
import { AskingBrowser, BOT, PAIRING_CODE, XmppHouse } from './xmpp-house.ts';
import type { XmppPerson } from './xmpp-person.ts';

const missing = whyNoProsody();

const LOGIN_CODE = /^Then type there: ([0-9 ]{6,})$/m;
const PATIENCE = { timeout: 60_000 };

describe('a real prosody', { timeout: 180_000 }, () => {
  let house: XmppHouse;
  let olga: XmppPerson;
  let ana: XmppPerson;

  beforeAll(async () => {
    if (missing !== null) return;
    house = await XmppHouse.open();
    olga = await house.arrives('olga');
    ana = await house.arrives('ana');
  }, 180_000);
  beforeEach(({ skip }) => skip(missing !== null, missing ?? ''));
  afterAll(() => house?.[Symbol.asyncDispose]());

  test('is reached over TLS, and the gateway says as whom', async () => {
    await expect
      .poll(() => house.status(), PATIENCE)
      .toMatchObject({ state: 'connected', detail: `as ${BOT}` });
    expect(house.server.log).toMatch(/Stream encrypted \(TLSv1\.3.*Authenticated as bot@chat\.test/s);
    const { code, stdout } = await house.gateway.cli('channels', 'status', '--probe');
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining(BOT) });
  });

  test('a stranger gets a code, the owner approves it in a chat, and the next words are answered', async () => {
    ana.says(BOT, 'hello, it is Ana');
    const code = PAIRING_CODE.exec((await ana.hears(PAIRING_CODE)).body ?? '')?.[1] ?? '';
    expect(house.told).toEqual([]);
    expect(await house.pairings()).toMatchObject([
      { identifier: `ana@${DOMAIN}`, code, state: 'pending', firstWords: 'hello, it is Ana' },
    ]);
    // The owner is told, and says yes on the very channel.
    await olga.hears(`ana@${DOMAIN}`);
    olga.says(BOT, `/pairing approve ${code}`);
    await ana.hears('You may talk now');
    ana.says(BOT, 'and here I am');
    await ana.hears('You said: and here I am');
    expect(house.told).toEqual(['and here I am']);
    // A code is good once, and to somebody else a command is text.
    ana.says(BOT, `/pairing approve ${code}`);
    await ana.hears(`You said: /pairing approve ${code}`);
  });

  test('a device asks, and is paired by /pair approve in the owner’s chat', async () => {
    const device = new KnockingDevice('kitchen');
    const asked = { role: 'operator', scopes: ['read'] };
    await device.knock(house.gateway.port, asked);
    const told = await olga.hears(/devreq_\w+/);
    const request = /devreq_\w+/.exec(told.body ?? '')?.[0] ?? '';
    // H58: what is quoted or passed on decides nothing.
    olga.says(BOT, `> /pair approve ${request}`);
    await olga.hears('You said');
    expect(await device.knock(house.gateway.port, asked)).toMatchObject({ type: 'error' });
    olga.says(BOT, `/pair approve ${request}`);
    await olga.hears('kitchen');
    expect(await device.knock(house.gateway.port, asked)).toMatchObject({ type: 'hello' });
  });

  test('a browser’s login code comes by XMPP, works once, and "Not me" as text ends what it opened', async () => {
    const browser = new AskingBrowser(house.gateway);
    const { requestId, phrase } = await browser.asks();
    const sent = await olga.hears(phrase);
    // R12, and no archive keeps it.
    const code = LOGIN_CODE.exec(sent.body ?? '')?.[1]?.replaceAll(' ', '') ?? '';
    expect(code).toMatch(/^\d{6,8}$/);
    expect((sent.body ?? '').slice(0, 60)).not.toContain(code.slice(0, 3));
    expect(await browser.types(requestId, code)).toBe(200);
    expect(await browser.types(requestId, code)).not.toBe(200);
    const notice = await olga.hears('New sign-in');
    const words = /\/notme \w+/.exec(notice.body ?? '')?.[0] ?? '';
    const browsers = async () => {
      const { items } = await house.gateway.json<{ items: { name: string }[] }>('devices', 'list');
      return items.length;
    };
    expect(await browsers()).toBe(2);
    // Only the owner's own word counts: Ana knows the id and says the same.
    ana.says(BOT, words);
    await ana.hears(`You said: ${words}`);
    expect(await browsers()).toBe(2);
    olga.says(BOT, words);
    await expect.poll(browsers, PATIENCE).toBe(1);
  });

  test('C-05: what nobody takes is recorded as not delivered, and the owner who can be reached is told', async () => {
    const nobody = `xmpp:nobody-at-all@${DOMAIN}`;
    await house.gateway.cli('people', 'add', 'Nemo', '--role', 'owner', '--peer', nobody);
    const ben = await house.arrives('ben');
    ben.says(BOT, 'hello');
    await olga.hears(`ben@${DOMAIN}`);
    await ben.hears(PAIRING_CODE);
    const failures = async () => {
      const { items } = await house.gateway.json<{ items: object[] }>(
        'audit',
        'list',
        '--type',
        'delivery.failed',
      );
      return items;
    };
    const subject = expect.objectContaining({ channel: 'xmpp', kind: 'card' });
    const bounced = expect.objectContaining({
      subject,
      reason: 'channel_cannot_initiate',
      outcome: 'failed',
    });
    await expect.poll(failures, PATIENCE).toContainEqual(bounced);
  });
});
