// A receipt as lines of a terminal: who asked, what exactly, who answered and how proven, what ran, how it ended. Moments are
// written out: it is read years later. Every word in it is shown as it is there: who wrote it may not be known (R47).
import { shown, shownText } from '@countersign/protocol/action-display';
import { quotedName, visible } from '@countersign/protocol/display';
import type { Receipt } from '@countersign/protocol/receipt';
import { changedLine } from './run-changed.ts';
import { facts } from './table.ts';

export function receiptLines({
  request,
  decisions,
  elevation,
  run,
  people,
  gateway,
  at,
  heads,
}: Receipt): string[] {
  const name = (id: string): string =>
    Object.hasOwn(people, id) ? `${visible(id)} ${quotedName(people[id] ?? '')}` : visible(id);
  return [
    ...facts([
      ['gateway', visible(gateway)],
      ['written', at],
      ['request', visible(`${request.id} (${request.short})`)],
      ['state', request.state === 'lost' ? lostText(run) : request.state],
      ['asked by', `agent ${visible(request.agent)}, ${request.createdAt}`],
      ['asked for', request.requester === null ? 'nobody it knew' : name(request.requester)],
      ['tier', request.tier],
      ...(request.because === undefined ? [] : [['because', visible(request.because)] as const]),
    ]),
    ...shownText(shown(request.action)).split('\n'),
    ...decisions.map(({ decision, by, surface, factors, at: when, reason }) => {
      const proof = factors.length === 0 ? 'no factor' : visible(factors.join(', '));
      const why = reason === undefined ? '' : `: ${visible(reason)}`;
      return `${decision === 'approve' ? 'yes' : 'no'} of ${name(by)} (${visible(surface)}, ${proof}), ${when}${why}`;
    }),
    ...(elevation === undefined
      ? []
      : [
          `elevated by ${name(elevation.by)} (${visible(`${elevation.surface}, ${elevation.factors.join(', ')}`)}), ${elevation.at}`,
        ]),
    ...runLines(run),
    ...heads.map(({ writer, seq, hash, at: when }) => `head ${visible(writer)} ${seq} ${hash}, ${when}`),
  ];
}

function lostText(run: Receipt['run']): string {
  return run?.startedAt === undefined
    ? 'lost: it may not have run'
    : 'lost: it started, how it ended is not known';
}

function runLines(run: Receipt['run']): string[] {
  if (run?.redeemedAt === undefined) return ['run: nothing ran by it'];
  const { redeemedAt, startedAt, finishedAt, failure, exitCode, signal, changed } = run;
  const how = signal == null ? `exit code ${exitCode ?? 'unknown'}` : `ended by ${visible(signal)}`;
  return [
    `run: redeemed, ${redeemedAt}`,
    ...(startedAt === undefined ? [] : [`run: started, ${startedAt}`]),
    ...(finishedAt === undefined
      ? ['run: nobody said how it ended']
      : [
          `run: ${failure === undefined ? `over, ${finishedAt}: ${how}` : `not carried out, ${finishedAt}: ${visible(failure)}`}`,
        ]),
    ...(changed === undefined ? [] : [changedLine(changed)]),
  ];
}
