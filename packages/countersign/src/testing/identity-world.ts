// A world whose agent is asked under people's names, and short questions about who they are.
import { verifyBearer } from '@countersign/protocol/token';
import type { Audience, BearerSettings, Users } from '../core/session/bearer-port.ts';
import { type Bound, isDenied, type Minted } from '../core/session/identity.ts';
import { openWorld, type World } from './world.ts';

export const ORIGIN = 'http://127.0.0.1:18789';
const AUDIENCE: Audience = { alg: 'EdDSA', secret: null, origins: [ORIGIN] };
const BEARER: Partial<BearerSettings> = {
  audiences: new Map([
    ['tools', AUDIENCE],
    ['others', { ...AUDIENCE, origins: [] }],
  ]),
  front: { agent: 'main', origin: ORIGIN, audience: 'tools' },
};
export const GROUP = { kind: 'group', id: 'room' } as const;

export async function house(
  more: { bearer?: Partial<BearerSettings>; users?: Users; allowShared?: boolean } = {},
) {
  const { bearer, users, allowShared = false } = more;
  const world = await openWorld({
    seed: 'identities',
    bearer: { ...BEARER, ...bearer },
    ...(users === undefined ? {} : { users }),
    admission: { allowShared, dmScope: allowShared ? 'main' : 'per-account-channel-peer' },
    policy: { groupPolicy: 'allowlist', groupAllowFrom: ['ana', 'bob'], requireMention: false },
  });
  return world;
}

export const last = ({ agent }: World) => {
  const question = agent.asked.at(-1);
  if (question === undefined) throw new Error('the agent was not asked');
  return question;
};

export async function read(world: World, token: string, audience = 'tools') {
  const jwk = world.signingKey.publicKey.export({ format: 'jwk' });
  return verifyBearer(token, {
    keys: { keys: [{ ...jwk, kid: 'test', alg: 'EdDSA', use: 'sig' }] },
    audience,
    issuer: world.bearer.issuer,
    now: new Date(world.clock.now()),
  });
}

export async function bound(world: World, handle: string, agent = 'main'): Promise<Bound> {
  const found = await world.services.identities.resolve(handle, agent);
  if (isDenied(found)) throw new Error(`nobody: ${found.reason}`);
  return found;
}

export async function reason(work: Promise<object | null>): Promise<string> {
  const answer = await work;
  return answer !== null && isDenied(answer) ? answer.reason : 'somebody';
}

export function minted(answer: Awaited<ReturnType<World['services']['identities']['bearer']>>): Minted {
  if (isDenied(answer)) throw new Error(`no bearer: ${answer.reason}`);
  return answer;
}
