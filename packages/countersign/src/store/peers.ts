// Peers as rows: the selects and readers that people and messages share. The front door's own leaves the sealed names
// where they are: it decides on ids alone, a thousand times a second.
import type { PrincipalId } from '@countersign/protocol/ids';
import { type Peer, peerKey, storedNative } from '../core/identity/peer.ts';
import type { LinkedPeer, Standing } from '../core/identity/people-port.ts';
import { openOrNull, type Ports } from './context.ts';
import type { Row, Value } from './dialects/database.ts';
import { bytesOrNull, flag, intOrNull, text, word, wordOrNull } from './row.ts';

export const PEER_KEY = ['channel', 'account', 'native'] as const;

const DECIDING = `peers.channel, peers.account, peers.native, peers.principal, peers.ceiling, peers.assurance,
  peers.blocked, peers.direct, peers.access_until`;

export const SELECT_PEERS = `select ${DECIDING}, peers.display_name, peers.username, peers.linked_at from peers`;

export const SELECT_STANDING = `select ${DECIDING}, principals.role as role, principals.state as state
  from peers left join principals on principals.id = peers.principal`;

export function peerValues(peer: Peer): [string, string, string] {
  return [peer.channel, peer.account, peer.native];
}

export function readPeer(row: Row): Peer {
  return {
    channel: text(row, 'channel'),
    account: text(row, 'account'),
    native: storedNative(text(row, 'native')),
  };
}

/** Where a peer's sealed names are bound to. */
export function nameBind(column: 'display_name' | 'username', peer: Peer): string {
  return `peers/${column}/${peerKey(peer)}`;
}

function readDeciding(row: Row, { channel, account, native }: Peer): NonNullable<Standing['peer']> {
  return {
    channel,
    account,
    native,
    principal: wordOrNull<PrincipalId>(row, 'principal'),
    ceiling: word(row, 'ceiling'),
    assurance: word(row, 'assurance'),
    blocked: flag(row, 'blocked'),
    direct: flag(row, 'direct'),
    accessUntil: intOrNull(row, 'access_until'),
  };
}

export function readLinkedPeer(row: Row, ports: Ports): LinkedPeer {
  const peer = readDeciding(row, readPeer(row));
  return {
    ...peer,
    displayName: openOrNull(ports, bytesOrNull(row, 'display_name'), nameBind('display_name', peer)),
    username: openOrNull(ports, bytesOrNull(row, 'username'), nameBind('username', peer)),
    linkedAt: intOrNull(row, 'linked_at'),
  };
}

const STRANGER: Standing = { peer: null, principal: null };

/** The row found for `known`: what it was looked up by is not read again. */
export function readStanding(row: Row | undefined, known: Peer): Standing {
  if (row === undefined) return STRANGER;
  const peer = readDeciding(row, known);
  if (peer.principal === null || row['role'] === null) return { peer, principal: null };
  return { peer, principal: { id: peer.principal, role: word(row, 'role'), state: word(row, 'state') } };
}

/** `channel = ? and account = ? and native = ?`, the values given by peerValues. */
export const IS_PEER = 'channel = ? and account = ? and native = ?';

/** Values of one statement: what is done to ten thousand rows by name takes a few. */
const PART = 500;

export function parts(values: readonly Value[]): Value[][] {
  return Array.from({ length: Math.ceil(values.length / PART) }, (_, n) =>
    values.slice(n * PART, (n + 1) * PART),
  );
}

export function anyOf(column: string, values: readonly Value[]): string {
  return values.length === 0 ? '1 = 0' : `${column} in (${values.map(() => '?').join(', ')})`;
}
