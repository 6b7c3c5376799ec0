// Servers end, gateways die, and some people say too much. What was said once is answered once; what waited decides
// nothing; and whoever shouts is not a reason for anybody else to wait.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DOMAIN, whyNoProsody } from './prosody.ts';
import { BOT, PAIRING_CODE, PASSWORD, XmppHouse } from './xmpp-house.ts';
import type { XmppPerson } from './xmpp-person.ts';

const missing = whyNoProsody();

const PATIENCE = { timeout: 90_000 };
/** For what a busy machine does a thousand times. */
const LONG = 150_000;

describe('a real prosody', { timeout: 400_000 }, () => {
  let house: XmppHouse;
  let olga: XmppPerson;
  let ana: XmppPerson;

  beforeAll(async () => {
    if (missing !== null) return;
    house = await XmppHouse.open();
    olga = await house.arrives('olga');
    ana = await house.arrives('ana');
    await house.letsIn(ana);
    // All notices of the beginning have come.
    await olga.hears(`ana@${DOMAIN}`);
  }, 180_000);
  beforeEach(({ skip }) => skip(missing !== null, missing ?? ''));
  afterAll(() => house?.[Symbol.asyncDispose]());

  const connected = () => expect.poll(() => house.status(), PATIENCE).toMatchObject({ state: 'connected' });

  async function answered(person: XmppPerson, text: string): Promise<void> {
    person.says(BOT, text);
    await person.hears(`You said: ${text}`);
  }

  test('H63: more than a message can hold is nobody’s message, and everybody else is answered', async () => {
    using eve = await house.arrives('eve');
    eve.says(BOT, 'x'.repeat(200_000));
    eve.raw(
      `<message to='${BOT}' type='chat'><body>deep</body>${'<a>'.repeat(3_000)}${'</a>'.repeat(3_000)}</message>`,
    );
    const attributes = Array.from({ length: 3_000 }, (_, n) => `a${n}='1'`).join(' ');
    eve.raw(`<message to='${BOT}' type='chat'><thread ${attributes}/></message>`);
    eve.raw(`<message to='${BOT}' type='chat'>${'<body/>'.repeat(10_000)}</message>`);
    await eve.settled();
    await answered(ana, 'still there?');
    // Beyond what the server itself allows.
    eve.says(BOT, 'y'.repeat(600_000));
    await eve.ended;
    await answered(ana, 'and now?');
    await connected();
    // The deep one had words of a usual size beside it: they may have begun a request, the others may not.
    const rows = await house.pairings('--all');
    const words = rows
      .filter(({ identifier }) => identifier === `eve@${DOMAIN}`)
      .map((row) => row.firstWords);
    expect(['', 'deep']).toContain(words.join());
  });

  test('H63 H64: thousands of messages of a stranger are one request and one answer; others are served meanwhile', async () => {
    using eve = await house.arrives('flood');
    const before = house.agent.requests.length;
    for (let n = 0; n < 2_000; n += 1) eve.says(BOT, `shout ${n}`);
    ana.says(BOT, 'a quiet word');
    await ana.hears('You said: a quiet word', LONG);
    await eve.settled(LONG);
    ana.says(BOT, 'another one');
    await ana.hears('You said: another one', LONG);
    expect(eve.words.filter((text) => PAIRING_CODE.test(text))).toHaveLength(1);
    expect(eve.words.length).toBeLessThanOrEqual(2);
    const rows = await house.pairings();
    expect(rows.filter(({ identifier }) => identifier === eve.jid)).toMatchObject([
      { firstWords: 'shout 0' },
    ]);
    expect(house.agent.requests).toHaveLength(before + 2);
  });

  test('H63: a night of shouting at a gateway that is away is no reason to lose the connection in the morning', async () => {
    using eve = await house.arrives('night');
    await house.gateway.stop();
    for (let n = 0; n < 600; n += 1) eve.says(BOT, `shout ${n}`);
    await eve.settled(LONG);
    ana.says(BOT, 'good morning');
    await ana.settled();
    await house.gateway.start();
    await ana.hears('You said: good morning', LONG);
    await connected();
    const { stdout } = await house.gateway.cli('logs', '--since', '10m');
    expect(stdout).toContain('gateway.started');
    expect(stdout.slice(stdout.lastIndexOf('gateway.started'))).not.toContain('channel.closed');
    expect(eve.words).toEqual([]);
    expect((await house.pairings('--all')).filter(({ identifier }) => identifier === eve.jid)).toEqual([]);
  });

  test('what another program says on our own account is nobody’s message, and never answered', async () => {
    using desk = await house.arrives('bot', 'desk', PASSWORD);
    const before = house.agent.requests.length;
    desk.says(BOT, 'to myself');
    desk.says(`ana@${DOMAIN}`, 'by hand');
    await ana.hears('by hand');
    await desk.settled();
    await answered(ana, 'heard by hand');
    expect(house.agent.requests).toHaveLength(before + 1);
    expect((await house.pairings('--all')).filter(({ identifier }) => identifier === BOT)).toEqual([]);
  });

  test('the server ends and comes back in the middle: nothing is lost, and nothing is done twice', async () => {
    const before = house.told.length;
    const said = Array.from({ length: 12 }, (_, n) => `before the break ${n}`);
    for (const text of said) ana.says(BOT, text);
    await ana.settled();
    await house.server.stop();
    await expect.poll(() => house.status(), PATIENCE).not.toMatchObject({ state: 'connected' });
    await house.server.start();
    ana = await house.arrives('ana');
    olga = await house.arrives('olga');
    said.push('after the break');
    ana.says(BOT, 'after the break');
    await expect.poll(() => linesOf(house.told.slice(before)), PATIENCE).toEqual(said);
    await ana.hears('after the break');
    await connected();
    await answered(ana, 'all there');
    expect(linesOf(house.told.slice(before))).toEqual([...said, 'all there']);
  });

  test('the gateway is killed in the middle: what it had not stored comes again, once', async () => {
    const before = house.told.length;
    const said = Array.from({ length: 20 }, (_, n) => `before the fall ${n}`);
    for (const text of said) ana.says(BOT, text);
    await ana.settled();
    await house.gateway.stop('SIGKILL');
    // Said to a server that keeps it.
    said.push('into the void');
    ana.says(BOT, 'into the void');
    await ana.settled();
    await house.gateway.start();
    await ana.hears('into the void');
    await answered(ana, 'all there again');
    const told = linesOf(house.told.slice(before));
    expect(new Set(told)).toEqual(new Set([...said, 'all there again']));
    // The one that the agent was thinking about when the gateway fell may be asked again, and is answered once.
    expect(told.length - new Set(told).size).toBeLessThanOrEqual(1);
    // An answer that was on its way goes out again, under its own name: programs show it once.
    const answers = ana.messages.filter(({ body }) => body?.startsWith('You said') === true);
    const names = new Set(answers.map(({ id }) => id));
    expect(names.size).toBe(new Set(answers.map(({ body }) => body)).size);
    expect(answers.length - names.size).toBeLessThanOrEqual(2);
  });

  test('an owner’s yes that waited while nobody listened decides nothing', async () => {
    using eve = await house.arrives('late');
    eve.says(BOT, 'let me in');
    const code = PAIRING_CODE.exec((await eve.hears(PAIRING_CODE)).body ?? '')?.[1] ?? '';
    await house.gateway.stop();
    olga.says(BOT, `/pairing approve ${code}`);
    await olga.settled();
    await house.gateway.start();
    await connected();
    olga.says(BOT, '/whoami');
    await olga.hears('act here as owner');
    const rows = await house.pairings('--all');
    expect(rows.filter(({ identifier }) => identifier === eve.jid)).toMatchObject([{ state: 'pending' }]);
  });
});

/** What was said while the agent was busy may come to it in one piece. */
function linesOf(told: readonly string[]): string[] {
  return told.flatMap((text) => text.split('\n')).filter((line) => line.trim() !== '');
}
