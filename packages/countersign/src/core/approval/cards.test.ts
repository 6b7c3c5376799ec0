// Cards about requests: to whoever decides and to nobody else, whole, and true to the end.
import { expect, test } from 'vitest';
import { command, LOOK, openApprovalChats, PUSH } from '../../testing/approval-chats.ts';
import { VENDOR_FAILURES } from '../../testing/channel/failures.ts';
import { buttonsHarness } from '../../testing/channel/loopback.ts';
import { HOST } from '../../testing/world.ts';
import { cardParts } from '../card-parts.ts';

test('E-15: deciders are shown all of it, whoever asked that it waits, and nobody anything in a group', async () => {
  await using chats = await openApprovalChats();
  const { request } = await chats.asks();
  for (const name of ['olga', 'ari']) {
    const card = await chats.here.lastShown(name);
    for (const line of [
      `Approval ${request.short}, elevated`,
      '| git push origin main',
      'in: /home/agent/work',
      'on: ins_here',
      'agent: main',
      'asked for: "uma"',
      `/approve ${request.short}`,
      `/deny ${request.short}`,
      'Silence is a no',
    ])
      expect(card.text).toContain(line);
    // Elevated: no thumb says yes.
    expect(card.buttons).toEqual(['Deny']);
  }
  const uma = await chats.heard('uma');
  expect(uma).toContain(`${request.short} waits for somebody to approve it`);
  expect(uma).not.toContain('git');
  expect(await chats.here.bench.shown('olga', 'group')).toEqual([]);
});

test('a read or a write that is asked about has both buttons, Deny first; one press, and all cards say who', async () => {
  await using chats = await openApprovalChats();
  await chats.world.services.policies.set('defaults.ask', 'always', HOST);
  const asked = await chats.asks(LOOK);
  const card = await chats.here.lastShown('ari');
  expect(card.buttons).toEqual(['Deny', 'Approve']);
  await chats.here.presses(card, 'Approve', 'ari');
  expect(await chats.state(asked)).toBe('approved');
  for (const name of ['olga', 'ari']) {
    const now = await chats.here.lastShown(name);
    expect(now.text).toContain('Approved by "ari".');
    expect(now.text).toContain('| git status');
    expect(now.buttons).toEqual([]);
  }
  expect(await chats.heard('uma')).toContain(`${asked.request.short}: approved by "ari".`);
});

test('R50: sooner than 700 ms after delivery it is asked for again, and a double tap is not twice', async () => {
  await using chats = await openApprovalChats();
  await chats.world.services.policies.set('defaults.ask', 'always', HOST);
  const asked = await chats.asks(LOOK);
  chats.world.clock.advance(-900);
  const card = await chats.here.lastShown('ari');
  await chats.here.presses(card, 'Approve', 'ari');
  await chats.here.presses(card, 'Approve', 'ari');
  expect(await chats.state(asked)).toBe('pending');
  expect((await chats.here.bench.told('ari')).join()).toMatch(/sooner than anybody reads/);
  chats.world.clock.advance(900);
  await chats.here.presses(card, 'Approve', 'ari');
  expect(await chats.state(asked)).toBe('approved');
});

test('a no carries its reason to whoever asked, and every card says it', async () => {
  await using chats = await openApprovalChats();
  const asked = await chats.asks();
  await chats.here.says('olga', `/deny ${asked.request.short} not on a Friday`);
  expect(await chats.state(asked)).toBe('denied');
  expect(await chats.heard('uma')).toContain(`denied by "olga". Reason: "not on a Friday"`);
  expect((await chats.here.lastShown('ari')).text).toContain('Denied by "olga". Reason: "not on a Friday"');
});

test('H46: a long command is shown whole, in parts, the buttons under the last', async () => {
  await using chats = await openApprovalChats();
  const long = Array.from({ length: 900 }, (_, n) => `--option-${n}=value`);
  const asked = await chats.asks(command('make', ...long));
  const parts = await chats.here.bench.shown('olga');
  const card = parts.filter(({ text }) => /^\[\d+\/\d+\] /.test(text));
  expect(card.length).toBeGreaterThan(3);
  expect(card.map(({ buttons }) => buttons.length)).toEqual([...card.slice(1).map(() => 0), 1]);
  const whole = card.map(({ text }) => text.replace(/^\[\d+\/\d+\] /, '')).join('');
  for (const option of long) expect(whole).toContain(option);
  await chats.here.says('olga', `/approve ${asked.request.short}`);
  expect(await chats.state(asked)).toBe('approved');
  const last = (await chats.here.bench.shown('olga')).filter(({ text }) => text.startsWith('[')).at(-1);
  expect(last?.text).toContain('Approved by "olga".');
});

test('past twenty parts nothing of it is shown, and a yes is said on the page only', async () => {
  await using chats = await openApprovalChats({ publicUrl: 'https://house.example' });
  const asked = await chats.asks(command('make', 'x'.repeat(100_000)));
  const card = await chats.here.lastShown('olga');
  expect(card.text).toContain(`https://house.example/#/approvals?open=${asked.request.id}`);
  expect(card.text).not.toContain('xxx');
  await chats.here.says('olga', `/approve ${asked.request.short}`);
  expect(await chats.heard('olga')).toContain('too long to be shown in this chat');
  expect(await chats.state(asked)).toBe('pending');
  await chats.here.says('olga', `/deny ${asked.request.short}`);
  expect(await chats.state(asked)).toBe('denied');
});

test('parts are the text, and none begins with a line of the command', () => {
  const text = `Approval X\n${'| echo Approved by "olga". '.repeat(400)}`;
  const parts = cardParts(text, 1_000) ?? [];
  expect(parts.map((part) => part.replace(/^\[\d+\/\d+\] /, '')).join('')).toBe(text);
  for (const part of parts) {
    expect(part).toMatch(/^\[\d+\/\d+\] /);
    expect(part.length).toBeLessThanOrEqual(1_000);
  }
});

test('N-09: who is told and who decides are two lists', async () => {
  const notify = [{ channel: 'loopback', account: 'default', native: buttonsHarness.native('ari') }];
  await using chats = await openApprovalChats({
    approvals: { settings: () => ({ approvers: [], notify, timeoutMs: 600_000 }) },
  });
  const asked = await chats.asks();
  expect(await chats.heard('ari')).toContain('git push');
  expect(await chats.heard('olga')).not.toContain('git push');
  // Not told, and still entitled.
  await chats.here.says('olga', `/approve ${asked.request.short}`);
  expect(await chats.state(asked)).toBe('approved');
});

test('N-09: named to be told and not among the deciders: that something waits, never what', async () => {
  const at = (name: string) => ({
    channel: 'loopback',
    account: 'default',
    native: buttonsHarness.native(name),
  });
  await using chats = await openApprovalChats({
    approvals: {
      settings: () => ({ approvers: [at('olga')], notify: [at('olga'), at('ari')], timeoutMs: 600_000 }),
    },
  });
  await chats.asks();
  expect(await chats.heard('olga')).toContain('git push');
  expect(await chats.heard('ari')).toMatch(/waits for somebody to approve it \(elevated\)/);
  expect(await chats.heard('ari')).not.toContain('git');
});

test('E-09: no chat takes it: refused within seconds, and whoever asked is told so', async () => {
  await using chats = await openApprovalChats();
  const asked = await shut(chats, 'refused');
  expect(await chats.state(asked)).toBe('denied');
  await chats.world.settle();
  expect(await chats.heard('uma')).toContain('denied: nobody who decides could be reached');
});

test('E-09: a server that is away for half a minute is as good as none', async () => {
  await using chats = await openApprovalChats();
  const asked = await shut(chats, 'unreachable');
  const { approvalCards, dispatcher } = chats.world.services;
  for (let second = 0; second < 40; second++) {
    chats.world.clock.advance('1s');
    await dispatcher.dispatch();
    await approvalCards.patrol();
  }
  expect(await chats.state(asked)).toBe('denied');
});

test('while a page of theirs is open it waits on', async () => {
  await using chats = await openApprovalChats({ approvals: { elsewhere: async () => true } });
  const asked = await shut(chats, 'refused');
  expect(await chats.state(asked)).toBe('pending');
});

test('E-09: what the first list does not reach goes to the next chat, and says where it failed', async () => {
  const notify = [{ channel: 'loopback', account: 'default', native: buttonsHarness.native('ari') }];
  await using chats = await openApprovalChats({
    approvals: { settings: () => ({ approvers: [], notify, timeoutMs: 600_000 }) },
  });
  chats.here.bench.failNext('refused', 1);
  await chats.asks(PUSH, 'nobody');
  await chats.world.settle();
  expect(await chats.heard('olga')).toContain('could not be delivered to loopback:');
  expect(await chats.heard('olga')).toContain('git push');
});

async function shut(chats: Awaited<ReturnType<typeof openApprovalChats>>, how: 'refused' | 'unreachable') {
  // Uma's own line goes through last.
  const channel = chats.world.channel();
  const send = channel.send.bind(channel);
  channel.send = (to, message) => {
    if (message.kind === 'card') throw VENDOR_FAILURES[how]();
    return send(to, message);
  };
  const asked = await chats.asks();
  await chats.world.settle();
  return asked;
}

test('R41: when the policy changes, every card says that it is not asked any more, and so does the requester’s chat', async () => {
  await using chats = await openApprovalChats();
  const asked = await chats.asks();
  await chats.world.services.policies.set('tiers.write.timeout', '5m', HOST);
  await chats.world.settle();
  expect(await chats.state(asked)).toBe('superseded');
  expect((await cardOf(chats, 'ari', asked.request.short)).text).toContain('Not asked any more');
  expect((await cardOf(chats, 'ari', asked.request.short)).buttons).toEqual([]);
  expect(await chats.heard('uma')).toContain(`${asked.request.short}: not asked any more`);
});

test('R42: silence is a no, and every chat says so', async () => {
  await using chats = await openApprovalChats();
  const asked = await chats.asks();
  chats.world.clock.advance('11m');
  await chats.world.services.approvals.expire();
  await chats.world.settle();
  expect((await chats.here.lastShown('ari')).text).toContain('Expired: nobody answered in time.');
  expect(await chats.heard('uma')).toContain(`${asked.request.short}: expired: nobody answered in time`);
});

test('N-10: taken back by the program that asked: the cards say it, and nothing can be said to them', async () => {
  await using chats = await openApprovalChats();
  const asked = await chats.asks();
  await chats.world.services.approvals.cancel(asked.request.id, 'tok_main');
  await chats.world.settle();
  const card = await chats.here.lastShown('ari');
  expect(card.text).toContain('Taken back by the program that asked.');
  expect(card.buttons).toEqual([]);
});

test('N-10: the program that waited is gone: cards and whoever it was for read that, once', async () => {
  await using chats = await openApprovalChats();
  const { approvals } = chats.world.services;
  const asked = await chats.asks();
  expect(await approvals.abandon(asked.request.id)).toBe(true);
  await chats.world.settle();
  const card = await chats.here.lastShown('ari');
  expect(card.text).toContain('Taken back: the program that asked is gone, and nobody waits for it.');
  expect(card.buttons).toEqual([]);
  expect(await chats.heard('uma')).toContain(`${asked.request.short}: taken back: the program that asked`);
  expect(await approvals.abandon(asked.request.id)).toBe(false);
});

test('N-08: of two who are needed the first is told so, and only the second ends it', async () => {
  await using chats = await openApprovalChats();
  await chats.world.services.policies.set('tiers.elevated.quorum', '2', HOST);
  const asked = await chats.asks();
  expect((await chats.here.lastShown('ari')).text).toContain('It takes 2 people to say yes.');
  await chats.here.says('ari', `/approve ${asked.request.short}`);
  expect((await chats.here.heard('ari')).at(-1)).toBe(`Your yes to ${asked.request.short} is noted: 1 of 2.`);
  await chats.here.says('ari', `/approve ${asked.request.short}`);
  expect(await chats.state(asked)).toBe('pending');
  await chats.here.says('olga', `/approve ${asked.request.short}`);
  expect(await chats.state(asked)).toBe('approved');
});

test('H57: fifty requests in a minute are a few cards, one line to the owners, and silence to the requester', async () => {
  await using chats = await openApprovalChats();
  const cards = async () =>
    (await chats.here.heard('ari')).filter((text) => text.startsWith('Approval ')).length;
  for (let n = 0; n < 50; n++) {
    // One at a time: five that wait are refused before.
    const asked = await chats.asks(command('git', 'push', `r${n}`)).catch(() => null);
    if (asked !== null) await chats.world.services.approvals.cancel(asked.request.id, 'tok_main');
    await chats.world.settle();
  }
  expect(await cards()).toBeLessThanOrEqual(11);
  const told = (await chats.here.heard('olga')).filter((text) => text.includes('faster than anybody reads'));
  expect(told.length).toBeGreaterThan(0);
  expect(told.length).toBeLessThanOrEqual(2);
  expect((await chats.here.heard('uma')).length).toBeLessThanOrEqual(22);
});

test('H43: two commands never read alike on a card, and no line of one passes for a line of ours', async () => {
  await using chats = await openApprovalChats();
  const forged = 'x\nApproved by "olga".\nNo: /deny AAAAA-AAAAA';
  const cards: string[] = [];
  for (const words of [['tool '], ['tool'], ['to', 'ol'], ['tool\u202e'], [forged]] as const) {
    const asked = await chats.asks(command('make', ...words));
    cards.push((await cardOf(chats, 'ari', asked.request.short)).text);
    await chats.here.says('olga', `/deny ${asked.request.short}`);
    chats.world.clock.advance('11m');
  }
  const bodies = cards.map((text) =>
    text
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .join('\n'),
  );
  expect(new Set(bodies).size).toBe(bodies.length);
  expect(
    cards
      .at(-1)
      ?.split('\n')
      .filter((line) => line.startsWith('Approved')),
  ).toEqual([]);
});

async function cardOf(chats: Awaited<ReturnType<typeof openApprovalChats>>, name: string, short: string) {
  const card = (await chats.here.bench.shown(name)).findLast(({ text }) =>
    text.includes(`Approval ${short}`),
  );
  if (card === undefined) throw new Error(`${name} was shown no card of ${short}`);
  return card;
}
