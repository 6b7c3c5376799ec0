// Why nobody can be named for a call, told so that whoever runs the agent knows what to change. Nothing here tells one
// unknown handle from another.
import { Problem } from '@countersign/protocol/problem';
import type { NoIdentity } from '../core/session/identity.ts';

interface Words {
  readonly detail: string;
  readonly hint: string;
}

const WORDS: Readonly<Record<NoIdentity, Words>> = {
  handle_missing: {
    detail: 'the call names no session',
    hint: 'send the handle that came with the message, once, as x-countersign-session',
  },
  handle_unknown: {
    detail: 'that handle names no session of this agent',
    hint: 'send the handle as it came with the message, with a token made for that agent: countersign tokens create --scope runtime --for <agent>',
  },
  session_shared: {
    detail: 'several people may speak on that session key, so nobody would be right',
    hint: 'set session.dmScope to "per-account-channel-peer" and session.allowShared to false; countersign doctor finds such keys',
  },
  session_ended: {
    detail: 'the session was ended',
    hint: 'the next message of the person begins a new one and brings its handle',
  },
  session_idle: {
    detail: 'nobody has written on that session for too long',
    hint: 'the next message of the person wakes it; bearer.idle says how long a silence may be',
  },
  access_ended: {
    detail: 'the person may not talk to the agent any more',
    hint: 'countersign people list shows their state; pairing or unblocking them lets them in again',
  },
  user_unmapped: {
    detail: 'the person is no user of your tools',
    hint: 'countersign people map <person> <id> says who they are there',
  },
  users_unavailable: {
    detail: 'who the person is to your tools cannot be looked up right now',
    hint: 'is users.url up? Nobody is guessed meanwhile',
  },
  audience_unknown: {
    detail: 'bearer.audiences has no such audience',
    hint: 'add it there with the origins that its bearers may go to',
  },
  scope_wider: {
    detail: 'the scope asked for is wider than what there is',
    hint: 'ask for less, or for "tools"',
  },
};

/** 401 whose `reason` is the word of the refusal; 503 where asking again may help. */
export function identityProblem(reason: NoIdentity, members: Readonly<Record<string, string>> = {}): Problem {
  const { detail, hint } = WORDS[reason];
  const code = reason === 'users_unavailable' ? 'identity_unavailable' : 'identity_required';
  return new Problem(code, { detail, hint, members: { reason, ...members } });
}
