// What an agent can do to us if it runs as our own user, and cannot if it does not (R68). One list for the doctor, the page
// of limitations and the suite that tries each of them as another user; a test holds the three together.
export interface Attack {
  readonly id: string;
  /** After "it can". */
  readonly can: string;
  /** What is left of it once an owner has a factor, where that changes anything. */
  readonly proven?: string;
}

export const ATTACKS: readonly Attack[] = [
  { id: 'store', can: 'read the database, the configuration and the logs' },
  { id: 'keys', can: 'read the storage key and the keys that sign' },
  { id: 'channels', can: 'read what the channels log in with' },
  { id: 'config', can: 'write the configuration and the database' },
  {
    id: 'door',
    can: 'open the host socket and say yes to its own requests',
    proven: 'open the host socket, and say yes there to what needs no proof',
  },
  { id: 'place', can: 'remove a socket and listen in its place' },
  { id: 'memory', can: 'look into the running gateway' },
  { id: 'stop', can: 'stop the gateway' },
];

/** 1: the agent's socket is for a group of its own, so that its user need not be ours. 0: nothing keeps it out. */
export function isolationLevel({ agentGid }: { readonly agentGid: number | null }): 0 | 1 {
  return agentGid === null ? 0 : 1;
}
