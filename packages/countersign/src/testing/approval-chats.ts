// Chats in which something is asked: an owner, an approver and a user on one channel, and an agent's program that asks for
// the user. Without a port and without a page; requests come in where the agent's door would put them.
import type { Action } from '@countersign/protocol/approval';
import type { ApprovalView, ProvenSession } from '../core/approval/service.ts';
import { peerKey } from '../core/identity/peer.ts';
import type { Principal } from '../core/identity/people-port.ts';
import { command } from './approval-house.ts';
import type { ChannelHarness } from './channel/harness.ts';
import { buttonsHarness } from './channel/loopback.ts';
import type { Stand } from './stand.ts';
import { HOST, openWorld, type World } from './world.ts';

export { command };
/** Elevated: no proof is needed while nobody has a factor, and no button says yes. */
export const PUSH = command('git', 'push', 'origin', 'main');
/** Runs unasked, unless the policy asks always. */
export const LOOK = command('git', 'status');

export interface ApprovalChats extends AsyncDisposable {
  readonly world: World;
  readonly here: Stand;
  readonly people: Readonly<Record<'olga' | 'ari' | 'uma', Principal>>;
  /** Asks for Uma, or for whoever is named; `nobody`: no session came along. */
  asks(action?: Action, who?: 'olga' | 'ari' | 'uma' | 'nobody'): Promise<ApprovalView>;
  /** As it is now. */
  state(asked: ApprovalView): Promise<string>;
  heard(name: string): Promise<string>;
}

export async function openApprovalChats(
  options: NonNullable<Parameters<typeof openWorld>[0]> = {},
  harness: ChannelHarness = buttonsHarness,
): Promise<ApprovalChats> {
  const world = await openWorld({ on: [harness], ...options });
  const here = world.on(harness);
  const { directory, approvals } = world.services;
  const add = (name: string, role: Principal['role']) =>
    directory.add({ name, role, peer: here.peer(name) }, HOST);
  const people = {
    olga: await add('olga', 'owner'),
    ari: await add('ari', 'approver'),
    uma: await add('uma', 'user'),
  };
  await world.settle();
  const sessionOf = (who: 'olga' | 'ari' | 'uma'): ProvenSession => ({
    session: `ses_${who}`,
    principal: people[who].id,
    assurance: 'medium',
    peer: peerKey(here.peer(who)),
  });
  return {
    world,
    here,
    people,
    async asks(action = PUSH, who = 'uma') {
      const session = who === 'nobody' ? null : sessionOf(who);
      const asked = await approvals.ask({
        action,
        agent: 'main',
        token: 'tok_main',
        session,
        idempotencyKey: null,
      });
      await world.settle();
      // Nobody reads as fast as a test.
      world.clock.advance('1s');
      return approvals.get(asked.request.id);
    },
    state: async ({ request }) => (await approvals.get(request.id)).state,
    heard: async (name) => (await here.heard(name)).join('\n---\n'),
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}
