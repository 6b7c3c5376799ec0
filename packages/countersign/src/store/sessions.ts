// Sessions: which person speaks on which session key. A key that one person holds is never given to a second (H67).
import type { PrincipalId, SessionId } from '@countersign/protocol/ids';
import type { Peer } from '../core/identity/peer.ts';
import type { Conversation, Session, Sessions, Verdict } from '../core/message.ts';
import type { Millis } from '../core/ports.ts';
import { comparableKey } from '../core/session/key.ts';
import { after, type Context, newId, together } from './context.ts';
import type { Row, Value } from './dialects/database.ts';
import { flag, int, intOrNull, text, word } from './row.ts';
import { endOpen } from './unanswered.ts';

const SELECT =
  'select id, key, principal, channel, account, created_at, last_turn_at, ended_at from sessions';
const MAX_FOUND = 100;

export function sessions(context: Context): Sessions {
  const { connection: c } = context;
  return {
    async list({ principal, live = false, after: last, limit }) {
      const from = last === undefined ? null : await position(c, last);
      const conditions = [
        '1 = 1',
        ...(principal === undefined ? [] : ['principal = ?']),
        ...(from === null ? [] : ['n < ?']),
        ...(live ? ['ended_at is null'] : []),
      ];
      const rows = await c.all(`${SELECT} where ${conditions.join(' and ')} order by n desc limit ?`, [
        ...(principal === undefined ? [] : [principal]),
        ...(from === null ? [] : [from]),
        limit,
      ]);
      return rows.map(read);
    },

    async find(what) {
      const id = what.startsWith('ses_') ? what : `ses_${what}`;
      const rows = await c.all(
        `${SELECT} where (id >= ? and id < ?) or key_folded = ? order by n desc limit ${MAX_FOUND}`,
        [id, what === '' ? id : after(id), comparableKey(what)],
      );
      return rows.map(read);
    },

    revoke: (id, at) =>
      together(context, async (inside) => {
        // The session's row first, as a claim does: a turn is claimed before, and then its answer finds no turn, or never.
        if (!(await end(inside, id, at))) return null;
        const { connection } = inside;
        await connection.run('update sessions set revoked = 1 where id = ?', [id]);
        const waited = await endOpen(inside, id, at);
        await connection.run(
          `update messages set content = null, answer = null
           where session = ? and settled_at is not null and session is not null and content is not null`,
          [id],
        );
        return waited;
      }),
  };
}

/** Its key is free. False when it had ended. */
async function end({ connection: c }: Context, id: SessionId, at: Millis): Promise<boolean> {
  const ended =
    'update sessions set key_folded = ?, exclusive = 0, ended_at = ? where id = ? and ended_at is null';
  return (await c.run(ended, [`ended:${id}`, at, id])) === 1;
}

function read(row: Row): Session {
  return {
    id: word(row, 'id'),
    key: text(row, 'key'),
    principal: word(row, 'principal'),
    channel: text(row, 'channel'),
    account: text(row, 'account'),
    createdAt: int(row, 'created_at'),
    lastTurnAt: int(row, 'last_turn_at'),
    endedAt: intOrNull(row, 'ended_at'),
  };
}

/**
 * A link ends: keys that were made for that chat are free for whoever it belongs to next (H67 keeps a key for its person,
 * and a chat that is asked in again has another). What was said stays with the old session, out of everybody's reach.
 */
export async function releaseKeys(
  context: Context,
  principal: PrincipalId,
  { channel, account, native }: Peer,
): Promise<void> {
  const { connection: c, clock } = context;
  const [other] = await c.all('select native from peers where principal = ? limit 1', [principal]);
  const held = await c.all(
    'select id, key from sessions where principal = ? and channel = ? and account = ? and exclusive = 1',
    [principal, channel, account],
  );
  const ending = comparableKey(`:direct:${native}`);
  for (const row of held) {
    // A key that names no chat ends with the person's last one.
    if (other !== undefined && !comparableKey(text(row, 'key')).endsWith(ending)) continue;
    await end(context, word<SessionId>(row, 'id'), clock.now());
  }
}

async function position(c: Context['connection'], id: SessionId): Promise<number> {
  const [row] = await c.all('select n from sessions where id = ?', [id]);
  return row === undefined ? 0 : int(row, 'n');
}

const SELECT_HOLDERS = 'select n, id, key_folded, principal, exclusive from sessions';
const KEY = ['key_folded'] as const;
const COLUMNS = [
  'id',
  'key',
  'key_folded',
  'principal',
  'exclusive',
  'channel',
  'account',
  'created_at',
  'last_turn_at',
  'spoke_channel',
  'spoke_account',
  'spoke_native',
  'spoke_kind',
] as const;

type ToAgent = Pick<Extract<Verdict, { to: 'agent' }>, 'sessionKey' | 'principal' | 'exclusive'>;

/** Who spoke, and in what kind of conversation. */
interface Spoken {
  readonly peer: Peer;
  readonly conversation: { readonly kind: Conversation['kind'] };
}

interface Holder {
  readonly id: SessionId;
  readonly principal: PrincipalId;
  readonly exclusive: boolean;
}

/** The sessions that a batch needs: read once, made where missing, and lost to a parallel writer at worst. */
export class SessionBook {
  readonly #context: Context;
  readonly #holders = new Map<string, Holder[]>();
  readonly #drafts = new Map<SessionId, Value[]>();

  constructor(context: Context) {
    this.#context = context;
  }

  async read(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    const folded = [...new Set(keys.map(comparableKey))];
    for (const key of folded) this.#holders.set(key, []);
    const rows = await this.#context.connection.findMany(
      SELECT_HOLDERS,
      KEY,
      folded.map((key) => [key]),
    );
    // Whoever came first stands first.
    const sorted = rows.length > folded.length ? rows.toSorted((a, b) => int(a, 'n') - int(b, 'n')) : rows;
    for (const row of sorted) {
      this.#holders
        .get(text(row, 'key_folded'))
        ?.push({ id: word(row, 'id'), principal: word(row, 'principal'), exclusive: flag(row, 'exclusive') });
    }
  }

  /** The session of a verdict, a new one if need be; null when the key is somebody else's. */
  choose(
    { sessionKey, principal, exclusive }: ToAgent,
    { peer, conversation }: Spoken,
    at: Millis,
  ): SessionId | null {
    const folded = comparableKey(sessionKey);
    const holders = this.#holders.get(folded) ?? [];
    const mine = holders.find((holder) => holder.principal === principal);
    const alone = exclusive || holders.some((holder) => holder.exclusive);
    // Whoever came first keeps a key that has become exclusive.
    if (alone && holders.length > 0 && holders[0] !== mine) return null;
    if (mine !== undefined) return mine.id;
    const id = newId(this.#context, 'session');
    this.#holders.set(folded, [...holders, { id, principal, exclusive }]);
    const { channel, account, native } = peer;
    const spoken = [channel, account, native, conversation.kind];
    const only = exclusive ? 1 : 0;
    this.#drafts.set(id, [id, sessionKey, folded, principal, only, channel, account, at, at, ...spoken]);
    return id;
  }

  /** Writes the new sessions among `used`. Answers those that a parallel writer was faster to make. */
  async write(used: ReadonlySet<SessionId>): Promise<ReadonlySet<SessionId>> {
    const drafts = [...this.#drafts].filter(([id]) => used.has(id));
    if (drafts.length === 0) return new Set();
    const written = await this.#context.connection.insertNew(
      'sessions',
      COLUMNS,
      drafts.map(([, values]) => values),
    );
    return new Set(drafts.map(([id]) => id).filter((id) => !written.has(id)));
  }
}
