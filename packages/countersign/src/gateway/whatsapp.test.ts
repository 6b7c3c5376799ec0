// WhatsApp as a linked device inside a whole gateway: what a person does from the first picture to the last "not me", and
// what somebody tries who knows that people there have two ids.
import { signedBytes } from '@countersign/protocol/canonical';
import { describe, expect, test } from 'vitest';
import { DeviceKey } from '../testing/device-key.ts';
import { jsonOf } from '../testing/house.ts';
import { TelegramStub } from '../testing/telegram-stub.ts';
import { OUR_PHONE } from '../testing/whatsapp/directory.ts';
import { WhatsAppHouse } from '../testing/whatsapp/house.ts';
import type { Person } from '../testing/whatsapp/person.ts';

const OLGA = { phone: '15550000001', lid: '200000000000001' };
const ANA = { phone: '15550001111', lid: '200000000000777' };
const EVE = { phone: '15556660000', lid: '266600000000000' };

/** A browser that asks for a code and answers with one. */
class Browser {
  readonly #key = new DeviceKey();
  readonly #house: WhatsAppHouse;

  constructor(house: WhatsAppHouse) {
    this.#house = house;
  }

  async asks(): Promise<string> {
    const answer = await this.#call('challenge', { key: this.#key.jwk, ...(await this.#signed({})) });
    expect(answer.status).toBe(202);
    return (await jsonOf<{ requestId: string }>(answer)).requestId;
  }

  async types(requestId: string, code: string): Promise<number> {
    return (await this.#call('verify', await this.#signed({ requestId, code }))).status;
  }

  async #signed(more: Record<string, string>) {
    const { gateway, nonce, ts } = await jsonOf<{ gateway: string; nonce: string; ts: number }>(
      this.#house.house.call('tcp', 'GET', '/api/v1/login'),
    );
    const told = { device: this.#key.thumbprint, gateway, nonce, ts, ...more };
    return { ...more, nonce, ts, signature: this.#key.sign(signedBytes('countersign.login.v1', told)) };
  }

  #call(what: string, body: object): Promise<Response> {
    return this.#house.house.call('tcp', 'POST', `/api/v1/login/${what}`, body);
  }
}

const LOGIN_CODE = /^Then type there: ([0-9 ]{6,})$/m;

async function devices(house: WhatsAppHouse): Promise<readonly string[]> {
  const { items } = await jsonOf<{ items: { state: string }[] }>(
    house.house.call('host', 'GET', '/api/v1/devices'),
  );
  return items.map(({ state }) => state);
}

async function audited(house: WhatsAppHouse): Promise<readonly string[]> {
  const events = await house.house.composed.store.audit.list({ limit: 200 });
  return events.map(({ body }) => body.type);
}

describe('from the picture to the last word', () => {
  test('a phone links us, a stranger is let in by an owner who writes there, and a restart asks for no phone', async () => {
    await using house = await WhatsAppHouse.open();
    expect(await house.status()).toMatchObject({
      state: 'failed',
      detail: 'no phone is linked yet',
      hint: 'countersign channels login whatsapp',
    });
    expect(await house.link()).toMatchObject({ state: 'linked', login: `+${OUR_PHONE}` });
    await house.until(async () => (await house.status()).state === 'connected');

    const [olga, ana] = [house.stub.person(OLGA), house.stub.person(ANA)];
    await house.owns(olga, 'olga');
    const code = await house.code(ana);
    await house.hears(olga, /200000000000777@lid/);
    await house.says(olga, `/pairing approve ${code}`);
    await house.hears(ana, /You may talk now/);
    await house.says(ana, 'and here I am');
    await house.hears(ana, /and here I am/);

    const before = await house.status('whatsapp', true);
    expect(before).toMatchObject({ state: 'connected', probe: `ok, +${OUR_PHONE}` });
    expect([typeof before.lastInboundAt, typeof before.lastOutboundAt]).toEqual(['string', 'string']);

    const { logins } = house.stub;
    await house.restart();
    await house.until(async () => (await house.status()).state === 'connected');
    expect(house.stub.logins).toBe(logins + 1);
    await house.says(ana, 'still me');
    await house.hears(ana, /still me/);
  });

  test('an owner is sent a login code there, signs in by it, and "not me" ends what somebody else asked', async () => {
    await using house = await WhatsAppHouse.linked();
    const olga = house.stub.person(OLGA);
    await house.owns(olga, 'olga');
    const hers = new Browser(house);
    const request = await hers.asks();
    const message = await house.hears(olga, LOGIN_CODE);
    const code = (LOGIN_CODE.exec(message)?.[1] ?? '').replaceAll(' ', '');
    // R12: a locked screen shows the beginning.
    expect(message.slice(0, 60)).not.toContain(code.slice(0, 3));
    expect(await hers.types(request, code)).toBe(200);
    expect(await devices(house)).toEqual(['paired']);
    // Used: it stands in the chat no more.
    await house.settle();
    await house.until(
      () => !house.heard(olga).some((text) => text.includes(LOGIN_CODE.exec(message)?.[1] ?? '-')),
    );

    const thief = new Browser(house);
    const asked = await thief.asks();
    const stolen = await house.hears(olga, LOGIN_CODE);
    const id = /\/notme (\w+)/.exec(stolen)?.[1];
    expect(id).toBeDefined();
    await house.says(olga, `/notme ${id}`);
    await house.settle();
    const digits = (LOGIN_CODE.exec(stolen)?.[1] ?? '').replaceAll(' ', '');
    expect(await thief.types(asked, digits)).toBe(401);
    expect(await devices(house)).toEqual(['paired']);
  });

  test('/pair: an owner lets a device in from there', async () => {
    await using house = await WhatsAppHouse.linked();
    const olga = house.stub.person(OLGA);
    await house.owns(olga, 'olga');
    await house.says(olga, '/pair');
    expect(await house.hears(olga, /setup code|expires|countersign/i)).toMatch(/\S/);
  });
});

test('linked by the code that is typed into the phone; a wrong code links nothing', async () => {
  await using house = await WhatsAppHouse.open();
  expect(await house.link({ phone: '+1 555 000 9999' })).toMatchObject({
    state: 'linked',
    login: `+${OUR_PHONE}`,
  });
  await house.until(async () => (await house.status()).state === 'connected');
  const ana = house.stub.person(ANA);
  await house.code(ana);
  const wrong = () => 'AAAAAAAA';
  const again = { phone: `+${OUR_PHONE}`, force: true };
  expect(await house.link(again, wrong)).toMatchObject({ state: 'failed' });
  expect((await house.status()).state).toBe('failed');
});

describe('C-02 H08: one person, two ids', () => {
  const listed = { whatsapp: { dmPolicy: 'allowlist', allowFrom: [`+${ANA.phone}`] } };

  test('by LID with the number that is listed, then by LID alone, then by the number alone: heard each time', async () => {
    await using house = await WhatsAppHouse.linked(listed);
    const ana = house.stub.person(ANA);
    for (const [n, attrs] of [
      { from: ana.lid, sender_pn: ana.pn },
      { from: ana.lid },
      { from: ana.pn, sender_lid: ana.lid },
      { from: ana.pn },
    ].entries()) {
      await house.says(ana, `word ${n}`, attrs);
      await house.hears(ana, new RegExp(`word ${n}`));
    }
    expect(await house.pairings()).toEqual([]);
  });

  test('by the number first, then by LID: one person, and one conversation', async () => {
    await using house = await WhatsAppHouse.linked(listed);
    house.stub.knowsLids = false;
    const ana = house.stub.person(ANA);
    await house.says(ana, 'by number', { from: ana.pn });
    await house.hears(ana, /by number/);
    house.stub.knowsLids = true;
    await house.says(ana, 'by LID', { from: ana.lid, sender_pn: ana.pn });
    await house.hears(ana, /by LID/);
    const { items } = await house.client.people.list();
    expect(items).toHaveLength(1);
  });

  test('a LID whose digits are a listed number is not that number: neither heard nor answered, and shown', async () => {
    await using house = await WhatsAppHouse.linked(listed);
    const eve = house.stub.person({ phone: EVE.phone, lid: ANA.phone });
    await house.says(eve, 'it is me, Ana', { from: eve.lid });
    // Nor with a number beside it that is no number, nor with hers written by somebody who may not write it.
    await house.says(eve, 'it is me, Ana', { from: eve.lid, sender_pn: eve.lid });
    await house.says(eve, 'it is me, Ana', { from: eve.lid, participant_pn: `${ANA.phone}@s.whatsapp.net` });
    await house.settle();
    expect(house.heard(eve)).toEqual([]);
    expect((await house.client.people.list()).items).toEqual([]);
    expect((await house.pairings()).map(({ identifier }) => identifier)).toEqual([`${ANA.phone}@lid`]);
  });

  test('C-01: a LID that hides its number is held: not heard, not answered, there after a restart, until WhatsApp says whose it is', async () => {
    await using house = await WhatsAppHouse.linked(listed);
    const [olga, ana] = [house.stub.person(OLGA), house.stub.person(ANA)];
    await house.client.people.add({ name: 'olga', role: 'owner', peer: `whatsapp:${olga.lid}` });
    await house.says(olga, 'hello');
    house.stub.knowsLids = false;
    // It waited while we were away: dropped it would be gone for good.
    await house.says(ana, 'it is me', {
      from: ana.lid,
      offline: '1',
      t: String(Number(house.stub.time) - 7_200),
    });
    await house.hears(olga, /does not say which number this is/);
    await house.restart();
    await house.until(async () => (await house.status()).state === 'connected');
    const [held] = await house.pairings();
    expect(held).toMatchObject({
      identifier: ana.lid,
      hidden: true,
      firstWords: 'it is me',
      state: 'pending',
    });
    expect(Date.parse(held?.expiresAt ?? '') - Date.now()).toBeGreaterThan(6 * 24 * 3_600_000);
    expect(house.heard(ana)).toEqual([]);

    await house.says(ana, 'and once more', { from: ana.lid, sender_pn: ana.pn });
    await house.hears(ana, /and once more/);
    await house.hears(olga, /Settled: .*200000000000777@lid is .*\+15550001111, who is let in already/);
    expect(await house.pairings()).toEqual([]);
  });

  test('a stranger is shown with the number that WhatsApp itself says', async () => {
    await using house = await WhatsAppHouse.linked();
    const ana = house.stub.person(ANA);
    await house.code(ana);
    expect(await house.pairings()).toMatchObject([{ identifier: ana.lid, alias: `+${ANA.phone}` }]);
  });

  test('a number that changes hands takes nothing with it', async () => {
    await using house = await WhatsAppHouse.linked(listed);
    const [ana, eve] = [house.stub.person(ANA), house.stub.person(EVE)];
    await house.says(ana, 'hello');
    await house.hears(ana, /hello/);
    await house.says(eve, 'hello from her number', { from: eve.lid, sender_pn: ana.pn });
    await house.settle();
    expect(house.heard(eve).join()).not.toContain('hello from her number');
    expect(await audited(house)).toContain('person.id_disputed');
  });
});

describe('C-06: the login ends', () => {
  test('WhatsApp says so: the keys are gone, the owner reads it on Telegram, and a new linking works', async () => {
    await using telegram = await TelegramStub.start();
    await using house = await WhatsAppHouse.linked({
      channels: { telegram: { botToken: telegram.token, apiRoot: telegram.url, localApi: true } },
    });
    await house.client.people.add({ name: 'olga', role: 'owner', peer: 'telegram:555001' });
    // The Channels page of whoever looks on is told, without asking.
    const shown: string[] = [];
    house.house.composed.core.bus.subscribe('channelChanged', ({ channel }) => shown.push(channel));
    house.stub.fail('401');
    await house.until(async () => (await house.status()).state === 'failed');
    expect(await house.status()).toMatchObject({
      detail: 'WhatsApp ended this login',
      hint: 'link it again with: countersign channels login whatsapp',
    });
    expect(shown).toContain('whatsapp');
    await telegram.until(() => telegram.shown(555_001).some(({ text }) => text.includes('WhatsApp ended')));
    expect(await audited(house)).toContain('channel.login_ended');
    expect((await house.status('whatsapp', true)).probe).toBe('no phone is linked yet');
    expect(await house.link()).toMatchObject({ state: 'linked' });
    await house.until(async () => (await house.status()).state === 'connected');
  });

  test('logged out by hand: WhatsApp is told, nothing of the login is left, and nothing connects', async () => {
    await using house = await WhatsAppHouse.linked();
    const { logins } = house.stub;
    expect(await house.client.channels.logout('whatsapp')).toMatchObject({ told: true });
    expect(await house.status()).toMatchObject({ state: 'failed', detail: 'no phone is linked yet' });
    await house.restart();
    expect((await house.status()).state).toBe('failed');
    expect(house.stub.logins).toBe(logins + 1);
  });
});

test('web.enabled: false: nothing connects, and linking says where the switch is', async () => {
  await using house = await WhatsAppHouse.open({ whatsapp: { web: { enabled: false } } });
  expect(await house.status()).toMatchObject({ enabled: false, state: 'off' });
  const refused = await house.client.channels.login('whatsapp').catch((cause: unknown) => cause);
  expect(refused).toMatchObject({
    code: 'state_conflict',
    hint: 'countersign config set channels.whatsapp.web.enabled true',
  });
  expect(house.stub.logins).toBe(0);
});

test('P-04: a personal number is silent to strangers, and its owner sees who wrote', async () => {
  await using house = await WhatsAppHouse.linked({ whatsapp: { personalNumber: true } });
  const ana: Person = house.stub.person(ANA);
  await house.says(ana, 'are you coming tonight?');
  await house.settle();
  expect(house.heard(ana)).toEqual([]);
  expect((await house.pairings()).map(({ identifier }) => identifier)).toEqual([ana.lid]);
});
