// Turns: an admitted message on its way through the agent. One question at a time per session; a claim is by somebody
// until some time, and every write demands that it still holds.
import type { MessageId, SessionId, TurnId } from '@countersign/protocol/ids';
import type { Exchange, Turn, Turns } from '../core/message.ts';
import { contentBind } from './accept.ts';
import { spoke } from './bindings.ts';
import { type Context, newId, together } from './context.ts';
import type { Row } from './dialects/database.ts';
import { readPeer } from './peers.ts';
import { bytes, int, text, word } from './row.ts';
import { ENDED, ended, endOpen, readConversation, readEnded } from './unanswered.ts';

/** Exchanges of a session that stay readable. The configuration asks for no more. */
export const KEPT_EXCHANGES = 200;

const answerBind = (turn: TurnId) => `messages/answer/${turn}`;

export function turns(context: Context): Turns {
  const { connection: c, vault } = context;

  return {
    async abandon(by) {
      return c.run(
        `update messages set claimed_by = null, claimed_until = null, state = 'waiting'
         where session is not null and settled_at is null and claimed_by = ?`,
        [by],
      );
    },

    async open(now) {
      const rows = await c.all(
        `select session from messages where session is not null and settled_at is null
         group by session having max(coalesce(claimed_until, 0)) <= ? order by min(n)`,
        [now],
      );
      return rows.map((row) => word<SessionId>(row, 'session'));
    },

    claim: (session, by, until, now) =>
      together(context, async (inside) => {
        const { connection } = inside;
        // The session's row first: two gateways claim one after the other, whatever message each thinks is the oldest.
        const live = 'update sessions set last_turn_at = ? where id = ? and revoked is null';
        if ((await connection.run(live, [now, session])) === 0) {
          // It came in while the session was being revoked: as if it had come before.
          await endOpen(inside, session, now);
          return null;
        }
        const [row] = await connection.all(
          `update messages set claimed_by = ?, claimed_until = ?, state = 'claimed', attempt = attempt + 1,
             turn = coalesce(turn, ?)
           where n = (select n from messages where session = ? and settled_at is null order by n limit 1)
             and settled_at is null and (claimed_until is null or claimed_until <= ?)
             and not exists (select 1 from messages as other
               where other.session = ? and other.settled_at is null and other.claimed_until > ?)
           returning id, turn, session, principal, channel, account, native, conversation_kind, conversation, content,
             received_at, attempt`,
          [by, until, newId(context, 'turn'), session, now, session, now],
        );
        if (row === undefined) return null;
        const [of] = await connection.all(SPOKEN, [session]);
        if (of === undefined) return null;
        const turn = readTurn(row, text(of, 'key'), context);
        // The agent's tools act for who is answered now, where they are answered.
        const { peer, conversation } = turn;
        const same = of['spoke_native'] === peer.native && of['spoke_account'] === peer.account;
        if (!same || of['spoke_channel'] !== peer.channel || of['spoke_kind'] !== conversation.kind)
          await spoke(inside, session, { peer, kind: conversation.kind });
        return turn;
      }),

    async hold(turn, by, until) {
      return (await c.run(`update messages set claimed_until = ? where ${HELD}`, [until, turn, by])) === 1;
    },

    answer: (turn, by, answer, at) =>
      together(context, async ({ connection }) => {
        const [row] = await connection.all(
          `update messages set state = 'answered', answer = ?, settled_at = ?, claimed_by = null, claimed_until = null
           where ${HELD} returning session`,
          [vault.seal(answer, answerBind(turn)), at, turn, by],
        );
        if (row === undefined) return false;
        const session = text(row, 'session');
        await connection.run('update sessions set last_turn_at = ? where id = ?', [at, session]);
        // What history can no longer reach goes now: pruning it later would mean looking for it.
        await connection.run(
          `update messages set content = null, answer = null where n = (
             select n from messages where ${PAST} order by n desc limit 1 offset ${KEPT_EXCHANGES})`,
          [session],
        );
        return true;
      }),

    async release(turn, by) {
      const free = `update messages set state = 'waiting', claimed_by = null, claimed_until = null where ${HELD}`;
      return (await c.run(free, [turn, by])) === 1;
    },

    async fail(turn, by, at) {
      const end = `update messages set ${ended('failed')} where ${HELD}`;
      return (await c.run(end, [at, turn, by])) === 1;
    },

    async expire(before, limit) {
      const rows = await c.all(
        `update messages set ${ended('expired')} where n in (
           select n from messages where session is not null and settled_at is null and received_at < ? and ${UNCLAIMED}
           order by n limit ?)
         and settled_at is null and ${UNCLAIMED} returning ${ENDED}`,
        [before, before, before, limit, before],
      );
      return rows.map(readEnded);
    },

    async overflow(session, max) {
      const now = context.clock.now();
      const rows = await c.all(
        `update messages set ${ended('overflowed')} where n in (
           select n from messages where session = ? and settled_at is null and ${UNCLAIMED}
           order by n limit 1000000 offset ?)
         and settled_at is null and ${UNCLAIMED} returning ${ENDED}`,
        [now, session, now, max, now],
      );
      return rows.map(readEnded);
    },

    async history(session, limit) {
      const rows = await c.all(
        `select id, turn, content, answer from messages where ${PAST} order by n desc limit ?`,
        [session, Math.floor(limit.messages / 2)],
      );
      const exchanges: Exchange[] = [];
      let room = limit.bytes;
      for (const row of rows) {
        const exchange = {
          user: vault.open(bytes(row, 'content'), contentBind(word<MessageId>(row, 'id'))),
          assistant: vault.open(bytes(row, 'answer'), answerBind(word<TurnId>(row, 'turn'))),
        };
        room -= Buffer.byteLength(exchange.user) + Buffer.byteLength(exchange.assistant);
        if (room < 0) break;
        exchanges.push(exchange);
      }
      return exchanges.reverse();
    },
  };
}

const SPOKEN = `select key, spoke_channel, spoke_account, spoke_native, spoke_kind from sessions where id = ?`;
const HELD = 'turn = ? and claimed_by = ? and settled_at is null';
/** Waiting, or claimed by a gateway that let the claim run out. */
const UNCLAIMED = '(claimed_until is null or claimed_until <= ?)';
const PAST =
  'session = ? and settled_at is not null and session is not null and answer is not null and content is not null';
function readTurn(row: Row, sessionKey: string, { vault }: Context): Turn {
  const message = word<MessageId>(row, 'id');
  return {
    id: word(row, 'turn'),
    message,
    session: word(row, 'session'),
    sessionKey,
    principal: word(row, 'principal'),
    peer: readPeer(row),
    conversation: readConversation(row),
    text: vault.open(bytes(row, 'content'), contentBind(message)),
    receivedAt: int(row, 'received_at'),
    attempt: int(row, 'attempt'),
  };
}
