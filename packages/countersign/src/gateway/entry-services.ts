// What lets people and devices in: the claim of the first owner, logins by code, and the proofs that devices bring with each
// call. All of it works on the same nonces.
import type { Clock, Hasher, Random, Signer } from '../core/ports.ts';
import type { Store } from '../core/store-port.ts';
import { ClaimDoor, type PublicKeys } from './claim-door.ts';
import type { CoreServices } from './core-services.ts';
import { DeviceProofs } from './dpop.ts';
import { enter } from './enter.ts';
import { LoginDoor } from './login-door.ts';
import { Nonces } from './nonces.ts';
import type { Names } from './origin.ts';

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly signer: Signer;
  readonly keys: PublicKeys;
  readonly core: Pick<CoreServices, 'claim' | 'login' | 'devices'>;
  names(): Names;
  /** The address of the pages on this machine. */
  home(): string;
}

export function createEntryServices({
  store,
  clock,
  random,
  hasher,
  signer,
  keys,
  core,
  names,
  home,
}: Ports) {
  const nonces = new Nonces({ store, clock, random, hasher });
  const claim = new ClaimDoor({ claim: core.claim, nonces, signer, keys, home });
  const proofs = new DeviceProofs({ store, clock, nonces, keys, tokens: core.devices.tokens, names });
  const login = new LoginDoor({
    login: core.login,
    store,
    nonces,
    signer,
    keys,
    clock,
    pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    enter: (device) => enter(device, { store, devices: core.devices, nonce: () => proofs.nonce() }),
  });
  return { claim, proofs, login };
}
