// `people link` and `people unlink`: making two chats one person's. Between users each chat is sent a code and both are
// typed back; in a terminal they are asked for at once. A code is never printed here: it is read in the chats.
import { quotedName, visible } from '@countersign/protocol/display';
import type { PersonLinked, PersonRow, RoleName } from '@countersign/protocol/identity';
import { Problem } from '@countersign/protocol/problem';
import type { Command } from 'commander';
import { type Cli, declined, shellWord } from '../cli.ts';
import { guarded } from '../guarded.ts';
import { relative } from '../times.ts';
import { examples } from './examples.ts';

type PeerName = Pick<PersonRow['peers'][number], 'channel' | 'account' | 'identifier'>;

interface LinkOptions {
  readonly as?: RoleName;
  readonly via?: string;
  readonly codes?: readonly string[];
}

export function peerName({ channel, account, identifier }: PeerName): string {
  return account === 'default' ? `${channel}:${identifier}` : `${channel}:${account}:${identifier}`;
}

export function defineLinks(noun: Command, cli: Cli, roles: readonly RoleName[]): void {
  // `--as` is the role here.
  const link = guarded(noun.command('link <person> <peer>'), cli, '--by')
    .description('make another chat theirs: <channel>[:<account>]:<id>, or the code of a stranger who waits')
    .addOption(noun.createOption('--as <role>', 'the most that chat may act as').choices(roles))
    .option('--via <peer>', 'which chat of the person is sent its code')
    .addOption(
      noun
        .createOption('--codes <code...>', 'both codes, as shown in the two chats')
        .argParser((code: string, before: readonly string[] = []) => [...before, code]),
    )
    .action((person: string, peer: string, options: LinkOptions) => linkPeer(cli, person, peer, options));
  examples(
    link,
    [
      'countersign people link prn_k7q telegram:123456789',
      'countersign people link prn_k7q telegram:123456789 --codes ABCD2345 WXYZ6789',
      'countersign people link prn_k7q ABC-123-DEF --as owner',
    ],
    'Where the person is an approver or owner, or --as asks for it, no codes are needed.',
  );

  const unlink = guarded(noun.command('unlink <peer>'), cli)
    .description('part a chat from its person: it is a stranger again')
    .action((peer: string) => unlinkPeer(cli, peer));
  examples(unlink, ['countersign people unlink telegram:123456789']);
}

async function linkPeer(cli: Cli, ref: string, peer: string, options: LinkOptions): Promise<void> {
  const client = await cli.client();
  const { codes, as, via } = options;
  const asked = { peer, ...(as === undefined ? {} : { as }), ...(via === undefined ? {} : { via }) };
  const typed = codes === undefined ? undefined : pairOf(codes);
  const first = await client.people.link(ref, { ...asked, ...(typed === undefined ? {} : { codes: typed }) });
  if (first.state !== 'offered' || !cli.terminal.interactive) return show(cli, first);
  tellOffer(cli, first);
  const answers = [await askCode(first.sentTo?.[0]), await askCode(first.sentTo?.[1])] as const;
  // Never by the code that was typed first: it may have been used up meanwhile.
  const address = peerName(first.peer);
  show(cli, await client.people.link(first.person.id, { peer: address, codes: answers }));
}

function pairOf(codes: readonly string[]): readonly [string, string] {
  const [one, other, third] = codes;
  if (one !== undefined && other !== undefined && third === undefined) return [one, other];
  throw new Problem('usage', {
    detail: '--codes takes two codes: the one shown in the chat they have, and the one shown in the new chat',
    hint: 'countersign people link <person> <peer> --codes ABCD2345 WXYZ6789',
  });
}

async function askCode(chat: PeerName | undefined): Promise<string> {
  const { text, isCancel } = await import('@clack/prompts');
  const where = chat === undefined ? 'that chat' : visible(peerName(chat));
  const answer = await text({ message: `the code shown in ${where}`, output: process.stderr });
  if (isCancel(answer)) throw declined();
  return answer;
}

function tellOffer({ terminal, clock }: Cli, { sentTo = [], expiresAt }: PersonLinked): void {
  const where = sentTo.map((chat) => visible(peerName(chat))).join(' and ');
  const until = expiresAt === undefined ? '' : `; it ends ${relative(expiresAt, clock.now())}`;
  terminal.talk(`a code was sent to ${where}${until}`);
}

function show(cli: Cli, linked: PersonLinked): void {
  const { terminal } = cli;
  const { state, person, peer, ceiling, actsAs } = linked;
  const who = `${person.id} ${quotedName(person.name)}`;
  const chat = visible(peerName(peer));
  const word = shellWord(peerName(peer));
  if (state === 'offered') {
    terminal.result(linked, () => [`asked: both chats of ${who} must say so`]);
    tellOffer(cli, linked);
    terminal.hint(
      `countersign people link ${person.id} ${word} --codes <code of the first> <code of the second>`,
    );
    return;
  }
  terminal.result(linked, () => [
    state === 'changed'
      ? `${chat} of ${who} acts at most as ${ceiling} now`
      : `linked: ${chat} is ${who} now`,
  ]);
  if (ceiling !== undefined && actsAs !== undefined && actsAs !== ceiling) {
    terminal.talk(
      `it acts as ${actsAs}: the lower of their role (${person.role}) and what the chat may be (${ceiling})`,
    );
  } else if (state === 'linked') terminal.talk(`it acts as ${actsAs ?? 'user'}`);
  if (state === 'linked') terminal.talk(`undo: countersign people unlink ${word}`);
}

async function unlinkPeer({ client, terminal }: Cli, peer: string): Promise<void> {
  const answer = await (await client()).people.unlink(peer);
  const { person, unlinked, lastOwnerChat } = answer;
  const who = `${person.id} ${quotedName(person.name)}`;
  const word = shellWord(peerName(unlinked));
  terminal.result(answer, () => [`unlinked: ${visible(peerName(unlinked))} is not ${who} any more`]);
  terminal.talk(`undo: countersign people link ${person.id} ${word}`);
  if (!lastOwnerChat) return;
  terminal.talk('that was the last chat in which an owner could decide; this shell still can');
  terminal.hint(`to have one again: countersign people link ${person.id} <peer> --as owner`);
}
