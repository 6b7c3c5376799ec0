// Messages and people for the front door: what its tests put there, and how a verdict reads.

import type { PrincipalId } from '@countersign/protocol/ids';
import type { AccountPolicy, AdmissionRules } from '../core/admission.ts';
import { type Native, parseNative } from '../core/identity/peer.ts';
import type { LinkedPeer, Principal, Standing } from '../core/identity/people-port.ts';
import type { Inbound, Verdict } from '../core/message.ts';
import { inboundFrom } from './inbound.ts';

export const NOW = 1_800_000_000_000;
export const MAX_AGE = 600_000;
export const ANA: PrincipalId = 'prn_ana';
export const RULES: AdmissionRules = {
  agent: 'main',
  dmScope: 'per-account-channel-peer',
  allowShared: false,
  pairingMaxAgeMs: MAX_AGE,
};

export function native(text: string): Native {
  const id = parseNative(text, /^.+$/);
  if (id === null) throw new Error('nobody');
  return id;
}

export const PEER = { channel: 'telegram', account: 'default', native: native('555001') };

export function message(more: Partial<Inbound> = {}): Inbound {
  return inboundFrom(PEER, { conversation: { kind: 'direct', id: '555001' }, sentAt: NOW, ...more });
}

export const inGroup = (more: Partial<Inbound> = {}) =>
  message({ conversation: { kind: 'group', id: '-100' }, ...more });

export function linked(peer: Partial<LinkedPeer> = {}, principal: Partial<Principal> = {}): Standing {
  return {
    peer: {
      ...PEER,
      principal: ANA,
      ceiling: 'owner',
      assurance: 'medium',
      blocked: false,
      direct: true,
      accessUntil: null,
      displayName: null,
      username: null,
      linkedAt: 1,
      ...peer,
    },
    principal: { id: ANA, role: 'user', state: 'active', ...principal },
  };
}

export const STRANGER: Standing = { peer: null, principal: null };

export function policy(more: Partial<AccountPolicy> = {}): AccountPolicy {
  return {
    enabled: true,
    dmPolicy: 'pairing',
    allowFrom: [],
    groupPolicy: 'disabled',
    groupAllowFrom: [],
    requireMention: true,
    personalNumber: false,
    ...more,
  };
}

export function shown(verdict: Verdict): string {
  if (verdict.to === 'agent') return verdict.principal === ANA ? 'agent' : `agent of ${verdict.principal}`;
  return verdict.to === 'desk' ? verdict.because : verdict.reason;
}
