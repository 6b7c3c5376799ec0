// Elevations as callers at the house's doors reach them: a device is its person, the host names an owner, and either proves a
// factor with the call. Looking at them and ending them takes no proof.

import { exact } from '@countersign/protocol/exact';
import type { ElevationRow } from '@countersign/protocol/grant';
import { isIdPrefix, type PrincipalId, type SessionId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { isoTime } from '@countersign/protocol/time';
import { elevationBinding } from '../core/approval/elevating.ts';
import type { Elevate, ElevationsService } from '../core/approval/grants-port.ts';
import type { PolicyService } from '../core/approval/service.ts';
import { namesOf } from '../core/approval/views.ts';
import type { ElevationRecord } from '../core/approval/windows-port.ts';
import type { Caller } from '../core/authorise.ts';
import type { Factors } from '../core/factor/factors.ts';
import type { PasskeyBegun } from '../core/factor/passkeys.ts';
import type { StepUp } from '../core/factor/step-up.ts';
import type { Directory } from '../core/identity/directory.ts';
import type { Store } from '../core/store-port.ts';
import { actorOf } from './actor.ts';
import { readDuration } from './duration.ts';
import { type Came, givenOf } from './given.ts';

interface Ports {
  readonly store: Pick<Store, 'people' | 'factors' | 'sessions' | 'tokens' | 'approvals'>;
  readonly elevations: ElevationsService;
  readonly people: Pick<Directory, 'find'>;
  readonly stepUp: Pick<StepUp, 'placeOf'>;
  readonly factors: Pick<Factors, 'beginProof'>;
  /** The agent of this house: who is meant where nobody is named. */
  agent(): string;
  readonly policies: Pick<PolicyService, 'current'>;
}

const MOST_READ = 500;

interface Asked {
  readonly for: string;
  readonly agent?: string | undefined;
  readonly session?: string | undefined;
}

export class ElevationDoor {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  async begin(caller: Caller, asked: Asked, came: Came): Promise<ElevationRow> {
    const { elevations, stepUp } = this.#ports;
    const owner = await this.#owner(caller, came.as);
    const what = await this.#what(asked, owner);
    const given = givenOf(came, await stepUp.placeOf(caller));
    const record = await elevations.begin(what, {
      owner,
      surface: caller.door === 'host' ? 'host' : 'page',
      actor: caller.door === 'host' ? { kind: 'host', as: owner } : actorOf(caller),
      given,
    });
    return this.#printed(record);
  }

  /** What a browser needs to prove a passkey for exactly this: the challenge is worth nothing for longer, or for more (R32). */
  async beginProof(caller: Caller, asked: Asked, origin: string | null): Promise<PasskeyBegun> {
    if (caller.door !== 'device' || origin === null)
      throw new Problem('request_malformed', {
        detail: 'a passkey is proven in a browser',
        hint: 'begin it on the page, or: countersign elevate 15m --totp CODE',
      });
    const binding = elevationBinding(await this.#what(asked, caller.principal));
    return this.#ports.factors.beginProof(caller.principal, origin, binding);
  }

  async #what(asked: Asked, owner: PrincipalId): Promise<Elevate> {
    const session = asked.session === undefined ? null : await this.#session(asked.session, owner);
    const forMs = readDuration(asked.for) ?? 0;
    return { agent: await this.#agent(asked.agent), session, forMs };
  }

  /** A name that nobody goes by is a typing error: it is said before a proof is spent on it. */
  async #agent(asked: string | undefined): Promise<string> {
    const { store, policies, agent } = this.#ports;
    const own = agent();
    if (asked === undefined || asked === own) return own;
    const { agents } = await policies.current();
    const tokens = await store.tokens.list({ limit: MOST_READ });
    const named = tokens.flatMap((token) => (token.revokedAt === null ? (token.agent ?? []) : []));
    const known = [...new Set([own, ...Object.keys(agents), ...named])];
    if (known.includes(asked)) return asked;
    if ((await store.approvals.briefs({ agent: asked, limit: 1 })).length > 0) return asked;
    throw new Problem('not_found', {
      detail: 'no agent of that name is known here',
      hint: `known: ${known.map(exact).join(', ')}`,
    });
  }

  async list(): Promise<{ readonly items: ElevationRow[] }> {
    const live = await this.#ports.elevations.live();
    return { items: await Promise.all(live.map((one) => this.#printed(one))) };
  }

  /** One by its id or a beginning of it; every one where none is named. */
  async end(caller: Caller, ref: string | undefined): Promise<{ readonly ended: number }> {
    const { elevations } = this.#ports;
    const actor = actorOf(caller);
    if (ref === undefined) return { ended: await elevations.end(null, actor) };
    const fit = isIdPrefix('elevation', ref)
      ? (await elevations.live()).filter(({ id }) => id === ref || id.startsWith(whole(ref)))
      : [];
    const [one, other] = fit;
    if (other !== undefined) throw new Problem('ambiguous', { detail: 'several elevations begin like that' });
    if (one === undefined)
      throw new Problem('not_found', {
        detail: 'there is no elevation of that id, or it is over',
        hint: 'countersign elevate shows what lasts',
      });
    return { ended: await elevations.end(one.id, actor) };
  }

  async #owner(caller: Caller, as: string | null): Promise<PrincipalId> {
    if (caller.door === 'device') return caller.principal;
    if (caller.door !== 'host') throw new Problem('auth_forbidden');
    const { people, store } = this.#ports;
    if (as !== null) return (await people.find(as)).id;
    const owners = await store.people.owners();
    const able: PrincipalId[] = [];
    for (const { id } of owners) if (await store.factors.has(id)) able.push(id);
    const [only, another] = able.length > 0 ? able : owners.map(({ id }) => id);
    if (only !== undefined && another === undefined) return only;
    throw new Problem('ambiguous', {
      detail: only === undefined ? 'nobody owns this gateway yet' : 'several own this gateway',
      hint: only === undefined ? 'countersign claim' : 'say whose word it is: --as <person>',
    });
  }

  /** One of their own: what others ask is asked about as ever. */
  async #session(ref: string, owner: PrincipalId): Promise<SessionId> {
    const found = (await this.#ports.store.sessions.find(ref)).filter(
      ({ principal, endedAt }) => principal === owner && endedAt === null,
    );
    const [only, another] = found;
    if (another !== undefined) throw new Problem('ambiguous', { detail: 'several sessions begin like that' });
    if (only === undefined)
      throw new Problem('not_found', {
        detail: 'no conversation of that owner has that id',
        hint: 'countersign sessions list',
      });
    return only.id;
  }

  async #printed({
    id,
    agent,
    by,
    session,
    surface,
    createdAt,
    until,
  }: ElevationRecord): Promise<ElevationRow> {
    const name = (await namesOf(this.#ports.store, [by])).get(by);
    return {
      id,
      agent,
      by,
      ...(name === undefined ? {} : { name }),
      session,
      surface,
      createdAt: isoTime(createdAt),
      until: isoTime(until),
    };
  }
}

function whole(ref: string): string {
  return ref.startsWith('elev_') ? ref : `elev_${ref}`;
}
