// The keys that decide where messages, credentials and questions go: changed by hand they wait for an owner's proof once
// an owner has a factor (gateway/guarded.ts). And those that a running gateway reads once, at its start.

export const GUARDED = [
  'agent.url',
  'proxy',
  'bearer.audiences',
  'gateway.trustedProxies',
  'gateway.publicUrl',
  'channels.pairing.notifyOn',
  'approvals',
  'login',
] as const;

export const READ_AT_START = [
  'gateway.listen',
  'gateway.port',
  'gateway.agentGroup',
  'gateway.agentSocket',
  'store',
  'keys',
] as const;
