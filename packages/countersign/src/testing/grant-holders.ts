// Who may hold a grant, as the store knows them.
import type { DeviceId, PrincipalId, TokenId } from '@countersign/protocol/ids';
import type { Millis } from '../core/ports.ts';
import type { Store } from '../core/store-port.ts';

/** A paired machine of that person. */
export async function addMachine(
  store: Store,
  id: DeviceId,
  principal: PrincipalId,
  createdAt: Millis,
): Promise<void> {
  const x = id.slice(4).padEnd(43, '-');
  const added = await store.devices.add({
    ...{ id, key: { kty: 'OKP', crv: 'Ed25519', x }, thumbprint: x, role: 'node', scopes: ['node'] },
    ...{ name: id, principal, via: 'approval', proven: false, createdAt },
  });
  if (added !== 'added') throw new Error('another has that key');
}

/** A program's token, as `tokens create` makes it. */
export async function addToken(store: Store, token: TokenId, createdAt: Millis): Promise<void> {
  await store.tokens.add({
    ...{ token, hash: token.padEnd(43, '-'), name: 'a program', scope: 'request', agent: 'main' },
    ...{ accounts: [], audiences: [], hopSecret: null, maker: 'host', createdAt, expiresAt: null },
  });
}
