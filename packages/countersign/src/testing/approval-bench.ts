// Approvals and policy over the real store, without a gateway around them: a clock that moves when told, people, and what was
// told of whom written down in the order of telling.
import type { Action } from '@countersign/protocol/approval';
import { ID_KINDS, makeId, type PrincipalId, type SessionId, type TokenId } from '@countersign/protocol/ids';
import { Approvals } from '../core/approval/approvals.ts';
import type { ApprovalSettings } from '../core/approval/candidates.ts';
import { ElevationBook } from '../core/approval/elevations.ts';
import type { Decider } from '../core/approval/may-decide.ts';
import { PolicyBook } from '../core/approval/policies.ts';
import type { RiskContext } from '../core/approval/risk/risk.ts';
import type { ApprovalTelling, ApprovalView, EndOf, Given, ProvenSession } from '../core/approval/service.ts';
import { Denials } from '../core/audit/denials.ts';
import type { Actor, StoredEvent } from '../core/audit/event.ts';
import { Bus } from '../core/bus.ts';
import { Factors } from '../core/factor/factors.ts';
import { Directory } from '../core/identity/directory.ts';
import { parseNative } from '../core/identity/peer.ts';
import type { Role } from '../core/identity/people-port.ts';
import { NO_FILE } from '../core/pairing/allow-port.ts';
import type { Roster } from '../core/roster.ts';
import type { Store } from '../core/store-port.ts';
import { createHasher } from '../runtime/crypto/hasher.ts';
import { createPasskeys } from '../runtime/crypto/passkeys.ts';
import { createPasswords } from '../runtime/crypto/passwords.ts';
import { StorageKey } from '../runtime/keys.ts';
import { execAction } from './approval-rows.ts';
import { totpAt } from './factor-stage.ts';
import { FakeClock, MemoryLog, SeededRandom } from './fakes.ts';
import { addToken } from './grant-holders.ts';
import { openTestStore } from './store/open.ts';

/** Asked about, and no proof needed while nobody has a factor. */
export const PUSH = execAction('git', 'push', 'origin', 'main');
export const OTHER = execAction('git', 'push', 'upstream', 'main');
/** Needs a proof whoever says yes. */
export const WIPE = execAction('rm', '-rf', '/home/agent/app');
/** Runs unasked by default. */
export const LOOK = execAction('git', 'status');

export const RISK: RiskContext = {
  home: '/home/agent',
  guarded: { paths: ['/var/lib/countersign'], ports: [8787], pids: [] },
  rules: [],
  tools: {},
};

export class ApprovalBench implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly random: SeededRandom;
  readonly bus = new Bus();
  readonly log = new MemoryLog();
  /** `asked appr_…`, `ended appr_… denied`, `owners …`. */
  readonly told: string[] = [];
  readonly ends: EndOf[] = [];
  settings: ApprovalSettings = { approvers: [], timeoutMs: 600_000 };
  /** What aborts a wait: tests move it along. */
  readonly deadlines: { readonly ms: number; readonly end: AbortController }[] = [];
  readonly token: TokenId;
  readonly store: Store;
  readonly approvals: Approvals;
  readonly policies: PolicyBook;
  readonly factors: Factors;
  readonly elevations: ElevationBook;
  readonly directory: Directory;

  private constructor(store: Store, seed: string, telling: (bench: ApprovalBench) => ApprovalTelling) {
    this.store = store;
    this.random = new SeededRandom(seed);
    const tell = telling(this);
    this.token = this.id('token');
    const { clock, random, bus, log } = this;
    const judging = {
      store,
      clock,
      bus,
      telling: () => tell,
      facts: () => RISK,
      settings: () => this.settings,
    };
    const hasher = createHasher(new StorageKey(new Uint8Array(32).fill(1)));
    const denials = new Denials(store);
    const [passwords, passkeys] = [createPasswords(random), createPasskeys()];
    this.factors = new Factors({ store, clock, random, hasher, denials, bus, passwords, passkeys });
    this.elevations = new ElevationBook({ store, clock, random, bus, log, denials, factors: this.factors });
    this.approvals = new Approvals({
      ...judging,
      random,
      log,
      hasher,
      denials,
      factors: this.factors,
      deadline: (ms) => {
        const end = new AbortController();
        this.deadlines.push({ ms, end });
        return end.signal;
      },
    });
    this.policies = new PolicyBook(judging);
    this.directory = new Directory({ store, clock, random, roster: NO_ROSTER, bus, allowFile: NO_FILE });
  }

  static async open(): Promise<ApprovalBench> {
    const store = await openTestStore('sqlite::memory:');
    const bench = new ApprovalBench(store, 'approvals', (one) => one.recorded);
    await addToken(store, bench.token, bench.clock.now());
    return bench;
  }

  /** Over a store that was opened already, and told by somebody else. */
  static over(store: Store, seed: string, telling: (bench: ApprovalBench) => ApprovalTelling): ApprovalBench {
    return new ApprovalBench(store, seed, telling);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.approvals.settled();
    await this.store.close();
  }

  id<K extends 'token' | 'session' | 'principal' | 'factor'>(kind: K): ReturnType<typeof makeId<K>> {
    return makeId(kind, this.random.bytes(ID_KINDS[kind].bytes));
  }

  async person(name: string, role: Role): Promise<PrincipalId> {
    const id = this.id('principal');
    await this.store.people.add({ id, name, role, state: 'active', createdAt: this.clock.now() });
    return id;
  }

  async enrols(principal: PrincipalId): Promise<void> {
    await this.store.factors.add({
      id: this.id('factor'),
      principal,
      kind: 'totp',
      label: 'phone',
      secret: 'SEED',
      passkey: null,
      state: 'active',
      createdAt: this.clock.now(),
    });
    this.bus.publish('principalChanged', principal);
    await this.approvals.settled();
  }

  /** An authenticator app that counts. @returns its code of that moment. */
  async app(principal: PrincipalId): Promise<(after?: number) => string> {
    const { id, secret } = await this.factors.enrolTotp(principal, 'phone', { kind: 'host' });
    await this.factors.confirmTotp(id, totpAt(secret, this.clock.now()), { kind: 'host' });
    await this.approvals.settled();
    this.clock.advance('60s');
    return (after = 0) => totpAt(secret, this.clock.now() + after);
  }

  session(principal: PrincipalId, more: Partial<ProvenSession> = {}): ProvenSession {
    const session: SessionId = this.id('session');
    return { session, principal, assurance: 'high', peer: 'loopback:default:rita', ...more };
  }

  /** Somebody speaks with the agent that the key names. @returns the session, to be revoked. */
  async converses(principal: PrincipalId, key: string): Promise<SessionId> {
    const native = parseNative(principal, /^\w+$/);
    if (native === null) throw new Error('that is nobody');
    const peer = { channel: 'loopback', account: 'default', native };
    const asked = { key, exclusive: true, principal, peer, kind: 'direct' } as const;
    const session = await this.store.bindings.open(asked, this.clock.now());
    if (session === null) throw new Error('the key is somebody else’s');
    return session;
  }

  ask(
    action: Action,
    more: {
      readonly session?: ProvenSession | null;
      readonly key?: string | null;
      readonly agent?: string;
      readonly token?: TokenId;
    } = {},
  ): Promise<ApprovalView> {
    const { session = null, key = null, agent = 'main', token = this.token } = more;
    return this.approvals.ask({ action, agent, token, session, idempotencyKey: key });
  }

  async says(
    who: PrincipalId,
    decision: 'approve' | 'deny',
    { request }: Pick<ApprovalView, 'request'>,
    more: Partial<Decider> & { readonly reason?: string; readonly given?: Given } = {},
  ): Promise<ApprovalView> {
    const { reason = null, given = null, ...decider } = more;
    const said = { decision, reason };
    return this.approvals.decide(request.id, person(who, decider), said, actor(who), given);
  }

  async events(prefix: string): Promise<readonly StoredEvent['body'][]> {
    const all = await this.store.audit.walk(this.store.writer, 0, 10_000);
    return all.map(({ body }) => body).filter(({ type }) => type.startsWith(prefix));
  }

  readonly recorded: ApprovalTelling = {
    asked: async (_tx, request) => {
      this.told.push(`asked ${request.id}`);
      return 1;
    },
    ended: async (_tx, request, how) => {
      this.told.push(`ended ${request.id} ${how.state}`);
      this.ends.push(how);
    },
    owners: async (_tx, text) => {
      this.told.push(`owners ${text}`);
    },
  };
}

export function person(principal: PrincipalId, more: Partial<Decider> = {}): Decider {
  return {
    principal,
    connection: `device:${principal}`,
    surface: 'page',
    assurance: 'high',
    factor: null,
    provenUntil: null,
    enrolled: [],
    deliveredAt: null,
    again: false,
    ...more,
  };
}

export function actor(id: PrincipalId): Actor {
  return { kind: 'principal', id, surface: 'device:dev_a' };
}

/** People here have no chats. */
const NO_ROSTER: Roster = {
  policy: () => null,
  traits: () => null,
  channels: [],
  admission: () => refuse(),
  pairing: () => refuse(),
  waiting: () => refuse(),
  history: () => refuse(),
  agentTimeoutMs: () => refuse(),
  login: () => refuse(),
};

function refuse(): never {
  throw new Error('this bench has no configuration');
}
