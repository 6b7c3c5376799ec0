// The keys that decide where messages, credentials and questions go: changed by hand they wait for an owner's proof once
// an owner has a factor (gateway/guarded.ts). And those that a running gateway reads once, at its start.

import type { ChannelName } from './native-ids.ts';

export const GUARDED = [
  'agent.url',
  'proxy',
  'bearer.audiences',
  'users',
  'gateway.trustedProxies',
  'gateway.publicUrl',
  'channels.pairing.notifyOn',
  'approvals',
  'login',
] as const;

/** Where an account of a channel connects. Tokens go there, and what comes from there says who wrote. */
export const ENDPOINTS = {
  telegram: 'apiRoot',
  whatsapp: 'waWebSocketUrl',
  'whatsapp-cloud': 'apiRoot',
  twilio: 'apiRoot',
  xmpp: 'service',
} as const satisfies Partial<Record<ChannelName, string>>;

export function endpointOf(channel: string): string | null {
  return Object.hasOwn(ENDPOINTS, channel) ? ENDPOINTS[channel as keyof typeof ENDPOINTS] : null;
}

export const READ_AT_START = [
  'gateway.listen',
  'gateway.port',
  'gateway.agentGroup',
  'gateway.agentSocket',
  'store',
  'keys',
] as const;
