// The quieter rooms of the owned gateway in memory: people, channels, recoveries, and lists with nothing in them.
import type { RecoveryRow } from '@countersign/protocol/factor';
import type { AccountStatus, Addable, ChannelAdded } from '@countersign/protocol/gateway';
import type { PersonRow } from '@countersign/protocol/identity';
import type { Overview } from '@countersign/protocol/overview';
import type { TokenRow } from '@countersign/protocol/service-token';
import { FakeApprovals } from './fake-approvals.ts';
import type { Answer, Call, Reply } from './fake-house.ts';
import { FakeLinking } from './fake-linking.ts';

const CREATED = '2026-01-01T00:00:00.000Z';

const EMPTY = new Set(['pairings', 'sessions', 'push', 'audit']);

const NO_COMMANDS = { ranUnasked: 0, putToPeople: 0, saidYes: 0, saidNo: 0 };

export class FakeRest {
  people: PersonRow[] = [
    {
      id: 'prn_olga',
      name: 'Olga',
      role: 'owner',
      state: 'active',
      peers: [],
      createdAt: CREATED,
    },
  ];
  channels: AccountStatus[] = [
    { channel: 'webchat', account: 'default', enabled: true, dmPolicy: 'pairing', state: 'connected' },
  ];
  recoveries: RecoveryRow[] = [];
  /** Where the next account that is added is delivered to. */
  webhook: string | null = null;
  /** What the service says of the login of a new account: who we are, or why not. */
  login: { readonly is: string } | { readonly refused: string } = { is: '@house_bot' };

  addable: Addable[] = [{ channel: 'telegram', needs: 'the token of a bot', fields: [] }];
  readonly linking = new FakeLinking();
  readonly asked = new FakeApprovals();
  /** Single keys of the configuration, as in force. */
  config: Readonly<Record<string, unknown>> = { 'agent.id': 'main' };
  tokens: TokenRow[] = [];

  answer({ method, path, body, headers }: Call, section: string, rest: readonly string[]): Reply {
    const [what, verb] = rest;
    switch (`${method} ${section}`) {
      case 'GET people': {
        if (what === undefined) return ok({ items: this.people });
        const person = this.people.find(({ id }) => id === what);
        return person === undefined ? null : ok(person);
      }
      case 'GET channels':
        if (what === 'addable') return ok({ items: this.addable });
        if (what === 'logins') return this.linking.follow(String(verb), afterOf(path));
        return ok({
          items: this.channels.map((row) => (what === 'status' ? { ...row, probe: probeOf(row) } : row)),
        });
      case 'POST channels':
        return what === undefined ? this.#add(body) : this.#link(rest, body);
      case 'GET overview':
        return ok(this.#overview());
      case 'GET recoveries':
        return ok({ items: this.recoveries });
      case 'POST recoveries': {
        const row = this.recoveries.find(({ id }) => id === what);
        if (row === undefined || verb !== 'stop') return null;
        this.recoveries = this.recoveries.filter(({ id }) => id !== what);
        return ok({ ...row, state: 'stopped' });
      }
      case 'GET config':
        return what === 'pending' ? ok({ items: [] }) : this.#setting(path);
      case 'GET approvals':
        return verb === 'receipt' ? this.asked.receipt(String(what)) : this.asked.read(path, what);
      case 'GET tokens':
        return ok({ items: this.tokens });
      case 'GET elevations':
        return ok({ items: this.asked.lasting() });
      case 'POST elevations':
        return this.asked.elevate(rest, body, isProven(headers));
      case 'POST approvals':
        return this.asked.decide(rest, body);
      case 'GET policy':
        return this.asked.policyRead(what);
      case 'POST policy':
        return this.asked.policyChange(rest, body);
      default:
        return method === 'GET' && EMPTY.has(section) ? ok({ items: [] }) : null;
    }
  }

  #overview(): Overview {
    const none = { admitted: 0, answered: 0, unanswered: 0, asked: 0, letIn: 0, turnedAway: 0 };
    return {
      at: CREATED,
      needs: this.recoveries.map((recovery) => ({ kind: 'recovery', since: recovery.startedAt, recovery })),
      more: 0,
      day: { since: CREATED, counts: { ...none, ...NO_COMMANDS, signedIn: 0, refused: 0, undelivered: 0 } },
      health: {
        version: '1.0.0',
        startedAt: CREATED,
        agent: 'echo',
        isolation: 0,
        testEndpoints: false,
        channels: this.channels,
      },
    };
  }

  #setting(path: string): Answer | null {
    const key = new URLSearchParams(path.split('?')[1]).get('path');
    return key === null ? null : ok({ path: key, value: this.config[key] ?? null });
  }

  #link([channel = '', verb = '', end]: readonly string[], body: Call['body']): Answer | null {
    if (channel === 'logins' && end === 'cancel') return this.linking.cancel(verb);
    const account = String(body['account'] ?? 'default');
    if (verb === 'login') return this.linking.begin(channel, body);
    return verb === 'logout' ? ok({ channel, account, told: this.linking.told }) : null;
  }

  #add({ channel, account }: Call['body']): Answer {
    if ('refused' in this.login) {
      const body = { type: '/docs/errors#channel_refused', status: 502, code: 'channel_refused' };
      return {
        status: 502,
        body: { ...body, title: 'The channel refused the message', detail: this.login.refused },
      };
    }
    const row = { channel: String(channel), account: String(account) };
    this.channels.push({
      ...row,
      enabled: true,
      dmPolicy: 'pairing',
      state: 'connected',
      detail: `${this.login.is}, by long polling`,
    });
    const added: ChannelAdded = {
      ...row,
      path: '/home/olga/.countersign/countersign.jsonc',
      login: this.login.is,
      tokenFrom: 'literal',
      running: true,
      ...(this.webhook === null ? {} : { webhook: this.webhook }),
    };
    return { status: 201, body: added };
  }
}

function isProven(headers: Call['headers']): boolean {
  return headers['x-countersign-factor'] === 'totp 246810';
}

function afterOf(path: string): number {
  return Number(new URLSearchParams(path.split('?')[1]).get('after') ?? 0);
}

function probeOf({ channel, state, detail }: AccountStatus): string {
  if (channel === 'webchat') return 'ok';
  return state === 'connected' ? `ok, ${detail?.split(',')[0]}` : (detail ?? state);
}

function ok(body: object): Answer {
  return { status: 200, body };
}
