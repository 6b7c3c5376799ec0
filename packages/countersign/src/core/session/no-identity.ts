// A house whose agent has no tools to name anybody to: no audience, so no bearer and no handle ever leaves it.
import { Problem } from '@countersign/protocol/problem';
import type { BearerSettings, BearerSigner, Users } from './bearer-port.ts';
import { STORED_USERS } from './user.ts';

const SETTINGS: BearerSettings = {
  issuer: 'urn:countersign:nobody',
  ttlMs: 300_000,
  idleMs: 604_800_000,
  header: 'x-countersign-bearer',
  audiences: new Map(),
  claims: new Map(),
  mappedOnly: true,
  front: { agent: 'main', origin: null, audience: null },
};

export const NO_IDENTITY: {
  readonly signer: BearerSigner;
  readonly users: Users;
  settings(): BearerSettings;
} = {
  signer: {
    kid: 'none',
    sign: () => {
      throw new Problem('internal', { detail: 'this house signs no bearers' });
    },
  },
  users: STORED_USERS,
  settings: () => SETTINGS,
};
