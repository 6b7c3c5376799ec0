// Service tokens as the wire shows them: nothing of it opens anything, but for the one answer that made it.
import type { TokenMade as WireMade, TokenRow as WireToken } from '@countersign/protocol/service-token';
import { isoTime } from '@countersign/protocol/time';
import type { Millis } from '../core/ports.ts';
import { isLive } from '../core/token/rules.ts';
import type { TokenMade } from '../core/token/tokens.ts';
import type { TokenRow } from '../core/token/tokens-port.ts';
import type { ClientPlace } from './client-file.ts';

export function printToken(row: TokenRow, now: Millis): WireToken {
  const { token, name, scope, agent, accounts, audiences, createdAt, expiresAt, lastUsedAt, revokedAt } = row;
  return {
    id: token,
    name,
    scope,
    state: revokedAt !== null ? 'revoked' : isLive(row, now) ? 'live' : 'expired',
    ...(agent === null ? {} : { agent }),
    ...(accounts.length === 0 ? {} : { accounts: [...accounts] }),
    ...(audiences.length === 0 ? {} : { audiences: [...audiences] }),
    createdAt: isoTime(createdAt),
    ...(expiresAt === null ? {} : { expiresAt: isoTime(expiresAt) }),
    ...(lastUsedAt === null ? {} : { lastUsedAt: isoTime(lastUsedAt) }),
    ...(revokedAt === null ? {} : { revokedAt: isoTime(revokedAt) }),
  };
}

export function printTokenMade(
  { row, token, hopSecret }: TokenMade,
  { socket, host, gatewayKey }: ClientPlace,
  now: Millis,
): WireMade {
  const client = { socket, host, gatewayKey: { ...gatewayKey } };
  return { ...printToken(row, now), token, ...(hopSecret === null ? {} : { hopSecret }), client };
}
