// The door of an owned gateway in memory: requests, the people who are known, and the answers the schemas describe. It
// decides a request once, as the real one does.
import type { PersonRow, RoleName } from '@countersign/protocol/identity';
import type { PairingRow } from '@countersign/protocol/pairing';
import { type Answer, type Call, FakeHouse, type Frame, type Reply } from './fake-house.ts';

const MINUTE = 60_000;
const ago = (minutes: number): string => new Date(Date.now() - minutes * MINUTE).toISOString();

export class FakeDoor {
  readonly house = new FakeHouse();
  scopes: readonly string[] = ['approvals', 'manage', 'pairing', 'read'];
  pairings: PairingRow[] = [];
  people: PersonRow[] = [
    {
      id: 'prn_olga',
      name: 'Olga',
      role: 'owner',
      state: 'active',
      peers: [chatOf('telegram', '555101', { displayName: 'Olga', username: 'olga', ceiling: 'owner' })],
      createdAt: ago(100_000),
    },
  ];
  readonly calls: Call[] = [];
  /** The codes that link. */
  readonly codes = ['ABCD2345', 'WXYZ6789'];

  constructor() {
    this.house.isIn = true;
    this.house.isProven = true;
    this.house.factors = [
      {
        id: 'fac_totp',
        person: 'prn_olga',
        kind: 'totp',
        label: 'app',
        state: 'active',
        createdAt: ago(90_000),
      },
    ];
  }

  readonly connect = (frame: Frame): readonly Frame[] =>
    this.house
      .connect(frame)
      .map((said) =>
        said['type'] === 'hello' && frame['role'] !== 'chat' ? { ...said, scopes: this.scopes } : said,
      );

  readonly answer = (call: Call): Reply => {
    const [, section = '', ...rest] = call.path
      .replace(/^\/api/, '')
      .split('/')
      .slice(1);
    const name = section.split('?')[0];
    if (call.method === 'POST') this.calls.push(call);
    switch (name) {
      case 'pairings':
        return call.method === 'GET' ? this.#requests(call.path, rest[0]) : this.#decide(rest, call.body);
      case 'people':
        return call.method === 'GET' ? this.#people(rest[0]) : this.#change(rest, call);
      case 'channels':
        return ok({ items: [{ channel: 'telegram' }, { channel: 'webchat' }] });
      case 'config':
        return ok({ items: [] });
      default:
        return this.house.answer(call);
    }
  };

  asks(more: Partial<PairingRow> & Pick<PairingRow, 'id' | 'identifier'>, minutes = 5): PairingRow {
    const row: PairingRow = {
      channel: 'telegram',
      account: 'default',
      code: 'K7QD2MX4',
      state: 'pending',
      createdAt: ago(minutes),
      expiresAt: ago(minutes - 60),
      ...more,
    };
    this.pairings.push(row);
    return row;
  }

  settle(id: string, more: Partial<PairingRow>): void {
    this.pairings = this.pairings.map((row) =>
      row.id === id ? { ...row, decidedAt: ago(0), ...more } : row,
    );
  }

  #requests(path: string, id: string | undefined): Answer {
    if (id !== undefined) {
      const row = this.pairings.find((one) => one.id === id);
      return row === undefined ? no(404, 'not_found') : ok(row);
    }
    const show = new URLSearchParams(path.split('?')[1]).get('show') ?? 'open';
    const states = { open: ['pending', 'waiting'], approved: ['approved'], blocked: ['blocked'] }[show];
    return ok({ items: this.pairings.filter(({ state }) => states?.includes(state) ?? true).toReversed() });
  }

  #decide([id = '', verb = '']: readonly string[], body: Frame): Answer {
    if (id === 'revoke') {
      const row = this.pairings.find(({ identifier }) => identifier === body['identifier']);
      if (row === undefined) return no(404, 'not_found');
      this.settle(row.id, { state: 'revoked' });
      return ok({ revoked: true });
    }
    const row = this.pairings.find((one) => one.id === id);
    const from = verb === 'unblock' ? ['blocked'] : ['pending', 'waiting'];
    const isFrom = row !== undefined && (verb === 'block' || from.includes(row.state));
    if (!isFrom) return no(409, 'already_decided');
    const state = ({ approve: 'approved', deny: 'denied', block: 'blocked', unblock: 'revoked' } as const)[
      verb
    ];
    if (state === undefined) return no(404, 'not_found');
    this.settle(id, { state, decidedBy: 'prn_olga@device:dev_own' });
    return this.#requests('', id);
  }

  #people(ref: string | undefined): Answer {
    if (ref === undefined || ref.startsWith('?')) return ok({ items: this.people });
    const person = this.people.find(({ id }) => id === ref);
    return person === undefined ? no(404, 'not_found') : ok(person);
  }

  #change([ref = '', verb]: readonly string[], { body, headers }: Call): Answer {
    const raised = body['role'] === 'owner' || body['as'] === 'owner' || verb === 'forget';
    const isProven = headers['x-countersign-factor'] === `totp ${this.house.totp}`;
    if (raised && !isProven) return no(403, 'auth_factor_required');
    const person = this.people.find(({ id }) => id === ref);
    if (verb === 'link' && person !== undefined) return this.#link(person, body);
    if (verb === 'forget') {
      if (person?.role === 'owner') return no(409, 'state_conflict', 'that is the only owner');
      this.people = this.people.filter(({ id }) => id !== ref);
      return ok({ forgotten: ref });
    }
    if (verb === 'block' && person?.role === 'owner')
      return no(409, 'state_conflict', 'that is the only owner');
    const states = { block: 'blocked', unblock: 'active', suspend: 'suspended', resume: 'active' } as const;
    const isState = (word: string | undefined): word is keyof typeof states =>
      word !== undefined && Object.hasOwn(states, word);
    this.people = this.people.map((one) =>
      one.id !== ref
        ? one
        : {
            ...one,
            ...(isState(verb) ? { state: states[verb] } : {}),
            ...(verb === 'rename' ? { name: String(body['name']) } : {}),
            ...(verb === 'role' ? { role: roleOf(body['role']) } : {}),
          },
    );
    return this.#people(ref);
  }

  #link(person: PersonRow, body: Frame): Answer {
    const peer = { channel: 'webchat', account: 'default', identifier: 'q7w2' };
    const { codes } = body;
    if (codes === undefined) {
      const sentTo = [person.peers[0], peer];
      return ok({ state: 'offered', person, peer, sentTo, expiresAt: ago(-10) });
    }
    if (!Array.isArray(codes) || codes.join() !== this.codes.join()) return no(401, 'challenge_failed');
    const now = { ...person, peers: [...person.peers, chatOf('webchat', 'q7w2')] };
    this.people = this.people.map((one) => (one.id === person.id ? now : one));
    return ok({ state: 'linked', person: now, peer, ceiling: 'user', actsAs: 'user' });
  }
}

export function chatOf(
  channel: string,
  identifier: string,
  more: Partial<PersonRow['peers'][number]> = {},
): PersonRow['peers'][number] {
  const assurance = channel === 'webchat' ? 'low' : 'medium';
  return { channel, account: 'default', identifier, ceiling: 'user', assurance, blocked: false, ...more };
}

function roleOf(value: unknown): RoleName {
  return value === 'owner' || value === 'approver' ? value : 'user';
}

function ok(body: object): Answer {
  return { status: 200, body };
}

function no(status: number, code: string, detail?: string): Answer {
  const title = `Refused: ${code}`;
  return {
    status,
    body: { type: `/docs/errors#${code}`, title, status, code, ...(detail === undefined ? {} : { detail }) },
  };
}
