// Grants and what became of them. A grant is spent by the update of its request from `approved`, under the time of the
// store itself: whoever waited in line for longer than the grant lasts has waited in vain (R40).
import type { ApprovalId, GrantId } from '@countersign/protocol/ids';
import { sources } from '../core/approval/machine.ts';
import type { RunChanged, RunEnd, RunRecord, Runs } from '../core/approval/runs-port.ts';
import { approvalTurn } from './approvals.ts';
import { type Context, openOrNull, type Ports, sealOrNull, together } from './context.ts';
import type { Row } from './dialects/database.ts';
import { anyOf, parts } from './peers.ts';
import { bytesOrNull, int, intOrNull, textOrNull, word } from './row.ts';

const SELECT_RUNS = `select approval, grant_id, issued_at, expires_at, seal, redeemed_at, redeemed_by, started_at, seen_at,
  finished_at, lost_at, failure, exit_code, signal, changed, output_digest, output_size, output from runs`;
const COLUMNS = ['approval', 'grant_id', 'issued_at', 'expires_at', 'seal'];

type Sealed = 'failure' | 'output';
const bind = (column: Sealed, grant: GrantId) => `runs/${column}/${grant}`;

/** Spent, not over, and not heard of since. */
const SILENT = 'seen_at is not null and finished_at is null and lost_at is null and seen_at <= ?';
/** Spent, by them, and not over: a lost one may still come back. */
const THEIRS = 'grant_id = ? and redeemed_by = ? and finished_at is null';

export function runs(context: Context): Runs {
  const { connection: c } = context;
  return {
    async issue({ approval, grant, issuedAt, expiresAt, seal }) {
      await c.insert('runs', COLUMNS, [[approval, grant, issuedAt, expiresAt, seal]]);
    },

    async of(approvals) {
      const found = new Map<ApprovalId, RunRecord>();
      for (const some of parts(approvals)) {
        const rows = await c.all(`${SELECT_RUNS} where ${anyOf('approval', some)}`, some);
        for (const run of rows.map((row) => readRun(row, context))) found.set(run.approval, run);
      }
      return found;
    },

    async byGrant(grant) {
      await approvalTurn(context);
      const [row] = await c.all(`${SELECT_RUNS} where grant_id = ?`, [grant]);
      return row === undefined ? null : readRun(row, context);
    },

    redeem: (grant, by, now) =>
      together(context, async (inside) => {
        await approvalTurn(inside);
        const { connection, clock } = inside;
        const at = Math.max(now, clock.now());
        const from = sources('redeem');
        const spent = await connection.run(
          `update approvals set state = 'redeemed' where id = (select approval from runs where grant_id = ? and redeemed_at is null)
             and ${anyOf('state', from)} and redeem_by > ?`,
          [grant, ...from, at],
        );
        if (spent === 0) return false;
        const noted = `update runs set redeemed_at = ?, redeemed_by = ?, seen_at = ? where grant_id = ? and redeemed_at is null`;
        return (await connection.run(noted, [at, by, at, grant])) === 1;
      }),

    async started(grant, by, now) {
      const first = `update runs set started_at = ?, seen_at = ? where ${THEIRS} and started_at is null`;
      return (await c.run(first, [now, now, grant, by])) === 1;
    },

    async seen(grant, by, now) {
      return (await c.run(`update runs set seen_at = ? where ${THEIRS}`, [now, grant, by])) === 1;
    },

    finish: (grant, by, how, now) =>
      together(context, async (inside) => {
        await approvalTurn(inside);
        const { connection } = inside;
        const end: RunEnd | null = 'end' in how ? how.end : null;
        const noted = await connection.run(
          `update runs set finished_at = ?, seen_at = ?, failure = ?, exit_code = ?, signal = ?, changed = ?, output_digest = ?,
             output_size = ?, output = ? where ${THEIRS}`,
          [
            now,
            now,
            sealOrNull(inside, 'failure' in how ? how.failure : null, bind('failure', grant)),
            end?.exitCode ?? null,
            end?.signal ?? null,
            end?.changed ?? null,
            end?.outputDigest ?? null,
            end?.outputSize ?? null,
            sealOrNull(inside, end?.output ?? null, bind('output', grant)),
            grant,
            by,
          ],
        );
        if (noted === 0) return false;
        const from = sources('finish');
        const finished = `update approvals set state = 'finished' where id = (select approval from runs where grant_id = ?)
          and ${anyOf('state', from)}`;
        return (await connection.run(finished, [grant, ...from])) === 1;
      }),

    lose: (silentSince, now, limit) =>
      together(context, async (inside) => {
        await approvalTurn(inside);
        const { connection } = inside;
        const rows = await connection.all(
          `update runs set lost_at = ? where n in (select n from runs
             where ${SILENT} order by seen_at limit ?) and ${SILENT} returning approval`,
          [now, silentSince, limit, silentSince],
        );
        const lost = rows.map((row) => word<ApprovalId>(row, 'approval'));
        const from = sources('lose');
        for (const some of parts(lost))
          await connection.run(
            `update approvals set state = 'lost' where ${anyOf('id', some)} and ${anyOf('state', from)}`,
            [...some, ...from],
          );
        return lost;
      }),
  };
}

function changedOrNull(row: Row): RunChanged | null {
  const changed = textOrNull(row, 'changed');
  return changed === 'program' || changed === 'script' ? changed : null;
}

function readRun(row: Row, ports: Ports): RunRecord {
  const grant = word<GrantId>(row, 'grant_id');
  const finishedAt = intOrNull(row, 'finished_at');
  const failure = openOrNull(ports, bytesOrNull(row, 'failure'), bind('failure', grant));
  const end: RunEnd = {
    exitCode: intOrNull(row, 'exit_code'),
    signal: textOrNull(row, 'signal'),
    changed: changedOrNull(row),
    outputDigest: textOrNull(row, 'output_digest'),
    outputSize: intOrNull(row, 'output_size'),
    output: openOrNull(ports, bytesOrNull(row, 'output'), bind('output', grant)),
  };
  return {
    approval: word<ApprovalId>(row, 'approval'),
    grant,
    issuedAt: int(row, 'issued_at'),
    expiresAt: int(row, 'expires_at'),
    seal: textOrNull(row, 'seal'),
    redeemedAt: intOrNull(row, 'redeemed_at'),
    redeemedBy: textOrNull(row, 'redeemed_by'),
    startedAt: intOrNull(row, 'started_at'),
    seenAt: intOrNull(row, 'seen_at'),
    finishedAt,
    lostAt: intOrNull(row, 'lost_at'),
    failure,
    end: finishedAt === null || failure !== null ? null : end,
  };
}
