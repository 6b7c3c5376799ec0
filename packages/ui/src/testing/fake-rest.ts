// The quieter rooms of the owned gateway in memory: people, channels, recoveries, and lists with nothing in them.
import type { RecoveryRow } from '@countersign/protocol/factor';
import type { AccountStatus, ChannelAdded } from '@countersign/protocol/gateway';
import type { PersonRow } from '@countersign/protocol/identity';
import type { Overview } from '@countersign/protocol/overview';
import type { Answer, Call } from './fake-house.ts';

const CREATED = '2026-01-01T00:00:00.000Z';

const EMPTY = new Set(['pairings', 'sessions', 'push', 'audit']);

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
  /** What the service says of the login of a new account: who we are, or why not. */
  login: { readonly is: string } | { readonly refused: string } = { is: '@house_bot' };

  answer({ method, body }: Call, section: string, rest: readonly string[]): Answer | null {
    const [what, verb] = rest;
    switch (`${method} ${section}`) {
      case 'GET people': {
        if (what === undefined) return ok({ items: this.people });
        const person = this.people.find(({ id }) => id === what);
        return person === undefined ? null : ok(person);
      }
      case 'GET channels':
        if (what === 'addable') return ok({ items: [{ channel: 'telegram', needs: 'the token of a bot' }] });
        return ok({
          items: this.channels.map((row) => (what === 'status' ? { ...row, probe: probeOf(row) } : row)),
        });
      case 'POST channels':
        return this.#add(body);
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
        return what === 'pending' ? ok({ items: [] }) : null;
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
      day: { since: CREATED, counts: { ...none, signedIn: 0, refused: 0, undelivered: 0 } },
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
    };
    return { status: 201, body: added };
  }
}

function probeOf({ channel, state, detail }: AccountStatus): string {
  if (channel === 'webchat') return 'ok';
  return state === 'connected' ? `ok, ${detail?.split(',')[0]}` : (detail ?? state);
}

function ok(body: object): Answer {
  return { status: 200, body };
}
