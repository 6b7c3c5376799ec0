// The typed HTTP client. A subpath of its own that loads neither zod nor jose: the CLI's first tick is its cost.
// `fetch` is injected, so the same client speaks over a socket, over TCP, or to an app in this very process.
import type { ApprovalAsk, ApprovalCancel, ApprovalRow, Decide, DeniedAll } from './approval.ts';
import type { ChannelLoggedOut, ChannelLogin, LoginStepRow } from './channel-login.ts';
import type { List } from './common.ts';
import type { ConfigApplied, ConfigChange, ConfigChecked, ConfigText } from './config.ts';
import type { DeviceRow, Setup } from './device.ts';
import type { ExecAsk, ExecJob, RemoteSignal } from './exec.ts';
import type { FactorList, FactorRow, RecoveryRow, TotpEnrolled } from './factor.ts';
import type {
  AccountStatus,
  Addable,
  AuditEvent,
  AuditVerdict,
  ChannelAdd,
  ChannelAdded,
  ClaimLink,
  DoctorCheck,
  GatewayStatus,
  PendingChange,
} from './gateway.ts';
import type { ElevationRow, GrantReport } from './grant.ts';
import type { PersonLinked, PersonRow, PersonUnlinked, RoleName, SessionRow } from './identity.ts';
import type { Overview } from './overview.ts';
import type { PairingFound, PairingRow, PairingShow } from './pairing.ts';
import type { PolicyChanged, PolicyTest, PolicyTestAsk, PolicyView } from './policy.ts';
import { Problem } from './problem.ts';
import type { PushList, PushRow, PushSubscribe, PushTest } from './push.ts';
import type { Receipt } from './receipt.ts';
import type { TokenCreate, TokenMade, TokenRow } from './service-token.ts';
import type { PersonMapping, PersonUser } from './user-map.ts';

export type Fetch = (path: string, init: FetchInit) => Promise<FetchAnswer>;

export interface FetchInit {
  readonly method: string;
  readonly body?: string;
  readonly signal?: AbortSignal;
  /** Beside what the road sets itself: a proof. Printable ASCII. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface FetchAnswer {
  readonly status: number;
  text(): Promise<string>;
}

/** A proof beside a call: `totp <code>`, `recovery <code>`, `passkey <base64url of {challenge, response}>`. */
export const FACTOR_HEADER = 'x-countersign-factor';
/** Which owner proves it, where the caller is the host: percent-encoded. */
export const AS_HEADER = 'x-countersign-as';

export interface Where {
  readonly channel?: string | undefined;
  readonly account?: string | undefined;
}
export interface Page {
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

export interface AuditQuery extends Page {
  readonly session?: string | undefined;
  readonly person?: string | undefined;
  readonly type?: string | undefined;
  readonly types?: string | undefined;
  readonly about?: readonly string[] | undefined;
  readonly outcome?: AuditEvent['outcome'] | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

export interface ApprovalQuery extends Page {
  readonly show?: 'open' | 'history' | 'all' | undefined;
  readonly agent?: string | undefined;
  readonly asked?: 'people' | 'nobody' | undefined;
}

/** Every call throws the server's Problem, or `gateway_down` when `fetch` could not reach it. */
export function createClient(fetch: Fetch) {
  async function call<T>(
    method: string,
    path: string,
    body?: unknown,
    more: Pick<FetchInit, 'headers' | 'signal'> = {},
  ): Promise<T> {
    const answer = await fetch(`/api/v1${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...more,
    });
    const text = await answer.text();
    const value: unknown = text === '' ? null : parse(text);
    if (answer.status >= 400) throw Problem.fromDocument(value);
    return value as T;
  }
  const get = <T>(path: string, query: object = {}) => call<T>('GET', path + search(query));
  const post = <T>(path: string, body: unknown = {}) => call<T>('POST', path, body);
  const enc = encodeURIComponent;

  return {
    gateway: {
      status: () => get<GatewayStatus>('/gateway'),
      stop: () => post<{ stopping: true }>('/gateway/stop'),
      doctor: () => get<{ items: DoctorCheck[] }>('/doctor'),
      claimLink: () => post<ClaimLink>('/claim/link'),
    },
    overview: () => get<Overview>('/overview'),
    pairings: {
      list: (query: Where & Page & { show?: PairingShow } = {}) => get<List<PairingRow>>('/pairings', query),
      get: (id: string) => get<PairingRow>(`/pairings/${enc(id)}`),
      find: (query: Where & { what: string }) => post<PairingFound>('/pairings/find', query),
      approve: (id: string, body: { for?: string; name?: string } = {}) =>
        post<PairingRow>(`/pairings/${enc(id)}/approve`, body),
      deny: (id: string) => post<PairingRow>(`/pairings/${enc(id)}/deny`),
      block: (id: string) => post<PairingRow>(`/pairings/${enc(id)}/block`),
      unblock: (id: string) => post<PairingRow>(`/pairings/${enc(id)}/unblock`),
      revoke: (peer: { channel: string; account?: string; identifier: string }) =>
        post<PairingRow | { revoked: true }>('/pairings/revoke', peer),
      reset: (where: Where & { identifier?: string } = {}) =>
        post<{ removed: number }>('/pairings/reset', where),
    },
    people: {
      list: (query: Page = {}) => get<List<PersonRow>>('/people', query),
      show: (ref: string) => get<PersonRow>(`/people/${enc(ref)}`),
      add: (person: { name: string; role?: RoleName; peer?: string }) => post<PersonRow>('/people', person),
      role: (ref: string, role: RoleName) => post<PersonRow>(`/people/${enc(ref)}/role`, { role }),
      rename: (ref: string, name: string) => post<PersonRow>(`/people/${enc(ref)}/rename`, { name }),
      block: (ref: string) => post<PersonRow>(`/people/${enc(ref)}/block`),
      unblock: (ref: string) => post<PersonRow>(`/people/${enc(ref)}/unblock`),
      suspend: (ref: string) => post<PersonRow>(`/people/${enc(ref)}/suspend`),
      resume: (ref: string) => post<PersonRow>(`/people/${enc(ref)}/resume`),
      link: (
        ref: string,
        body: { peer: string; as?: RoleName; via?: string; codes?: readonly [string, string] },
      ) => post<PersonLinked>(`/people/${enc(ref)}/link`, body),
      unlink: (peer: string) => post<PersonUnlinked>('/people/unlink', { peer }),
      map: (items: readonly PersonMapping[]) => post<{ items: PersonUser[] }>('/people/map', { items }),
      users: (query: Page = {}) => get<List<PersonUser>>('/users', query),
      user: (ref: string) => get<PersonUser>(`/people/${enc(ref)}/user`),
      unmap: (ref: string) => post<{ unmapped: string }>(`/people/${enc(ref)}/unmap`),
      forget: (ref: string) => post<{ forgotten: string }>(`/people/${enc(ref)}/forget`),
    },
    sessions: {
      list: (query: Page & { person?: string; show?: 'live' | 'all' } = {}) =>
        get<List<SessionRow>>('/sessions', query),
      get: (ref: string) => get<SessionRow>(`/sessions/${enc(ref)}`),
      revoke: (ref: string) => post<SessionRow>(`/sessions/${enc(ref)}/revoke`),
    },
    channels: {
      list: () => get<List<AccountStatus>>('/channels'),
      addable: () => get<{ items: Addable[] }>('/channels/addable'),
      add: (account: ChannelAdd) => post<ChannelAdded>('/channels', account),
      status: (query: { probe?: boolean } = {}) => get<List<AccountStatus>>('/channels/status', query),
      login: (channel: string, body: ChannelLogin = {}) =>
        post<LoginStepRow>(`/channels/${enc(channel)}/login`, body),
      /** Resolves when there is a step after `after`, or nothing has happened for a while. */
      loginStep: (id: string, after: number) => get<LoginStepRow>(`/channels/logins/${enc(id)}`, { after }),
      loginCancel: (id: string) => post<LoginStepRow>(`/channels/logins/${enc(id)}/cancel`),
      logout: (channel: string, body: { account?: string } = {}) =>
        post<ChannelLoggedOut>(`/channels/${enc(channel)}/logout`, body),
    },
    config: {
      get: (path?: string) =>
        get<{ path: string; value: unknown }>('/config', path === undefined ? {} : { path }),
      set: (path: string, value: unknown) =>
        post<{ path: string; value: unknown }>('/config/set', { path, value }),
      unset: (path: string) => post<{ path: string }>('/config/unset', { path }),
      text: () => get<ConfigText>('/config/text'),
      check: (changes: readonly ConfigChange[]) => post<ConfigChecked>('/config/check', { changes }),
      apply: (changes: readonly ConfigChange[], base: string) =>
        post<ConfigApplied>('/config/apply', { changes, base }),
      validate: () => get<{ valid: true; path: string }>('/config/validate'),
      schema: () => get<unknown>('/config/schema'),
      path: () => get<{ path: string; exists: boolean }>('/config/path'),
      pending: () => get<{ items: PendingChange[] }>('/config/pending'),
      accept: (path: string) => post<{ path: string; accepted: true }>('/config/accept', { path }),
    },
    factors: {
      list: (person?: string) => get<FactorList>('/factors', { person }),
      enrolTotp: (body: { person?: string; label?: string } = {}) =>
        post<TotpEnrolled>('/factors/totp', body),
      confirm: (id: string, code: string) => post<FactorRow>(`/factors/${enc(id)}/confirm`, { code }),
      remove: (id: string) => post<FactorRow>(`/factors/${enc(id)}/remove`),
      recoveryCodes: (person?: string) =>
        post<{ codes: string[] }>('/factors/recovery-codes', person === undefined ? {} : { person }),
    },
    devices: {
      list: (
        query: Page & { show?: 'live' | 'pending' | 'all'; role?: DeviceRow['role'] | undefined } = {},
      ) => get<List<DeviceRow>>('/devices', query),
      get: (id: string, query: { as?: 'request' } = {}) => get<DeviceRow>(`/devices/${enc(id)}`, query),
      approve: (id: string, body: { for?: string } = {}) =>
        post<DeviceRow>(`/devices/${enc(id)}/approve`, body),
      reject: (id: string) => post<DeviceRow>(`/devices/${enc(id)}/reject`),
      revoke: (id: string) => post<DeviceRow>(`/devices/${enc(id)}/revoke`),
      rename: (id: string, name: string) => post<DeviceRow>(`/devices/${enc(id)}/rename`, { name }),
      setup: (body: { role?: DeviceRow['role']; scopes?: DeviceRow['scopes'] } = {}) =>
        post<Setup>('/devices/setup', body),
    },
    push: {
      list: () => get<PushList>('/push'),
      subscribe: (body: PushSubscribe) => post<PushRow>('/push', body),
      revoke: (id: string) => post<{ ended: true }>(`/push/${enc(id)}/revoke`),
      test: (id: string) => post<PushTest>(`/push/${enc(id)}/test`),
    },
    recoveries: {
      list: () => get<{ items: RecoveryRow[] }>('/recoveries'),
      start: (person: string) => post<RecoveryRow>('/recoveries', { person }),
      stop: (id: string) => post<RecoveryRow>(`/recoveries/${enc(id)}/stop`),
      finish: (id: string) => post<RecoveryRow>(`/recoveries/${enc(id)}/finish`),
    },
    tokens: {
      list: (query: Page & { show?: 'live' | 'all' } = {}) => get<List<TokenRow>>('/tokens', query),
      get: (ref: string) => get<TokenRow>(`/tokens/${enc(ref)}`),
      create: (body: TokenCreate) => post<TokenMade>('/tokens', body),
      revoke: (ref: string) => post<TokenRow>(`/tokens/${enc(ref)}/revoke`),
    },
    approvals: {
      list: (query: ApprovalQuery = {}) => get<List<ApprovalRow>>('/approvals', query),
      /** @param for_ `yes`: by a name that a yes would take, too. */
      get: (ref: string, for_?: 'yes') =>
        get<ApprovalRow>(`/approvals/${enc(ref)}`, for_ === undefined ? {} : { for: for_ }),
      /**
       * Resolves once it changed, or after `wait` seconds.
       * @param how `stays`: whoever calls waits on until there is an answer, and is gone where the line is cut off for long.
       */
      wait: (id: string, wait: number, signal?: AbortSignal, how?: 'stays') =>
        call<ApprovalRow>(
          'GET',
          `/approvals/${enc(id)}${search(how === undefined ? { wait } : { wait, stays: true })}`,
          undefined,
          signal === undefined ? {} : { signal },
        ),
      /** @param key the same for every try of one asking. */
      ask: (body: ApprovalAsk, key: string) =>
        call<ApprovalRow>('POST', '/approvals', body, { headers: { 'idempotency-key': key } }),
      decide: (ref: string, body: Decide) => post<ApprovalRow>(`/approvals/${enc(ref)}/decision`, body),
      cancel: (id: string, why: ApprovalCancel = {}) =>
        post<ApprovalRow>(`/approvals/${enc(id)}/cancel`, why),
      allow: (ref: string, body: { for?: string; preview?: boolean } = {}) =>
        post<{ rule?: string; text: string; until: string }>(`/approvals/${enc(ref)}/allow`, body),
      /** What a browser needs to prove a passkey for this request alone. */
      prove: (ref: string) =>
        post<{ challenge: string; options: Record<string, unknown> }>(`/approvals/${enc(ref)}/prove`),
      denyAll: (body: { reason?: string } = {}) => post<DeniedAll>('/approvals/deny-all', body),
    },
    grants: {
      redeem: (grant: string) => post<{ redeemed: true }>('/grants/redeem', { grant }),
      report: (body: GrantReport) => post<{ reported: true }>('/grants/report', body),
    },
    exec: {
      /** @param key the same for every try of one asking. */
      ask: (body: ExecAsk, key: string) =>
        call<ExecJob>('POST', '/exec', body, { headers: { 'idempotency-key': key } }),
      get: (id: string, query: { after?: number; seen?: number; wait?: number } = {}) =>
        get<ExecJob>(`/exec/${enc(id)}`, query),
      signal: (id: string, signal: RemoteSignal) => post<ExecJob>(`/exec/${enc(id)}/signal`, { signal }),
    },
    elevations: {
      list: () => get<List<ElevationRow>>('/elevations'),
      begin: (body: { for: string; agent?: string; session?: string }) =>
        post<ElevationRow>('/elevations', body),
      /** One, or all that last. */
      end: (id?: string) => post<{ ended: number }>('/elevations/end', id === undefined ? {} : { id }),
    },
    policy: {
      get: () => get<PolicyView>('/policy'),
      test: (body: PolicyTestAsk) => post<PolicyTest>('/policy/test', body),
      import: (document: string, dryRun = false) =>
        post<PolicyChanged>('/policy/import', { document, dryRun }),
      export: () => get<{ document: string }>('/policy/export'),
      set: (path: string, value: string) => post<PolicyChanged>('/policy/set', { path, value }),
      revoke: (rule: string) => post<{ revoked: string }>(`/policy/rules/${enc(rule)}/revoke`),
    },
    audit: {
      list: (query: AuditQuery = {}) => get<List<AuditEvent>>('/audit', query),
      verify: () => get<AuditVerdict>('/audit/verify'),
      receipt: (approval: string) => get<Receipt>(`/approvals/${encodeURIComponent(approval)}/receipt`),
    },
  };
}

export type Client = ReturnType<typeof createClient>;

/** A list of values is the same name several times. */
function search(query: object): string {
  const pairs = Object.entries(query).flatMap(([key, value]: [string, unknown]) =>
    (Array.isArray(value) ? value : [value])
      .filter((one) => one !== undefined)
      .map((one): [string, string] => [key, String(one)]),
  );
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Problem('gateway_down', { detail: 'the answer was not JSON', cause });
  }
}
