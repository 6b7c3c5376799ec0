// A request for approval as the gateway would write it, for tests that need one and not how it came to be.
import type { Action } from '@countersign/protocol/approval';
import type { ApprovalId, PrincipalId, TokenId } from '@countersign/protocol/ids';
import type { NewApproval, Word } from '../core/approval/approvals-port.ts';
import type { Needed } from '../core/approval/judge.ts';
import type { Millis } from '../core/ports.ts';

export function execAction(...argv: string[]): Action {
  return {
    kind: 'exec',
    argv,
    cwd: { path: '/home/agent/app', device: '64769', inode: '131074' },
    program: { path: `/usr/bin/${argv[0]}`, sha256: 'ab'.repeat(32) },
    scripts: [],
    env: { PATH: '/usr/bin', LANG: 'C.UTF-8' },
    stdin: { kind: 'none' },
    host: 'host-1',
  };
}

export function needOf(people: readonly PrincipalId[], more: Partial<Needed> = {}): Needed {
  return {
    who: 'approvers',
    people,
    able: people,
    quorum: 1,
    factors: [],
    self: false,
    timeoutMs: 600_000,
    lifetimeMs: 120_000,
    cooldownMs: 300_000,
    ...more,
  };
}

export function approvalRow(id: ApprovalId, now: Millis, more: Partial<NewApproval> = {}): NewApproval {
  const token: TokenId = more.token ?? 'tok_a';
  return {
    id,
    state: 'pending',
    agent: 'main',
    token,
    connection: `token:${token}`,
    session: null,
    requester: null,
    requesterPeer: null,
    host: 'host-1',
    action: execAction('git', 'push'),
    actionDigest: '0'.repeat(64),
    requestDigest: '1'.repeat(64),
    short: 'K7QD2-M4XA9',
    nonce: 'n'.repeat(32),
    policy: 1,
    tier: 'elevated',
    reasons: [{ rule: 'network.git', tier: 'elevated', why: 'sends to a server', command: 0 }],
    commands: [{ text: 'git push', tier: 'elevated', via: [] }],
    need: needOf([]),
    flags: [],
    quietly: false,
    because: null,
    createdAt: now,
    expiresAt: now + 600_000,
    redeemBy: null,
    ...more,
  };
}

export function word(by: PrincipalId, at: Millis, more: Partial<Word> = {}): Word {
  return {
    decision: 'approve',
    by,
    surface: 'chat:telegram:default:555',
    factors: [],
    at,
    reason: null,
    ...more,
  };
}
