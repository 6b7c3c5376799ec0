// allowFrom as last seen, and the edits the file owes: all of it this writer's. A debt is paid by the very edit that was
// carried out, so an edit that came meanwhile stays owed. Whoever uses the lists in a transaction has them to itself until
// its end: what was seen is compared with the file, and a debt paid in between would look like the work of a hand.

import { storedNative } from '../core/identity/peer.ts';
import type { AllowEntry, AllowLists, WantedEdit } from '../core/pairing/allow-port.ts';
import { type Context, together } from './context.ts';
import { IS_PEER, peerValues, readPeer } from './peers.ts';
import { text, word } from './row.ts';

const OURS = 'writer = ? and channel = ? and account = ?';

export function allowLists(context: Context): AllowLists {
  const { connection: c, writer } = context;

  const turn = async ({ inside, database, connection }: Context) => {
    if (inside) await database.takeTurn(connection, `allow lists of ${writer}`);
  };

  return {
    async seen(channel, account) {
      await turn(context);
      const where = [writer, channel, account];
      const rows = await c.all(
        `select native, origin from allow_entries where ${OURS} order by native`,
        where,
      );
      if (
        rows.length === 0 &&
        (await c.all(`select writer from allow_lists where ${OURS}`, where)).length === 0
      )
        return null;
      return rows.map(
        (row): AllowEntry => ({ native: storedNative(text(row, 'native')), origin: word(row, 'origin') }),
      );
    },

    see: (channel, account, entries, at) =>
      together(context, async (inside) => {
        await turn(inside);
        const { connection } = inside;
        await connection.run(
          `insert into allow_lists (writer, channel, account, seen_at) values (?, ?, ?, ?)
           on conflict (writer, channel, account) do update set seen_at = excluded.seen_at`,
          [writer, channel, account, at],
        );
        await connection.run(`delete from allow_entries where ${OURS}`, [writer, channel, account]);
        const rows = entries.map(({ native, origin }) => [writer, channel, account, native, origin]);
        await connection.insert('allow_entries', ENTRY, rows);
      }),

    want: ({ peer, edit }, at) =>
      together(context, async (inside) => {
        await turn(inside);
        await inside.connection.run(
          `insert into allow_wanted (writer, channel, account, native, edit, at) values (?, ?, ?, ?, ?, ?)
           on conflict (writer, channel, account, native) do update set edit = excluded.edit, at = excluded.at`,
          [writer, ...peerValues(peer), edit, at],
        );
      }),

    async wanted() {
      await turn(context);
      const rows = await c.all(
        'select channel, account, native, edit from allow_wanted where writer = ? order by n',
        [writer],
      );
      return rows.map((row): WantedEdit => ({ peer: readPeer(row), edit: word(row, 'edit') }));
    },

    done: ({ peer, edit }, at) =>
      together(context, async (inside) => {
        await turn(inside);
        const { connection } = inside;
        const paid = `delete from allow_wanted where writer = ? and ${IS_PEER} and edit = ?`;
        if ((await connection.run(paid, [writer, ...peerValues(peer), edit])) === 0) return false;
        if (edit === 'remove') {
          await connection.run(`delete from allow_entries where writer = ? and ${IS_PEER}`, [
            writer,
            ...peerValues(peer),
          ]);
          return true;
        }
        await connection.run(
          `insert into allow_lists (writer, channel, account, seen_at) values (?, ?, ?, ?)
           on conflict (writer, channel, account) do nothing`,
          [writer, peer.channel, peer.account, at],
        );
        // What stood there by hand before keeps its own right.
        await connection.insertNew('allow_entries', ENTRY, [[writer, ...peerValues(peer), 'store']]);
        return true;
      }),
  };
}

const ENTRY = ['writer', 'channel', 'account', 'native', 'origin'] as const;
