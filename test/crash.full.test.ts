// kill -9 in the middle of everything: people write, strangers knock, the owner decides, answers go out, and the process
// dies at a random moment. After each start: what was acknowledged is there, once; nothing is answered twice to the eye;
// the chain verifies. Fewer rounds in CI.
import { expect, test } from 'vitest';
import { BrowserKey, ChatClient, type Frame } from './chat-client.ts';
import { RealGateway } from './gateway.ts';

const ROUNDS = process.env['CI'] === undefined ? 40 : 12;

interface Person {
  readonly key: BrowserKey;
  /** Ids that the gateway acknowledged as taken. */
  readonly acknowledged: Set<string>;
  readonly said: string[];
}

/** Says until the socket dies: an id stays in `said` and is said again in the next round until it is acknowledged. */
async function talk(gateway: RealGateway, person: Person, round: number, heard: () => void): Promise<void> {
  const client = await ChatClient.connect(gateway.url, person.key).catch(() => null);
  if (client === null) return;
  person.said.push(...[0, 1, 2, 3].map((n) => `r${round}-say-${n}-${person.key.identifier.slice(0, 6)}`));
  try {
    for (const id of person.said) {
      if (person.acknowledged.has(id)) continue;
      client.send({ type: 'chat.say', id, text: `text of ${id}` });
      await client.next('chat.message', (frame) => frame['id'] === id);
      person.acknowledged.add(id);
      heard();
    }
    await client.closed;
  } catch {
    // The gateway died under us: that is the test.
  }
}

/** The whole conversation as the gateway keeps it. */
async function transcript(gateway: RealGateway, { key }: Person): Promise<Frame[]> {
  const client = await ChatClient.connect(gateway.url, key);
  client.send({ type: 'chat.resume', after: 0 });
  // Frames are handled in order: the answer to a say that is refused comes after the whole resume.
  client.send({ type: 'chat.say', id: 'the-end-of-it', text: ' ' });
  await client.next('chat.refused');
  client.close();
  return client.frames.filter(({ type }) => type === 'chat.message');
}

test(`${ROUNDS} rounds of kill -9: nothing acknowledged is lost, nothing is doubled, the chain verifies`, async () => {
  await using gateway = await RealGateway.prepare();
  const people: Person[] = Array.from({ length: 4 }, () => ({
    key: new BrowserKey(),
    acknowledged: new Set<string>(),
    said: [],
  }));
  for (const [n, { key }] of people.entries()) {
    const added = await gateway.cli('people', 'add', `P${n}`, '--peer', `webchat:${key.identifier}`);
    expect(added).toMatchObject({ code: 0 });
  }
  // A moment that differs from round to round and run to run: the point of the test is not to choose it.
  for (let round = 0; round < ROUNDS; round++) {
    await gateway.start();
    const heard = Promise.withResolvers<void>();
    const talking = Promise.all(people.map((person) => talk(gateway, person, round, heard.resolve)));
    const knocking = ChatClient.connect(gateway.url, new BrowserKey())
      .then((client) => client.send({ type: 'chat.say', id: `knock-${round}-aa`, text: 'hello' }))
      .catch(() => undefined);
    // Every third round dies at any moment from the start, the others some moments after the first acknowledgement.
    if (round % 3 !== 0) await heard.promise;
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 250));
    await gateway.stop('SIGKILL');
    await Promise.all([talking, knocking]);
  }
  await gateway.start();
  // Rounds that end before anybody was heard prove nothing.
  expect(people.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0)).toBeGreaterThan(ROUNDS / 2);
  for (const person of people) {
    await expect
      .poll(async () => answersOf(await transcript(gateway, person)).length, {
        timeout: 180_000,
        interval: 500,
      })
      .toBeGreaterThanOrEqual(person.acknowledged.size);
    const lines = await transcript(gateway, person);
    const mine = lines.filter(({ from }) => from === 'you').map(({ id }) => String(id));
    expect(new Set(mine).size).toBe(mine.length);
    for (const id of person.acknowledged) expect(mine).toContain(id);
    expect(mine.every((id) => person.said.includes(id))).toBe(true);
    const seqs = lines.map(({ seq }) => Number(seq));
    expect(seqs).toEqual(seqs.map((_, n) => (seqs[0] ?? 0) + n));
    // One answer for each message that was taken, never two.
    const answered = answersOf(lines).map((text) => /text of (\S+)/.exec(text)?.[1] ?? text);
    expect(new Set(answered).size).toBe(answered.length);
  }
  expect(await gateway.cli('audit', 'verify')).toMatchObject({ code: 0 });
  expect(await gateway.stop()).toBe(0);
}, 900_000);

function answersOf(lines: readonly Frame[]): string[] {
  return lines.filter(({ from }) => from === 'agent').map(({ text }) => String(text));
}
