// Request and door → caller. The only reader of Authorization. What was presented and proves nothing is refused: a wrong
// token never falls back to the rights of the bare door.

import { Problem } from '@countersign/protocol/problem';
import type { Caller } from '../core/authorise.ts';
import type { Door } from './door.ts';

/** @throws Problem `auth_required` for credentials nobody here issued. */
export function authenticate(door: Door, request: Request): Caller {
  // Tokens and devices get their rooms with their own issues; until then every credential is an unknown one.
  if (request.headers.get('authorization') !== null) {
    throw new Problem('auth_required', { detail: 'that credential is not known here' });
  }
  return { door };
}
