// A whole list at once: what is sent is what the file says, and a file with a mistake sends nothing.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { countersign, makeHome, standIn } from '../fixtures/stand-in.ts';

const answer = { items: [{ person: 'prn_a', user: 'u-1', tenant: 'acme', attributes: {} }] };

test('a CSV file: tenants and attributes where the columns are filled', async () => {
  const home = makeHome();
  const asked = await standIn(home, { 'POST /api/v1/people/map': answer });
  const file = join(home, 'users.csv');
  writeFileSync(file, 'person,user,tenant,department\nprn_a,u-1,acme,"sales, north"\ntelegram:555,u-2,,\n');
  const done = await countersign(home, 'people', 'map', '--import', file);
  expect(done).toMatchObject({ code: 0, stdout: expect.stringMatching(/prn_a +u-1 +acme/) });
  expect(asked.map(({ body }) => body)).toEqual([
    {
      items: [
        { person: 'prn_a', user: 'u-1', tenant: 'acme', attributes: { department: 'sales, north' } },
        { person: 'telegram:555', user: 'u-2', attributes: {} },
      ],
    },
  ]);
});

test('a mistake is told by its line, and nothing is sent', async () => {
  const home = makeHome();
  const asked = await standIn(home, { 'POST /api/v1/people/map': answer });
  const file = join(home, 'users.csv');
  for (const [text, where] of [
    ['person,user\nprn_a,u-1\nprn_b,\n', 'line 3'],
    ['name,user\nprn_a,u-1\n', 'line 2'],
    ['person,user\nprn_a\n', 'line 2'],
  ] as const) {
    writeFileSync(file, text);
    expect((await countersign(home, 'people', 'map', '--import', file)).stderr).toContain(where);
  }
  expect((await countersign(home, 'people', 'map', '--import', join(home, 'none.csv'))).code).toBe(2);
  expect((await countersign(home, 'people', 'map', '--clear')).code).toBe(2);
  writeFileSync(file, 'person,user\n');
  expect((await countersign(home, 'people', 'map', '--import', file)).stderr).toContain('names nobody');
  expect(asked).toEqual([]);
});

test('one person, who they are, and that they are nobody any more', async () => {
  const home = makeHome();
  const asked = await standIn(home, {
    'POST /api/v1/people/map': answer,
    'GET /api/v1/people/prn_a/user': answer.items[0],
    'POST /api/v1/people/prn_a/unmap': { unmapped: 'prn_a' },
  });
  const words = ['u-1', '--tenant', 'acme', '--attribute', 'department=sales', '--attribute', 'level=a=b'];
  const mapped = await countersign(home, 'people', 'map', 'prn_a', ...words);
  expect(mapped.stderr).toContain('undo: countersign people map prn_a --clear');
  expect(asked[0]?.body).toEqual({
    items: [
      { person: 'prn_a', user: 'u-1', tenant: 'acme', attributes: { department: 'sales', level: 'a=b' } },
    ],
  });
  expect((await countersign(home, 'people', 'map', 'prn_a')).stdout).toBe('prn_a is u-1 of acme\n');
  expect((await countersign(home, 'people', 'map', 'prn_a', '--clear')).stdout).toBe(
    'prn_a is no user of your tools\n',
  );
});

test('without a person: everybody who is one, and of an empty list what to do', async () => {
  const home = makeHome();
  const items = [
    ...answer.items,
    { person: 'prn_b', user: 'u-2', tenant: 'default', attributes: { a: 'x' } },
  ];
  const asked = await standIn(home, { 'GET /api/v1/users': { items } });
  expect((await countersign(home, 'people', 'map')).stdout).toMatch(
    /prn_a +u-1 +acme\n.*prn_b +u-2 +default +a=x/,
  );
  expect(JSON.parse((await countersign(home, 'people', 'map', '--json')).stdout)).toEqual({ items });
  expect(asked).toHaveLength(2);
  const empty = makeHome();
  await standIn(empty, { 'GET /api/v1/users': { items: [] } });
  const none = await countersign(empty, 'people', 'map');
  expect(none.stdout).toMatch(/^nobody is a user of your tools/);
  expect(none.stderr).toContain('hint: countersign people map <person> <user>');
});

test('what the gateway says of an entry is told by its line of the file', async () => {
  const home = makeHome();
  const mistakes = ['entry 1: there is no such person', 'entry 2: another person is that user already'];
  const detail = `nothing was changed. ${mistakes.join('; ')}`;
  await standIn(home, {
    'POST /api/v1/people/map': { code: 'request_malformed', status: 400, title: 'no', detail, mistakes },
  });
  const file = join(home, 'users.csv');
  writeFileSync(file, 'person,user\n\nx,u-1\n"prn_b",u-2\n');
  const { stderr, code } = await countersign(home, 'people', 'map', '--import', file);
  expect(code).toBe(2);
  expect(stderr).toContain('line 3: there is no such person');
  expect(stderr).toContain('line 4: another person is that user already');
  expect(stderr).not.toContain('entry');
});
