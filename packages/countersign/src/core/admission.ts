// The front door: policy × sender × context → where a message goes. Pure. Everything that is missing, unknown or not
// listed ends at nobody, with a reason that only the audit sees.

import type { PrincipalId } from '@countersign/protocol/ids';
import { hasCode } from './control/typed-code.ts';
import { readCommand } from './control/words.ts';
import type { Peer } from './identity/peer.ts';
import type { Standing } from './identity/people-port.ts';
import { type Acting, actsAs, holdsRole } from './identity/standing.ts';
import type { Conversation, DropReason, Inbound, Verdict } from './message.ts';
import type { Millis } from './ports.ts';
import { type DmScope, sessionKey } from './session/key.ts';

export type DmPolicy = 'pairing' | 'allowlist' | 'open' | 'disabled';
export type GroupPolicy = 'disabled' | 'allowlist' | 'open';

/** The part of an account's configuration that decides. */
export interface AccountPolicy {
  readonly enabled: boolean;
  readonly dmPolicy: DmPolicy;
  /** Native ids of this account; `*` only with `open`. */
  readonly allowFrom: readonly string[];
  readonly groupPolicy: GroupPolicy;
  /** Native ids of senders allowed in groups; a group's id is never one (H07). */
  readonly groupAllowFrom: readonly string[];
  readonly requireMention: boolean;
  /** The account is somebody's own: a stranger is recorded and never answered (P-04). */
  readonly personalNumber: boolean;
}

export interface AdmissionRules {
  readonly agent: string;
  readonly dmScope: DmScope;
  readonly allowShared: boolean;
  /** Older messages never begin a pairing. */
  readonly pairingMaxAgeMs: number;
  /** For whom something waits, or did until a moment ago: no code of theirs reaches the agent (R64). Left out: for nobody. */
  readonly asked?: ReadonlySet<PrincipalId>;
}

const nobody = (reason: DropReason): Verdict => ({ to: 'nobody', reason });

/**
 * Decides one message. `policy` is null for an account the configuration does not have.
 * The order is the rule: what is not a person's fresh message ends first, blocks come before grants, direct and group
 * grants never stand in for each other (H15).
 */
export function admit(
  inbound: Inbound,
  standing: Standing,
  policy: AccountPolicy | null,
  rules: AdmissionRules,
  now: Millis,
): Verdict {
  if (policy === null || !policy.enabled) return nobody('channel_disabled');
  const flaw = inbound.kind === 'button' ? notAPress(inbound) : notAMessage(inbound);
  if (flaw !== null) return nobody(flaw);
  if (standing.peer?.blocked === true || standing.principal?.state === 'blocked') return nobody('blocked');
  if (standing.principal?.state === 'suspended') return nobody('suspended');
  if (inbound.kind === 'button') return admitPress(inbound, standing, policy, now);
  switch (inbound.conversation.kind) {
    case 'direct':
      return admitDirect(inbound, standing, policy, rules, now);
    case 'group':
    case 'thread':
      return admitGroup(inbound, standing, policy, rules, now);
    case 'unknown':
      return nobody('context_unknown');
    default:
      return inbound.conversation.kind satisfies never;
  }
}

function notAMessage(inbound: Inbound): DropReason | null {
  if (inbound.actor !== 'human') return 'not_a_person';
  if (inbound.kind !== 'text') return 'not_a_message';
  if (inbound.arrived === 'history') return 'not_live';
  // H58: forwarded words are somebody else's.
  if (inbound.forwarded) return 'forwarded';
  if (inbound.text.trim() === '') return 'empty';
  return null;
}

function notAPress({ actor, arrived, press }: Inbound): DropReason | null {
  if (actor !== 'human') return 'not_a_person';
  if (arrived !== 'live') return arrived === 'backlog' ? 'backlog' : 'not_live';
  return press === null || press.value === '' ? 'empty' : null;
}

/** H18, H20, H40: a button is one more entrance, with the same rule as the words that mean the same. Cards are shown in
 * direct chats only, so a press from anywhere else is not of one of them. */
function admitPress(inbound: Inbound, standing: Standing, policy: AccountPolicy, now: Millis): Verdict {
  if (policy.dmPolicy === 'disabled') return nobody('channel_disabled');
  const isEntitled = inbound.conversation.kind === 'direct' && isEntitledHere(standing, inbound, policy, now);
  return isEntitled ? { to: 'desk', because: 'press' } : nobody('not_entitled');
}

/** True for who may decide anything at all by chat, in a chat that is theirs. */
function isEntitledHere(standing: Standing, { peer }: Inbound, policy: AccountPolicy, now: Millis): boolean {
  const known = actsAs(standing, now);
  if (known === null || !(known.direct || isListed(peer, policy))) return false;
  return holdsRole(known.role, 'approver');
}

/** The control lane: words meant for us, by somebody who may say them. To anybody else they are ordinary text. */
function isControl(inbound: Inbound, standing: Standing, policy: AccountPolicy, now: Millis): boolean {
  if (inbound.quoted || !isEntitledHere(standing, inbound, policy, now)) return false;
  return readCommand(inbound.text) !== null;
}

/** Also where they may decide nothing: they may have typed it in the wrong chat. */
function isKeptBack({ text }: Inbound, known: Acting | null, { asked }: AdmissionRules): boolean {
  return known !== null && asked?.has(known.principal) === true && hasCode(text);
}

function admitDirect(
  inbound: Inbound,
  standing: Standing,
  policy: AccountPolicy,
  rules: AdmissionRules,
  now: Millis,
): Verdict {
  if (policy.dmPolicy === 'disabled') return nobody('channel_disabled');
  const known = actsAs(standing, now);
  if (isControl(inbound, standing, policy, now)) return { to: 'desk', because: 'control' };
  if (isKeptBack(inbound, known, rules)) return { to: 'desk', because: 'code' };
  if (known?.direct === true || isListed(inbound.peer, policy)) return letIn(inbound, known, rules);
  if (policy.dmPolicy !== 'pairing')
    return mayBeListed(inbound, policy) ? { to: 'desk', because: 'pairing' } : nobody('not_allowed');
  if (inbound.arrived === 'backlog') return nobody('backlog');
  if (inbound.sentAt !== null && now - inbound.sentAt > rules.pairingMaxAgeMs) return nobody('too_old');
  return { to: 'desk', because: 'pairing' };
}

/** C-01 C-03: somebody listed by number may write by an id that hides it. They are held, and shown to the owner, however
 * late that message comes: nobody is answered for it, and dropped it would be gone for good. */
function mayBeListed({ unresolved }: Inbound, { dmPolicy, allowFrom }: AccountPolicy): boolean {
  return unresolved === true && dmPolicy === 'allowlist' && allowFrom.length > 0;
}

function admitGroup(
  inbound: Inbound,
  standing: Standing,
  policy: AccountPolicy,
  rules: AdmissionRules,
  now: Millis,
): Verdict {
  if (!isListedInGroups(inbound.peer, policy)) return nobody('group_not_allowed');
  if (policy.requireMention && !inbound.mentioned) return nobody('not_mentioned');
  if (isControl(inbound, standing, policy, now)) return { to: 'desk', because: 'control' };
  const known = actsAs(standing, now);
  if (isKeptBack(inbound, known, rules)) return { to: 'desk', because: 'code' };
  return letIn(inbound, known, rules);
}

/** A peer the configuration lets in has no principal before its first message. */
function letIn(inbound: Inbound, known: Acting | null, rules: AdmissionRules): Verdict {
  if (known === null) return { to: 'desk', because: 'enrol' };
  const { key, exclusive } = sessionKey(inbound.peer, inbound.conversation, rules);
  return { to: 'agent', principal: known.principal, sessionKey: key, exclusive };
}

/** True for a peer the configuration itself lets into direct chats. */
export function isListed({ native }: Peer, policy: AccountPolicy): boolean {
  return policy.allowFrom.includes(native) || (policy.dmPolicy === 'open' && policy.allowFrom.includes('*'));
}

/** True for a peer whose words in a group are heard. */
export function isListedInGroups({ native }: Peer, { groupPolicy, groupAllowFrom }: AccountPolicy): boolean {
  return groupPolicy === 'open' || (groupPolicy === 'allowlist' && groupAllowFrom.includes(native));
}

/**
 * Whether somebody who was let in is still let in: asked again before a message that waited reaches the agent, so that a
 * revoked, blocked or suspended person is not answered out of the queue (R62).
 */
export function stillAdmitted(
  peer: Peer,
  { kind }: Conversation,
  standing: Standing,
  policy: AccountPolicy | null,
  now: Millis,
): boolean {
  const known = actsAs(standing, now);
  if (policy === null || !policy.enabled || known === null) return false;
  if (kind !== 'direct') return isListedInGroups(peer, policy);
  return policy.dmPolicy !== 'disabled' && (known.direct || isListed(peer, policy));
}
