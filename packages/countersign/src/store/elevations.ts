// Elevations: begun once, ended once. Those that ran out are marked when somebody notices; that they
// ran out is in the row.
import type { ElevationId, PrincipalId, SessionId } from '@countersign/protocol/ids';
import type { ElevationRecord, Elevations, NewElevation } from '../core/approval/windows-port.ts';
import { approvalTurn } from './approvals.ts';
import type { Context } from './context.ts';
import type { Row } from './dialects/database.ts';
import { int, intOrNull, text, textOrNull, word, wordOrNull } from './row.ts';
import { fitsSeal, rowSeal } from './row-seals.ts';

const SELECT_ELEVATIONS =
  'select id, agent, session, by_whom, surface, created_at, until, ended_at, ended_by, seal from elevations';
const COLUMNS = ['id', 'agent', 'session', 'by_whom', 'surface', 'created_at', 'until', 'seal'];

export function elevations(context: Context): Elevations {
  const { connection: c, hasher } = context;
  return {
    async begin(elevation) {
      await approvalTurn(context);
      const said = saidOf(elevation);
      await c.insert('elevations', COLUMNS, [[...said, rowSeal(hasher, 'elevation-seal', said)]]);
    },

    async get(id) {
      const [row] = await c.all(`${SELECT_ELEVATIONS} where id = ?`, [id]);
      return row === undefined ? null : readElevation(row);
    },

    async live(now) {
      await approvalTurn(context);
      const live = `${SELECT_ELEVATIONS} where ended_at is null and until > ? order by created_at desc, n desc`;
      const rows = await c.all(live, [now]);
      return rows.flatMap((row) => {
        const one = readElevation(row);
        return fitsSeal(hasher, 'elevation-seal', saidOf(one), textOrNull(row, 'seal')) ? [one] : [];
      });
    },

    async end(id, by, now) {
      await approvalTurn(context);
      const end =
        'update elevations set ended_at = ?, ended_by = ? where id = ? and ended_at is null and until > ?';
      return (await c.run(end, [now, by, id, now])) === 1;
    },

    async lapse(now, limit) {
      await approvalTurn(context);
      const over = `${SELECT_ELEVATIONS} where ended_at is null and until <= ? order by until limit ?`;
      const rows = (await c.all(over, [now, limit])).map(readElevation);
      const mark =
        "update elevations set ended_at = until, ended_by = 'time' where id = ? and ended_at is null";
      const lapsed: ElevationRecord[] = [];
      for (const row of rows) if ((await c.run(mark, [row.id])) === 1) lapsed.push(row);
      return lapsed;
    },

    async prune(before) {
      return c.run('delete from elevations where until < ?', [before]);
    },
  };
}

function saidOf({ id, agent, session, by, surface, createdAt, until }: NewElevation) {
  return [id, agent, session, by, surface, createdAt, until];
}

function readElevation(row: Row): ElevationRecord {
  return {
    id: word<ElevationId>(row, 'id'),
    agent: text(row, 'agent'),
    session: wordOrNull<SessionId>(row, 'session'),
    by: word<PrincipalId>(row, 'by_whom'),
    surface: word(row, 'surface'),
    createdAt: int(row, 'created_at'),
    until: int(row, 'until'),
    endedAt: intOrNull(row, 'ended_at'),
    endedBy: textOrNull(row, 'ended_by'),
  };
}
