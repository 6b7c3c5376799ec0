// THE function: caller × verb → outcome, for every surface. The table below is surfaces.md §8 written out; a route, a
// verb, a chat command or a frame without a row here does not build (test), and a cell that is not written is deny.
import type { DeviceId, PrincipalId } from '@countersign/protocol/ids';
import type { Assurance, Peer } from './identity/peer.ts';
import type { Role } from './identity/people-port.ts';
import { holdsRole } from './identity/standing.ts';
import { ALLOW, deny, type Outcome } from './outcome.ts';

/** How a caller came in. The listener says which, never an address, a header or a path (R68). */
export type Caller =
  /** TCP, nothing proven. */
  | { readonly door: 'tcp' }
  /** The host's owner account. Not a person. */
  | { readonly door: 'host' }
  /** What an agent's process can reach, without a token. */
  | { readonly door: 'agent' }
  | { readonly door: 'token'; readonly scope: TokenScope; readonly holder: string }
  | {
      readonly door: 'device';
      readonly device: DeviceId;
      readonly principal: PrincipalId;
      readonly role: Role;
      readonly scopes: readonly DeviceScope[];
    }
  /** A person in a chat, as proven by the channel. */
  | {
      readonly door: 'chat';
      readonly principal: PrincipalId;
      readonly role: Role;
      readonly assurance: Assurance;
    }
  /** A browser that proved its key on the web chat's socket; it may be a stranger. */
  | { readonly door: 'browser'; readonly peer: Peer };

export type TokenScope = 'request' | 'runtime' | 'ingress' | 'backend' | 'read';
export type DeviceScope = 'read' | 'pairing' | 'approvals' | 'manage' | 'node';

/** What a cell may say. `until_factor`: yes before any owner has a factor, afterwards with that factor. `unowned`: only
 * while nobody owns the house. `later`: the room is not built; the answer is no. */
type Cell = 'yes' | 'until_factor' | 'unowned' | 'later';

type Column =
  | 'tcp'
  | 'host'
  | 'agent'
  | 'browser'
  | `token:${TokenScope}`
  | `device:${DeviceScope}`
  | `chat:${Role}`;
type Row = Readonly<Partial<Record<Column, Cell>>>;

const OPEN: Row = { tcp: 'yes', host: 'yes', agent: 'yes', browser: 'yes' };
const HOST: Row = { host: 'yes' };
const GUARDED: Row = { host: 'until_factor' };
const LATER: Row = {};

/** Looking at the house; devices read it once they exist. */
const LOOK: Row = { host: 'yes', 'device:read': 'later' };
/** People at the door: the host, an owner's device, an owner's chat. */
const PEOPLE: Row = { host: 'yes', 'device:pairing': 'later', 'chat:owner': 'later' };

export const VERBS = {
  // the house
  'health.read': OPEN,
  'page.read': { tcp: 'yes', host: 'yes' },
  'openapi.read': { tcp: 'yes', host: 'yes' },
  'socket.connect': { tcp: 'yes' },
  'metrics.read': { host: 'yes', 'token:read': 'later' },
  'gateway.status': { host: 'yes', 'token:read': 'later', 'device:read': 'later' },
  'gateway.stop': HOST,
  'doctor.run': LOOK,
  'logs.read': HOST,
  // the first owner
  'claim.read': { tcp: 'yes', host: 'yes' },
  'claim.take': { tcp: 'unowned' },
  'claim.issue': { host: 'unowned' },
  // people at the door
  'pairing.list': { ...PEOPLE, 'device:read': 'later' },
  'pairing.find': PEOPLE,
  'pairing.approve': PEOPLE,
  'pairing.deny': PEOPLE,
  'pairing.block': PEOPLE,
  'pairing.unblock': PEOPLE,
  'pairing.revoke': PEOPLE,
  'pairing.reset': HOST,
  // people
  'people.list': LOOK,
  'people.show': LOOK,
  'people.add_user': HOST,
  'people.add_raised': GUARDED,
  'people.lower': HOST,
  'people.raise': GUARDED,
  'people.rename': HOST,
  'people.block': HOST,
  'people.unblock': HOST,
  'people.suspend': HOST,
  'people.resume': HOST,
  'people.forget': GUARDED,
  // the rest of this room
  'sessions.list': LOOK,
  'channels.list': LOOK,
  'channels.probe': LOOK,
  'config.read': LOOK,
  'config.write': GUARDED,
  'audit.list': LOOK,
  'audit.verify': LOOK,
  'audit.export': LOOK,
  // web chat frames
  'chat.say': { browser: 'yes' },
  'chat.resume': { browser: 'yes' },
  // rooms that are not built: every row stands here as deny until its issue opens it
  'people.link': LATER,
  'people.unlink': LATER,
  'people.map': LATER,
  'devices.list': LATER,
  'devices.approve': LATER,
  'devices.reject': LATER,
  'devices.revoke': LATER,
  'devices.rename': LATER,
  'devices.pair': LATER,
  'devices.connect': LATER,
  'login.read': LATER,
  'login.challenge': LATER,
  'login.verify': LATER,
  'login.ticket': LATER,
  'login.not_me': LATER,
  'factors.list': LATER,
  'factors.enroll': LATER,
  'factors.confirm': LATER,
  'factors.remove': LATER,
  'factors.recovery_codes': LATER,
  'approvals.request': LATER,
  'approvals.list': LATER,
  'approvals.show': LATER,
  'approvals.decide': LATER,
  'approvals.elevate': LATER,
  'grants.redeem': LATER,
  'policy.read': LATER,
  'policy.test': LATER,
  'policy.write': LATER,
  'sessions.revoke': LATER,
  'tokens.list': LATER,
  'tokens.create': LATER,
  'tokens.revoke': LATER,
  'ingress.assert': LATER,
  'webhooks.receive': LATER,
  'proxy.call': LATER,
  'proxy.models': LATER,
  'oauth.jwks': LATER,
  'oauth.metadata': LATER,
  'oauth.exchange': LATER,
  'oauth.introspect': LATER,
  'oauth.revoke': LATER,
  'forward_auth.check': LATER,
  'channels.add': LATER,
  'channels.login': LATER,
  'channels.logout': LATER,
  'config.accept': LATER,
  'import.openclaw': LATER,
  'store.backup': LATER,
  'store.restore': LATER,
  'store.migrate': LATER,
  'host.recover': LATER,
  'chat.whoami': LATER,
  'chat.help': LATER,
} as const satisfies Record<string, Row>;

export type Verb = keyof typeof VERBS;

/** What the table needs to know of the house. */
export interface HouseFacts {
  readonly owned: boolean;
  /** True from the moment any owner has enrolled a factor. */
  readonly ownerHasFactor: boolean;
  /** True when this call carries a fresh proof of an owner's factor. */
  readonly freshFactor: boolean;
}

export type DenyReason = 'auth_required' | 'auth_forbidden' | 'already_owned';

/** Decides. Nothing but the table decides: scopes never include each other, and an unknown cell is no. */
export function authorise(caller: Caller, verb: Verb, house: HouseFacts): Outcome<'factor'> {
  // Neither `constructor` nor a verb of next year is a row.
  const row: Row = Object.hasOwn(VERBS, verb) ? VERBS[verb] : LATER;
  const cells = columnsOf(caller).map((column) => row[column]);
  if (cells.includes('yes')) return ALLOW;
  if (cells.includes('unowned')) return house.owned ? denied('already_owned') : ALLOW;
  if (cells.includes('until_factor')) {
    if (!house.ownerHasFactor || house.freshFactor) return ALLOW;
    return { outcome: 'require', need: 'factor' };
  }
  return denied(caller.door === 'tcp' || caller.door === 'agent' ? 'auth_required' : 'auth_forbidden');
}

function denied(reason: DenyReason): { readonly outcome: 'deny'; readonly reason: DenyReason } {
  return deny(reason);
}

function columnsOf(caller: Caller): readonly Column[] {
  switch (caller.door) {
    case 'tcp':
    case 'host':
    case 'agent':
    case 'browser':
      return [caller.door];
    case 'token':
      return [`token:${caller.scope}`];
    case 'device':
      return caller.scopes.map((scope): Column => `device:${scope}`);
    case 'chat':
      return (['owner', 'approver', 'user'] as const)
        .filter((role) => holdsRole(caller.role, role))
        .map((role): Column => `chat:${role}`);
    default:
      // A door that nobody wrote a column for opens nothing.
      caller satisfies never;
      return [];
  }
}
