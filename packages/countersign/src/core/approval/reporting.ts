// What an executor tells of a run. Only who spent the grant is believed, and only about that run (H54, CVE-2026-53816): a
// report changes no right, whatever it says. Told twice it is told once.
import type { Json } from '@countersign/protocol/canonical';
import type { GrantReport } from '@countersign/protocol/grant';
import { type ApprovalId, isId } from '@countersign/protocol/ids';
import type { Millis } from '../ports.ts';
import type { Store } from '../store-port.ts';
import type { ApprovalRecord } from './approvals-port.ts';
import { exact } from './exact.ts';
import type { Redeemer } from './grants-port.ts';
import { lineOf, redeemerActor } from './redeemer.ts';
import type { RunChanged, RunEnd, RunRecord } from './runs-port.ts';
import type { ApprovalTelling } from './service.ts';
import { approvalEvent } from './told.ts';

export type NotReported = 'unknown' | 'not_redeemed' | 'not_theirs' | 'over' | 'has_started';

export const NOT_REPORTED: Readonly<Record<NotReported, string>> = {
  unknown: 'there is no such grant here',
  not_redeemed: 'nothing runs by a grant that was not redeemed',
  not_theirs: 'another redeemed it, and tells of it',
  over: 'it was told before how it ended',
  has_started: 'it was told before that it started: how it ended can be told, and not that it never ran',
};

export type ReportedAs =
  /** `changed`: something is told now that was not before. */
  | { readonly outcome: 'reported'; readonly id: ApprovalId; readonly changed: boolean }
  | { readonly outcome: 'refused'; readonly reason: NotReported; readonly request: ApprovalRecord | null };

export async function reportIn(
  tx: Store,
  report: GrantReport,
  by: Redeemer,
  {
    keepsOutput,
    telling,
    now,
  }: { readonly keepsOutput: boolean; readonly telling: ApprovalTelling; readonly now: Millis },
): Promise<ReportedAs> {
  const { grant } = report;
  const run = isId('grant', grant) ? await tx.runs.byGrant(grant) : null;
  const request = run === null ? null : await tx.approvals.get(run.approval);
  if (run === null || request === null) return { outcome: 'refused', reason: 'unknown', request: null };
  const no = (reason: NotReported): ReportedAs => ({ outcome: 'refused', reason, request });
  const same: ReportedAs = { outcome: 'reported', id: request.id, changed: false };
  const line = lineOf(by);
  if (run.redeemedAt === null) return no('not_redeemed');
  if (run.redeemedBy !== line) return no('not_theirs');
  if (run.finishedAt !== null) return isRepeat(report, run) ? same : no('over');

  // It would read as never run, in the list and in its receipt. Without another word it is lost, which is what is known.
  if (report.what === 'failed' && run.startedAt !== null) return no('has_started');

  if (report.what === 'running' || (report.what === 'started' && run.startedAt !== null))
    return (await tx.runs.seen(run.grant, line, now)) ? same : no('over');
  const told =
    report.what === 'started'
      ? await tx.runs.started(run.grant, line, now)
      : await tx.runs.finish(run.grant, line, endOf(report, keepsOutput), now);
  if (!told) return no('over');
  const actor = await redeemerActor(tx, by);
  const more = { grant: run.grant, ...OUTCOMES[report.what], facts: factsOf(report) };
  await tx.audit.append([approvalEvent(`approval.${report.what}`, request, actor, now, more)]);
  if (report.what === 'finished' && report.changed !== undefined)
    await tellChanged(tx, telling, { request, changed: report.changed }, now);
  return { ...same, changed: true };
}

const OUTCOMES = {
  started: {},
  failed: { outcome: 'failed', reason: 'not_started' },
  finished: {},
} as const;

type Ended = Extract<GrantReport, { what: 'failed' | 'finished' }>;

/** The answer to it was lost: the same again is the same. */
function isRepeat(report: GrantReport, { failure, end }: RunRecord): boolean {
  if (report.what === 'failed') return failure === report.why;
  if (report.what !== 'finished')
    return failure === null && (report.what === 'started' || report.what === 'running');
  return (
    end !== null &&
    end.exitCode === report.exitCode &&
    end.signal === report.signal &&
    end.changed === (report.changed ?? null)
  );
}

function endOf(report: Ended, keepsOutput: boolean): { readonly end: RunEnd } | { readonly failure: string } {
  if (report.what === 'failed') return { failure: report.why };
  const { exitCode, signal, changed, outputDigest, outputSize, output } = report;
  return {
    end: {
      exitCode,
      signal,
      changed: changed ?? null,
      outputDigest: outputDigest ?? null,
      outputSize: outputSize ?? null,
      output: keepsOutput ? (output ?? null) : null,
    },
  };
}

/** What stands in the audit of it: numbers and a digest, and nothing that it printed. */
function factsOf(report: GrantReport): { readonly [key: string]: Json } {
  if (report.what !== 'finished') return {};
  const { exitCode, signal, outputDigest, outputSize, changed } = report;
  return {
    exitCode,
    ...(changed === undefined ? {} : { changed }),
    ...(signal === null ? {} : { signal }),
    ...(outputDigest === undefined ? {} : { outputDigest }),
    ...(outputSize === undefined ? {} : { outputSize }),
  };
}

/** What ran is not what somebody said yes to: owners and whoever decided hear of it, and whoever it was asked for. */
async function tellChanged(
  tx: Store,
  telling: ApprovalTelling,
  { request, changed }: { readonly request: ApprovalRecord; readonly changed: RunChanged },
  now: Millis,
): Promise<void> {
  const { id, short, agent, need } = request;
  const text = `The ${changed} of ${short}, of ${exact(agent)}, became another one while it was started: what ran is not what was approved, and may have done something before its machine ended it. Look there: countersign approvals show ${id}`;
  await telling.owners(tx, text, `changed:${id}`, now);
  const how = { state: 'finished', by: null, reason: null, answered: null, changed } as const;
  if (need !== null) await telling.ended(tx, request, how, now);
}
