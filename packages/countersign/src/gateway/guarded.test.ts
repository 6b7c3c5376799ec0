// Guarded keys: whoever can write the file must not be able to send messages, keys or questions elsewhere once an owner
// has a factor. Until then a hand's change is in force, and told.
import { describe, expect, test } from 'vitest';
import { ListsHouse, telegram } from '../testing/lists-house.ts';
import { HOST } from '../testing/world.ts';
import { acceptedByEdit, GUARDED, guardedValues, overlaps, setPlain, weigh } from './guarded.ts';

const text = (agent: string, more = '') =>
  telegram(['222'], more).replace('"agent": { "kind": "echo" }', `"agent": { "url": "${agent}" }`);
const [FIRST, OTHER] = ['http://127.0.0.1:1/v1', 'http://127.0.0.1:2/v1'];

test('every guarded key has a value, written or not, and the same value is the same text', () => {
  expect([...guardedValues({}).keys()]).toEqual([...GUARDED]);
  expect(guardedValues({}).get('agent.url')).toBe('null');
  const one = guardedValues({ login: { codeDigits: 8, chatCode: 'on' } });
  expect(one.get('login')).toBe(guardedValues({ login: { chatCode: 'on', codeDigits: 8 } }).get('login'));
  expect(guardedValues({ login: {} }).get('login')).toBe(guardedValues({}).get('login'));
});

test('what is weighed: new is new, changed is changed, and held back means put back', () => {
  const accepted = guardedValues({ agent: { url: FIRST }, proxy: { upstream: FIRST } });
  const tree = { agent: { url: OTHER, model: 'm' }, gateway: { publicUrl: 'https://a.example' } };
  const held = weigh(tree, accepted, true);
  expect(held.changed.map(({ path }) => path)).toEqual(['agent.url', 'proxy', 'gateway.publicUrl']);
  expect(held.tree).toMatchObject({ agent: { url: FIRST, model: 'm' }, gateway: { publicUrl: null } });
  expect(weigh(tree, accepted, false).tree).toEqual(tree);
  expect(weigh(tree, new Map(), true)).toMatchObject({ changed: [], first: { length: GUARDED.length } });
});

test('an edit accepts what it changes, and no neighbour', () => {
  const inForce = { login: { codeDigits: 6 }, agent: { url: FIRST } };
  expect([...acceptedByEdit(inForce, [{ path: 'agent.url', value: OTHER }])]).toEqual([
    ['agent.url', JSON.stringify(OTHER)],
  ]);
  expect([...acceptedByEdit(inForce, [{ path: 'login.codeDigits', value: 8 }]).keys()]).toEqual(['login']);
  expect([...acceptedByEdit(inForce, [{ path: 'agent', value: undefined }]).keys()]).toEqual(['agent.url']);
  expect([...acceptedByEdit(inForce, [{ path: 'agent.model', value: 'm' }])]).toEqual([]);
  expect(setPlain({ a: [1, { b: 2 }] }, ['a', 1, 'b'], 3)).toEqual({ a: [1, { b: 3 }] });
  expect(overlaps('agent', 'agent.url') && overlaps('agent.url', 'agent')).toBe(true);
  expect(overlaps('agent.url', 'agent.model')).toBe(false);
});

test('without a factor a hand’s change is in force at once, and told once', async () => {
  await using house = await ListsHouse.open({ text: text(FIRST) });
  await house.owns('1');
  await house.saves(text(OTHER));
  expect(house.config.current.agent.url).toBe(OTHER);
  expect(await house.told()).toEqual([expect.stringMatching(/^agent\.url was changed .* in force now/)]);
  await house.saves(`${text(OTHER)}// one more line\n`);
  expect(await house.told()).toEqual([]);
  expect(await house.config.pending()).toEqual([]);
  expect(await house.events('config.guarded_changed')).toMatchObject([
    { body: { actor: 'file', subject: { path: 'agent.url' } } },
  ]);
});

test('with a factor it waits: the last accepted value is what the program works with, also at the next start', async () => {
  const ownerHasFactor = () => true;
  let house = await ListsHouse.open({ text: text(FIRST), ownerHasFactor });
  await house.owns('1');
  await house.saves(text(OTHER).replace('"pairing",', '"allowlist",'));
  const holds = async () => {
    expect(house.config.current.agent.url).toBe(FIRST);
    expect(house.roster.policy('telegram', 'default')?.dmPolicy).toBe('allowlist');
    expect(house.config.get('agent.url')).toBe(OTHER);
    expect(await house.config.pending()).toEqual([
      { path: 'agent.url', why: 'guarded', inForce: FIRST, asked: OTHER },
    ]);
  };
  await holds();
  house = await house.restarts({ ownerHasFactor });
  await holds();
  expect(await house.told()).toHaveLength(1);
  await house.config.accept('agent.url', HOST);
  expect(house.config.current.agent.url).toBe(OTHER);
  house = await house.restarts({ ownerHasFactor });
  await using open = house;
  expect(open.config.current.agent.url).toBe(OTHER);
  expect(await open.config.pending()).toEqual([]);
  await expect(open.config.accept('agent.url', HOST)).rejects.toMatchObject({ code: 'not_found' });
});

test('with a factor, taking the change back ends the wait', async () => {
  await using house = await ListsHouse.open({ text: text(FIRST), ownerHasFactor: () => true });
  await house.saves(text(OTHER));
  await house.saves(text(FIRST));
  expect(await house.config.pending()).toEqual([]);
  expect(house.config.current.agent.url).toBe(FIRST);
});

test('a change through the house’s own door is accepted by itself, and takes no other wish along', async () => {
  await using house = await ListsHouse.open({ text: text(FIRST), ownerHasFactor: () => true });
  await house.config.set('agent.url', OTHER);
  expect(house.config.current.agent.url).toBe(OTHER);
  await house.saves(text(OTHER).replace('"channels"', '"login": { "codeDigits": 8 },\n  "channels"'));
  expect(house.config.current.login.codeDigits).toBe(6);
  await house.config.set('login.maxOpen', 2);
  expect(house.config.current.login).toMatchObject({ codeDigits: 6, maxOpen: 2 });
  expect((await house.config.pending()).map(({ path }) => path)).toEqual(['login']);
  await house.config.set('login.codeDigits', 8);
  expect(house.config.current.login).toMatchObject({ codeDigits: 8, maxOpen: 2 });
  await house.config.unset('agent.url');
  expect(house.config.current.agent.url).toBeNull();
  expect(await house.config.pending()).toEqual([]);
});

test('a secret inside a guarded key is shown nowhere', async () => {
  const proxy = (key: string) =>
    text(FIRST).replace(
      '"channels"',
      `"proxy": { "upstream": "${FIRST}", "apiKey": "${key}" },\n  "channels"`,
    );
  await using house = await ListsHouse.open({ text: proxy('sk-canary-one'), ownerHasFactor: () => true });
  await house.owns('1');
  await house.saves(proxy('sk-canary-two'));
  const pending = await house.config.pending();
  expect(pending).toMatchObject([
    { path: 'proxy', inForce: { apiKey: '[secret]' }, asked: { apiKey: '[secret]' } },
  ]);
  expect(JSON.stringify([pending, await house.told(), await house.events('config.held')])).not.toContain(
    'canary',
  );
  expect(house.config.current.proxy?.apiKey?.reveal()).toBe('sk-canary-one');
});

test('a file that is no whole with what has to stay in force is refused, and does not start', async () => {
  const ownerHasFactor = () => true;
  const bearer = (audience: string) =>
    text(FIRST)
      .replace(`"url": "${FIRST}"`, `"url": "${FIRST}", "audience": "${audience}"`)
      .replace('"channels"', `"bearer": { "audiences": { "${audience}": {} } },\n  "channels"`);
  await using house = await ListsHouse.open({ text: bearer('one'), ownerHasFactor });
  await house.saves(bearer('two'));
  expect(house.config.current.agent.audience).toBe('one');
  expect(house.config.mistakes[0]?.message).toContain('while bearer.audiences waits');
  await house.close();
  const again = { home: house.home, clock: house.clock, ownerHasFactor };
  await expect(ListsHouse.open(again)).rejects.toMatchObject({ code: 'config_invalid' });
  // Whoever comes to accept it is let in.
  const visit = await ListsHouse.open({ ...again, running: false });
  await visit.config.accept('bearer.audiences', HOST);
  await visit.close();
  const open = await ListsHouse.open(again);
  expect(open.config.current.agent.audience).toBe('two');
  await open.close();
});

describe('H17: where a channel connects, for tokens go there and senders come from there', () => {
  const here = 'https://here.example';
  const there = 'https://there.example';
  const of = (channel: string, key: string, value: string | null, more: object = {}) => ({
    channels: { [channel]: { [key]: value, ...more } },
  });

  test.each([
    ['telegram', 'apiRoot', here, there],
    ['whatsapp', 'waWebSocketUrl', 'wss://here.example/ws', 'wss://there.example/ws'],
    ['whatsapp-cloud', 'apiRoot', here, there],
    ['twilio', 'apiRoot', here, there],
    ['xmpp', 'service', 'xmpps://here.example:5223', 'xmpps://there.example:5223'],
  ])('another address of %s waits', (channel, key, before, after) => {
    const accepted = guardedValues(of(channel, key, before));
    const held = weigh(of(channel, key, after), accepted, true);
    expect(held.changed.map(({ path }) => path)).toContain(`channels.${channel}.${key}`);
    expect(held.tree).toMatchObject(of(channel, key, before));
    expect(
      acceptedByEdit(of(channel, key, before), [{ path: `channels.${channel}.${key}`, value: after }]).size,
    ).toBeGreaterThan(0);
  });

  test('a further account, which inherits the token, cannot carry it elsewhere', () => {
    const account = { accounts: { support: { apiRoot: there } } };
    const accepted = guardedValues(of('telegram', 'apiRoot', here, { botToken: 'x' }));
    const held = weigh(of('telegram', 'apiRoot', here, { botToken: 'x', ...account }), accepted, true);
    expect(held.changed).toEqual([
      {
        path: 'channels.telegram.accounts.support.apiRoot',
        inForce: JSON.stringify(here),
        asked: JSON.stringify(there),
      },
    ]);
    expect(held.tree).toMatchObject(
      of('telegram', 'apiRoot', here, { accounts: { support: { apiRoot: here } } }),
    );
    // One that connects where the channel does is nothing to wait for.
    const plain = weigh(
      of('telegram', 'apiRoot', here, { botToken: 'x', accounts: { support: {} } }),
      accepted,
      true,
    );
    expect(plain.changed).toEqual([]);
  });

  test('a channel that is taken out of the file is not put back, and a house that was never asked keeps what it has', () => {
    const accepted = guardedValues(of('whatsapp', 'waWebSocketUrl', 'wss://here.example/ws'));
    expect(weigh({}, accepted, true).tree).toEqual({});
    const old = of('telegram', 'apiRoot', here, { accounts: { support: { apiRoot: there } } });
    expect(weigh(old, guardedValues({}), true)).toMatchObject({ changed: [], tree: old });
  });
});
