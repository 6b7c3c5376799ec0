// Grants over a bench or a world: the real service and a key of its own.
import { generateKeyPairSync } from 'node:crypto';
import type { ApprovalSettings } from '../core/approval/candidates.ts';
import { Grants } from '../core/approval/grants.ts';
import type { GrantSigner } from '../core/approval/grants-port.ts';
import type { ApprovalsService, ApprovalTelling } from '../core/approval/service.ts';
import { Denials } from '../core/audit/denials.ts';
import type { Bus } from '../core/bus.ts';
import type { Clock, Log } from '../core/ports.ts';
import type { Store } from '../core/store-port.ts';
import { createGrantSigner } from '../runtime/crypto/grant-signer.ts';
import { createHasher } from '../runtime/crypto/hasher.ts';
import { StorageKey } from '../runtime/keys.ts';
import { MemoryLog } from './fakes.ts';

export const ISSUER = 'urn:countersign:ins_test';

interface House {
  readonly store: Store;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly approvals: ApprovalsService;
  readonly telling: ApprovalTelling;
  readonly settings?: ApprovalSettings;
  /** Its keys; made anew otherwise. */
  readonly signer?: GrantSigner;
  readonly keepsOutput?: boolean;
  readonly log?: Log;
}

export function testSigner(): GrantSigner {
  return createGrantSigner(generateKeyPairSync('ed25519').privateKey);
}

export function testGrants({
  settings,
  signer = testSigner(),
  keepsOutput = false,
  log = new MemoryLog(),
  ...house
}: House): {
  readonly grants: Grants;
  readonly signer: GrantSigner;
} {
  const grants = new Grants({
    ...house,
    denials: new Denials(house.store),
    signer,
    log,
    // The key of every test's store.
    hasher: createHasher(new StorageKey(new Uint8Array(32).fill(1))),
    settings: () => settings ?? { approvers: [], timeoutMs: 600_000 },
    issuer: () => ISSUER,
    keepsOutput: () => keepsOutput,
  });
  return { grants, signer };
}
