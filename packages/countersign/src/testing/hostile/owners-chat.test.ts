// What an owner does from a chat of their own, on every channel that is here: devices, sign-in, and "not me". On a channel
// that proves too little for that the owner is told so, and nothing happens.
import { describe, expect, test } from 'vitest';
import { HARNESSES } from '../channel/all.ts';
import type { ChannelHarness } from '../channel/harness.ts';
import { browser, failed } from '../login-stage.ts';
import { type House, isTrusted, openHouse } from './house.ts';

const URL = 'https://house.example';

/** An owner whose chat is on the channel itself, and who has just written: where there are 24 hours, they run. */
async function owned(harness: ChannelHarness, options: Parameters<typeof openHouse>[1] = {}) {
  const house = await openHouse(harness, { publicUrl: URL, owned: false, ...options });
  const olga = await house.knows('olga', 'owner', house.here);
  await house.here.says('olga', '/help');
  return { house, olga };
}

const last = async (house: House) => (await house.here.heard('olga')).at(-1) ?? '';

async function knocks({ world }: House, key: string) {
  const outcome = await world.services.devices.connect({
    key: { kty: 'OKP', crv: 'Ed25519', x: 'x'.repeat(43) },
    thumbprint: key.padEnd(43, '-'),
    role: 'operator',
    scopes: ['pairing', 'read'],
    token: null,
    name: key,
    address: '127.0.0.1',
  });
  await world.settle();
  if (outcome.as !== 'pairing_required') throw new Error(JSON.stringify(outcome));
  return outcome.requestId;
}

async function asks(house: House, who = browser()) {
  const before = (await house.here.heard('olga')).length;
  const asked = await house.world.services.login.challenge(who);
  await house.world.settle();
  const said = (await house.here.heard('olga')).slice(before).join('\n');
  const code = /Then type there: (\d{6})/.exec(said)?.[1] ?? null;
  const answers = () =>
    house.world.services.login.verify({
      requestId: asked.requestId,
      thumbprint: who.thumbprint,
      code: code ?? '',
      name: 'Firefox',
    });
  return { asked, code, said, answers };
}

async function pairedDevices({ world }: House): Promise<number> {
  return (await world.store.devices.list({ states: ['paired'], limit: 10 })).length;
}

describe.each(HARNESSES.filter(isTrusted))('an owner on $name', (harness) => {
  test('invites a device by /pair, and says yes to one by its id', async () => {
    const { house } = await owned(harness);
    await using _ = house;
    const before = (await house.here.heard('olga')).length;
    await house.here.says('olga', '/pair');
    const [instruction = '', code = '', ...more] = (await house.here.heard('olga')).slice(before);
    expect(more).toEqual([]);
    expect(instruction).toContain(`open ${URL}`);
    expect(instruction).not.toContain(code);
    expect(code).toMatch(/^\S{20,}$/);
    const requestId = await knocks(house, 'laptop');
    await house.here.says('olga', `/pair approve ${requestId}`);
    expect(await pairedDevices(house)).toBe(1);
  });

  test('signs a browser in by a code, which nobody else can use', async () => {
    const { house } = await owned(harness);
    await using _ = house;
    expect(await house.world.services.login.available()).toBe(true);
    const { code, said, answers } = await asks(house);
    expect(code).toMatch(/^\d{6}$/);
    // R12: no digit of it on a locked screen.
    expect(said.slice(0, 60)).not.toContain(code);
    await answers();
    expect(await pairedDevices(house)).toBe(1);
    expect(await failed(answers())).toBe('challenge_failed');
    await house.world.settle();
    expect((await house.here.heard('olga')).join('\n')).toContain('New sign-in by chat code');
  });

  test('ends a sign-in that was not theirs, by a button or by the words beside it', async () => {
    const { house } = await owned(harness);
    await using _ = house;
    const { said, answers } = await asks(house);
    const typed = /\/notme \w+/.exec(said)?.[0] ?? '';
    if (harness.traits.buttons) {
      const card = (await house.here.bench.shown('olga')).findLast(({ buttons }) => buttons.length > 0);
      if (card === undefined) throw new Error('there is no card');
      expect(card.buttons).toEqual(['Not me']);
      await house.here.presses(card, 'Not me', 'olga');
    } else await house.here.says('olga', typed);
    expect(await failed(answers())).toBe('challenge_failed');
    expect(await pairedDevices(house)).toBe(0);
    expect((await house.here.heard('olga')).join('\n')).toContain('was not you');
    // And after the fact, by the same words.
    const second = await asks(house, browser({ address: '198.51.100.9' }));
    await second.answers();
    expect(await pairedDevices(house)).toBe(1);
    await house.here.says('olga', /\/notme \w+/.exec(second.said)?.[0] ?? '');
    expect(await pairedDevices(house)).toBe(0);
  });

  test('is not obeyed when somebody else says the same', async () => {
    const { house } = await owned(harness);
    await using _ = house;
    await house.knows('ulf', 'user', house.here);
    const { asked, answers } = await asks(house);
    const requestId = await knocks(house, 'laptop');
    for (const name of ['ulf', 'eve']) {
      for (const text of ['/pair', `/pair approve ${requestId}`, `/notme ${asked.requestId}`, '/login'])
        await house.here.says(name, text);
    }
    expect(await pairedDevices(house)).toBe(0);
    await answers();
    expect(await pairedDevices(house)).toBe(1);
  });
});

describe.each(HARNESSES.filter((one) => !isTrusted(one)))(
  'an owner on $name, which proves too little',
  (harness) => {
    test('is told so by every word that decides, and nothing happens', async () => {
      const { house } = await owned(harness);
      await using _ = house;
      const requestId = await knocks(house, 'laptop');
      await house.here.says('ana', 'hello');
      const code = await house.here.codeOf('ana');
      for (const text of ['/pair', `/pair approve ${requestId}`, `/pairing approve ${code}`, '/login']) {
        await house.here.says('olga', text);
        expect(await last(house), text).toMatch(/proves too little|another (chat|channel)|cannot/i);
      }
      expect(await pairedDevices(house)).toBe(0);
      expect(await house.stateOf('ana')).toBe('pending');
    });

    test('is sent no code', async () => {
      const { house } = await owned(harness);
      await using _ = house;
      expect(await house.world.services.login.available()).toBe(false);
      expect((await asks(house)).code).toBeNull();
    });
  },
);

const SMS = HARNESSES.filter(({ traits }) => traits.assurance === 'low' && traits.carrierIds !== undefined);

describe.each(SMS)('login.allowCarrier, on $name', (harness) => {
  test('lets codes go where only a phone network vouches for the reader, and nothing else', async () => {
    const { house } = await owned(harness, { login: { allowCarrier: true } });
    await using _ = house;
    expect(await house.world.services.login.available()).toBe(true);
    const { answers } = await asks(house);
    await answers();
    expect(await pairedDevices(house)).toBe(1);
    const requestId = await knocks(house, 'laptop');
    await house.here.says('olga', `/pair approve ${requestId}`);
    expect(await pairedDevices(house)).toBe(1);
  });
});
