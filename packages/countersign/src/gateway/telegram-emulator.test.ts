// The real client against an emulator that other people wrote: a stranger, a card with buttons in the owner's chat, a
// press, an answer; a request for approval, the page at the same moment, and what every chat says at the end. What our own
// stub gets wrong shows here.
import { expect, test } from 'vitest';
import { Emulator } from '../../../../test/telegram-emulator.ts';
import { command, LOOK, openApprovalHouse, PUSH } from '../testing/approval-house.ts';
import { jsonOf, openHouse } from '../testing/house.ts';

test('a stranger is approved by a button in the owner’s chat, and answered', async () => {
  await using emulator = await Emulator.open();
  await using house = await openHouse({
    config: { channels: { telegram: emulator.account } },
    running: true,
  });
  const { channels } = house.composed;
  const added = await house.call('host', 'POST', '/api/v1/people', {
    name: 'Olga',
    role: 'owner',
    peer: 'telegram:555001',
  });
  expect(added.status).toBe(201);
  await channels.follow();

  const [olga, ana] = [emulator.person(555_001, 'Olga'), emulator.person(555_002, 'Ana')];
  await ana.sendMessage(ana.makeMessage('hello'));
  await emulator.until(() =>
    emulator.shown(555_001).some(({ message }) => message.reply_markup !== undefined),
  );
  expect(emulator.shown(555_002)[0]?.message.text).toMatch(/pairing code: [A-Z2-9]{8}/);
  const card = emulator.shown(555_001).find(({ message }) => message.reply_markup !== undefined);
  const [approve] = card?.message.reply_markup?.inline_keyboard[0] ?? [];
  expect(approve?.text).toBe('Approve');

  // H20: the applicant plays the button back, and nothing happens; the owner presses it.
  await ana.sendCallback(ana.makeCallbackQuery(approve?.callback_data ?? ''));
  await olga.sendCallback(olga.makeCallbackQuery(approve?.callback_data ?? ''));
  await emulator.until(() => emulator.shown(555_002).length === 2);
  const { items } = await jsonOf<{ items: object[] }>(
    house.call('host', 'GET', '/api/v1/pairings?show=approved'),
  );
  expect(items).toMatchObject([{ identifier: '555002', state: 'approved' }]);

  await ana.sendMessage(ana.makeMessage('thank you'));
  await emulator.until(() => emulator.shown(555_002).length === 3);
  expect(emulator.shown(555_002)[2]?.message.text).toContain('thank you');
  channels.stop();
});

async function openTelegram() {
  const emulator = await Emulator.open();
  const telegram = { ...emulator.account, dmPolicy: 'allowlist', allowFrom: ['555001', '555002', '555003'] };
  const scene = await openApprovalHouse({ config: { channels: { telegram } } });
  await scene.house.composed.channels.follow();
  const persons = {
    olga: emulator.person(555_001, 'Olga'),
    ari: emulator.person(555_002, 'Ari'),
    uma: emulator.person(555_003, 'Uma'),
  };
  const texts = (chat: number) => emulator.shown(chat).map(({ message }) => message.text);
  const cardFor = async (chat: number, short: string) => {
    const find = () =>
      emulator.shown(chat).findLast(({ message }) => message.text.includes(`Approval ${short}`));
    await emulator.until(() => find() !== undefined);
    const buttons = find()?.message.reply_markup?.inline_keyboard.flat() ?? [];
    return { text: find()?.message.text ?? '', buttons };
  };
  return {
    emulator,
    scene,
    persons,
    texts,
    cardFor,
    async [Symbol.asyncDispose]() {
      scene.house.composed.channels.stop();
      await scene[Symbol.asyncDispose]();
      await emulator[Symbol.asyncDispose]();
    },
  };
}

test('a card on Telegram and the page at the same moment: one winner, and both chats say who', async () => {
  await using stage = await openTelegram();
  const { scene, persons, emulator } = stage;
  await scene.house.call('host', 'POST', '/api/v1/policy/set', { path: 'defaults.ask', value: 'always' });
  const asked = await scene.asks(LOOK);
  const card = await stage.cardFor(555_002, asked.short);
  expect(card.text).toContain('| git status');
  expect(card.buttons.map(({ text }) => text)).toEqual(['Deny', 'Approve']);
  await stage.cardFor(555_001, asked.short);
  const page = await scene.browser('olga');
  await pause();
  const [, approve] = card.buttons;
  const [answer] = await Promise.all([
    page.call('POST', `/api/v1/approvals/${asked.id}/decision`, { decision: 'deny' }),
    persons.ari.sendCallback(persons.ari.makeCallbackQuery(approve?.callback_data ?? '')),
  ]);
  const isOver = /\n\n(?:Approved by "Ari"|Denied by "Olga")\./;
  await emulator.until(() =>
    [555_001, 555_002].every((chat) => stage.texts(chat).some((text) => isOver.test(text))),
  );
  const end = await jsonOf<{ state: string; decisions: object[] }>(scene.sees(asked.id));
  expect(end.decisions).toHaveLength(1);
  expect(answer.status).toBe(end.state === 'denied' ? 200 : 409);
  const said = end.state === 'denied' ? 'Denied by "Olga".' : 'Approved by "Ari".';
  for (const chat of [555_001, 555_002]) {
    const shown = emulator.shown(chat).findLast(({ message }) => message.text.includes(asked.short));
    expect(shown?.message.text).toContain(said);
    expect(shown?.message.reply_markup?.inline_keyboard.flat() ?? []).toEqual([]);
  }
});

test('elevated: typed by its short digest, whoever asked reads only how it ends, and a long one comes in parts', async () => {
  await using stage = await openTelegram();
  const { scene, persons, emulator } = stage;
  await persons.uma.sendMessage(persons.uma.makeMessage('please push'));
  await emulator.until(() => stage.texts(555_003).length > 0);
  const asked = await scene.asks(PUSH, { session: await scene.handle('uma') });
  const card = await stage.cardFor(555_001, asked.short);
  expect(card.buttons.map(({ text }) => text)).toEqual(['Deny']);
  await pause();
  await persons.olga.sendMessage(persons.olga.makeMessage(`/approve ${asked.short.slice(0, 5)}`));
  await emulator.until(() => stage.texts(555_003).some((text) => text.includes('approved by "Olga"')));
  const uma = stage.texts(555_003).join('\n');
  expect(uma).toContain(`${asked.short} waits for somebody to approve it`);
  expect(uma).not.toContain('git');

  const long = await scene.asks(command('make', 'x'.repeat(9_000)));
  await emulator.until(() => stage.texts(555_001).some((text) => text.includes(`/deny ${long.short}`)));
  const parts = stage.texts(555_001).filter((text) => /^\[\d\/\d\] /.test(text));
  expect(parts.length).toBe(3);
  expect(parts.map((text) => text.replace(/^\[\d\/\d\] /, '')).join('')).toContain('x'.repeat(9_000));
});

/** Nobody reads as fast as a test (R50): 700 ms, from when the gateway has heard that it is there. That may be a while later. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 2_500));
}
