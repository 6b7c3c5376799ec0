// Cards and their buttons. A button is found by the keyed hash of its value and for its own peer only; closing is one
// update, and who closed is told by the rows it touched.
import type { CardId } from '@countersign/protocol/ids';
import type { Card, Cards } from '../core/card-port.ts';
import { type Context, together } from './context.ts';
import type { Row } from './dialects/database.ts';
import { anyOf, IS_PEER, parts, peerValues, readPeer } from './peers.ts';
import { bytes, int, intOrNull, text, textOrNull, word } from './row.ts';

const COLUMNS = `id, channel, account, native, conversation_kind, conversation, about, content, state, ref, expires_at`;
const SELECTED = `${COLUMNS}, delivered_at`;
const bind = (id: CardId) => `cards/content/${id}`;

export function cards(context: Context): Cards {
  const { connection: c, vault } = context;

  const read = (row: Row): Card => {
    const id = word<CardId>(row, 'id');
    return {
      id,
      peer: readPeer(row),
      conversation: { kind: word(row, 'conversation_kind'), id: text(row, 'conversation') },
      about: text(row, 'about'),
      text: vault.open(bytes(row, 'content'), bind(id)),
      state: word(row, 'state'),
      ref: textOrNull(row, 'ref'),
      deliveredAt: intOrNull(row, 'delivered_at'),
      expiresAt: int(row, 'expires_at'),
    };
  };

  return {
    open: (card) =>
      together(context, async ({ connection }) => {
        const { id, peer, conversation, about, createdAt, expiresAt } = card;
        await connection.run(
          `insert into cards (${COLUMNS}, created_at) values (?, ?, ?, ?, ?, ?, ?, ?, 'open', null, ?, ?)`,
          [
            id,
            ...peerValues(peer),
            conversation.kind,
            conversation.id,
            about,
            vault.seal(card.text, bind(id)),
            expiresAt,
            createdAt,
          ],
        );
        await connection.insert(
          'card_buttons',
          ['hash', 'card', 'verb'],
          card.buttons.map(({ hash, verb }) => [hash, id, verb]),
        );
      }),

    async get(id) {
      const [row] = await c.all(`select ${SELECTED} from cards where id = ?`, [id]);
      return row === undefined ? null : read(row);
    },

    async byButton(hash, peer) {
      const [row] = await c.all(
        `select ${SELECTED}, verb from cards join card_buttons on card_buttons.card = cards.id
         where card_buttons.hash = ? and ${IS_PEER}`,
        [hash, ...peerValues(peer)],
      );
      return row === undefined ? null : { card: read(row), verb: word(row, 'verb') };
    },

    async about(about) {
      return (await c.all(`select ${SELECTED} from cards where about = ? order by n`, [about])).map(read);
    },

    async close(about) {
      const closed = `update cards set state = 'closed' where about = ? and state = 'open' returning ${SELECTED}`;
      return (await c.all(closed, [about])).map(read);
    },

    async expire(now, limit) {
      const rows = await c.all(
        `update cards set state = 'closed' where n in (
           select n from cards where state = 'open' and expires_at <= ? order by expires_at limit ?) and state = 'open'
         returning ${SELECTED}`,
        [now, limit],
      );
      return rows.map(read);
    },

    async delivered(id, ref, at) {
      // A card that was shown again by a repeated send was there before.
      const set =
        'update cards set ref = coalesce(?, ref), delivered_at = coalesce(delivered_at, ?) where id = ?';
      await c.run(set, [ref, at, id]);
    },

    async undelivered(id) {
      await c.run('update cards set delivered_at = null where id = ?', [id]);
    },

    prune: (before) =>
      together(context, async ({ connection }) => {
        // By the cards that went: one that closes meanwhile keeps its buttons.
        const old = `delete from cards where state = 'closed' and expires_at < ? returning id`;
        const gone = (await connection.all(old, [before])).map((row) => text(row, 'id'));
        for (const ids of parts(gone))
          await connection.run(`delete from card_buttons where ${anyOf('card', ids)}`, ids);
        return gone.length;
      }),
  };
}
