// The argument table: every noun of this version with its one line, and where its verbs are. Only the noun that was typed
// is loaded. Names that belong to later versions are known too, so that the answer is a sentence and not a riddle.
import type { Command } from 'commander';
import type { Cli } from './cli.ts';

export interface Noun {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<{ define(noun: Command, cli: Cli): void }>;
}

export const PEOPLE_NOT_DEVICES = '`pairing` is people, `pair` is devices';

export const NOUNS: readonly Noun[] = [
  {
    name: 'start',
    summary: 'start the gateway in the background',
    load: () => import('./commands/start.ts'),
  },
  {
    name: 'gateway',
    summary: 'run, start, stop and look at the gateway',
    load: () => import('./commands/gateway.ts'),
  },
  {
    name: 'overview',
    summary: 'what needs you now, and the last day',
    load: () => import('./commands/overview.ts'),
  },
  {
    name: 'claim',
    summary: 'print a new link for the first owner',
    load: () => import('./commands/claim.ts'),
  },
  {
    name: 'pairing',
    summary: 'who asks to talk to the agent, and your yes or no',
    load: () => import('./commands/pairing.ts'),
  },
  {
    name: 'approvals',
    summary: 'what agents want to do, and your yes or no',
    load: () => import('./commands/approvals.ts'),
  },
  {
    name: 'policy',
    summary: 'what is asked about, and who may say yes',
    load: () => import('./commands/policy.ts'),
  },
  {
    name: 'elevate',
    summary: 'let an agent do what is elevated unasked, for a while',
    load: () => import('./commands/elevate.ts'),
  },
  {
    name: 'exec',
    summary: 'ask for a command before it runs',
    load: () => import('./commands/exec.ts'),
  },
  {
    name: 'node',
    summary: 'this machine, running approved commands for a gateway elsewhere',
    load: () => import('./commands/node.ts'),
  },
  {
    name: 'mcp',
    summary: 'an MCP server through which an agent asks',
    load: () => import('./commands/mcp.ts'),
  },
  { name: 'people', summary: 'who may talk, approve and own', load: () => import('./commands/people.ts') },
  {
    name: 'factors',
    summary: 'what proves that it is you: authenticator apps, passkeys, recovery codes',
    load: () => import('./commands/factors.ts'),
  },
  {
    name: 'recover',
    summary: 'start over for somebody who lost every factor',
    load: () => import('./commands/recover.ts'),
  },
  {
    name: 'devices',
    summary: 'browsers, phones and nodes, and your yes or no to them',
    load: () => import('./commands/devices.ts'),
  },
  {
    name: 'nodes',
    summary: 'machines that run approved actions: older names of devices',
    load: () => import('./commands/nodes.ts'),
  },
  {
    name: 'pair',
    summary: 'a setup code for a device (people are pairing)',
    load: () => import('./commands/pair.ts'),
  },
  {
    name: 'channels',
    summary: 'where people write, and whether it works',
    load: () => import('./commands/channels.ts'),
  },
  {
    name: 'sessions',
    summary: 'the conversations the agent has',
    load: () => import('./commands/sessions.ts'),
  },
  {
    name: 'tokens',
    summary: 'what programs of yours prove themselves with',
    load: () => import('./commands/tokens.ts'),
  },
  {
    name: 'config',
    summary: 'read and change the configuration',
    load: () => import('./commands/config.ts'),
  },
  { name: 'audit', summary: 'what happened, and the proof of it', load: () => import('./commands/audit.ts') },
  {
    name: 'verify-receipt',
    summary: 'check the receipt of an approval, offline',
    load: () => import('./commands/verify-receipt.ts'),
  },
  { name: 'logs', summary: "the gateway's log", load: () => import('./commands/logs.ts') },
  { name: 'doctor', summary: 'check this installation', load: () => import('./commands/doctor.ts') },
  {
    name: 'demo',
    summary: 'the whole story in a minute, nothing is kept',
    load: () => import('./commands/demo.ts'),
  },
  { name: 'version', summary: 'print the version', load: () => import('./commands/version.ts') },
];

/** Nouns of surfaces.md §4 whose rooms are not built yet. */
export const LATER: ReadonlySet<string> = new Set([
  ...['hook'],
  ...['import', 'backup', 'restore', 'migrate-store'],
]);

/** Verbs people type without their noun. */
export const MEANT: Readonly<Record<string, string>> = {
  approve: 'pairing approve',
  deny: 'pairing deny',
  block: 'pairing block',
  unblock: 'pairing unblock',
  revoke: 'pairing revoke',
  list: 'pairing list',
  run: 'gateway run',
  stop: 'gateway stop',
  restart: 'gateway restart',
  status: 'gateway status',
  log: 'logs',
};
