// C-05: a code that does not arrive goes to the next chat of the same owner, says so, and is still one code.
import { expect, test, vi } from 'vitest';
import { cloudHarness } from '../../testing/channel/cloud-harness.ts';
import { buttonsHarness } from '../../testing/channel/loopback.ts';
import { telegramHarness } from '../../testing/channel/telegram-harness.ts';
import { browser } from '../../testing/login-stage.ts';
import { HOST, openWorld } from '../../testing/world.ts';

async function twoChats(login: object = {}) {
  const world = await openWorld({
    on: [cloudHarness, buttonsHarness],
    login: { deliverTo: ['whatsapp-cloud', 'loopback'], ...login },
  });
  const [there, here] = [world.on(cloudHarness), world.on(buttonsHarness)];
  const olga = await world.services.directory.add(
    { name: 'olga', role: 'owner', peer: there.peer('olga') },
    HOST,
  );
  const link = {
    principal: olga.id,
    ceiling: 'owner',
    assurance: 'medium',
    direct: true,
    accessUntil: null,
  } as const;
  const at = world.clock.now();
  await world.store.people.link(here.peer('olga'), { ...link, displayName: null, username: null, at });
  await world.settle();
  const ask = async () => {
    const who = browser();
    const asked = await world.services.login.challenge(who);
    await world.settle();
    await world.settle();
    return (code: string) =>
      world.services.login.verify({
        requestId: asked.requestId,
        thumbprint: who.thumbprint,
        code,
        name: 'x',
      });
  };
  const codeIn = (texts: readonly string[]) => /Then type there: (\d{6})/.exec(texts.join('\n'))?.[1] ?? null;
  return { world, there, here, ask, codeIn };
}

test('a chat that cannot be written to now is passed over, and named', async () => {
  const { world, there, here, ask, codeIn } = await twoChats();
  await using _ = world;
  // Olga has not written on WhatsApp since we started, and there is no template.
  expect(await world.services.login.available()).toBe(true);
  const answer = await ask();
  expect(codeIn(await there.heard('olga'))).toBeNull();
  const said = await here.heard('olga');
  expect(said.at(-1)).toContain(`could not be delivered to whatsapp-cloud:${there.peer('olga').native}`);
  await answer(codeIn(said) ?? '');
  const failed = (await world.events()).filter(({ body }) => body.type === 'delivery.failed');
  expect(failed.map(({ body }) => body.reason)).toEqual(['channel_cannot_initiate']);
});

test('where the first chat takes it, the second one is told nothing', async () => {
  const { world, there, here, ask, codeIn } = await twoChats();
  await using _ = world;
  await there.says('olga', '/help');
  const answer = await ask();
  const code = codeIn(await there.heard('olga'));
  expect(code).not.toBeNull();
  expect(codeIn(await here.heard('olga'))).toBeNull();
  await answer(code ?? '');
});

test('a code that the platform lost after it had taken it goes on to the next chat', async () => {
  const { world, there, here, ask, codeIn } = await twoChats();
  await using _ = world;
  await there.says('olga', '/help');
  await ask();
  const [row] = await world.store.outbox.recent({ channel: 'whatsapp-cloud', limit: 1 });
  const report = {
    channel: 'whatsapp-cloud',
    account: 'default',
    fate: 'failed',
    reason: 'not_reachable',
  } as const;
  await world.services.inbox.fate({ ...report, account: 'support', id: row?.id ?? '' });
  await world.settle();
  expect(codeIn(await here.heard('olga'))).toBeNull();
  await world.services.inbox.fate({ ...report, id: row?.id ?? '' });
  await world.services.inbox.fate({ ...report, id: row?.id ?? '' });
  await world.settle();
  expect(codeIn(await here.heard('olga'))).toBe(codeIn(await there.heard('olga')));
  expect((await here.heard('olga')).filter((text) => text.includes('Then type there'))).toHaveLength(1);
  await there.says('olga', '/help');
  expect(await world.services.login.available()).toBe(true);
});

test('with nowhere else to go it ends, and the audit says so', async () => {
  const { world, there, here, ask } = await twoChats({ deliverTo: ['whatsapp-cloud'] });
  await using _ = world;
  // And the page says beforehand that there is no chat to send one to.
  expect(await world.services.login.available()).toBe(false);
  await ask();
  expect(await here.heard('olga')).toEqual([]);
  expect((await world.events()).filter(({ body }) => body.type === 'delivery.failed')).toHaveLength(1);
  await there.says('olga', '/help');
  expect(await world.services.login.available()).toBe(true);
});

test('login.allowCarrier is about phone networks: a chat that anything else vouches too little for gets no code', async () => {
  await using world = await openWorld({ on: [buttonsHarness], login: { allowCarrier: true } });
  const here = world.on(buttonsHarness);
  const olga = await world.services.directory.add(
    { name: 'olga', role: 'owner', peer: here.peer('olga') },
    HOST,
  );
  expect(await world.services.login.available()).toBe(true);
  await world.store.people.unlink(here.peer('olga'));
  const link = { principal: olga.id, ceiling: 'owner', assurance: 'low', direct: true } as const;
  const more = { accessUntil: null, displayName: null, username: null, at: world.clock.now() };
  await world.store.people.link(here.peer('olga'), { ...link, ...more });
  expect(await world.services.login.available()).toBe(false);
});

test('a line that is lost for a moment costs no code: it is sent when the line is back, and the page is told so', async () => {
  await using world = await openWorld({ on: [telegramHarness] });
  const line = world.on(telegramHarness);
  await world.services.directory.add({ name: 'olga', role: 'owner', peer: line.peer('olga') }, HOST);
  await line.bench.until('connected');
  expect(await world.services.login.available()).toBe(true);
  await line.bench.disconnect();
  await line.bench.until('retrying');
  expect(await world.services.login.available()).toBe(false);
  const who = browser();
  const { requestId, phrase } = await world.services.login.challenge(who);
  await line.bench.reconnect();
  await line.bench.until('connected');
  const said = async () => {
    await world.settle();
    return (await line.heard('olga')).find((text) => text.includes(phrase)) ?? '';
  };
  await vi.waitFor(async () => expect(await said()).toMatch(/Then type there: \d{6}/), { timeout: 10_000 });
  const code = /Then type there: (\d{6})/.exec(await said())?.[1] ?? '';
  await world.services.login.verify({ requestId, thumbprint: who.thumbprint, code, name: 'x' });
});
