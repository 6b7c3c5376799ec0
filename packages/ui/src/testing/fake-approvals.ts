// Requests and the policy of the gateway in memory. It says what the schemas say; decisions are final, as they are there.
import type { ApprovalRow, ExecShell } from '@countersign/protocol/approval';
import type { PolicyTest, PolicyView } from '@countersign/protocol/policy';
import type { Answer, Frame } from './fake-house.ts';

const HASH = 'a'.repeat(64);

function later(ms: number): string {
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

/** A request that Olga may decide. */
export function asked(
  id: string,
  short: string,
  shell: string,
  more: Partial<ApprovalRow> = {},
): ApprovalRow {
  return {
    id,
    state: 'pending',
    tier: 'elevated',
    reasons: [{ rule: 'net.push', tier: 'elevated', why: 'it sends something out', command: 0 }],
    commands: [{ text: shell, tier: 'elevated', via: [] }],
    actionDigest: HASH,
    requestDigest: HASH,
    short,
    action: shellAction(shell),
    requester: 'prn_ute',
    agent: 'main',
    host: 'ins_test',
    need: { who: 'approvers', people: ['prn_olga'], quorum: 1, factors: [] },
    decisions: [],
    told: 'delivered',
    names: { prn_olga: 'Olga', prn_ute: 'Ute' },
    createdAt: later(-60_000),
    expiresAt: later(540_000),
    ...more,
  };
}

export class FakeApprovals {
  rows: ApprovalRow[] = [];
  policy: PolicyView = {
    version: 3,
    defaults: { security: 'allowlist', ask: 'on-miss', free: 'write' },
    agents: [{ agent: 'deploy', security: 'full', ask: 'always', free: 'none', source: 'agents.deploy' }],
    totp: { enabled: true, scope: 'elevated', cooldown: '5m' },
    selfApproval: 'never',
    tiers: (['read', 'write', 'elevated', 'destructive'] as const).map((tier) => ({
      tier,
      timeout: '10m',
      lifetime: '2m',
      who: tier === 'destructive' ? 'owners' : 'approvers',
      quorum: 1,
      passkeyOnly: false,
    })),
    rules: [
      {
        id: 'r_1',
        agent: 'main',
        kind: 'exact',
        text: '| git push origin main',
        until: later(86_400_000 * 3),
      },
      { id: 'r_2', agent: null, kind: 'dead', text: 'python', why: 'a bare name allows nothing' },
    ],
  };
  test: PolicyTest = {
    tier: 'destructive',
    reasons: [
      { rule: 'net.fetch', tier: 'read', why: 'it fetches a public address', command: 0 },
      { rule: 'pipe.shell', tier: 'destructive', why: 'what was fetched is run', command: 2 },
    ],
    outcome: 'require',
    need: { factors: ['totp', 'passkey'], quorum: 2, who: ['Olga'], timeout: '10m' },
    commands: [
      { text: 'curl -s https://example.com', tier: 'read', via: [] },
      { text: 'sudo sh', tier: 'destructive', via: [] },
      { text: 'sh', tier: 'destructive', via: ['sudo'] },
    ],
    always: { ok: false, why: 'destructive' },
    source: 'defaults',
  };

  read(path: string, id: string | undefined): Answer {
    if (id === undefined) {
      const show = new URLSearchParams(path.split('?')[1]).get('show') ?? 'open';
      const items = this.rows.filter(
        ({ state }) => show === 'all' || (state === 'pending') === (show === 'open'),
      );
      return ok({ items });
    }
    const row = this.rows.find((one) => one.id === id);
    return row === undefined ? no(404, 'not_found') : ok(row);
  }

  decide([id = '', verb]: readonly string[], body: Frame): Answer {
    if (id === 'deny-all') {
      const open = this.rows.filter(({ state }) => state === 'pending');
      for (const row of open) this.say(row.id, 'deny', 'prn_olga');
      return ok({ denied: open.length });
    }
    const row = this.rows.find((one) => one.id === id);
    if (row === undefined) return no(404, 'not_found');
    if (verb === 'allow') {
      const days = Number(String(body['for'] ?? '30d').slice(0, -1));
      return ok({ text: `main: | ${row.commands?.[0]?.text}`, until: later(days * 86_400_000) });
    }
    if (row.state !== 'pending') return no(409, 'already_decided');
    const decision = body['decision'] === 'approve' ? 'approve' : 'deny';
    if (decision === 'approve' && (row.need?.factors.length ?? 0) > 0) return no(403, 'auth_factor_required');
    return ok(this.say(id, decision, 'prn_olga', body['reason']));
  }

  /** Somebody's word, here or elsewhere. */
  say(id: string, decision: 'approve' | 'deny', by: string, reason?: unknown): object {
    this.rows = this.rows.map((row): ApprovalRow => {
      if (row.id !== id) return row;
      const why = typeof reason === 'string' ? { reason } : {};
      const word = { decision, by, surface: 'page', factors: [], at: later(0), ...why };
      const state = decision === 'approve' ? 'approved' : 'denied';
      return { ...row, state, decisions: [word], decision: word };
    });
    return this.rows.find((row) => row.id === id) ?? {};
  }

  policyRead(what: string | undefined): Answer {
    return ok(what === 'export' ? { document: '{"version":2}' } : this.policy);
  }

  policyChange([what = '', id, verb]: readonly string[], body: Frame): Answer {
    const { version } = this.policy;
    if (what === 'test') return ok(this.test);
    if (what === 'rules' && verb === 'revoke') {
      this.policy = { ...this.policy, rules: this.policy.rules.filter((rule) => rule.id !== id) };
      return ok({ revoked: id });
    }
    if (what === 'set') {
      if (body['path'] === 'defaults.ask' && body['value'] === 'always')
        this.policy = {
          ...this.policy,
          version: version + 1,
          defaults: { ...this.policy.defaults, ask: 'always' },
        };
      return ok({
        version: this.policy.version,
        changes: [{ path: body['path'], from: 'x', to: 'y' }],
        notes: [],
      });
    }
    const changes = [{ path: 'defaults.ask', from: 'on-miss', to: 'always' }];
    const notes = ['agents.main.allowlist[0]: a bare name allows nothing'];
    return ok({ version: body['dryRun'] === true ? version : version + 1, changes, notes });
  }
}

function ok(body: object, status = 200): Answer {
  return { status, body };
}

function no(status: number, code: string): Answer {
  return { status, body: { type: `/docs/errors#${code}`, title: `Refused: ${code}`, status, code } };
}
