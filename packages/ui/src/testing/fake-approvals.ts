// Requests and the policy of the gateway in memory. It says what the schemas say; decisions are final, as they are there.
import type { ApprovalRow, Decide } from '@countersign/protocol/approval';
import type { ElevationRow } from '@countersign/protocol/grant';
import type { PolicyTest, PolicyView } from '@countersign/protocol/policy';
import { challengeOf, elevated, later } from './approval-rows.ts';
import type { Answer, Frame } from './fake-house.ts';

function isFactor(value: unknown): value is NonNullable<Decide['factor']> {
  return typeof value === 'object' && value !== null && 'kind' in value && 'value' in value;
}

export class FakeApprovals {
  rows: ApprovalRow[] = [];
  elevations: ElevationRow[] = [];
  /** The codes that prove, each once; a passkey proves with the challenge of its request. */
  codes = ['246810'];
  /** Until then an earlier proof counts, for what is not destructive. */
  isProven = false;
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
  /** May a rule be kept for what a request asked. */
  always: PolicyTest['always'] = { ok: true };
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
      const query = new URLSearchParams(path.split('?')[1]);
      const show = query.get('show') ?? 'open';
      const asked = query.get('asked');
      const items = this.rows.filter(
        ({ state, need }) =>
          (show === 'all' || (state === 'pending') === (show === 'open')) &&
          (asked === null || (need !== undefined) === (asked === 'people')),
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
      if (!this.always.ok) return no(403, 'policy_denied');
      const days = Number(String(body['for'] ?? '30d').slice(0, -1));
      return ok({ text: `main: | ${row.commands?.[0]?.text}`, until: later(days * 86_400_000) });
    }
    if (row.state !== 'pending') return no(409, 'already_decided');
    if (verb === 'prove') {
      const challenge = challengeOf(row);
      return ok({ challenge, options: { challenge, rpId: 'localhost', userVerification: 'required' } });
    }
    const decision = body['decision'] === 'approve' ? 'approve' : 'deny';
    const wanted = row.need?.factors ?? [];
    const isExempt = this.isProven && row.tier !== 'destructive';
    if (decision === 'deny' || wanted.length === 0 || isExempt)
      return ok(this.say(id, decision, 'prn_olga', body['reason']));
    const factor = body['factor'];
    if (!isFactor(factor)) return no(403, 'auth_factor_required');
    if (!wanted.includes(factor.kind) || !this.#proves(factor, row)) return no(401, 'challenge_failed');
    return ok(this.say(id, decision, 'prn_olga', undefined, [factor.kind]));
  }

  #proves({ kind, value }: NonNullable<Decide['factor']>, row: ApprovalRow): boolean {
    if (typeof value !== 'string') return kind === 'passkey' && value['challenge'] === challengeOf(row);
    const isRight = this.codes.includes(value);
    this.codes = this.codes.filter((code) => code !== value);
    return isRight;
  }

  elevate([what]: readonly string[], body: Frame, isProven: boolean): Answer {
    if (what === 'end') {
      const before = this.elevations.length;
      const { id } = body;
      this.elevations = this.elevations.filter((row) => id !== undefined && row.id !== id);
      return ok({ ended: before - this.elevations.length });
    }
    if (what === 'prove') {
      const challenge = btoa(JSON.stringify(body)).replaceAll(/[+/=]/g, '');
      return ok({ challenge, options: { challenge, rpId: 'localhost', userVerification: 'required' } });
    }
    if (!isProven) return no(403, 'auth_factor_required');
    const minutes = { '5m': 5, '15m': 15, '30m': 30, '1h': 60 }[String(body['for'])] ?? 0;
    const agent = typeof body['agent'] === 'string' ? body['agent'] : 'main';
    const row = elevated(`elev_${this.elevations.length}`, { agent, until: later(minutes * 60_000) });
    this.elevations = [row, ...this.elevations];
    return ok(row);
  }

  /** By the clock of the gateway. */
  lasting(): readonly ElevationRow[] {
    return this.elevations.filter(({ until }) => Date.parse(until) > Date.now());
  }

  receipt(id: string): Answer {
    return this.rows.some((row) => row.id === id)
      ? ok({ kind: 'countersign.receipt.v1', request: id })
      : no(404, 'not_found');
  }

  /** Somebody's word, here or elsewhere. */
  say(
    id: string,
    decision: 'approve' | 'deny',
    by: string,
    reason?: unknown,
    factors: NonNullable<ApprovalRow['decision']>['factors'] = [],
  ): object {
    this.rows = this.rows.map((row): ApprovalRow => {
      if (row.id !== id) return row;
      const why = typeof reason === 'string' ? { reason } : {};
      const word = { decision, by, surface: 'device:dev_own', factors, at: later(0), ...why };
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
    if (what === 'test')
      return ok(body['action'] === undefined ? this.test : { ...this.test, always: this.always });
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
