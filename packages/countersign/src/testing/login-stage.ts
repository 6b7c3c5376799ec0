// Sign-in by chat code as a test plays it: browsers with keys of their own, and the owner's chat with buttons.
import { generateKeyPairSync } from 'node:crypto';
import type { PublicJwk } from '@countersign/protocol/gateway';
import { Problem } from '@countersign/protocol/problem';
import type { Asked, Asking } from '../core/challenge/login.ts';
import { thumbprint } from '../runtime/crypto/public-key.ts';
import { buttonsHarness } from './channel/loopback.ts';
import { openWorld, type World } from './world.ts';

export interface Browser extends Asking {
  readonly key: PublicJwk;
}

export function browser(more: Partial<Asking> = {}): Browser {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const key: PublicJwk = { kty: 'EC', crv: 'P-256', x, y };
  const print = Buffer.from(thumbprint(key)).toString('base64url');
  return { key, thumbprint: print, address: '203.0.113.7', agent: 'Firefox on Linux', ticket: null, ...more };
}

export async function house(options: Parameters<typeof openWorld>[0] = {}) {
  const world = await openWorld({ on: [buttonsHarness], ...options });
  const olga = await world.knows('olga', 'owner');
  return { world, olga, login: world.services.login };
}

export const stage = (world: World) => world.on(buttonsHarness);

export async function ask(world: World, who: Asking): Promise<Asked> {
  const asked = await world.services.login.challenge(who);
  await world.settle();
  return asked;
}

/** The digits in the newest code message of that chat, or null when there is none. */
export async function codeIn(world: World, name = 'olga'): Promise<string | null> {
  const sent = world.channel().sent.filter(({ to }) => to.peer.native === name);
  const said = sent.findLast(({ message }) => message.kind === 'login-code');
  return said === undefined ? null : (/Then type there: (\d+)/.exec(said.message.text)?.[1] ?? null);
}

export const answer = (
  world: World,
  { requestId }: Asked,
  { thumbprint: print }: Browser,
  code: string | null,
) => world.services.login.verify({ requestId, thumbprint: print, code: code ?? '', name: 'Firefox' });

export const failed = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (cause: unknown) => Problem.codeOf(cause),
  );
