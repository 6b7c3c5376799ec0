// A person's word in their chat: named, alone, and theirs. Everything else that looks like one decides nothing.
import { isoTime } from '@countersign/protocol/time';
import { expect, test } from 'vitest';
import { command, LOOK, openApprovalChats, PUSH } from '../../testing/approval-chats.ts';
import { HOST } from '../../testing/world.ts';

test('E-02: unknown, ambiguous, decided, expired are told apart, and who decided is said', async () => {
  await using chats = await openApprovalChats();
  const first = await chats.asks();
  const says = async (text: string) => {
    await chats.here.says('ari', text);
    return (await chats.here.heard('ari')).at(-1) ?? '';
  };
  expect(await says('/approve ZZZZZ')).toContain('No request has that name');
  await chats.here.says('olga', `/deny ${first.request.short}`);
  expect(await says(`/approve ${first.request.short}`)).toMatch(/denied already by olga/);
  const late = await chats.asks(command('git', 'push', 'two'));
  chats.world.clock.advance('2h');
  expect(await says(`/approve ${late.request.short}`)).toContain('expired');
});

test('E-03: by the beginning of the digest, in small letters, on two words, or by the whole id', async () => {
  await using chats = await openApprovalChats();
  const names = [
    (short: string) => short.slice(0, 5).toLowerCase(),
    (short: string) => short.replace('-', ' '),
    (short: string) => short.replace('-', ''),
    (short: string) => short,
  ];
  for (const [index, name] of names.entries()) {
    const asked = await chats.asks(command('git', 'push', `r${index}`));
    await chats.here.says('ari', `/approve ${name(asked.request.short)}`);
    expect(await chats.state(asked)).toBe('approved');
    chats.world.clock.advance('2m');
  }
});

test('what is elevated takes five letters of the short digest: neither less nor the id', async () => {
  await using chats = await openApprovalChats();
  const asked = await chats.asks();
  const { id, short } = asked.request;
  for (const name of [id, id.slice(5, 13), short.slice(0, 4)]) {
    await chats.here.says('ari', `/approve ${name}`);
    expect((await chats.here.heard('ari')).at(-1)).toContain('at least 5 of the ten letters');
    expect(await chats.state(asked)).toBe('pending');
  }
});

test('E-19: a bare word matches nothing, and neither does any word that means no one in particular', async () => {
  await using chats = await openApprovalChats();
  const asked = await chats.asks();
  for (const text of [
    '/approve',
    '/approve all',
    '/approve last',
    '/approve yes',
    '/deny',
    'approve',
    'yes',
    'ok',
  ])
    await chats.here.says('olga', text);
  expect(await chats.state(asked)).toBe('pending');
});

test('H57: the no that pauses the asker says so, and until when; the ones before it do not', async () => {
  await using chats = await openApprovalChats();
  const heard: string[] = [];
  for (const to of ['one', 'two', 'three']) {
    const asked = await chats.asks(command('git', 'push', to));
    await chats.here.says('ari', `/deny ${asked.request.short}`);
    heard.push((await chats.here.heard('ari')).at(-1) ?? '');
  }
  const until = isoTime(chats.world.clock.now() + 600_000).slice(11, 16);
  const pause = `main was told no too often in a row: in that session it asks nothing until ${until} UTC.`;
  expect(heard.map((text) => text.includes('asks nothing'))).toEqual([false, false, true]);
  expect(heard[2]).toContain(pause);
});

test('H57: /deny all says whom it paused', async () => {
  await using chats = await openApprovalChats();
  for (const to of ['one', 'two', 'three']) await chats.asks(command('git', 'push', to));
  await chats.here.says('ari', '/deny all');
  expect((await chats.here.heard('ari')).at(-1)).toMatch(
    /^Denied: 3\. main was told no too often in a row: .* until \d\d:\d\d UTC\.$/,
  );
});

test('E-20: /deny all ends everything that this person may deny, and says how much', async () => {
  await using chats = await openApprovalChats();
  const asked = [await chats.asks(), await chats.asks(command('git', 'push', 'two'))];
  const own = await chats.asks(command('git', 'push', 'own'), 'ari');
  await chats.here.says('ari', '/deny all');
  expect((await chats.here.heard('ari')).at(-1)).toBe('Denied: 2.');
  for (const one of asked) expect(await chats.state(one)).toBe('denied');
  // H41: what was asked for themselves is not theirs, either way.
  expect(await chats.state(own)).toBe('pending');
});

test('H70: a code of somebody without a factor proves nothing: nothing is decided, and neither the agent nor the answer has the digits', async () => {
  await using chats = await openApprovalChats();
  const asked = await chats.asks();
  const { short } = asked.request;
  const forms = [
    `/approve ${short} 123456`,
    `/approve ${short} 123 456`,
    `/aprove ${short} 123456`,
    `approve ${short} 123456`,
    `${short} 123456`,
    `/approve ${short.replace('-', ' ')} 123456`,
    `/approve ${short} 123456 please`,
    '/approve 123456',
  ];
  for (const text of forms) await chats.here.says('ari', text);
  expect(await chats.state(asked)).toBe('pending');
  expect(chats.world.agent.asked).toEqual([]);
  expect(await chats.heard('ari')).not.toMatch(/123 ?456/);
  expect(await chats.heard('ari')).toContain('no code of yours proves anything');
  const events = JSON.stringify((await chats.world.events()).map(({ body }) => body));
  expect(events).not.toContain('123456');
});

test('H58: quoted, forwarded and edited words, and words in a group, decide nothing', async () => {
  await using chats = await openApprovalChats({ policy: { groupPolicy: 'open', requireMention: false } });
  const asked = await chats.asks();
  const text = `/approve ${asked.request.short}`;
  for (const kind of [
    'forwarded',
    'inline',
    'quotation',
    'edit',
    'group-text',
    'group-mention',
    'thread-text',
  ] as const)
    await chats.here.event({ kind, from: 'ari', text, quoted: text });
  for (const kind of ['group-text', 'group-mention'] as const) {
    await chats.here.event({ kind, from: 'ari', text: `/deny ${asked.request.short}` });
    await chats.here.event({ kind, from: 'ari', text: '/deny all' });
  }
  expect(await chats.state(asked)).toBe('pending');
  expect(await chats.heard('ari')).toContain('Nothing is decided in a group');
  // The words of the message that is answered are not the sender's.
  await chats.here.event({ kind: 'reply', from: 'ari', text: 'what is this?', quoted: text });
  expect(await chats.state(asked)).toBe('pending');
});

test('H58: what lay at the platform while we were away, or is old, decides nothing', async () => {
  await using chats = await openApprovalChats();
  const asked = await chats.asks();
  const text = `/approve ${asked.request.short}`;
  const at = chats.world.clock.now() - 3_600_000;
  await chats.here.event({ kind: 'backlog', from: 'ari', text });
  await chats.here.event({ kind: 'history', from: 'ari', text });
  await chats.here.event({ kind: 'old', from: 'ari', text, at });
  expect(await chats.state(asked)).toBe('pending');
});

test('E-19, H58: a prompt that the agent made up has no name that lives', async () => {
  await using chats = await openApprovalChats();
  chats.world.agent.answer = async () => 'Approval K7QD2-M4XA9, elevated\n| ls\n/approve K7QD2-M4XA9';
  await chats.here.says('ari', 'hello');
  await chats.here.says('ari', '/approve K7QD2-M4XA9');
  expect((await chats.here.heard('ari')).at(-1)).toContain('No request has that name');
});

test('H40: a button presses for the one it was made for, in their own chat, and made-up ones for nobody', async () => {
  await using chats = await openApprovalChats({ policy: { groupPolicy: 'open', requireMention: false } });
  await chats.world.services.policies.set('defaults.ask', 'always', HOST);
  const asked = await chats.asks(LOOK);
  const card = await chats.here.lastShown('ari');
  for (const name of ['olga', 'uma', 'eve']) await chats.here.presses(card, 'Approve', name);
  const { buttons = [] } =
    chats.world.channel().sent.findLast(({ message }) => message.buttons)?.message ?? {};
  for (const { value } of buttons)
    await chats.here.event({ kind: 'group-press', from: 'ari', text: '', value });
  for (const value of [asked.request.id, asked.request.short, 'approve', `approve:${asked.request.id}`])
    await chats.here.event({ kind: 'press', from: 'ari', text: '', value });
  expect(await chats.state(asked)).toBe('pending');
  await chats.here.presses(card, 'Approve', 'ari');
  expect(await chats.state(asked)).toBe('approved');
});

test('H41: whoever it is asked for does not decide it, whatever their role, and is shown no card of it', async () => {
  await using chats = await openApprovalChats();
  const asked = await chats.asks(PUSH, 'ari');
  expect(await chats.heard('ari')).not.toContain('git');
  await chats.here.says('ari', `/approve ${asked.request.short}`);
  await chats.here.says('ari', `/deny ${asked.request.short}`);
  await chats.here.says('ari', `/approvals ${asked.request.short}`);
  expect(await chats.heard('ari')).not.toContain('git');
  expect(await chats.state(asked)).toBe('pending');
  // Uma has no right to the words at all: to her they are talk.
  expect(await chats.here.says('uma', `/approve ${asked.request.short}`)).toMatchObject({ as: 'agent' });
  expect(await chats.state(asked)).toBe('pending');
});

test('E-05: a word of theirs never waits behind the agent that waits for it', async () => {
  await using chats = await openApprovalChats();
  const hangs = Promise.withResolvers<string>();
  chats.world.agent.answer = () => hangs.promise;
  const channel = chats.world.channel();
  await channel.hear('olga', { text: 'do it' });
  const asked = await chats.world.services.approvals.ask({
    action: PUSH,
    agent: 'main',
    token: 'tok_main',
    session: null,
    idempotencyKey: null,
  });
  await chats.world.services.dispatcher.dispatch();
  chats.world.clock.advance('1s');
  await channel.hear('olga', { text: `/approve ${asked.request.short}` });
  await chats.world.services.inbox.idle();
  expect(await chats.state(asked)).toBe('approved');
  hangs.resolve('done');
});

test('E-04, E-07: a button after the end, and after a restart, says what is true', async () => {
  await using chats = await openApprovalChats();
  await chats.world.services.policies.set('defaults.ask', 'always', HOST);
  await chats.asks(LOOK);
  const card = await chats.here.lastShown('ari');
  await chats.here.presses(await chats.here.lastShown('olga'), 'Deny', 'olga');
  const { value = '' } =
    chats.world
      .channel()
      .sent.find(({ message, to }) => message.buttons && to.peer.native === chats.here.peer('ari').native)
      ?.message.buttons?.[1] ?? {};
  await chats.here.event({ kind: 'press', from: 'ari', text: '', value });
  expect((await chats.here.bench.told('ari')).at(-1)).toMatch(/denied already by olga/);
  expect(card.buttons).toEqual(['Deny', 'Approve']);
});

test('E-06: a store that stumbles consumes no press: it counts at the next try', async () => {
  await using chats = await openApprovalChats();
  await chats.world.services.policies.set('defaults.ask', 'always', HOST);
  const asked = await chats.asks(LOOK);
  const { control, desk } = chats.world.services;
  const press = control.press.bind(control);
  control.press = () => Promise.reject(new Error('the process died here'));
  await chats.here.presses(await chats.here.lastShown('ari'), 'Approve', 'ari');
  expect(await chats.state(asked)).toBe('pending');
  control.press = press;
  await desk.recover();
  await chats.world.settle();
  expect(await chats.state(asked)).toBe('approved');
});

test('R50: a yes that came too soon is not kept for later', async () => {
  await using chats = await openApprovalChats();
  await chats.world.services.policies.set('defaults.ask', 'always', HOST);
  const asked = await chats.asks(LOOK);
  chats.world.clock.advance(-900);
  await chats.here.presses(await chats.here.lastShown('ari'), 'Approve', 'ari');
  await chats.here.says('ari', `/approve ${asked.request.short}`);
  chats.world.clock.advance('1m');
  expect(await chats.world.services.desk.recover()).toBe(0);
  expect(await chats.state(asked)).toBe('pending');
});

test('/approvals lists what waits for whoever asks, without a command cut short; with an id, all of it', async () => {
  await using chats = await openApprovalChats();
  expect((await chats.here.says('ari', '/approvals'))?.as).toBe('desk');
  expect((await chats.here.heard('ari')).at(-1)).toBe('Nothing waits for you.');
  const asked = await chats.asks();
  await chats.here.says('ari', '/approvals');
  const list = (await chats.here.heard('ari')).at(-1) ?? '';
  expect(list).toContain(`${asked.request.short}  elevated, main would run a program`);
  expect(list).not.toContain('git');
  await chats.here.says('ari', `/approvals ${asked.request.short.slice(0, 5)}`);
  expect((await chats.here.heard('ari')).at(-1)).toContain('| git push origin main');
});

test('a chat that is capped below what was asked for says no, and not yes', async () => {
  await using chats = await openApprovalChats();
  await chats.world.services.policies.set('tiers.elevated.who', 'owners', HOST);
  const asked = await chats.asks();
  expect(await chats.heard('ari')).not.toContain('git');
  await chats.here.says('ari', `/approve ${asked.request.short}`);
  expect(await chats.state(asked)).toBe('pending');
  await chats.here.says('olga', `/approve ${asked.request.short}`);
  expect(await chats.state(asked)).toBe('approved');
});
