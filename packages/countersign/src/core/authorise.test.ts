// surfaces.md, section 8, written out a second time by hand: every verb × every way to come in. A cell that differs from
// authorise.ts is a right somebody gained or lost, and has to be written down twice to pass.
import { describe, expect, test } from 'vitest';
import {
  authorise,
  type Caller,
  type DeviceScope,
  type HouseFacts,
  NO_PROOF,
  VERBS,
  type Verb,
} from './authorise.ts';
import { type Assurance, parseNative } from './identity/peer.ts';
import type { Role } from './identity/people-port.ts';
import { type Holder, TOKEN_SCOPES, type TokenScope } from './token/holder.ts';

const native = parseNative('abcdefgh', /^.+$/);
if (native === null) throw new Error('nobody');

const holder = (scope: TokenScope): Holder => ({
  token: 'tok_a',
  scope,
  agent: 'main',
  accounts: ['telegram:default'],
  audiences: ['tools.example'],
  name: 'a',
});
const token = (scope: TokenScope): Caller => ({ door: 'token', scope, holder: holder(scope) });
const device = (...scopes: DeviceScope[]): Caller => ({
  door: 'device',
  device: 'dev_a',
  principal: 'prn_a',
  role: 'owner',
  scopes,
});
const chat = (role: Role, assurance: Assurance = 'medium'): Caller => ({
  door: 'chat',
  principal: 'prn_a',
  role,
  assurance,
});

/** Every way to come in, one caller each. */
const CALLERS = {
  tcp: { door: 'tcp' },
  host: { door: 'host' },
  agent: { door: 'agent' },
  browser: { door: 'browser', peer: { channel: 'webchat', account: 'default', native } },
  'token:request': token('request'),
  'token:runtime': token('runtime'),
  'token:ingress': token('ingress'),
  'token:backend': token('backend'),
  'token:read': token('read'),
  'device:read': device('read'),
  'device:pairing': device('pairing'),
  'device:approvals': device('approvals'),
  'device:manage': device('manage'),
  'device:node': device('node'),
  'device:all': device('read', 'pairing', 'approvals', 'manage', 'node'),
  'device:none': device(),
  'chat:user': chat('user'),
  'chat:approver': chat('approver'),
  'chat:owner': chat('owner'),
  'chat:owner/low': chat('owner', 'low'),
} as const satisfies Record<string, Caller>;

/** Who may, in today's rooms. `chat:owner+` not where the channel proves little; `host?` and `device:manage?` until an owner has a factor, then with it; `tcp!` while nobody owns the house. */
const EXPECTED = {
  'health.read': 'tcp host agent browser token:request token:runtime token:ingress token:backend token:read',
  'page.read': 'tcp host',
  'openapi.read': 'tcp host',
  'socket.connect': 'tcp',
  'metrics.read': 'host token:read',
  'gateway.status': 'host device:read token:read',
  'gateway.stop': 'host',
  'overview.read': 'host device:read',
  'doctor.run': 'host device:read',
  'logs.read': 'host',
  'claim.read': 'tcp host',
  'claim.take': 'tcp!',
  'claim.issue': 'host!',
  'pairing.list': 'host device:read device:pairing chat:owner',
  'pairing.find': 'host device:pairing chat:owner',
  'pairing.approve': 'host device:pairing chat:owner+',
  'pairing.deny': 'host device:pairing chat:owner',
  'pairing.block': 'host device:pairing chat:owner',
  'pairing.unblock': 'host device:pairing chat:owner+',
  'pairing.revoke': 'host device:pairing chat:owner',
  'pairing.reset': 'host',
  'people.list': 'host device:read',
  'people.show': 'host device:read',
  'people.add_user': 'host device:manage',
  'people.add_raised': 'host? device:manage?',
  'people.lower': 'host device:manage',
  'people.raise': 'host? device:manage?',
  'people.rename': 'host device:manage',
  'people.block': 'host device:manage',
  'people.unblock': 'host device:manage',
  'people.suspend': 'host device:manage',
  'people.resume': 'host device:manage',
  'people.oust': 'host? device:manage?',
  'people.forget': 'host? device:manage?',
  'people.link': 'host device:manage',
  'people.link_raised': 'host? device:manage?',
  'people.unlink': 'host device:manage',
  'sessions.list': 'host device:read',
  'sessions.revoke': 'host device:manage',
  'channels.list': 'host device:read',
  'channels.probe': 'host device:read',
  'channels.add': 'host? device:manage?',
  'channels.login': 'host? device:manage?',
  'channels.logout': 'host? device:manage?',
  'channels.login_step': 'host device:manage',
  'config.read': 'host device:read',
  'config.write': 'host? device:manage?',
  'config.check': 'host device:manage',
  'config.accept': 'host? device:manage?',
  'audit.list': 'host device:read',
  'audit.verify': 'host device:read',
  'audit.export': 'host device:read',
  'people.map': 'host? device:manage?',
  'oauth.jwks': 'tcp host token:request token:runtime token:ingress token:backend token:read',
  'webhooks.receive': 'tcp host',
  'login.read': 'tcp',
  'login.challenge': 'tcp',
  'login.verify': 'tcp',
  'login.ticket': 'chat:owner+',
  'login.not_me': 'chat:owner',
  'devices.connect': 'tcp',
  'feed.follow': 'device:read',
  'devices.list': 'host device:read',
  'devices.approve': 'host? device:manage? chat:owner+',
  'devices.pair': 'host? device:manage? chat:owner+',
  'devices.reject': 'host device:manage chat:owner',
  'devices.revoke': 'host device:manage',
  'devices.sign_out': 'device:read device:pairing device:approvals device:manage device:node',
  'devices.rename': 'host device:manage',
  'devices.prove': 'device:read',
  'push.read': 'host device:pairing device:approvals device:manage',
  'push.subscribe': 'device:pairing device:approvals device:manage',
  'push.test': 'device:pairing device:approvals device:manage',
  'push.end': 'host device:manage',
  'push.end_own': 'device:pairing device:approvals device:manage',
  'factors.list': 'host device:read',
  'factors.enroll': 'host? device:manage?',
  'factors.enroll_recovered': 'host device:manage?',
  'factors.confirm': 'host device:manage',
  'factors.remove': 'host? device:manage?',
  'factors.recovery_codes': 'host? device:manage?',
  'host.recover': 'host',
  'host.recover_stop': 'host device:manage device:pairing chat:owner',
  'chat.whoami': 'chat:approver chat:owner',
  'chat.help': 'chat:approver chat:owner',
  'chat.say': 'browser',
  'chat.resume': 'browser',
  'tokens.list': 'host device:read',
  'tokens.create': 'host? device:manage?',
  'tokens.revoke': 'host device:manage',
  'ingress.assert': 'token:ingress',
  'oauth.metadata': 'tcp host token:request token:runtime token:ingress token:backend token:read',
  'oauth.exchange': 'token:runtime',
  'oauth.introspect': 'token:backend',
  'oauth.revoke': 'token:runtime',
  'approvals.request': 'token:request',
  'approvals.await': 'token:request',
  'approvals.cancel': 'token:request',
  'approvals.list': 'host device:read device:approvals chat:approver chat:owner',
  'approvals.show': 'host device:read device:approvals chat:approver chat:owner',
  'approvals.approve': 'host device:approvals chat:approver+ chat:owner+',
  'approvals.deny': 'host device:approvals chat:approver chat:owner',
  'policy.read': 'host device:read',
  'policy.test': 'host device:read',
  'policy.write': 'host? device:manage?',
  'policy.revoke': 'host device:manage',
  'approvals.prove': 'device:approvals',
  'approvals.elevate': 'host device:manage chat:owner+',
  'approvals.elevate_end': 'host device:approvals device:manage chat:owner',
  'elevations.list': 'host device:read device:approvals chat:approver chat:owner',
  'grants.redeem': 'token:request device:node',
  'grants.report': 'token:request device:node',
  'exec.serve': 'device:node',
  // Rooms that are not built: nobody.
  'proxy.call': 'token:runtime token:ingress',
  'proxy.models': 'token:runtime token:ingress',
  'forward_auth.check': 'tcp token:runtime',
  'import.openclaw': '',
  'store.backup': '',
  'store.restore': '',
  'store.migrate': '',
} as const satisfies Record<Verb, string>;

const SCOPES = ['read', 'pairing', 'approvals', 'manage', 'node'] as const;

const isVerb = (text: string): text is Verb => Object.hasOwn(VERBS, text);
const ALL_VERBS = Object.keys(VERBS).filter(isVerb);

const HOUSES: readonly HouseFacts[] = [true, false].flatMap((owned) =>
  [true, false].flatMap((ownerHasFactor) =>
    [true, false].map((freshFactor) => ({ owned, ownerHasFactor, freshFactor })),
  ),
);

/** What the table above says, for one way in and one house. */
function expected(verb: Verb, column: string, house: HouseFacts): string {
  const words: readonly string[] = EXPECTED[verb].split(' ');
  if (column === 'device:all') {
    const alone = SCOPES.map((scope) => expected(verb, `device:${scope}`, house));
    return ['allow', 'require'].find((outcome) => alone.includes(outcome)) ?? 'deny';
  }
  const [way = '', low] = column.split('/');
  if (words.includes(way)) return 'allow';
  if (low === undefined && words.includes(`${way}+`)) return 'allow';
  if (words.includes(`${column}!`)) return house.owned ? 'deny' : 'allow';
  if (words.includes(`${column}?`)) return house.ownerHasFactor && !house.freshFactor ? 'require' : 'allow';
  return 'deny';
}

test('every verb is in both tables', () => {
  expect(Object.keys(EXPECTED).toSorted()).toEqual(Object.keys(VERBS).toSorted());
});

describe('every verb × every door × every house', () => {
  for (const verb of ALL_VERBS) {
    test(`${verb}: ${EXPECTED[verb] || 'nobody'}`, () => {
      for (const [column, caller] of Object.entries(CALLERS)) {
        for (const house of HOUSES) {
          const where = `${column} in ${JSON.stringify(house)}`;
          expect(authorise(caller, verb, house).outcome, where).toBe(expected(verb, column, house));
        }
      }
    });
  }
});

const OWNED: HouseFacts = { owned: true, ownerHasFactor: false, freshFactor: false };

describe('a no says which no', () => {
  test('who proved nothing is asked to; who proved something is told that it is not enough', () => {
    expect(authorise(CALLERS.tcp, 'pairing.list', OWNED)).toEqual({
      outcome: 'deny',
      reason: 'auth_required',
    });
    expect(authorise(CALLERS.agent, 'pairing.list', OWNED)).toEqual({
      outcome: 'deny',
      reason: 'auth_required',
    });
    for (const column of ['browser', 'token:read', 'device:all', 'chat:owner'] as const) {
      expect(authorise(CALLERS[column], 'logs.read', OWNED)).toEqual({
        outcome: 'deny',
        reason: 'auth_forbidden',
      });
    }
  });

  test('a house that is owned says so to whoever claims it', () => {
    expect(authorise(CALLERS.tcp, 'claim.take', OWNED)).toEqual({ outcome: 'deny', reason: 'already_owned' });
    expect(authorise(CALLERS.host, 'claim.issue', OWNED)).toEqual({
      outcome: 'deny',
      reason: 'already_owned',
    });
  });

  test('the host is told which proof is missing', () => {
    expect(authorise(CALLERS.host, 'people.raise', NO_PROOF)).toEqual({ outcome: 'require', need: 'factor' });
  });

  test('where no proof can be carried, on a socket or in a chat, nothing that asks for one is open', () => {
    for (const verb of ALL_VERBS) {
      const cells = Object.entries<string>(VERBS[verb]).filter(([column]) => column.startsWith('device:'));
      const says = (cell: string) => cells.some(([, each]) => each === cell);
      const expected = says('yes') ? 'allow' : says('until_factor') ? 'require' : 'deny';
      expect(authorise(device(...SCOPES), verb, NO_PROOF).outcome, verb).toBe(expected);
    }
  });
});

describe('R68: what an agent can reach decides nothing', () => {
  test('its door opens health and nothing else, in any house', () => {
    for (const house of HOUSES) {
      const open = ALL_VERBS.filter((verb) => authorise(CALLERS.agent, verb, house).outcome !== 'deny');
      expect(open).toEqual(['health.read']);
    }
  });

  test('a token opens what everybody may read, and its own one thing: every verb × every scope', () => {
    const everybodys = ['health.read', 'oauth.jwks', 'oauth.metadata'];
    const own: Readonly<Record<TokenScope, readonly string[]>> = {
      request: ['approvals.request', 'approvals.await', 'approvals.cancel', 'grants.redeem', 'grants.report'],
      runtime: ['oauth.exchange', 'oauth.revoke', 'proxy.call', 'proxy.models', 'forward_auth.check'],
      ingress: ['ingress.assert', 'proxy.call', 'proxy.models'],
      backend: ['oauth.introspect'],
      read: ['metrics.read', 'gateway.status'],
    };
    for (const scope of TOKEN_SCOPES) {
      for (const house of HOUSES) {
        const open = ALL_VERBS.filter((verb) => authorise(token(scope), verb, house).outcome !== 'deny');
        expect(open.toSorted(), scope).toEqual([...everybodys, ...own[scope]].toSorted());
      }
    }
  });

  test('no token of any scope decides, pairs or manages, in any house', () => {
    const deciding =
      /^(pairing|people|devices|factors|config|claim|policy|login|host|store|channels|tokens|sessions|push)\.|approve|deny|elevate/;
    for (const scope of ['request', 'runtime', 'ingress', 'backend', 'read'] as const) {
      for (const verb of ALL_VERBS.filter((name) => deciding.test(name))) {
        for (const house of HOUSES) {
          expect(authorise(token(scope), verb, house).outcome, `${scope} ${verb}`).toBe('deny');
        }
      }
    }
  });
});

describe('scopes never include each other', () => {
  test('a device does what its scopes say one by one, and several scopes are their sum', () => {
    for (const verb of ALL_VERBS) {
      const alone = SCOPES.map((scope) => authorise(device(scope), verb, OWNED).outcome);
      expect(authorise(device(...SCOPES), verb, OWNED).outcome).toBe(
        alone.includes('allow') ? 'allow' : 'deny',
      );
      expect(authorise(device(), verb, OWNED).outcome).toBe('deny');
    }
  });

  test('a higher role in chat may all that a lower one may, and scopes of tokens nothing of each other', () => {
    for (const verb of ALL_VERBS) {
      const [user, approver, owner] = (['user', 'approver', 'owner'] as const).map(
        (role) => authorise(chat(role), verb, OWNED).outcome === 'allow',
      );
      expect(Number(user) <= Number(approver) && Number(approver) <= Number(owner), verb).toBe(true);
    }
  });
});

describe('what is unknown is no', () => {
  /** As a caller without types would hand it over. */
  const foreign = <T>(value: unknown): T => JSON.parse(JSON.stringify(value));

  test('a verb that is not in the table, its prototype included', () => {
    for (const verb of [
      '',
      'pairing',
      'pairing.approve ',
      'Pairing.Approve',
      '__proto__',
      'constructor',
      'toString',
    ]) {
      for (const caller of Object.values(CALLERS)) {
        expect(authorise(caller, foreign<Verb>(verb), OWNED).outcome, verb).toBe('deny');
      }
    }
  });

  test('a door, a scope or a role that is not in the table', () => {
    const strangers = [
      { door: 'root' },
      { door: '' },
      { door: 'constructor' },
      { door: 'token', scope: 'all', holder: 'x' },
      { door: 'token', scope: '', holder: 'x' },
      {
        door: 'device',
        device: 'dev_a',
        principal: 'prn_a',
        role: 'owner',
        scopes: ['host', '*', 'tcp', 'admin'],
      },
      { door: 'chat', principal: 'prn_a', role: 'admin', assurance: 'high' },
      { door: 'chat', principal: 'prn_a', role: '', assurance: 'high' },
    ];
    for (const caller of strangers) {
      for (const verb of ALL_VERBS) {
        expect(authorise(foreign<Caller>(caller), verb, OWNED).outcome, JSON.stringify(caller)).toBe('deny');
      }
    }
  });
});
