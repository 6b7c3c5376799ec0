// Inbound messages: accepted in groups (accept.ts), then at the desk or on their way to the agent (turns.ts). A message
// that leaves the desk takes its text along or loses it.
import { setImmediate as breathe } from 'node:timers/promises';
import type { MessageId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { Accepted, DeskMessage, Inbound, Messages } from '../core/message.ts';
import { acceptAll, admittedEvent, contentBind, type Decide, TIMELESS } from './accept.ts';
import { appendEvents } from './audit-append.ts';
import { type Context, together } from './context.ts';
import type { Row } from './dialects/database.ts';
import { bytes, word } from './row.ts';
import { SessionBook } from './sessions.ts';

/** Rows of one delete: between two of them others have their turn. */
const PRUNE_PART = 500;

export function messages(context: Context): Messages {
  const { connection: c, vault, clock } = context;

  const readDesk = (row: Row): DeskMessage => {
    const message = word<MessageId>(row, 'id');
    const inbound = JSON.parse(vault.open(bytes(row, 'content'), contentBind(message))) as Inbound;
    return { message, because: word(row, 'because'), inbound };
  };

  return {
    accept: (batch, decide, at) => accept(context, batch, decide, at),

    async desk(limit) {
      const rows = await c.all(
        'select id, because, content from messages where session is null and settled_at is null order by n limit ?',
        [limit],
      );
      return rows.map(readDesk);
    },

    async leaveDesk(id, as) {
      return (await c.run(`${LEAVE} where id = ? and ${AT_DESK}`, [as, clock.now(), id])) === 1;
    },

    admitFromDesk: (id, verdict, at) =>
      together(context, async (inside) => {
        const { connection } = inside;
        const [row] = await connection.all(
          `select id, because, content from messages where id = ? and ${AT_DESK}`,
          [id],
        );
        if (row === undefined) return null;
        const { inbound } = readDesk(row);
        const book = new SessionBook(inside);
        await book.read([verdict.sessionKey]);
        let session = book.choose(verdict, inbound, at);
        if (session !== null && (await book.write(new Set([session]))).size > 0) {
          await book.read([verdict.sessionKey]);
          session = book.choose(verdict, inbound, at);
        }
        if (session === null) {
          return (await connection.run(`${LEAVE} where id = ? and ${AT_DESK}`, ['shared', at, id])) === 1
            ? 'shared'
            : null;
        }
        const touched = await connection.run(
          `update messages set state = 'waiting', principal = ?, session = ?, content = ? where id = ? and ${AT_DESK}`,
          [verdict.principal, session, vault.seal(inbound.text, contentBind(id)), id],
        );
        // Another process took it meanwhile: the session made for it goes with the rollback of nothing, and is found again.
        if (touched === 0) return null;
        const { peer } = inbound;
        await appendEvents(inside, [
          admittedEvent({ message: id, session, principal: verdict.principal, peer, at }),
        ]);
        return { session };
      }),

    async prune(before, timeless = before) {
      let pruned = 0;
      for (;;) {
        const part = await c.run(
          `delete from messages where n in (
             select n from messages where received_at < ? and settled_at is not null and content is null
               and (dedupe < '${TIMELESS}' or received_at < ?)
             order by received_at limit ${PRUNE_PART})`,
          [before, timeless],
        );
        pruned += part;
        if (part < PRUNE_PART) return pruned;
        if (!context.inside) await breathe();
      }
    },
  };
}

/** Session included, so that the index of open messages finds it. */
const AT_DESK = `session is null and state = 'desk' and settled_at is null`;

const LEAVE = `update messages set state = ?, channel = null, account = null, native = null, conversation_kind = null,
  conversation = null, content = null, settled_at = ?`;

async function accept(
  context: Context,
  batch: readonly Inbound[],
  decide: Decide,
  at: number,
): Promise<readonly (Accepted | Problem)[]> {
  if (batch.length === 0) return [];
  try {
    return await together(context, (inside) => acceptAll(inside, batch, decide, at));
  } catch (cause) {
    if (context.inside || batch.length === 1 || isStoreTrouble(cause)) throw cause;
    return oneByOne(context, batch, decide, at);
  }
}

/** The batch failed over one of its messages. Each gets a transaction of its own, and only that one fails. */
async function oneByOne(
  context: Context,
  batch: readonly Inbound[],
  decide: Decide,
  at: number,
): Promise<(Accepted | Problem)[]> {
  const answers: (Accepted | Problem)[] = [];
  for (const inbound of batch) {
    try {
      answers.push(...(await together(context, (inside) => acceptAll(inside, [inbound], decide, at))));
    } catch (cause) {
      if (isStoreTrouble(cause) && answers.length === 0) throw cause;
      answers.push(
        cause instanceof Problem
          ? cause
          : new Problem('internal', { detail: 'a message cannot be stored', cause }),
      );
    }
  }
  return answers;
}

/** Trouble of the store itself would befall every message alike. */
function isStoreTrouble(cause: unknown): boolean {
  return cause instanceof Problem && (cause.code === 'store_full' || cause.code === 'store_unavailable');
}
