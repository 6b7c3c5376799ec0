// What is built for requests for approval: what of this machine is guarded, whose pages count, and the doors to both.

import type { BearerKeys } from '@countersign/protocol/token';
import type { Config } from '../config/config.ts';
import { type ConfigPlace, configPath } from '../config/load.ts';
import { Grants } from '../core/approval/grants.ts';
import type { GrantSigner, GrantsService } from '../core/approval/grants-port.ts';
import type { Clock, Hasher, Log, Random, Signer } from '../core/ports.ts';
import type { Store } from '../core/store-port.ts';
import { ApprovalDoor } from './approval-door.ts';
import type { AuditHeads } from './audit-heads.ts';
import type { ClientPlace } from './client-file.ts';
import type { CoreServices } from './core-services.ts';
import { deniedCalls } from './denied-calls.ts';
import { ElevationDoor } from './elevation-door.ts';
import { ExecHosts } from './exec-hosts.ts';
import { GrantDoor } from './grant-door.ts';
import type { IdentityServices } from './identity-services.ts';
import { PolicyDoor } from './policy-door.ts';
import { Receipts } from './receipts.ts';
import { riskFacts } from './risk-facts.ts';

interface Place {
  readonly home: Parameters<typeof riskFacts>[0]['home'];
  readonly place: ConfigPlace;
  config(): Pick<Config, 'approvals' | 'store'>;
  /** The port of a running gateway, once it listens; null for a call in this process. */
  readonly port: (() => number) | null;
  /** What this machine is called in actions. */
  readonly host: string;
}

/** What core asks of the house about approvals. */
export function approvalHouse({ home, place, config, port, host }: Place) {
  // A gateway keeps the store that it began with.
  const { store } = config();
  return {
    facts: riskFacts({
      ...{ host, home },
      configFile: configPath(place),
      storeFile: store.kind === 'sqlite' ? store.url.reveal().slice('sqlite:'.length) : null,
      ports: () => (port === null ? [] : [port()]),
      pids: port === null ? [] : [process.pid],
    }),
    settings: () => config().approvals,
  };
}

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly log: Log;
  readonly core: Pick<
    CoreServices,
    | 'approvals'
    | 'approvalCards'
    | 'policies'
    | 'elevations'
    | 'identities'
    | 'directory'
    | 'bus'
    | 'denials'
    | 'stepUp'
    | 'factors'
  >;
  readonly identity: Pick<IdentityServices, 'settings' | 'jwks'>;
  config(): Pick<Config, 'agent' | 'approvals'>;
  /** The gateway's own name: what signs heads of the audit, and receipts. */
  readonly signer: Signer;
  readonly heads: Pick<AuditHeads, 'signed' | 'contradiction'>;
  /** The agent's socket, as a client.json names it. */
  readonly socket: string;
  /** The key of grants; made on first use, for most calls in this process have nothing to do with it. */
  openGrantSigner(): GrantSigner;
}

export interface ApprovalDoors {
  readonly approvals: ApprovalDoor;
  readonly policy: PolicyDoor;
  readonly elevations: ElevationDoor;
  readonly grants: GrantDoor;
  /** For the sweeper, and for machines that run what they are granted. */
  readonly granting: GrantsService;
  readonly clientPlace: ClientPlace;
  readonly execHosts: ExecHosts;
  readonly receipts: Receipts;
  /** Every key that something of ours is verified with. */
  jwks(): BearerKeys;
}

export function createApprovalDoors(ports: Ports): ApprovalDoors {
  const { store, clock, core, identity, config } = ports;
  const { bus, denials, identities, directory: people, policies, stepUp, factors } = core;
  const denied = deniedCalls({ denials, clock });
  const approvals = new ApprovalDoor({
    ...{ store, bus, identities, people, stepUp, factors, clock, denied },
    approvals: core.approvals,
  });
  const signer = lazily(ports.openGrantSigner);
  const granting = new Grants({
    ...{ store, clock, bus, denials, signer, hasher: ports.hasher, log: ports.log },
    approvals: core.approvals,
    telling: core.approvalCards,
    settings: () => config().approvals,
    issuer: () => identity.settings().issuer,
    keepsOutput: () => config().approvals.keepOutput,
  });
  const execHosts = new ExecHosts({
    ...{ clock, bus, granting },
    ...{ random: ports.random, hasher: ports.hasher, log: ports.log },
    door: approvals,
    approvals: core.approvals,
    gatewayKey: () => signer.publicJwk,
    foreign: ({ id, principal }) =>
      denied(
        { door: 'device', device: id, principal, role: 'user', scopes: ['node'] },
        'exec.serve',
        'auth_forbidden',
      ),
  });
  const issuer = () => identity.settings().issuer;
  const jwks = (): BearerKeys => ({
    keys: [
      ...identity.jwks().keys.map((key) => ({ ...key, countersign_purpose: 'bearer' as const })),
      { ...signer.publicJwk, countersign_purpose: 'grant' },
      { ...published(ports.signer), countersign_purpose: 'gateway' },
    ],
  });
  const receipts = new Receipts({
    ...{ store, clock, issuer, jwks, heads: ports.heads, signer: ports.signer, grantSigner: signer },
    approvals: core.approvals,
  });
  return {
    approvals,
    receipts,
    execHosts,
    policy: new PolicyDoor({ policies, approvals, clock }),
    elevations: new ElevationDoor({
      ...{ store, people, stepUp, factors },
      elevations: core.elevations,
      agent: () => config().agent.id,
      policies,
    }),
    grants: new GrantDoor(granting),
    granting,
    clientPlace: {
      socket: ports.socket,
      host: store.installation,
      get gatewayKey() {
        return signer.publicJwk;
      },
    },
    jwks,
  };
}

function lazily(open: () => GrantSigner): GrantSigner {
  let opened: GrantSigner | null = null;
  const signer = () => {
    opened ??= open();
    return opened;
  };
  return {
    get publicJwk() {
      return signer().publicJwk;
    },
    sign: (claims) => signer().sign(claims),
    read: (grant) => signer().read(grant),
  };
}

/** As a key of a set: RFC 7517. */
function published({
  thumbprint,
  publicJwk,
}: Pick<Signer, 'publicJwk' | 'thumbprint'>): BearerKeys['keys'][number] {
  return { kty: 'OKP', crv: 'Ed25519', x: publicJwk['x'] ?? '', kid: thumbprint, use: 'sig', alg: 'EdDSA' };
}
