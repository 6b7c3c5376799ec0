// Offers to link two chats. A try is counted before anything is compared, and one delete decides who takes the offer.
import type { LinkOfferId, PrincipalId } from '@countersign/protocol/ids';
import type { LinkOffers } from '../core/identity/link-port.ts';
import { storedNative } from '../core/identity/peer.ts';
import type { Context } from './context.ts';
import { IS_PEER, peerValues, readPeer } from './peers.ts';
import { int, text, word } from './row.ts';

export function linkOffers({ connection: c }: Context): LinkOffers {
  return {
    async open({ id, principal, known, added, knownHash, addedHash, expiresAt }) {
      await c.run(
        `insert into link_offers (channel, account, native, id, principal, known_channel, known_account, known_native,
           known_hash, added_hash, tries, expires_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)
         on conflict (channel, account, native) do update set id = excluded.id, principal = excluded.principal,
           known_channel = excluded.known_channel, known_account = excluded.known_account,
           known_native = excluded.known_native, known_hash = excluded.known_hash, added_hash = excluded.added_hash,
           tries = 0, expires_at = excluded.expires_at`,
        [...peerValues(added), id, principal, ...peerValues(known), knownHash, addedHash, expiresAt],
      );
    },

    async tryOnce(principal, added, now, maxTries) {
      const [row] = await c.all(
        `update link_offers set tries = tries + 1
         where ${IS_PEER} and principal = ? and expires_at > ? and tries < ?
         returning channel, account, native, id, principal, known_channel, known_account, known_native, known_hash,
           added_hash, expires_at`,
        [...peerValues(added), principal, now, maxTries],
      );
      if (row === undefined) return null;
      return {
        id: word<LinkOfferId>(row, 'id'),
        principal: word<PrincipalId>(row, 'principal'),
        added: readPeer(row),
        known: {
          channel: text(row, 'known_channel'),
          account: text(row, 'known_account'),
          native: storedNative(text(row, 'known_native')),
        },
        knownHash: text(row, 'known_hash'),
        addedHash: text(row, 'added_hash'),
        expiresAt: int(row, 'expires_at'),
      };
    },

    async take(id) {
      return (await c.run('delete from link_offers where id = ?', [id])) === 1;
    },

    async prune(now) {
      return c.run('delete from link_offers where expires_at <= ?', [now]);
    },
  };
}
