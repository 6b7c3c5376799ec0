// D-10: a paired device that lacks a scope is told so, never to pair: what it may use, what would do, and how to get it.
import { Problem } from '@countersign/protocol/problem';
import { type Caller, type DeviceScope, VERBS, type Verb } from '../core/authorise.ts';
import { ALL_SCOPES } from '../core/device/scopes.ts';
import { TOKEN_SCOPES, type TokenScope } from '../core/token/holder.ts';

/** Null for other callers, and for what no device, or no token, may do at all. */
export function missingScopes(caller: Caller, verbs: readonly Verb[]): Problem | null {
  if (caller.door === 'token') return otherToken(caller.scope, verbs);
  // Where OAuth's endpoints are is published (RFC 8414), so a stranger is told what they take.
  if (caller.door === 'tcp' && verbs.every((verb) => verb.startsWith('oauth.'))) return noToken(verbs);
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

function noToken(verbs: readonly Verb[]): Problem | null {
  const [scope] = scopesFor(verbs);
  if (scope === undefined) return null;
  const hint = `send Authorization: Bearer, with a token of countersign tokens create --scope ${scope}`;
  return new Problem('auth_required', { detail: `this takes a token of scope ${scope}`, hint });
}

function scopesFor(verbs: readonly Verb[]): readonly TokenScope[] {
  return TOKEN_SCOPES.filter((scope) => verbs.some((verb) => Object.hasOwn(VERBS[verb], `token:${scope}`)));
}

/** Scopes of tokens do not add up: each program has a token for what it does. */
function otherToken(held: TokenScope, verbs: readonly Verb[]): Problem | null {
  const needed = scopesFor(verbs);
  const [first] = needed;
  if (first === undefined) return null;
  return new Problem('auth_forbidden', {
    detail: `this is ${held === 'ingress' ? 'an' : 'a'} ${held} token, and the call takes one of scope ${needed.join(' or ')}`,
    hint: `countersign tokens create --scope ${first}`,
  });
}

function opens(scope: DeviceScope, verb: Verb): boolean {
  return Object.hasOwn(VERBS[verb], `device:${scope}`);
}
