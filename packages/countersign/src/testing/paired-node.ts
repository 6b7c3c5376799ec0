// A machine that runs things, paired for a person, as it calls over HTTP: each call proven with its key.
import type { PrincipalId } from '@countersign/protocol/ids';
import type { DeviceRow } from '../core/device/devices-port.ts';
import { DeviceKey, sha256 } from './device-key.ts';
import type { TestHouse } from './house.ts';

export interface PairedNode {
  readonly device: DeviceRow;
  post(path: string, body: unknown): Promise<Response>;
}

export async function pairNode(house: TestHouse, person: PrincipalId, name = 'box'): Promise<PairedNode> {
  const { core, proofs } = house.composed;
  const key = new DeviceKey('Ed25519');
  const wish = { key: key.jwk, thumbprint: key.thumbprint, role: 'node', scopes: ['node'] } as const;
  const knock = () => core.devices.connect({ ...wish, token: null, name, address: null });
  const waiting = await knock();
  if (waiting.as !== 'pairing_required') throw new Error('the machine was not asked to wait');
  const as = { for: person, approverScopes: ['node'] } as const;
  await core.devices.approve(waiting.requestId, { kind: 'host' }, as);
  const entered = await knock();
  if (entered.as !== 'connected') throw new Error(JSON.stringify(entered));
  const { token, device } = entered;
  let count = 0;
  return {
    device,
    post(path, body) {
      count += 1;
      const proof = key.proof({
        htm: 'POST',
        htu: `http://localhost:8787${path}`,
        iat: 1,
        jti: `node-${key.thumbprint.slice(0, 8)}-${count}`,
        ath: sha256(token),
        bh: sha256(JSON.stringify(body)),
        nonce: proofs.nonce(),
      });
      return house.call('tcp', 'POST', path, body, { authorization: `DPoP ${token}`, dpop: proof });
    },
  };
}
