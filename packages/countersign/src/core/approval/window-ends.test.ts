// Approval 6.6, R30: a proof counts again for a while, and no longer than what it was given by stands as it stood. The attack: a
// phone that was stolen and taken away from its owner, whose last code still opens the next four minutes.
import type { DeviceId, PrincipalId } from '@countersign/protocol/ids';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ApprovalBench, OTHER, PUSH } from '../../testing/approval-bench.ts';
import { codeOf } from '../../testing/factor-stage.ts';
import { addMachine } from '../../testing/grant-holders.ts';
import { type Peer, parseNative } from '../identity/peer.ts';
import type { NewLink } from '../identity/people-port.ts';
import type { Given } from './service.ts';

const HOST = { kind: 'host' } as const;
const MACHINE: DeviceId = `dev_${'a'.repeat(24)}`;
const CHAT = chatOf('501');
const BLOCKED = chatOf('502');

let bench: ApprovalBench;
let ari: PrincipalId;
let code: (after?: number) => string;
beforeEach(async () => {
  bench = await ApprovalBench.open();
  await bench.person('Olga', 'owner');
  ari = await bench.person('Ari', 'approver');
  code = await bench.app(ari);
  await addMachine(bench.store, MACHINE, ari, bench.clock.now());
  for (const chat of [CHAT, BLOCKED]) await bench.store.people.link(chat, linkTo(ari));
  await bench.store.people.setBlocked(BLOCKED, true, bench.clock.now());
});
afterEach(() => bench[Symbol.asyncDispose]());

function chatOf(digits: string): Peer {
  const native = parseNative(digits, /^\d+$/);
  if (native === null) throw new Error('that is no chat');
  return { channel: 'telegram', account: 'default', native };
}

function linkTo(principal: PrincipalId): NewLink {
  return {
    ...{ principal, ceiling: 'approver', assurance: 'medium', direct: true, accessUntil: null },
    ...{ displayName: null, username: null, at: bench.clock.now() },
  };
}

const says = async (action: typeof PUSH, given: Given | null) => {
  const more = { enrolled: ['totp'], ...(given === null ? {} : { given }) } as const;
  return codeOf(bench.says(ari, 'approve', await bench.ask(action), more));
};

const CAUSES: readonly (readonly [string, () => Promise<unknown>])[] = [
  [
    'suspended and resumed',
    async () => {
      await bench.directory.setState(ari, 'suspend', HOST);
      await bench.directory.setState(ari, 'resume', HOST);
    },
  ],
  [
    'blocked and let in again',
    async () => {
      await bench.directory.setState(ari, 'block', HOST);
      await bench.directory.setState(ari, 'unblock', HOST);
    },
  ],
  ['of another role', () => bench.directory.setRole(ari, 'owner', HOST)],
  ['with a factor more', () => bench.app(ari)],
  ['with new recovery codes', () => bench.factors.recoveryCodes(ari, HOST)],
  ['with a chat more', () => bench.store.people.link(chatOf('900'), linkTo(ari))],
  ['without a chat that they had', () => bench.store.people.unlink(CHAT)],
  ['whose chat was blocked', () => bench.store.people.setBlocked(CHAT, true, bench.clock.now())],
  ['whose chat is let in again', () => bench.store.people.setBlocked(BLOCKED, false, bench.clock.now())],
  ['whose chat decides what it did not', () => bench.store.people.setCeiling(CHAT, 'user', ari)],
  ['without a device', () => bench.store.devices.end(MACHINE, 'revoked', 'revoked', bench.clock.now())],
];

test.each(CAUSES)('a person %s proves themselves anew', async (_name, cause) => {
  expect(await says(PUSH, { kind: 'totp', proof: { kind: 'totp', value: code() }, place: 'device:a' })).toBe(
    'ok',
  );
  await cause();
  await bench.approvals.settled();
  expect(await says(OTHER, null)).toBe('auth_factor_required');
});

test('whoever is renamed, and whoever lives beside all that, does not', async () => {
  expect(await says(PUSH, { kind: 'totp', proof: { kind: 'totp', value: code() }, place: 'device:a' })).toBe(
    'ok',
  );
  await bench.directory.rename(ari, 'Ariel', HOST);
  await bench.directory.setState(await bench.person('Uma', 'user'), 'suspend', HOST);
  await bench.approvals.settled();
  expect(await says(OTHER, null)).toBe('ok');
});
