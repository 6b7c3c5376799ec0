// Other ids of people. One conditional write gives an alias to its first holder.
import type { Alias, Aliases } from '../core/identity/alias-port.ts';
import { storedNative } from '../core/identity/peer.ts';
import type { Context } from './context.ts';
import type { Row } from './dialects/database.ts';
import { IS_PEER, peerValues, readPeer } from './peers.ts';
import { int, text } from './row.ts';

const COLUMNS = 'channel, account, native, holder, disputed, joined';

export function aliases({ connection: c }: Context): Aliases {
  return {
    async claim(alias, native, at) {
      const made = await c.run(
        `insert into aliases (channel, account, native, holder, disputed, joined, since) values (?, ?, ?, ?, 0, 0, ?)
         on conflict (channel, account, native) do nothing`,
        [...peerValues(alias), native, at],
      );
      const [row] = await c.all(`select ${COLUMNS} from aliases where ${IS_PEER}`, peerValues(alias));
      const known = row === undefined ? { alias, native, disputed: false, joined: false } : readAlias(row);
      return { ...known, isNew: made === 1 };
    },

    async dispute(alias) {
      const marked = `update aliases set disputed = 1 where ${IS_PEER} and disputed = 0`;
      return (await c.run(marked, peerValues(alias))) === 1;
    },

    async setJoined(alias, joined) {
      const set = `update aliases set joined = ? where ${IS_PEER} and joined <> ?`;
      const flag = joined ? 1 : 0;
      return (await c.run(set, [flag, ...peerValues(alias), flag])) === 1;
    },

    async list() {
      return (await c.all(`select ${COLUMNS} from aliases where disputed = 0`)).map(readAlias);
    },
  };
}

function readAlias(row: Row): Alias {
  return {
    alias: readPeer(row),
    native: storedNative(text(row, 'holder')),
    disputed: int(row, 'disputed') === 1,
    joined: int(row, 'joined') === 1,
  };
}
