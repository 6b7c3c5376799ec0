// What goes along with a question to the agent in front: the bearer of whoever asked, and the handle by which the agent's
// tools get fresh ones later. Both or neither, and only to an origin that the audience lists; somebody who cannot be named
// to the tools is not asked for at all (I-03), but on a shared key, where nobody is.
import { hash } from 'node:crypto';
import type { TurnId } from '@countersign/protocol/ids';
import type { Carried } from '../agent-port.ts';
import type { Turn } from '../message.ts';
import type { BearerSettings } from './bearer-port.ts';
import { type Identities, isDenied, type NoIdentity } from './identity.ts';

interface Ports {
  readonly identities: Identities;
  settings(): BearerSettings;
}

export type InFront =
  | { readonly as: 'somebody'; readonly carried: Carried; readonly jti: string }
  /** The agent is asked without a name: none is configured, or several people speak there. */
  | { readonly as: 'nobody' }
  | { readonly as: 'refused'; readonly reason: NoIdentity };

export class Front {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  async of({ id, session }: Pick<Turn, 'id' | 'session'>): Promise<InFront> {
    const { identities, settings } = this.#ports;
    const { front, audiences } = settings();
    const { agent, origin, audience } = front;
    const origins = audience === null ? undefined : audiences.get(audience)?.origins;
    if (audience === null || origin === null || origins?.includes(origin) !== true) return { as: 'nobody' };
    const bound = await identities.of(session);
    if (isDenied(bound)) {
      return bound.reason === 'session_shared' ? { as: 'nobody' } : { as: 'refused', reason: bound.reason };
    }
    const minted = await identities.bearer(bound, audience, { turn: id });
    if (isDenied(minted)) return { as: 'refused', reason: minted.reason };
    const handle = await identities.handleOf(session, agent);
    if (handle === null) return { as: 'refused', reason: 'session_ended' };
    const { token, header, jti } = minted;
    return { as: 'somebody', carried: { bearer: token, header, handle, origins }, jti };
  }
}

/** What the person is told: what happened, and who can change it. Never how. */
export function refusedText(reason: NoIdentity): string {
  switch (reason) {
    case 'user_unmapped':
      return 'You are not known to the tools that the agent uses, so your message was not passed on. Whoever runs this can add you.';
    case 'users_unavailable':
      return 'Who you are to the tools of the agent cannot be looked up right now, so your message was not passed on. Please send it again later.';
    default:
      return 'Your message could not be passed on under your name, so it was not passed on at all. Please send it again.';
  }
}

/** W3C Trace Context, the same for every retry of a turn, and without any authority. */
export function traceparentOf(turn: TurnId): string {
  const hex = hash('sha256', `countersign.trace.v1 ${turn}`, 'hex');
  return `00-${hex.slice(0, 32)}-${hex.slice(32, 48)}-01`;
}
