// Who a change is written down as having been made by.

import type { Actor } from '../core/audit/event.ts';
import type { Caller } from '../core/authorise.ts';

export function actorOf(caller: Caller): Actor {
  switch (caller.door) {
    case 'host':
      return { kind: 'host', ...(caller.as === undefined ? {} : { as: caller.as }) };
    case 'device':
      return { kind: 'principal', id: caller.principal, surface: `device:${caller.device}` };
    case 'chat':
      return { kind: 'principal', id: caller.principal, surface: 'chat' };
    case 'token':
      return { kind: 'token', id: caller.holder.token };
    case 'tcp':
    case 'agent':
    case 'browser':
      return { kind: 'sender' };
    default:
      return caller satisfies never;
  }
}
