// A request for approval as lines of a terminal: all of it, never shortened, in the words that chats and page show (R37). A line
// of the thing itself begins with `| `, so that none can pass for one of ours.
import { innerOf, shown, shownCommand, shownText, shownWords } from '@countersign/protocol/action-display';
import type { Action, ApprovalRow, DeniedAll } from '@countersign/protocol/approval';
import { quotedName, visible } from '@countersign/protocol/display';
import { exact } from '@countersign/protocol/exact';
import { changedLine } from './run-changed.ts';
import { facts, table } from './table.ts';
import { relative } from './times.ts';

const HOW: Readonly<Record<string, string>> = {
  pending: 'waits',
  superseded: 'void',
  lost: 'may not have run',
};
const DIGEST_SHOWN = 16;

type Paused = NonNullable<DeniedAll['paused']>[number];

export function approvalLines(row: ApprovalRow, now: number): string[] {
  const { reasons, commands = [], need, decisions, names = {}, flags = [] } = row;
  const name = (id: string): string => (Object.hasOwn(names, id) ? quotedName(names[id] ?? id) : id);
  return [
    ...facts([
      ['request', row.id],
      ['compare', row.short],
      ['tier', row.tier],
      ['state', stateText(row)],
      ['agent', row.agent],
      ...(row.here === true ? [['machine', "the gateway's own"] as const] : []),
      ...(Object.hasOwn(names, row.host) ? [['machine', name(row.host)] as const] : []),
      ['asked for', row.requester === null ? 'nobody we know of' : row.requester],
      ['asked', relative(row.createdAt, now)],
      ...(row.state === 'pending' ? [['until', relative(row.expiresAt, now)] as const] : []),
      ...(need === undefined
        ? []
        : [
            [
              'who decides',
              `${need.people.map(name).join(', ')}${need.quorum > 1 ? `, ${need.quorum} of them` : ''}`,
            ] as const,
            ['proof', need.factors.length === 0 ? 'none' : need.factors.join(' or ')] as const,
          ]),
    ]),
    ...flags.map((flag) => `careful: ${flag.replaceAll('_', ' ')}`),
    ...(row.action === undefined ? [] : shownText(shown(row.action)).split('\n')),
    ...commandLines(commands),
    ...reasons.map(whyLine),
    ...decisions.map(
      ({ decision, by, surface, factors, at, reason }) =>
        `${decision === 'approve' ? 'yes' : 'no'} of ${name(by)} (${[surface, ...factors].join(', ')}), ${relative(at, now)}${reason === undefined ? '' : `: ${visible(reason)}`}`,
    ),
    ...pauseLines(row, now),
    ...runLines(row, now),
  ];
}

/** With the rule that says so, where one does: what is harmless is so because none did. */
export function whyLine({ rule, why }: ApprovalRow['reasons'][number]): string {
  return rule === 'nothing' ? `why: ${visible(why)}` : `why: ${visible(why)} (${rule})`;
}

/** What the digest covers beside that: hashes, and the environment that every command gets. */
export function detailLines({ action }: ApprovalRow): string[] {
  const details = action === undefined ? [] : shown(action).details;
  if (details.length === 0) return [];
  return ['everything else it would get', ...details.map(({ label, text }) => `  ${label}: ${text}`)];
}

/** Of a denial that was one of several in a row: whoever wonders why nothing is asked any more reads it here. */
export function pauseLines({ agent, facts: asked, pausedUntil: until }: ApprovalRow, now: number): string[] {
  return until === undefined ? [] : [pausedLine({ agent, session: asked?.session ?? null, until }, now)];
}

export function pausedLine({ agent, session, until }: Paused, now: number): string {
  const where = session === null ? '' : 'in that session ';
  const clock = `${until.slice(11, 16)} UTC, ${relative(until, now)}`;
  return `${visible(agent)} was told no too often in a row: ${where}it asks nothing until ${clock}`;
}

/** What became of it. The end of what it printed is shown line by line, as text that says nothing of ours. */
function runLines({ run }: ApprovalRow, now: number): string[] {
  if (run?.redeemedAt === undefined) return [];
  const { redeemedAt, startedAt, finishedAt, failure, exitCode, signal, changed, output } = run;
  const how = signal == null ? `exit code ${exitCode ?? 'unknown'}` : `ended by ${signal}`;
  return [
    `run: taken by its machine, ${relative(redeemedAt, now)}`,
    ...(startedAt === undefined ? [] : [`run: started, ${relative(startedAt, now)}`]),
    ...(finishedAt === undefined
      ? []
      : [
          failure === undefined
            ? `run: over, ${relative(finishedAt, now)}: ${how}`
            : `run: not carried out, ${relative(finishedAt, now)}: ${visible(failure)}`,
        ]),
    ...(changed === undefined ? [] : [changedLine(changed)]),
    ...printedLines(run),
    ...(output === undefined ? [] : linesIn(output).map((line) => `| ${visible(line)}`)),
  ];
}

/** How much it printed, and the beginning of the digest: `--json` has all of it. */
function printedLines({ outputSize, outputDigest }: NonNullable<ApprovalRow['run']>): string[] {
  if (outputSize === undefined) return [];
  const bytes = outputSize === 1 ? '1 byte' : `${outputSize} bytes`;
  const digest = outputDigest === undefined ? '' : `, SHA-256 ${outputDigest.slice(0, DIGEST_SHOWN)}…`;
  return [`run: printed ${bytes}${digest}`];
}

/** A text that ends with its last line has no empty one behind it. */
function linesIn(output: string): string[] {
  return output === '' ? [] : output.replace(/\n$/, '').split('\n');
}

/** Where the thing itself does not say it all. */
function commandLines(commands: NonNullable<ApprovalRow['commands']>): string[] {
  const inner = innerOf(commands);
  return inner.length === 0 ? [] : ['runs', ...inner.map((one) => `> ${shownCommand(one)}  (${one.tier})`)];
}

export function stateText(row: ApprovalRow): string {
  const { state, endedBy, decision, run } = row;
  if (state === 'lost' && run?.startedAt !== undefined) return 'started, its end is not known';
  if (state === 'denied' && decision?.reason !== undefined) return `denied: ${decision.reason}`;
  // Allowed, and another one by the time it would have run: nobody took it back.
  const word = endedBy?.startsWith('changed_') === true ? 'not run' : `${HOW[state] ?? state}${endOf(run)}`;
  const why = whysOf(row);
  return why.length === 0 ? word : `${word} (${why.join('; ')})`;
}

/** How a program ended that did not end well. */
function endOf(run: ApprovalRow['run']): string {
  if (run?.finishedAt === undefined) return '';
  if (run.failure !== undefined) return ', not carried out';
  if (run.signal != null) return `, ended by ${run.signal}`;
  return run.exitCode == null || run.exitCode === 0 ? '' : `, exit code ${run.exitCode}`;
}

/** Why it was allowed or refused without a person's word, and what ended it: where both are known, both are said. */
function whysOf({ because, endedBy, decision }: ApprovalRow): string[] {
  const first = because === undefined || because === endedBy || decision !== undefined ? [] : [because];
  const last =
    endedBy === undefined ? [] : [endedBy.startsWith('changed_') ? endedBy.replace('_', ': ') : endedBy];
  return [...first, ...last].map((why) => why.replaceAll('_', ' '));
}

/** One line a request: with the command where it fits whole. */
export function approvalTable(rows: readonly ApprovalRow[], now: number): string[] {
  return table(
    ['COMPARE', 'TIER', 'STATE', 'AGENT', 'ASKED', 'WHAT'],
    rows.map((row) => [
      row.short,
      row.tier,
      stateText(row),
      row.agent,
      relative(row.createdAt, now),
      whatOf(row),
    ]),
  );
}

const MOST_IN_LINE = 100;

function whatOf({ action, id }: ApprovalRow): string {
  if (action === undefined) return id;
  const line = inOneLine(action);
  return line.length <= MOST_IN_LINE ? line : `(long: countersign approvals show ${id.slice(0, 12)})`;
}

function inOneLine(action: Action): string {
  switch (action.kind) {
    case 'exec':
      return 'shell' in action ? exact(action.shell) : shownWords(action.argv);
    case 'tool':
      return exact(`${action.tool} ${JSON.stringify(action.arguments)}`);
    case 'message':
      return exact(`to ${action.to.channel} ${action.to.identifier}: ${action.text}`);
    default:
      return action satisfies never;
  }
}
