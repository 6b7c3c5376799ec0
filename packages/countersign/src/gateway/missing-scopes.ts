// D-10: a paired device that lacks a scope is told so, never to pair: what it may use, what would do, and how to get it.
import { Problem } from '@countersign/protocol/problem';
import { type Caller, type DeviceScope, VERBS, type Verb } from '../core/authorise.ts';
import { ALL_SCOPES } from '../core/device/scopes.ts';

/** Null for other callers, and for what no device may do at all. */
export function missingScopes(caller: Caller, verbs: readonly Verb[]): Problem | null {
  if (caller.door !== 'device') return null;
  const needed = ALL_SCOPES.filter((scope) => verbs.some((verb) => opens(scope, verb)));
  if (needed.length === 0) return null;
  const held = [...caller.scopes];
  return new Problem('auth_forbidden', {
    detail: `this device may use ${held.length === 0 ? 'nothing' : held.join(', ')} now, and this takes ${needed.join(' or ')}`,
    hint: `prove a factor on it if it was paired for ${needed.join(' or ')}; otherwise let it connect with that scope, and approve the request`,
    members: { held, needed },
  });
}

function opens(scope: DeviceScope, verb: Verb): boolean {
  return Object.hasOwn(VERBS[verb], `device:${scope}`);
}
