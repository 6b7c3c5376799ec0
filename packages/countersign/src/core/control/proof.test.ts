// Codes in chats. The attacks: a code that the agent reads, from a message with a slip in it or from the wrong chat (R64, H70);
// one that somebody reads over the shoulder and uses after us; a string that anybody with the phone can type (E-01).
import { expect, test } from 'vitest';
import { command, openApprovalChats, PUSH } from '../../testing/approval-chats.ts';
import { StagedLoopback } from '../../testing/channel/loopback.ts';
import { totpAt } from '../../testing/factor-stage.ts';
import { HOST } from '../../testing/world.ts';

const WIPE = command('rm', '-rf', '/home/agent/work');

async function openStage(options: Parameters<typeof openApprovalChats>[0] = {}) {
  const chats = await openApprovalChats(options);
  const { world, people, here } = chats;
  const { factors, approvals } = world.services;
  let tries = 0;
  const enrols = async (who: 'olga' | 'ari') => {
    const { id, secret } = await factors.enrolTotp(people[who].id, 'phone', HOST);
    await factors.confirmTotp(id, totpAt(secret, world.clock.now()), HOST);
    await approvals.settled();
    world.clock.advance('60s');
    await world.settle();
    return (after = 0) => totpAt(secret, world.clock.now() + after);
  };
  return {
    ...chats,
    enrols,
    async last(who: 'olga' | 'ari' | 'uma') {
      return (await here.heard(who)).at(-1) ?? '';
    },
    /** On a surface where nobody tried before. */
    async proves(who: 'olga' | 'ari', proof: { readonly kind: 'totp'; readonly value: string }) {
      tries += 1;
      return (await factors.prove(people[who].id, proof, `device:${tries}`, world.clock.now())).ok;
    },
    async events(type: string) {
      return (await world.events()).map(({ body }) => body).filter((one) => one.type === type);
    },
    /** Everything the agent was ever given. */
    given: () => JSON.stringify(world.agent.asked),
    removed: () => (here.bench.channel instanceof StagedLoopback ? here.bench.channel.taken : []),
    [Symbol.asyncDispose]: () => chats[Symbol.asyncDispose](),
  };
}

test('E-01: the card says that a code is wanted, and /approve with it decides; the message goes', async () => {
  await using stage = await openStage();
  const code = await stage.enrols('ari');
  const asked = await stage.asks(PUSH);
  const { short } = asked.request;
  expect(await stage.last('ari')).toContain(`Yes, with a code of your app: /approve ${short} <code>`);
  await stage.here.says('ari', `/approve ${short}`);
  expect(await stage.last('ari')).toContain(`with the code of your app: /approve ${short} <code>`);
  expect(await stage.state(asked)).toBe('pending');
  // Five letters do; fewer decide nothing.
  await stage.here.says('ari', `/approve ${short.slice(0, 4)} ${code()}`);
  expect(await stage.last('ari')).toContain('at least 5 of the ten letters');
  expect(await stage.state(asked)).toBe('pending');
  await stage.here.says('ari', `/approve ${short.slice(0, 5)} ${code(30_000)}`);
  expect(await stage.state(asked)).toBe('approved');
  const { words } = (await stage.world.services.approvals.get(asked.request.id)).request;
  expect(words).toMatchObject([{ by: stage.people.ari.id, factors: ['totp'] }]);
  expect(await stage.events('approval.approved')).toMatchObject([
    { subject: { surface: 'chat', factors: ['totp'] } },
  ]);
  expect(stage.removed()).toHaveLength(2);
});

test('H69: the same code again, on another request, decides nothing, and a wrong one says no more than that', async () => {
  await using stage = await openStage();
  const code = await stage.enrols('ari');
  const [one, two] = [await stage.asks(PUSH), await stage.asks(WIPE)];
  const used = code();
  await stage.here.says('ari', `/approve ${one.request.short} ${used}`);
  await stage.here.says('ari', `/approve ${two.request.short} ${used}`);
  const answer = await stage.last('ari');
  await stage.here.says('ari', `/approve ${two.request.short} 000000`);
  expect(await stage.last('ari')).toBe(answer);
  expect(await stage.state(two)).toBe('pending');
});

test('a code that was typed is spent, whether or not one was asked for', async () => {
  await using stage = await openStage();
  await stage.world.services.policies.set('totp.scope', 'destructive', HOST);
  const code = await stage.enrols('ari');
  const [push, wipe] = [await stage.asks(PUSH), await stage.asks(WIPE)];
  const typed = code();
  await stage.here.says('ari', `/approve ${push.request.short} 000000`);
  expect(await stage.state(push)).toBe('pending');
  await stage.here.says('ari', `/approve ${push.request.short} ${typed}`);
  expect(await stage.state(push)).toBe('approved');
  await stage.here.says('ari', `/approve ${wipe.request.short} ${typed}`);
  expect(await stage.state(wipe)).toBe('pending');
});

test('H71: wrong codes typed in the chat close the chat, and not the page', async () => {
  await using stage = await openStage();
  const code = await stage.enrols('ari');
  const asked = await stage.asks(WIPE);
  for (let n = 0; n < 6; n += 1) await stage.here.says('ari', `/approve ${asked.request.short} 000000`);
  await stage.here.says('ari', `/approve ${asked.request.short} ${code()}`);
  expect(await stage.last('ari')).toContain('the next try has to wait');
  expect(await stage.state(asked)).toBe('pending');
  // What was typed there is readable there, and spent; the next one counts elsewhere.
  expect(await stage.proves('ari', { kind: 'totp', value: code() })).toBe(false);
  expect(await stage.proves('ari', { kind: 'totp', value: code(30_000) })).toBe(true);
});

test('R64, H70: a code with a slip around it never reaches the agent, is spent, and is answered with the right form', async () => {
  await using stage = await openStage();
  const code = await stage.enrols('ari');
  const asked = await stage.asks(PUSH);
  const { short } = asked.request;
  for (const form of [
    (digits: string) => digits,
    (digits: string) => `${digits.slice(0, 3)} ${digits.slice(3)}`,
    (digits: string) => `my code is ${digits}, thanks`,
    (digits: string) => `aprove ${short.slice(0, 3)} ${digits}`,
    (digits: string) => `/aprove ${short} ${digits}`,
    (digits: string) => `approve ${digits}`,
    (digits: string) => `yes\n${digits.slice(0, 3)}-${digits.slice(3)}`,
    (digits: string) => [...digits].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join(''),
    (digits: string) => [...digits].map((digit) => String.fromCodePoint(0x660 + Number(digit))).join(''),
  ]) {
    const typed = code();
    const text = form(typed);
    await stage.here.says('ari', text);
    expect(stage.given(), text).not.toMatch(/\d{3}/);
    expect(await stage.last('ari'), text).toMatch(/\/approve/);
    expect(await stage.last('ari'), text).not.toContain(typed);
    // Whoever read it comes too late, wherever they come.
    const late = { kind: 'totp', value: typed } as const;
    expect(await stage.proves('ari', late), text).toBe(false);
    stage.world.clock.advance('30s');
  }
  expect(stage.world.agent.asked).toEqual([]);
  expect((await stage.events('code.kept_back')).length).toBeGreaterThanOrEqual(9);
  expect(JSON.stringify(await stage.events('code.kept_back'))).not.toMatch(/"\d{6}"/);
  await stage.here.says('ari', `/approve ${short} ${code()}`);
  expect(await stage.state(asked)).toBe('approved');
});

test('R64: digits that are no code count as no try, and go to the agent when nothing waits', async () => {
  await using stage = await openStage();
  const code = await stage.enrols('ari');
  await stage.here.says('ari', 'order 123456 please');
  expect(stage.given()).toContain('order 123456 please');
  const asked = await stage.asks(PUSH);
  for (let n = 0; n < 8; n += 1) await stage.here.says('ari', `order ${100_000 + n} please`);
  await stage.here.says('ari', 'in 2026 there are 12 of 12345 and 1234567890 of those');
  expect(stage.given()).not.toContain('order 100000');
  expect(stage.given()).toContain('1234567890 of those');
  expect(await stage.events('factor.failed')).toEqual([]);
  await stage.here.says('ari', `/approve ${asked.request.short} ${code()}`);
  expect(await stage.state(asked)).toBe('approved');
  // Others write what they like.
  await stage.asks(command('git', 'push', 'two'));
  await stage.here.says('uma', 'order 654321 please');
  expect(stage.given()).toContain('order 654321 please');
});

test('R64: a code behind a no is no reason: nobody reads it, and it is spent', async () => {
  await using stage = await openStage();
  const code = await stage.enrols('ari');
  for (const form of [(short: string) => `/deny ${short}`, () => '/deny all']) {
    const asked = await stage.asks(command('git', 'push', form('x')));
    const typed = code();
    await stage.here.says('ari', `${form(asked.request.short)} ${typed}`);
    const { state, request } = await stage.world.services.approvals.get(asked.request.id);
    expect([state, request.words[0]?.reason]).toEqual(['denied', null]);
    expect(`${await stage.heard('ari')} ${await stage.heard('uma')}`).not.toContain(typed);
    expect(await stage.proves('ari', { kind: 'totp', value: typed })).toBe(false);
    stage.world.clock.advance('30s');
  }
  expect(await stage.heard('ari')).toContain('The reason was left out');
  const asked = await stage.asks(command('git', 'push', 'three'));
  await stage.here.says('ari', `/deny ${asked.request.short} not on the 3rd`);
  expect((await stage.world.services.approvals.get(asked.request.id)).request.words).toMatchObject([
    { reason: 'not on the 3rd' },
  ]);
});

test('R64: a code typed a moment after another was quicker is kept back, too', async () => {
  await using stage = await openStage();
  const code = await stage.enrols('ari');
  const asked = await stage.asks(PUSH);
  await stage.here.says('olga', `/deny ${asked.request.short}`);
  const typed = code();
  await stage.here.says('ari', typed);
  expect(stage.world.agent.asked).toEqual([]);
  stage.world.clock.advance('2m');
  await stage.here.says('ari', '123456');
  expect(stage.given()).toContain('123456');
});

test('R64: also in a group, and where they may decide nothing', async () => {
  await using stage = await openStage({ policy: { groupPolicy: 'open', requireMention: false } });
  const code = await stage.enrols('ari');
  await stage.asks(PUSH);
  await stage.here.event({ kind: 'group-text', from: 'ari', text: `approve ${code()}` });
  expect(stage.world.agent.asked).toEqual([]);
  expect(await stage.here.heard('ari', 'group')).toEqual([]);
  expect(await stage.last('ari')).toContain('was not passed on');
});

test('/elevate in a chat: for that conversation, with a code, until it is ended; every owner hears of both', async () => {
  await using stage = await openStage();
  const code = await stage.enrols('olga');
  const { approvals } = stage.world.services;
  await stage.here.says('olga', '/elevate 15m');
  expect(await stage.last('olga')).toContain('no conversation with the agent here yet');
  await stage.here.says('olga', 'hello');
  await stage.here.says('olga', '/elevate 15m');
  expect(await stage.last('olga')).toContain('with the code of your app: /elevate 15m <code>');
  await stage.here.says('olga', '/elevate 15m 000000');
  expect(await stage.last('olga')).toContain('was not proven');
  await stage.here.says('olga', '/elevate 2h 000000');
  expect(await stage.last('olga')).toContain('between a minute and an hour');
  await stage.here.says('olga', `/elevate 15m ${code()}`);
  expect(await stage.heard('olga')).toContain('In this conversation main works elevated until');
  expect(await stage.heard('olga')).toContain('in one conversation of theirs');
  expect(stage.given()).not.toContain('/elevate');

  const [session] = await stage.world.store.sessions.list({
    principal: stage.people.olga.id,
    live: true,
    limit: 9,
  });
  if (session === undefined) throw new Error('no session');
  const mine = {
    session: session.id,
    principal: stage.people.olga.id,
    assurance: 'medium',
    peer: 'x',
  } as const;
  const asks = async (action = PUSH, own = true) =>
    (
      await approvals.ask({
        action,
        agent: 'main',
        token: 'tok_main',
        session: own ? mine : null,
        idempotencyKey: null,
      })
    ).request.because;
  expect(await asks()).toBe('elevated');
  expect(await asks(PUSH, false)).toBeNull();
  expect(await asks(WIPE)).not.toBe('elevated');
  await stage.here.says('ari', '/elevate end');
  expect(await stage.last('ari')).toContain('That needs an owner');
  await stage.here.says('ari', '/elevate');
  expect(await stage.last('ari')).toContain('main works elevated until');
  await stage.here.says('olga', '/elevate end');
  expect(await stage.heard('olga')).toContain('main works elevated no more');
  expect(await asks()).not.toBe('elevated');
});
