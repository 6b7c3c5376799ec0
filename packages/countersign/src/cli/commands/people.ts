// `countersign people …`: the people the agent knows, their roles and their chats.
import type { Client } from '@countersign/protocol/client';
import { quotedName } from '@countersign/protocol/display';
import type { PersonRow, RoleName } from '@countersign/protocol/identity';
import { Problem } from '@countersign/protocol/problem';
import type { PersonUser } from '@countersign/protocol/user-map';
import type { Command } from 'commander';
import { allPages, type Cli, confirmed, declined, shellWord } from '../cli.ts';
import { guarded } from '../guarded.ts';
import { PEOPLE_NOT_DEVICES } from '../nouns.ts';
import { facts, table } from '../table.ts';
import { relative } from '../times.ts';
import { examples } from './examples.ts';
import { defineLinks, peerName } from './people-link.ts';
import { defineMap } from './people-map.ts';

const ROLES: readonly RoleName[] = ['owner', 'approver', 'user'];

export function define(noun: Command, cli: Cli): void {
  const { terminal, clock } = cli;
  const list = noun
    .command('list')
    .description('everybody the agent knows')
    .action(async () => {
      const client = await cli.client();
      const items = await allPages((page) => client.people.list(page));
      terminal.result({ items }, () => (items.length === 0 ? ['nobody yet'] : peopleTable(items)));
      if (items.length === 0) terminal.hint('countersign claim prints the link that makes you the owner');
    });
  examples(list, ['countersign people list', 'countersign people list --json'], PEOPLE_NOT_DEVICES);

  const add = guarded(noun.command('add <name>'), cli)
    .description('add a person before they write')
    .addOption(noun.createOption('--role <role>', 'what they may do').choices(ROLES).default('user'))
    .option('--peer <peer>', 'their chat: <channel>[:<account>]:<id>')
    .action(async (name: string, { role, peer }: { role: RoleName; peer?: string }) => {
      const person = await (await cli.client()).people.add({
        name,
        role,
        ...(peer === undefined ? {} : { peer }),
      });
      terminal.result(person, () => [`${person.id} ${quotedName(person.name)} is ${aRole(person.role)}`]);
    });
  examples(add, ['countersign people add "Ana" --role approver --peer telegram:123456789']);

  const show = noun
    .command('show <person>')
    .description('one person: role, state, chats')
    .action(async (ref: string) => {
      const { people } = await cli.client();
      const person = await people.show(ref);
      const mapped = await userOf(people, person.id);
      const shown = mapped === null ? person : { ...person, user: mapped.user, tenant: mapped.tenant };
      terminal.result(shown, () => personLines(person, mapped, clock.now()));
    });
  examples(show, ['countersign people show prn_k7q']);

  const role = guarded(noun.command('role <person>'), cli)
    .addArgument(noun.createArgument('<role>', 'what they may do').choices(ROLES))
    .description('change what a person may do')
    .action(async (ref: string, wanted: RoleName) => {
      const person = await (await cli.client()).people.role(ref, wanted);
      terminal.result(person, () => [`${person.id} ${quotedName(person.name)} is now ${aRole(person.role)}`]);
    });
  examples(role, ['countersign people role prn_k7q approver']);

  const rename = noun
    .command('rename <person> <name>')
    .description('call a person differently in your list')
    .action(async (ref: string, name: string) => {
      const person = await (await cli.client()).people.rename(ref, name);
      terminal.result(person, () => [`${person.id} is now ${quotedName(person.name)}`]);
    });
  examples(rename, ['countersign people rename prn_k7q "Ana Silva"']);

  change(noun, cli, 'block', 'refuse a person everywhere', 'unblock', (client, ref) =>
    client.people.block(ref),
  );
  change(noun, cli, 'unblock', 'let a blocked person talk again', 'block', (client, ref) =>
    client.people.unblock(ref),
  );
  change(noun, cli, 'suspend', 'stop a person for now', 'resume', (client, ref) =>
    client.people.suspend(ref),
  );
  change(noun, cli, 'resume', 'end a suspension', 'suspend', (client, ref) => client.people.resume(ref));

  defineLinks(noun, cli, ROLES);
  defineMap(noun, cli);

  const forget = guarded(noun.command('forget <person>'), cli)
    .description('erase a person: their name, chats and history; the audit keeps that it was done')
    .option('--yes', 'do not ask')
    .action(async (ref: string, { yes }: { yes?: boolean }) => {
      const client = await cli.client();
      const person = await client.people.show(ref);
      const question = `forget ${person.id} ${quotedName(person.name)} for good?`;
      if (yes !== true && !(await confirmed(cli, question))) throw declined();
      const answer = await client.people.forget(person.id);
      terminal.result(answer, () => [`${answer.forgotten} is forgotten`]);
    });
  examples(forget, ['countersign people forget prn_k7q --yes'], 'This cannot be undone.');
}

/** Null when they are no user of the owner's tools. */
async function userOf(people: Client['people'], person: string): Promise<PersonUser | null> {
  try {
    return await people.user(person);
  } catch (cause) {
    if (Problem.codeOf(cause) === 'not_found') return null;
    throw cause;
  }
}

function aRole(role: RoleName): string {
  return role === 'user' ? 'a user' : `an ${role}`;
}

type Change = 'block' | 'unblock' | 'suspend' | 'resume';

function change(
  noun: Command,
  cli: Cli,
  verb: Change,
  what: string,
  undo: Change,
  act: (client: Client, ref: string) => Promise<PersonRow>,
): void {
  // For a user the host's word is enough; owners and approvers take an owner's proof.
  const command = guarded(noun.command(`${verb} <person>`), cli)
    .description(what)
    .action(async (ref: string) => {
      const person = await act(await cli.client(), ref);
      cli.terminal.result(person, () => [`${person.id} ${quotedName(person.name)} is ${person.state}`]);
      cli.terminal.talk(`undo: countersign people ${undo} ${shellWord(person.id)}`);
    });
  examples(command, [`countersign people ${verb} prn_k7q`]);
}

function peopleTable(items: readonly PersonRow[]): string[] {
  return table(
    ['ID', 'ROLE', 'STATE', 'NAME', 'CHATS'],
    items.map((row) => [
      row.id,
      row.role,
      row.state,
      quotedName(row.name),
      row.peers.map(peerName).join(', '),
    ]),
  );
}

type PeerRow = PersonRow['peers'][number];

function personLines(person: PersonRow, mapped: PersonUser | null, now: number): string[] {
  return [
    ...facts([
      ['id', person.id],
      ['name', quotedName(person.name)],
      ['role', person.role],
      ['state', person.state],
      ['known', relative(person.createdAt, now)],
      ...(mapped === null ? [] : [['user', `${mapped.user} of ${mapped.tenant}`] as const]),
    ]),
    ...(person.peers.length === 0 ? ['no chats are linked'] : ['chats:']),
    ...table(
      ['  CHAT', 'AT MOST', 'ASSURANCE', 'LAST SEEN', '', 'CALLS THEMSELVES'],
      person.peers.map((peer) => peerCells(peer, now)),
    ).slice(person.peers.length === 0 ? 1 : 0),
  ];
}

function peerCells(peer: PeerRow, now: number): string[] {
  const until = peer.accessUntil === undefined ? '' : `access ends ${relative(peer.accessUntil, now)}`;
  const names = [
    peer.username === undefined ? '' : `@${peer.username}`,
    peer.displayName === undefined ? '' : quotedName(peer.displayName),
  ];
  return [
    `  ${peerName(peer)}`,
    peer.ceiling,
    peer.assurance,
    peer.lastSeenAt === undefined ? '' : relative(peer.lastSeenAt, now),
    peer.blocked ? 'blocked' : until,
    names.filter((name) => name !== '').join(' '),
  ];
}
