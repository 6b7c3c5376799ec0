// Sessions as bindings: who a handle or a key names right now, in one query with how that person stands. A handle is found
// by its keyed hash and the agent it was made for; neither alone finds anything (R61).
import type { PrincipalId, SessionId } from '@countersign/protocol/ids';
import type { Millis } from '../core/ports.ts';
import type { Binding, Bindings } from '../core/session/binding.ts';
import { comparableKey } from '../core/session/key.ts';
import { type Context, together } from './context.ts';
import type { Row, Value } from './dialects/database.ts';
import { readPeer, readStanding } from './peers.ts';
import { bytesOrNull, flag, int, intOrNull, text, textOrNull, word } from './row.ts';
import { SessionBook } from './sessions.ts';
import { readUser } from './user-map.ts';

const JOINED = `left join peers on peers.channel = s.spoke_channel and peers.account = s.spoke_account
    and peers.native = s.spoke_native
  left join principals on principals.id = peers.principal
  left join user_map on user_map.principal = s.principal`;

const SELECT = `select s.id as session, s.key, s.principal as speaker, s.exclusive, s.last_turn_at, s.ended_at,
  s.spoke_channel as channel, s.spoke_account as account, s.spoke_native as native, s.spoke_kind,
  peers.principal, peers.ceiling, peers.assurance, peers.blocked, peers.direct, peers.access_until,
  principals.role as role, principals.state as state, user_map.mapped`;

const OF = `${SELECT} from sessions as s ${JOINED} where s.id = ?`;
const BY_HANDLE = `${SELECT} from handles as h join sessions as s on s.id = h.session ${JOINED}
  where h.hash = ? and h.agent = ?`;
const BY_KEY = `${SELECT} from sessions as s ${JOINED} where s.key_folded = ? and s.ended_at is null
  order by s.n limit 2`;

const LIVELY = `s.ended_at is null and s.last_turn_at >= ? and (substr(s.key, 1, 6) <> 'agent:' or substr(s.key_folded, 1, ?) = ?
  or exists (select 1 from handles as h where h.session = s.id and h.agent = ?))`;
const SPEAKS = `select s.n from sessions as s where s.principal = ? and ${LIVELY} limit 1`;
const OTHERS_SPEAK = `select s.n from sessions as s where s.principal <> ? and ${LIVELY} limit 1`;

const HANDLE = ['hash', 'session', 'agent', 'made_at'] as const;

export function bindings(context: Context): Bindings {
  const { connection: c } = context;

  const one = async (sql: string, values: readonly Value[]): Promise<Binding | null> => {
    const [row] = await c.all(sql, values);
    return row === undefined ? null : read(row, context);
  };

  const any = async (sql: string, principal: PrincipalId, agent: string, since: Millis): Promise<boolean> => {
    // Runtimes lower-case keys; and the database counts characters, not halves of them.
    const key = comparableKey(`agent:${agent}:`);
    return (await c.all(sql, [principal, since, [...key].length, key, agent])).length > 0;
  };

  return {
    of: (session) => one(OF, [session]),
    byHandle: (hash, agent) => one(BY_HANDLE, [hash, agent]),

    async byKey(key) {
      return (await c.all(BY_KEY, [comparableKey(key)])).map((row) => read(row, context));
    },

    name: ({ hash, session, agent }, at) =>
      together(context, async ({ connection }) => {
        const [live] = await connection.all('select n from sessions where id = ? and ended_at is null', [
          session,
        ]);
        if (live === undefined) return false;
        await connection.insertNew('handles', HANDLE, [[hash, session, agent, at]]);
        return true;
      }),

    open: ({ key, exclusive, principal, peer, kind }, at) =>
      together(context, async (inside) => {
        for (let attempt = 0; attempt < 2; attempt += 1) {
          const book = new SessionBook(inside);
          await book.read([key]);
          const session = book.choose(
            { sessionKey: key, principal, exclusive },
            { peer, conversation: { kind } },
            at,
          );
          if (session === null) return null;
          // Lost to a parallel writer: what they wrote is read once more.
          if ((await book.write(new Set([session]))).size > 0) continue;
          await spoke(inside, session, { peer, kind });
          await inside.connection.run('update sessions set last_turn_at = ? where id = ?', [at, session]);
          return session;
        }
        return null;
      }),

    speaks: (agent, principal, since) => any(SPEAKS, principal, agent, since),
    othersSpeak: (agent, than, since) => any(OTHERS_SPEAK, than, agent, since),

    async shared(limit) {
      const rows = await c.all(
        `select key_folded, min(key) as key from sessions
         where ended_at is null and exclusive = 0 and spoke_kind = 'direct'
         group by key_folded having count(*) > 1 order by min(n) limit ?`,
        [limit],
      );
      return rows.map((row) => text(row, 'key'));
    },
  };
}

/** Somebody speaks on a session: from now on it acts as who they are there. */
export async function spoke(
  { connection: c }: Context,
  session: SessionId,
  { peer, kind }: NonNullable<Binding['spoke']>,
): Promise<void> {
  await c.run(
    'update sessions set spoke_channel = ?, spoke_account = ?, spoke_native = ?, spoke_kind = ? where id = ?',
    [peer.channel, peer.account, peer.native, kind, session],
  );
}

function read(row: Row, { vault }: Context): Binding {
  const principal = word<PrincipalId>(row, 'speaker');
  const peer = textOrNull(row, 'native') === null ? null : readPeer(row);
  const mapped = bytesOrNull(row, 'mapped');
  return {
    session: word(row, 'session'),
    key: text(row, 'key'),
    principal,
    exclusive: flag(row, 'exclusive'),
    spoke: peer === null ? null : { peer, kind: word(row, 'spoke_kind') },
    standing:
      peer === null || row['blocked'] === null ? { peer: null, principal: null } : readStanding(row, peer),
    lastTurnAt: int(row, 'last_turn_at'),
    endedAt: intOrNull(row, 'ended_at'),
    mapped: mapped === null ? null : readUser(mapped, principal, vault),
  };
}
