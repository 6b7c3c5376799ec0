// What is built for requests for approval: what of this machine is guarded, whose pages count, and the doors to both.

import type { Config } from '../config/config.ts';
import { type ConfigPlace, configPath } from '../config/load.ts';
import type { Store } from '../core/store-port.ts';
import { ApprovalDoor } from './approval-door.ts';
import type { CoreServices } from './core-services.ts';
import { PolicyDoor } from './policy-door.ts';
import { riskFacts } from './risk-facts.ts';

interface Place {
  readonly home: Parameters<typeof riskFacts>[0]['home'];
  readonly place: ConfigPlace;
  config(): Pick<Config, 'approvals' | 'store'>;
  /** The port of a running gateway, once it listens; null for a call in this process. */
  readonly port: (() => number) | null;
}

/** What core asks of the house about approvals. */
export function approvalHouse({ home, place, config, port }: Place) {
  // A gateway keeps the store that it began with.
  const { store } = config();
  return {
    facts: riskFacts({
      home,
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
  readonly core: Pick<CoreServices, 'approvals' | 'policies' | 'identities' | 'directory' | 'bus'>;
}

export interface ApprovalDoors {
  readonly approvals: ApprovalDoor;
  readonly policy: PolicyDoor;
}

export function createApprovalDoors({ store, core }: Ports): ApprovalDoors {
  const { bus, identities, directory: people, policies } = core;
  const approvals = new ApprovalDoor({ store, bus, approvals: core.approvals, identities, people });
  return { approvals, policy: new PolicyDoor({ policies, approvals }) };
}
