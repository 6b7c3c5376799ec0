// Two chats, one person: both must prove that they belong together, unless somebody who may decide more is concerned; then
// the caller's door is the proof. R2-R6: codes live ten minutes, work once, are counted, and a newer offer voids the older.
import { Problem } from '@countersign/protocol/problem';
import { expect, test } from 'vitest';
import { HOST, openWorld, type World } from '../../testing/world.ts';
import type { Person } from './directory.ts';
import type { Role } from './people-port.ts';
import { actsAs, holdsRole } from './standing.ts';

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (cause: unknown) => Problem.codeOf(cause),
  );

const ROLES: readonly Role[] = ['user', 'approver', 'owner'];

/** Ana, who may talk, and a second chat of hers that waits. */
async function anaAndHerPhone(options: Parameters<typeof openWorld>[0] = {}) {
  const world = await openWorld(options);
  await world.knows('ana');
  await world.says('phone', 'it is me, from my phone');
  return { world, ana: () => world.services.directory.find('ana'), phone: world.peer('phone') };
}

function linkCode(world: World, name: string): string {
  const text = world.heardBy(name).findLast((line) => line.includes('about to be linked')) ?? '';
  const code = /: ([A-HJ-NP-Z2-9]{8})$/m.exec(text)?.[1];
  if (code === undefined) throw new Error(`${name} was sent no link code`);
  // R12
  expect(text.slice(0, 60)).not.toContain(code);
  return code;
}

async function offered(world: World, person: Person, name = 'phone') {
  await world.services.links.offer(person, world.peer(name), null, HOST);
  await world.settle();
  return [linkCode(world, 'ana'), linkCode(world, name)] as const;
}

test('a code in each chat, both typed back, make both chats one person of the role user', async () => {
  const { world, ana, phone } = await anaAndHerPhone();
  await using _ = world;
  const person = await ana();
  expect(await world.services.links.road(person, phone, null)).toEqual({ codes: true, verb: 'people.link' });
  const codes = await offered(world, person);
  await world.services.links.finish(person, phone, codes, HOST);
  await world.settle();
  expect((await ana()).peers).toMatchObject([
    { native: 'ana', ceiling: 'user', direct: true },
    { native: 'phone', ceiling: 'user', direct: true, accessUntil: null },
  ]);
  expect(world.heardBy('phone').at(-1)).toBe('This chat is linked now: you may talk here.');
  expect(world.heardBy('ana').at(-1)).toMatch(/^loopback:phone is linked to you now/);
  expect(await world.says('phone', 'hello')).toMatchObject({ as: 'agent' });
  expect((await world.store.pairings.latest(phone))?.state).toBe('approved');
  const types = (await world.events()).map(({ body }) => body.type);
  expect(types).toContain('person.link_offered');
  expect(types.filter((type) => type === 'person.linked')).toHaveLength(1);
});

test.each([
  ['wrong', (a: string, b: string) => [a, b === 'AAAAAAAA' ? 'BBBBBBBB' : 'AAAAAAAA'], '0s'],
  ['one of them twice', (a: string) => [a, a], '0s'],
  ['late', (a: string, b: string) => [a, b], '10m'],
  ['no codes at all', () => ['?', ''], '0s'],
] as const)('%s: one answer, and nothing is linked', async (_name, typed, wait) => {
  const { world, ana, phone } = await anaAndHerPhone();
  await using _ = world;
  const person = await ana();
  const codes = await offered(world, person);
  world.clock.advance(wait);
  const [one = '', other = ''] = typed(...codes);
  const problem = await world.services.links
    .finish(person, phone, [one, other], HOST)
    .catch((cause: unknown) => cause);
  expect(problem).toMatchObject({
    code: 'challenge_failed',
    message: 'those two codes do not link anything',
  });
  expect((await ana()).peers).toHaveLength(1);
});

test('R3: used codes are worth nothing, and five at once link once', async () => {
  const { world, ana, phone } = await anaAndHerPhone();
  await using _ = world;
  const person = await ana();
  const codes = await offered(world, person);
  const { links } = world.services;
  const outcomes = await Promise.all(
    Array.from({ length: 5 }, () => codeOf(links.finish(person, phone, codes, HOST))),
  );
  expect(outcomes.toSorted()).toEqual([...Array<string>(4).fill('challenge_failed'), 'done']);
  expect(await codeOf(links.finish(await ana(), phone, codes, HOST))).toBe('challenge_failed');
});

test('codes in the other order, in lower case and with spaces are the same codes', async () => {
  const { world, ana, phone } = await anaAndHerPhone();
  await using _ = world;
  const person = await ana();
  const [one, other] = await offered(world, person);
  const typed = [`${other.slice(0, 4)} ${other.slice(4)}`, `<${one.toLowerCase()}>`] as const;
  expect(await codeOf(world.services.links.finish(person, phone, typed, HOST))).toBe('done');
});

test('R4: after five tries the right codes are worth nothing; R5: a new offer forgets no wrong try', async () => {
  const { world, ana, phone } = await anaAndHerPhone();
  await using _ = world;
  const { links } = world.services;
  const person = await ana();
  const wrong = async (times: number) => {
    for (let n = 0; n < times; n++)
      expect(await codeOf(links.finish(person, phone, ['AAAAAAAA', 'BBBBBBBB'], HOST))).toBe(
        'challenge_failed',
      );
  };
  const first = await offered(world, person);
  await wrong(5);
  expect(await codeOf(links.finish(person, phone, first, HOST))).toBe('challenge_failed');
  await offered(world, person);
  await wrong(4);
  const codes = await offered(world, person);
  expect(await codeOf(links.finish(person, phone, codes, HOST))).toBe('rate_limited');
});

test('R6: a newer offer voids the codes of the older', async () => {
  const { world, ana, phone } = await anaAndHerPhone();
  await using _ = world;
  const person = await ana();
  const older = await offered(world, person);
  const newer = await offered(world, person);
  const { links } = world.services;
  expect(await codeOf(links.finish(person, phone, older, HOST))).toBe('challenge_failed');
  expect(await codeOf(links.finish(person, phone, newer, HOST))).toBe('done');
});

test('R8: offers ring the chats five times an hour at most', async () => {
  const { world, ana, phone } = await anaAndHerPhone();
  await using _ = world;
  const person = await ana();
  for (let n = 0; n < 5; n++) await offered(world, person);
  expect(await codeOf(world.services.links.offer(person, phone, null, HOST))).toBe('rate_limited');
});

test('a chat that never wrote, is blocked, or belongs to somebody else is offered no code', async () => {
  const { world, ana } = await anaAndHerPhone();
  await using _ = world;
  const { links } = world.services;
  await world.knows('bob');
  await world.says('eve', 'hello');
  const row = await world.store.pairings.latest(world.peer('eve'));
  if (row === null) throw new Error('eve did not ask');
  await world.services.pairings.block(row.id, HOST);
  const person = await ana();
  expect(await codeOf(links.offer(person, world.peer('nobody'), null, HOST))).toBe('not_found');
  expect(await codeOf(links.offer(person, world.peer('bob'), null, HOST))).toBe('state_conflict');
  expect(await codeOf(links.offer(person, world.peer('eve'), null, HOST))).toBe('state_conflict');
  expect(await codeOf(links.set(person, world.peer('eve'), 'owner', HOST))).toBe('state_conflict');
  expect(await codeOf(links.offer(person, world.peer('ana'), null, HOST))).toBe('state_conflict');
});

test('somebody raised between the offer and its codes is not linked by codes', async () => {
  const { world, ana, phone } = await anaAndHerPhone();
  await using _ = world;
  const person = await ana();
  const codes = await offered(world, person);
  await world.services.directory.setRole(person.id, 'approver', HOST);
  expect(await codeOf(world.services.links.finish(person, phone, codes, HOST))).toBe('state_conflict');
  expect((await ana()).peers).toHaveLength(1);
});

test('the code goes to the chat that spoke last, or to the one that is named', async () => {
  const { world, ana, phone } = await anaAndHerPhone();
  await using _ = world;
  await world.says('laptop', 'me too');
  const { links } = world.services;
  await links.finish(await ana(), world.peer('laptop'), await offered(world, await ana(), 'laptop'), HOST);
  await world.says('ana', 'first');
  world.clock.advance('1m');
  await world.says('laptop', 'later');
  expect(await links.offer(await ana(), phone, null, HOST)).toMatchObject({ known: { native: 'laptop' } });
  const named = await links.offer(await ana(), phone, world.peer('ana'), HOST);
  expect(named).toMatchObject({ known: { native: 'ana' } });
  expect(await codeOf(links.offer(await ana(), phone, world.peer('phone'), HOST))).toBe('not_found');
});

test('for an approver or owner the door is the proof: no codes, the ceiling as asked, every owner told with the undo', async () => {
  const { world, phone } = await anaAndHerPhone();
  await using _ = world;
  await world.knows('olga', 'owner');
  const olga = await world.services.directory.find('olga');
  const { links } = world.services;
  expect(await links.road(olga, phone, null)).toEqual({ codes: false, verb: 'people.link_raised' });
  await links.set(olga, phone, null, HOST);
  const standing = await world.store.people.standing(phone);
  expect(actsAs(standing, world.clock.now())?.role).toBe('user');
  await world.settle();
  expect(world.heardBy('olga').at(-1)).toMatch(
    /^Linked by the host: loopback:phone to prn_\w+ "olga", at most as user\. Undo: countersign people unlink loopback:phone$/,
  );
  const again = await world.services.directory.find('olga');
  expect(await links.set(again, phone, 'owner', HOST)).toEqual({ changed: true, ceiling: 'owner' });
  expect(actsAs(await world.store.people.standing(phone), world.clock.now())?.role).toBe('owner');
  expect(await links.road(again, phone, 'user')).toEqual({ codes: false, verb: 'people.link' });
});

test('a peer of another person stays theirs until it is unlinked; then it may be linked, and talks', async () => {
  const { world, phone } = await anaAndHerPhone();
  await using _ = world;
  await world.knows('olga', 'owner');
  const olga = await world.services.directory.find('olga');
  await world.approves(world.codeOf('phone'));
  await world.says('phone', 'hello');
  const { links } = world.services;
  expect(await codeOf(links.set(olga, phone, 'owner', HOST))).toBe('state_conflict');
  expect(await links.unlink(phone, HOST)).toMatchObject({ lastOwnerChat: false });
  expect((await world.says('phone', 'still?')).as).toBe('desk');
  await links.set(olga, phone, 'owner', HOST);
  expect(await world.says('phone', 'and now?')).toMatchObject({ as: 'agent' });
  await world.settle();
  expect(world.heardBy('phone').at(-1)).toBe('you said: and now?');
});

test('H67: whoever is let in again after a revocation has a conversation, and not the one before', async () => {
  await using world = await openWorld();
  await world.says('ana', 'hello');
  await world.approves(world.codeOf('ana'));
  await world.says('ana', 'a secret');
  await world.services.pairings.revoke(world.peer('ana'), HOST);
  await world.says('ana', 'hello');
  await world.approves(world.codeOf('ana'));
  expect(await world.says('ana', 'what did I say?')).toMatchObject({ as: 'agent' });
  expect(world.agent.asked.at(-1)).toMatchObject({ text: 'what did I say?', history: [] });
});

test('unlinking says when the last chat of an owner went; the house keeps its owner', async () => {
  await using world = await openWorld();
  await world.knows('olga', 'owner');
  const { links, directory } = world.services;
  expect(await links.unlink(world.peer('olga'), HOST)).toMatchObject({ lastOwnerChat: true });
  expect(await directory.find('olga')).toMatchObject({ role: 'owner', peers: [] });
  expect(await codeOf(links.unlink(world.peer('olga'), HOST))).toBe('not_found');
});

test('a peer acts with the lower of its role and its ceiling, while its access lasts: every combination', () => {
  const NOW = 1_000;
  for (const role of ROLES) {
    for (const ceiling of ROLES) {
      for (const accessUntil of [null, NOW + 1, NOW]) {
        for (const state of ['active', 'suspended', 'blocked'] as const) {
          for (const blocked of [false, true]) {
            for (const direct of [false, true]) {
              const id = 'prn_a' as const;
              const peer = {
                principal: id,
                ceiling,
                accessUntil,
                blocked,
                direct,
                assurance: 'medium',
              } as const;
              const place = { channel: 'loopback', account: 'default', native: 'a' as never };
              const acting = actsAs({ peer: { ...peer, ...place }, principal: { id, role, state } }, NOW);
              if (blocked || state !== 'active') {
                expect(acting).toBeNull();
                continue;
              }
              const lasts = accessUntil === null || accessUntil > NOW;
              expect(acting).not.toBeNull();
              if (acting === null) continue;
              expect(acting.direct).toBe(direct && lasts);
              // Never more than either; and exactly one of the two while it lasts.
              expect(holdsRole(role, acting.role)).toBe(true);
              expect(holdsRole(ceiling, acting.role)).toBe(true);
              expect(acting.role === role || acting.role === ceiling || !lasts).toBe(true);
              if (!lasts) expect(acting.role).toBe('user');
            }
          }
        }
      }
    }
  }
});
