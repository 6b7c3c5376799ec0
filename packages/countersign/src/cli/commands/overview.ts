// `countersign overview`: what needs you now, oldest first, and the last day in numbers.
import { quotedName, visible } from '@countersign/protocol/display';
import type { Need, Overview } from '@countersign/protocol/overview';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { relative } from '../times.ts';
import { examples } from './examples.ts';

export function define(noun: Command, cli: Cli): void {
  noun.description('what needs you now, oldest first; the last day in numbers').action(async () => {
    const overview = await (await cli.client()).overview();
    cli.terminal.result(overview, () => lines(overview, cli.clock.now()));
  });
  examples(noun, ['countersign overview', 'countersign overview --json']);
}

function lines({ needs, more, day }: Overview, now: number): string[] {
  const { counts } = day;
  return [
    ...(needs.length === 0
      ? ['nothing needs you now']
      : ['needs you:', ...needs.map((need) => `  ${needLine(need, now)}`)]),
    ...(more === 0 ? [] : [`  and ${more} more`]),
    '',
    `since ${relative(day.since, now)}: messages let through: ${counts.admitted}, answered: ${counts.answered}, not answered: ${counts.unanswered}`,
    `  people who asked: ${counts.asked}, let in: ${counts.letIn}, turned away: ${counts.turnedAway}; browsers signed in: ${counts.signedIn}`,
    `  commands put to people: ${counts.putToPeople}, approved: ${counts.saidYes}, denied: ${counts.saidNo}; let run unasked: ${counts.ranUnasked}`,
    `  calls refused: ${counts.refused}, messages undelivered: ${counts.undelivered}`,
  ];
}

function needLine(need: Need, now: number): string {
  switch (need.kind) {
    case 'pairing': {
      const { channel, identifier, displayName, code } = need.pairing;
      const named = displayName === undefined ? '' : ` ${quotedName(displayName)}`;
      return `${relative(need.since, now)}: ${visible(`${channel} ${identifier}`)}${named} asks to talk: countersign pairing approve ${channel} ${code ?? visible(identifier)}`;
    }
    case 'approval': {
      const { id, tier, agent, short } = need.approval;
      return `${relative(need.since, now)}: ${quotedName(agent)} asks for something ${tier}, ${short}: countersign approvals show ${id}`;
    }
    case 'device':
      return `${relative(need.since, now)}: the device ${quotedName(need.device.name)} asks to be let in: countersign devices approve ${need.device.id}`;
    case 'recovery':
      return `${relative(need.since, now)}: a recovery of ${need.recovery.person} is announced; to stop it: countersign recover --stop ${need.recovery.id}`;
    case 'config':
      return `the configuration asks for another ${visible(need.change.path)}: countersign config pending`;
    case 'channel': {
      const { channel, account, state, detail } = need.channel;
      const why = detail === undefined ? '' : ` (${visible(detail)})`;
      return `${channel}:${account} is ${state}${why}: countersign channels status --probe`;
    }
    case 'check': {
      const { level, name, message, hint } = need.check;
      return visible(`${level}: ${name}: ${message}${hint === undefined ? '' : `: ${hint}`}`);
    }
    default:
      return need satisfies never;
  }
}
