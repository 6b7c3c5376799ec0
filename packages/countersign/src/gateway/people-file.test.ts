// What people are linked and unlinked shows in allowFrom of the file, as approvals do: the store decides, the file tells.
import { expect, test } from 'vitest';
import { ListsHouse } from '../testing/lists-house.ts';
import { HOST } from '../testing/world.ts';

const FILE = `{
  // who may write
  "channels": { "telegram": { "botToken": "1:x", "allowFrom": ["111"] /* Bob, by hand */ } }
}
`;

test('people add --peer and a link write the id; unlinking and forgetting take it out; comments and Bob stay', async () => {
  await using house = await ListsHouse.open({ text: FILE });
  const { directory, links } = house.core;
  const olga = await directory.add({ name: 'Olga', role: 'owner', peer: house.peer('500') }, HOST);
  expect(house.listed()).toEqual(['111', '500']);
  await links.set(olga, house.peer('501'), null, HOST);
  expect(house.listed()).toEqual(['111', '500', '501']);
  expect(await house.mayTalk('501')).toBe(true);
  await links.unlink(house.peer('501'), HOST);
  expect(house.listed()).toEqual(['111', '500']);
  expect(await house.mayTalk('501')).toBe(false);
  const ulf = await directory.add({ name: 'Ulf', role: 'user', peer: house.peer('502') }, HOST);
  await directory.forget(ulf.id, HOST);
  expect(house.listed()).toEqual(['111', '500']);
  expect(house.text).toContain('// who may write');
  expect(house.text).toContain('/* Bob, by hand */');
});

test('an id that is taken out by hand is put out, linked or not', async () => {
  await using house = await ListsHouse.open({ text: FILE });
  const olga = await house.core.directory.add({ name: 'Olga', role: 'owner', peer: house.peer('500') }, HOST);
  await house.core.links.set(olga, house.peer('501'), null, HOST);
  await house.saves(house.text.replace(/,\s*"501"/, ''));
  expect(await house.mayTalk('501')).toBe(false);
  expect(await house.mayTalk('500')).toBe(true);
});

test('with writeConfig off nothing is added, and what is listed is still taken out', async () => {
  const text = FILE.replace('"channels": {', '"channels": { "pairing": { "writeConfig": false },');
  await using house = await ListsHouse.open({ text });
  await house.core.directory.add({ name: 'Olga', role: 'owner', peer: house.peer('500') }, HOST);
  expect(house.listed()).toEqual(['111']);
  expect(await house.mayTalk('500')).toBe(true);
  await house.mayTalk('111');
  await house.core.links.unlink(house.peer('111'), HOST);
  expect(house.listed()).toEqual([]);
});

test('every change of a person is told to the owners, with what undoes it; a forgotten one by id alone', async () => {
  await using house = await ListsHouse.open({ text: FILE });
  const { directory } = house.core;
  await house.owns('500');
  const eve = await directory.add({ name: 'Eve', role: 'user', peer: house.peer('502') }, HOST);
  await directory.setRole(eve.id, 'owner', HOST);
  await directory.setState(eve.id, 'suspend', HOST);
  await directory.setState(eve.id, 'block', HOST);
  await directory.forget(eve.id, HOST);
  const told = (await house.told()).filter((text) => text.includes(eve.id));
  expect(told).toEqual([
    `Added as user in telegram:502 by the host: ${eve.id} "Eve". Undo: countersign people block ${eve.id}`,
    `Role changed from user to owner by the host: ${eve.id} "Eve". Undo: countersign people role ${eve.id} user`,
    `Suspended by the host: ${eve.id} "Eve". Undo: countersign people resume ${eve.id}`,
    `Blocked everywhere by the host: ${eve.id} "Eve". Undo: countersign people unblock ${eve.id}`,
    `Erased for good by the host: ${eve.id}`,
  ]);
});
