// What of this machine is Countersign's own: no command that names it is anything less than destructive. Read anew for every
// question, for ports and files follow the configuration.
import { readlinkSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ApprovalSettings } from '../core/approval/candidates.ts';
import type { RiskFacts } from '../core/approval/service.ts';
import { accountHomes, isHome } from './accounts.ts';

/** The configuration's words on approvals, read anew each time. */
export interface ApprovalRules extends ApprovalSettings {
  /** Whom cards go to; empty: everybody who may decide. */
  readonly notify: ApprovalSettings['approvers'];
}

interface Ports {
  /** What this machine is called in actions. */
  readonly host: string;
  /** $COUNTERSIGN_HOME, and its sockets. */
  readonly home: { readonly root: string; readonly hostSocket: string; readonly agentSocket: string };
  /** The store where it is a file; null for one that is reached over a network. */
  readonly storeFile: string | null;
  readonly configFile: string;
  /** Processes of the gateway, and TCP ports it listens on; none for a call without a gateway. */
  readonly pids: readonly number[];
  ports(): readonly number[];
}

export function riskFacts({ host, home, storeFile, configFile, pids, ports }: Ports): RiskFacts {
  const own = [home.root, home.hostSocket, home.agentSocket, configFile, programFolder()];
  const paths = [...own, ...(storeFile === null ? [] : [storeFile])].filter(isAbsolute);
  return () => {
    // By its name and by where it leads: either way it is the same file.
    const real = paths.map((path) => realPath(path) ?? path);
    return {
      host,
      home: homedir(),
      accounts: accountHomes(),
      isHome,
      guarded: { paths: [...new Set([...paths, ...real])], ports: ports(), pids },
      rules: [],
      tools: {},
      realPath,
    };
  };
}

/** Where the program itself lies: its packages, in a checkout and packed alike. Not the checkout as a whole, in which people
 * who work on it have their files. */
export function programFolder(here: string = fileURLToPath(import.meta.url)): string {
  return join(dirname(here), '../..');
}

/** A link to a link to nothing, over and over. */
const MOST_LINKS = 8;

function realPath(path: string, links = 0): string | null {
  try {
    return realpathSync.native(path);
  } catch {
    return links < MOST_LINKS ? dangling(path, links) : path;
  }
}

/** Where a link leads that leads to nothing yet: who writes to it makes that. Null: nothing is there, or we may not look. */
function dangling(path: string, links: number): string | null {
  try {
    const target = resolve(realpathSync.native(dirname(path)), readlinkSync(path));
    return realPath(target, links + 1) ?? target;
  } catch {
    return null;
  }
}
