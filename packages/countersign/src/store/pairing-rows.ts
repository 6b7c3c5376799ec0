// Pairing requests as rows. What identifies a friend is sealed, each value bound to its row; the native id stays
// readable, for it is what requests are looked up by.
import type { PairingId, PrincipalId } from '@countersign/protocol/ids';
import { storedNative } from '../core/identity/peer.ts';
import type { Beside, NewPairing, PairingRow } from '../core/pairing/pairings-port.ts';
import { openOrNull, type Ports, sealOrNull } from './context.ts';
import type { Row, Value } from './dialects/database.ts';
import { peerValues, readPeer } from './peers.ts';
import { bytesOrNull, int, intOrNull, textOrNull, word, wordOrNull } from './row.ts';

type Sealed = 'code' | 'display_name' | 'username' | 'first_words' | 'beside';

function bind(column: Sealed, id: PairingId): string {
  return `pairings/${column}/${id}`;
}

export const SELECT_PAIRINGS = `select id, channel, account, native, state, code, display_name, username, first_words, beside,
  created_at, expires_at, decided_at, decided_by, principal, access_until from pairings`;

export function readPairing(row: Row, ports: Ports): PairingRow {
  const id = word<PairingId>(row, 'id');
  const opened = (column: Sealed) => openOrNull(ports, bytesOrNull(row, column), bind(column, id));
  return {
    id,
    peer: readPeer(row),
    state: word(row, 'state'),
    code: opened('code'),
    displayName: opened('display_name'),
    username: opened('username'),
    firstWords: opened('first_words'),
    beside: besideOf(opened('beside')),
    createdAt: int(row, 'created_at'),
    expiresAt: int(row, 'expires_at'),
    decidedAt: intOrNull(row, 'decided_at'),
    decidedBy: textOrNull(row, 'decided_by'),
    principal: wordOrNull<PrincipalId>(row, 'principal'),
    accessUntil: intOrNull(row, 'access_until'),
  };
}

export const NEW_COLUMNS = [
  'id',
  'channel',
  'account',
  'native',
  'address_key',
  'code_hash',
  'code',
  'display_name',
  'username',
  'first_words',
  'beside',
  'created_at',
  'expires_at',
] as const;

/** Values for NEW_COLUMNS. Only a request that got a slot keeps its code: nobody was sent the other's. */
export function newValues(request: NewPairing, withCode: boolean, ports: Ports): Value[] {
  const { id } = request;
  return [
    id,
    ...peerValues(request.peer),
    request.addressKey,
    request.codeHash,
    withCode ? ports.vault.seal(request.code, bind('code', id)) : null,
    sealOrNull(ports, request.displayName, bind('display_name', id)),
    sealOrNull(ports, request.username, bind('username', id)),
    ports.vault.seal(request.firstWords, bind('first_words', id)),
    sealOrNull(ports, request.beside, bind('beside', id)),
    request.createdAt,
    request.expiresAt,
  ];
}

function besideOf(text: string | null): Beside {
  return text === null || text === 'hidden' ? text : storedNative(text);
}
