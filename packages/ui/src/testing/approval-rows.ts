// Requests and elevations as the schemas say them, with digests that fit what they are of.
import {
  actionDigest as digestOf,
  requestDigest as digestOfFacts,
  shortDigest,
} from '@countersign/protocol/action-digest';
import type { ApprovalRow, ExecShell, RequestFacts } from '@countersign/protocol/approval';
import type { ElevationRow } from '@countersign/protocol/grant';

const HASH = 'a'.repeat(64);

export function later(ms: number): string {
  return new Date(Date.now() + ms).toISOString();
}

export function shellAction(shell: string): ExecShell {
  return {
    kind: 'exec',
    shell,
    cwd: { path: '/home/olga/work', device: '2049', inode: '131074' },
    program: { path: '/usr/bin/bash', sha256: HASH },
    scripts: [],
    env: { PATH: '/usr/bin:/bin', API_URL: 'https://example.com' },
    stdin: { kind: 'none' },
    host: 'ins_test',
  };
}

/** A request that Olga may decide, with digests that fit it. */
export async function asked(
  id: string,
  shell: string,
  more: Partial<ApprovalRow> = {},
): Promise<ApprovalRow> {
  const { tier = 'elevated', expiresAt = later(540_000), action = shellAction(shell) } = more;
  const actionDigest = await digestOf(action);
  const facts: RequestFacts = {
    actionDigest,
    requester: 'prn_ute',
    agent: 'main',
    session: null,
    tier,
    policy: 3,
    nonce: 'A'.repeat(22),
    expiresAt: Date.parse(expiresAt),
  };
  const requestDigest = await digestOfFacts(facts);
  return {
    id,
    state: 'pending',
    tier,
    reasons: [{ rule: 'net.push', tier: 'elevated', why: 'it sends something out', command: 0 }],
    commands: [{ text: shell, tier: 'elevated', via: [] }],
    actionDigest,
    requestDigest,
    short: shortDigest(requestDigest),
    action,
    facts,
    requester: facts.requester,
    agent: facts.agent,
    host: action.host,
    need: { who: 'approvers', people: ['prn_olga'], quorum: 1, factors: [] },
    decisions: [],
    told: 'delivered',
    names: { prn_olga: 'Olga', prn_ute: 'Ute' },
    createdAt: later(-60_000),
    expiresAt,
    ...more,
  };
}

export function elevated(id: string, more: Partial<ElevationRow> = {}): ElevationRow {
  return {
    id,
    agent: 'main',
    by: 'prn_olga',
    name: 'Olga',
    session: null,
    surface: 'page',
    createdAt: later(0),
    until: later(900_000),
    ...more,
  };
}

/** Of one request: another’s answers nothing here. */
export function challengeOf({ requestDigest }: ApprovalRow): string {
  return Buffer.from(requestDigest.slice(0, 32), 'hex').toString('base64url');
}
