// Requests for approval: written once, ended once. Each end is one conditional update from the states in which the table of
// machine.ts allows it, read with the clock, so that what ran out is not approved by a late hand. Inside a transaction those
// who look take turns: what they read stays true until their transaction ends.
import type { ApprovalState } from '@countersign/protocol/approval';
import type { ApprovalId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { ApprovalRecord, Approvals, BriefQuery, Told, Word } from '../core/approval/approvals-port.ts';
import { type ApprovalEvent, next, sources } from '../core/approval/machine.ts';
import {
  NEW_COLUMNS,
  newValues,
  readApproval,
  readBrief,
  readPast,
  readWord,
  SELECT_APPROVALS,
  SELECT_BRIEFS,
  SELECT_WORDS,
  WORD_COLUMNS,
  wordValues,
} from './approval-rows.ts';
import { after, type Context, together } from './context.ts';
import type { Row, Value } from './dialects/database.ts';
import { anyOf, parts } from './peers.ts';
import { int, text, word } from './row.ts';

const MAX_PAST = 500;
/** What a card came to, the best last. */
const ORDER: readonly Told[] = ['none', 'failed', 'queued', 'delivered'];
/** Still to be decided, or to be used. */
const LIVE = `((state = 'pending' and expires_at > ?) or (state = 'approved' and redeem_by > ?))`;
/** Past its end and not marked. An approved one without an end is damaged, and over. */
const RAN_OUT = `((state = 'pending' and expires_at <= ?) or (state = 'approved' and (redeem_by is null or redeem_by <= ?)))`;

/** What the policy rests on and what is asked under it: one at a time. */
export async function approvalTurn({ inside, database, connection }: Context): Promise<void> {
  if (inside) await database.takeTurn(connection, 'approvals');
}

export function approvals(context: Context): Approvals {
  const { connection: c } = context;
  const found = async (where: string, values: readonly Value[]): Promise<ApprovalRecord[]> => {
    await approvalTurn(context);
    const rows = await c.all(`${SELECT_APPROVALS} where ${where}`, values);
    const words = await wordsOf(context, rows);
    return rows.map((row) => readApproval(row, words.get(text(row, 'id')) ?? [], context));
  };

  const repeated: Approvals['repeated'] = async (token, key) => {
    const [row] = await c.all('select id from approvals where token = ? and repeat_key = ?', [token, key]);
    return row === undefined ? null : word<ApprovalId>(row, 'id');
  };

  return {
    turn: () => approvalTurn(context),

    async open(request, key) {
      const row = newValues(request, key, context);
      if ((await c.insertNew('approvals', NEW_COLUMNS, [row])).size === 1) return { outcome: 'opened' };
      const of = key === null ? null : await repeated(request.token, key);
      if (of === null) throw new Problem('internal', { detail: 'a request of that id is there already' });
      return { outcome: 'repeat', of };
    },

    repeated,

    async get(id) {
      const [request] = await found('id = ?', [id]);
      return request ?? null;
    },

    async beginning({ id, short }, limit) {
      const from = `appr_${id ?? ''}`;
      const looks = [
        ...(id === null ? [] : [{ sql: 'id >= ? and id < ?', values: [from, after(from)] }]),
        ...(short === null ? [] : [{ sql: 'short >= ? and short < ?', values: [short, after(short)] }]),
      ];
      if (looks.length === 0) return [];
      const where = looks.map(({ sql }) => `(${sql})`).join(' or ');
      return found(`${where} order by n desc limit ?`, [...looks.flatMap(({ values }) => values), limit]);
    },

    async list(query) {
      const { sql, values } = await pageOf(context, query);
      return found(sql, values);
    },

    async briefs(query) {
      await approvalTurn(context);
      const { sql, values } = await pageOf(context, query);
      const rows = await c.all(`${SELECT_BRIEFS} where ${sql}`, values);
      const words = await wordsOf(context, rows);
      return rows.map((row) => readBrief(row, words.get(text(row, 'id')) ?? []));
    },

    async past(agent, session, since, now) {
      await approvalTurn(context);
      const rows = await c.all(
        `select state, action_digest, created_at, expires_at, decided_at, redeem_by, ended_at, ended_by from approvals
         where agent = ? and created_at >= ? and ${session === null ? 'session is null' : 'session = ?'}
           and need is not null order by created_at desc limit ${MAX_PAST}`,
        [agent, since, ...(session === null ? [] : [session])],
      );
      return rows.map((row) => readPast(row, now));
    },

    say: (id, said, event, redeemBy) =>
      together(context, async (inside) => {
        await approvalTurn(inside);
        const { connection } = inside;
        const { at } = said;
        const ends = event === 'endorse' ? '' : ', decided_at = ?, ended_at = ?';
        // The row first, whatever the word: who comes second waits here, and finds it decided.
        const touched = await connection.run(
          `update approvals set state = ?, redeem_by = ?${ends} where id = ? and state = 'pending' and expires_at > ?
             and not exists (select 1 from approval_words where approval = ? and by_whom = ? and decision = ?)`,
          [
            stateAfter(event),
            event === 'approve' ? redeemBy : null,
            ...(event === 'endorse' ? [] : [at, at]),
            id,
            at,
            id,
            said.by,
            said.decision,
          ],
        );
        if (touched === 0) return false;
        await connection.insert('approval_words', WORD_COLUMNS, [wordValues(id, said, inside)]);
        return true;
      }),

    async end(id, event, by, now) {
      await approvalTurn(context);
      const [set, where] = [stateAfter(event), event === 'expire' ? RAN_OUT : LIVE];
      const from = sources(event);
      const touched = await c.run(
        `update approvals set state = ?, ended_at = ?, ended_by = ? where id = ? and ${anyOf('state', from)} and ${where}`,
        [set, now, by, id, ...from, now, now],
      );
      return touched === 1;
    },

    async supersedeAll(by, now) {
      await approvalTurn(context);
      const rows = await c.all(
        `update approvals set state = 'superseded', ended_at = ?, ended_by = ?
         where state in ('pending', 'approved') and ${LIVE} returning id`,
        [now, by, now, now],
      );
      return rows.map((row) => word<ApprovalId>(row, 'id'));
    },

    async supersedeShutOut(by, now) {
      await approvalTurn(context);
      const rows = await c.all(
        `update approvals set state = 'superseded', ended_at = ?, ended_by = ?
         where state = 'approved' and redeem_by > ? and need is null and requester is not null
           and not exists (select 1 from principals where principals.id = approvals.requester and principals.state = 'active')
         returning id`,
        [now, by, now],
      );
      return rows.map((row) => word<ApprovalId>(row, 'id'));
    },

    async expire(now, limit) {
      const rows = await c.all(
        `update approvals set state = 'expired',
           ended_at = case when state = 'pending' then expires_at else coalesce(redeem_by, expires_at) end,
           ended_by = case when state = 'pending' then 'timeout' else 'unused' end
         where n in (select n from approvals where state in ('pending', 'approved') and ${RAN_OUT} limit ?)
           and state in ('pending', 'approved') returning id`,
        [now, now, limit],
      );
      return rows.map((row) => word<ApprovalId>(row, 'id'));
    },

    async told(ids) {
      const told = new Map<ApprovalId, Told>(ids.map((id) => [id, 'none']));
      for (const some of parts(ids)) {
        const rows = await c.all(
          `select cards.about as about, cards.delivered_at as delivered_at, outbox.settled_at as settled_at, outbox.id as sending
           from cards left join outbox on outbox.card = cards.id and outbox.kind = 'card'
           where ${anyOf('cards.about', some)}`,
          some,
        );
        for (const row of rows) {
          const id = word<ApprovalId>(row, 'about');
          const isWaiting = row['sending'] !== null && row['settled_at'] === null;
          const one = row['delivered_at'] !== null ? 'delivered' : isWaiting ? 'queued' : 'failed';
          if (ORDER.indexOf(one) > ORDER.indexOf(told.get(id) ?? 'none')) told.set(id, one);
        }
      }
      return told;
    },

    prune: (before) =>
      together(context, async ({ connection }) => {
        // What was spent and is not heard of to the end is nobody's past yet.
        const old = `delete from approvals where ended_at < ? and state <> 'redeemed' returning id`;
        const gone = (await connection.all(old, [before])).map((row) => text(row, 'id'));
        for (const ids of parts(gone)) {
          await connection.run(`delete from approval_words where ${anyOf('approval', ids)}`, ids);
          await connection.run(`delete from runs where ${anyOf('approval', ids)}`, ids);
        }
        return gone.length;
      }),
  };
}

/** The state an event leads to. Every one of ours leads to one, wherever it is allowed. */
function stateAfter(event: ApprovalEvent): ApprovalState {
  const [from] = sources(event);
  const step = from === undefined ? null : next(from, event);
  if (step === null || !('to' in step)) throw new Problem('internal', { detail: `${event} leads nowhere` });
  return step.to;
}

async function pageOf(context: Context, query: BriefQuery): Promise<{ sql: string; values: Value[] }> {
  const { sql, values } = whereOf(query);
  const from = query.before === undefined ? null : await position(context, query.before);
  const before = from === null ? '' : 'and n < ?';
  // By the index that it is looked for in: of what ended there may be years.
  const order = query.endedSince === undefined ? 'n' : 'ended_at';
  return {
    sql: `${sql} ${before} order by ${order} desc limit ?`,
    values: [...values, ...(from === null ? [] : [from]), query.limit],
  };
}

function whereOf({ states, agent, token, ids, asked, endedSince }: BriefQuery): {
  sql: string;
  values: Value[];
} {
  const conditions = [
    '1 = 1',
    ...(ids === undefined ? [] : [anyOf('id', ids)]),
    ...(endedSince === undefined ? [] : ['ended_at >= ?']),
    ...(states === undefined ? [] : [anyOf('state', states)]),
    ...(agent === undefined ? [] : ['agent = ?']),
    ...(token === undefined ? [] : ['token = ?']),
    ...(asked === undefined ? [] : [asked === 'people' ? 'need is not null' : 'need is null']),
  ];
  const values = [
    ...(ids ?? []),
    ...(endedSince === undefined ? [] : [endedSince]),
    ...(states ?? []),
    ...(agent === undefined ? [] : [agent]),
    ...(token === undefined ? [] : [token]),
  ];
  return { sql: conditions.join(' and '), values };
}

async function position({ connection: c }: Context, id: ApprovalId): Promise<number> {
  const [row] = await c.all('select n from approvals where id = ?', [id]);
  return row === undefined ? 0 : int(row, 'n');
}

async function wordsOf(context: Context, rows: readonly Row[]): Promise<ReadonlyMap<string, Word[]>> {
  const words = new Map<string, Word[]>();
  for (const ids of parts(rows.map((row) => text(row, 'id')))) {
    const said = await context.connection.all(
      `${SELECT_WORDS} where ${anyOf('approval', ids)} order by n`,
      ids,
    );
    for (const row of said) {
      const id = text(row, 'approval');
      words.set(id, [...(words.get(id) ?? []), readWord(row, context)]);
    }
  }
  return words;
}
