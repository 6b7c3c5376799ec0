// $COUNTERSIGN_HOME: which folder it is, what lies where in it, and who may enter. Folders 0700 and files 0600 whatever
// the umask; with an agent group the home and run/ let it pass through (0710), and run/agent/ lets it look (0750).
import { chmodSync, chownSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Problem } from '@countersign/protocol/problem';
import { makeFolder, refuseOthers } from './files.ts';

export interface HomeOptions {
  /** gateway.agentGroup */
  readonly agentGroup?: string | null;
  /** gateway.agentSocket */
  readonly agentSocket?: string | null;
}

export interface Home {
  readonly root: string;
  readonly store: string;
  readonly keys: string;
  readonly run: string;
  readonly logs: string;
  readonly logFile: string;
  readonly channels: string;
  readonly clientFile: string;
  readonly hostSocket: string;
  readonly agentSocket: string;
  readonly gatewayFile: string;
  readonly lockFile: string;
  /** The group of the agent socket, and its mode once it listens. */
  readonly agentGid: number | null;
  readonly agentSocketMode: 0o600 | 0o660;
}

// sockaddr_un holds 104 bytes on some systems, 108 on others.
const MAX_SOCKET_PATH = 100;

/** The home the environment names, absolute. Never derived from the working directory unless it says so itself. */
export function homePath(env: Readonly<Record<string, string | undefined>>): string {
  const named = env['COUNTERSIGN_HOME'];
  return named === undefined || named === ''
    ? join(env['HOME'] || homedir(), '.countersign')
    : resolve(named);
}

/** Where everything lies in a home. Makes and checks nothing. */
export function homeLayout(root: string, { agentGroup, agentSocket }: HomeOptions = {}): Home {
  const run = join(root, 'run');
  const logs = join(root, 'logs');
  const agentGid = agentGroup === undefined || agentGroup === null ? null : gidOf(agentGroup);
  return {
    root,
    store: join(root, 'countersign.db'),
    keys: join(root, 'keys'),
    run,
    logs,
    logFile: join(logs, 'gateway.log'),
    channels: join(root, 'channels'),
    clientFile: join(root, 'client.json'),
    hostSocket: localDoor(root, 'host') ?? join(run, 'host.sock'),
    agentSocket: agentSocket ?? localDoor(root, 'agent') ?? join(run, 'agent', 'agent.sock'),
    gatewayFile: join(run, 'gateway.json'),
    lockFile: join(run, 'lock.db'),
    agentGid,
    agentSocketMode: agentGid === null ? 0o600 : 0o660,
  };
}

/** Windows has no socket files: a named pipe, by the home's name. Null where there are. */
function localDoor(root: string, door: 'host' | 'agent'): string | null {
  return process.platform === 'win32' ? `\\\\.\\pipe\\${root.replace(/[\\/:]+/g, '-')}-${door}` : null;
}

/**
 * Makes the home and its folders, or checks and mends those that are there.
 * @throws Problem `config_invalid` when others may write the home, the group is unknown, or a socket's path is too long.
 */
export function openHome(root: string, options: HomeOptions = {}): Home {
  const home = homeLayout(root, options);
  checkSocketPath(home.agentSocket, 'set gateway.agentSocket to a shorter path');
  checkSocketPath(home.hostSocket, 'set COUNTERSIGN_HOME to a shorter path');
  const there = statSync(root, { throwIfNoEntry: false });
  // Whoever may write the home may put their own keys, socket or configuration there before we look.
  if (there !== undefined) {
    refuseOthers(root, there, 0o022);
    refuseStranger(root, there.mode & 0o777);
  }
  const keys = statSync(home.keys, { throwIfNoEntry: false });
  if (keys !== undefined) refuseOthers(home.keys, keys, 0o077);
  const passable = home.agentGid === null ? 0o700 : 0o710;
  try {
    for (const folder of [root, home.run]) makeFolder(folder, passable);
    makeFolder(join(home.run, 'agent'), home.agentGid === null ? 0o700 : 0o750);
    for (const folder of [home.keys, home.logs, home.channels]) makeFolder(folder, 0o700);
  } catch (error) {
    const detail = `the home ${root} cannot be made`;
    throw new Problem('config_invalid', {
      detail,
      hint: 'set COUNTERSIGN_HOME to a folder of this user',
      cause: error,
    });
  }
  if (home.agentGid !== null) giveToGroup(home, home.agentGid);
  return home;
}

/** Gives the agent socket its group and mode. Call it once the socket listens. */
export function protectAgentSocket({ agentSocket, agentGid, agentSocketMode }: Home): void {
  if (agentGid !== null) chownSync(agentSocket, -1, agentGid);
  chmodSync(agentSocket, agentSocketMode);
}

/** A folder of other things is left alone: COUNTERSIGN_HOME=/etc must not end in `chmod 700 /etc`. */
function refuseStranger(root: string, mode: number): void {
  if (mode === 0o700 || mode === 0o710) return;
  const inside = readdirSync(root);
  if (inside.length === 0 || inside.some((name) => OURS.has(name))) return;
  throw new Problem('config_invalid', {
    detail: `${root} holds other things and is no home of Countersign`,
    hint: 'set COUNTERSIGN_HOME to an empty folder',
  });
}

const OURS: ReadonlySet<string> = new Set(['countersign.jsonc', 'countersign.db', 'keys']);

function giveToGroup(home: Home, gid: number): void {
  const folders = [home.root, home.run, join(home.run, 'agent')];
  try {
    for (const folder of folders) chownSync(folder, -1, gid);
    // chown may drop mode bits.
    for (const folder of folders.slice(0, 2)) chmodSync(folder, 0o710);
    chmodSync(join(home.run, 'agent'), 0o750);
  } catch (error) {
    throw new Problem('config_invalid', {
      detail: 'this user may not give files to gateway.agentGroup',
      hint: 'add the user to that group and log in again',
      cause: error,
    });
  }
}

function checkSocketPath(path: string, hint: string): void {
  const bytes = Buffer.byteLength(path);
  if (bytes <= MAX_SOCKET_PATH) return;
  const detail = `the path of a socket has ${bytes} bytes, and ${MAX_SOCKET_PATH} are the most: ${path}`;
  throw new Problem('config_invalid', { detail, hint });
}

/** Node has no getgrnam; groups of a directory service are named by number. */
function gidOf(group: string): number {
  if (/^\d+$/.test(group)) return Number(group);
  const line = groups().find((entry) => entry.startsWith(`${group}:`));
  const gid = Number(line?.split(':')[2]);
  if (line !== undefined && Number.isSafeInteger(gid)) return gid;
  const hint = 'make it with groupadd, or name it by its number';
  throw new Problem('config_invalid', { detail: `gateway.agentGroup: there is no group ${group}`, hint });
}

function groups(): string[] {
  try {
    return readFileSync('/etc/group', 'utf8').split('\n');
  } catch {
    return [];
  }
}
