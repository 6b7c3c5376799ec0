// THE function: caller × verb → outcome, for every surface. The table below is surfaces.md §8 written out; a route, a
// verb, a chat command or a frame without a row here does not build (test), and a cell that is not written is deny.
import type { DeviceId, PrincipalId } from '@countersign/protocol/ids';
import type { Assurance, Peer } from './identity/peer.ts';
import type { Role } from './identity/people-port.ts';
import { holdsRole } from './identity/standing.ts';
import { ALLOW, deny, type Outcome } from './outcome.ts';
import type { Holder, TokenScope } from './token/holder.ts';

/** How a caller came in. The listener says which, never an address, a header or a path (R68). */
export type Caller =
  /** TCP, nothing proven. */
  | { readonly door: 'tcp' }
  /** The host's owner account. Not a person; `as` once an owner proved a factor with this call. */
  | { readonly door: 'host'; readonly as?: PrincipalId }
  /** What an agent's process can reach, without a token. */
  | { readonly door: 'agent' }
  /** A service token, asked of the store with this very call. */
  | { readonly door: 'token'; readonly scope: TokenScope; readonly holder: Holder }
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

export type DeviceScope = 'read' | 'pairing' | 'approvals' | 'manage' | 'node';

/** What a cell may say. `assured`: yes where the channel proves its people better than a phone network or a browser key
 * does. `until_factor`: yes before any owner has a factor, afterwards with that factor. `unowned`: only while nobody owns
 * the house. `later`: the room is not built; the answer is no. */
type Cell = 'yes' | 'assured' | 'until_factor' | 'unowned' | 'later';

type Column =
  | 'tcp'
  | 'host'
  | 'agent'
  | 'browser'
  | `token:${TokenScope}`
  | `device:${DeviceScope}`
  | `chat:${Role}`;
type Row = Readonly<Partial<Record<Column, Cell>>>;

/** A device of somebody who decides something. */
const TOLD: Row = { 'device:pairing': 'yes', 'device:approvals': 'yes', 'device:manage': 'yes' };

/** What everybody may read a program may read with its token too: a right credential never opens less than none. */
const TOKENS: Row = {
  'token:request': 'yes',
  'token:runtime': 'yes',
  'token:ingress': 'yes',
  'token:backend': 'yes',
  'token:read': 'yes',
};
const OPEN: Row = { tcp: 'yes', host: 'yes', agent: 'yes', browser: 'yes', ...TOKENS };
const HOST: Row = { host: 'yes' };
const LATER: Row = {};

/** Looking at the house. */
const LOOK: Row = { host: 'yes', 'device:read': 'yes' };
/** Everyday care of people: an owner's device as good as the host. */
const MANAGE: Row = { host: 'yes', 'device:manage': 'yes' };
/** What widens rights, or moves messages, credentials and questions. */
const GUARDED: Row = { host: 'until_factor', 'device:manage': 'until_factor' };
/** People at the door: the host, an owner's device, an owner's chat. */
const PEOPLE: Row = { host: 'yes', 'device:pairing': 'yes', 'chat:owner': 'yes' };
/** A yes that lets somebody in: a carrier's or a browser's word alone is not enough for it. */
const LET_IN: Row = { ...PEOPLE, 'chat:owner': 'assured' };
/** Words in a chat that look at the house and change nothing. */
const CHAT: Row = { 'chat:approver': 'yes', 'chat:owner': 'yes' };

export const VERBS = {
  // the house
  'health.read': OPEN,
  'page.read': { tcp: 'yes', host: 'yes' },
  'openapi.read': { tcp: 'yes', host: 'yes' },
  'socket.connect': { tcp: 'yes' },
  'metrics.read': { host: 'yes', 'token:read': 'yes' },
  'gateway.status': { host: 'yes', 'token:read': 'yes', 'device:read': 'yes' },
  'gateway.stop': HOST,
  'doctor.run': LOOK,
  'overview.read': LOOK,
  'logs.read': HOST,
  // the first owner
  'claim.read': { tcp: 'yes', host: 'yes' },
  'claim.take': { tcp: 'unowned' },
  'claim.issue': { host: 'unowned' },
  // people at the door
  'pairing.list': { ...PEOPLE, 'device:read': 'yes' },
  'pairing.find': PEOPLE,
  'pairing.approve': LET_IN,
  'pairing.deny': PEOPLE,
  'pairing.block': PEOPLE,
  'pairing.unblock': LET_IN,
  'pairing.revoke': PEOPLE,
  'pairing.reset': HOST,
  // people
  'people.list': LOOK,
  'people.show': LOOK,
  'people.add_user': MANAGE,
  'people.add_raised': GUARDED,
  'people.lower': MANAGE,
  'people.raise': GUARDED,
  'people.rename': MANAGE,
  'people.block': MANAGE,
  'people.unblock': MANAGE,
  'people.suspend': MANAGE,
  'people.resume': MANAGE,
  // Lowering, blocking or suspending an owner who has a factor: without one the host's door would stand open again. And
  // parting an owner from a chat of theirs: there they would stop a recovery.
  'people.oust': GUARDED,
  'people.forget': GUARDED,
  'people.link': MANAGE,
  'people.link_raised': GUARDED,
  'people.unlink': MANAGE,
  // It says whose data a person's tools see: as much as raising them.
  'people.map': GUARDED,
  // the rest of this room
  'sessions.list': LOOK,
  'sessions.revoke': MANAGE,
  'channels.list': LOOK,
  'channels.probe': LOOK,
  'channels.add': GUARDED,
  // Whoever holds the phone that is linked reads what is written to us; logging out shuts people out.
  'channels.login': GUARDED,
  'channels.logout': GUARDED,
  // Step by step after that one: it takes the name that its answer gave.
  'channels.login_step': MANAGE,
  'config.read': LOOK,
  // Nothing is written, and yet it answers what would be: for those who may write.
  'config.check': MANAGE,
  'config.write': GUARDED,
  'config.accept': GUARDED,
  'audit.list': LOOK,
  'audit.verify': LOOK,
  'audit.export': LOOK,
  // public keys, by which anybody may verify what was signed for them
  'oauth.jwks': { tcp: 'yes', host: 'yes', ...TOKENS },
  // deliveries carry their own proof, which the channel checks
  'webhooks.receive': { tcp: 'yes', host: 'yes' },
  // sign-in by chat code: the calls carry their own proof; a ticket and a "not me" are words of the owner
  'login.read': { tcp: 'yes' },
  'login.challenge': { tcp: 'yes' },
  'login.verify': { tcp: 'yes' },
  'login.ticket': { 'chat:owner': 'assured' },
  'login.not_me': { 'chat:owner': 'yes' },
  // devices; a yes gives rights away, so it asks for the proof that raising a person asks for
  'devices.connect': { tcp: 'yes' },
  // what changed, on its open socket; never what it is
  'feed.follow': { 'device:read': 'yes' },
  'devices.list': LOOK,
  'devices.approve': { ...GUARDED, 'chat:owner': 'assured' },
  'devices.pair': { ...GUARDED, 'chat:owner': 'assured' },
  // H33: what answers people at the door has no say about other devices; each may end itself.
  'devices.reject': { ...MANAGE, 'chat:owner': 'yes' },
  'devices.revoke': MANAGE,
  'devices.sign_out': {
    'device:read': 'yes',
    'device:pairing': 'yes',
    'device:approvals': 'yes',
    'device:manage': 'yes',
    'device:node': 'yes',
  },
  'devices.rename': MANAGE,
  // The call is a proof itself: what the device may do before it is not asked beyond that it is one of a person's.
  'devices.prove': { 'device:read': 'yes' },
  // notifications in a browser: for those who decide something, each on their own device; an owner ends anybody's
  'push.read': { host: 'yes', ...TOLD },
  'push.subscribe': TOLD,
  'push.test': TOLD,
  'push.end': MANAGE,
  'push.end_own': TOLD,
  // factors
  'factors.list': LOOK,
  'factors.enroll': GUARDED,
  // After a recovery was carried out, for half an hour, for that person.
  'factors.enroll_recovered': { ...GUARDED, host: 'yes' },
  // Its code is the proof.
  'factors.confirm': MANAGE,
  'factors.remove': GUARDED,
  'factors.recovery_codes': GUARDED,
  // Everything lost: begun and carried out on the host, after a delay in which any owner may stop it.
  'host.recover': HOST,
  'host.recover_stop': { ...MANAGE, 'device:pairing': 'yes', 'chat:owner': 'yes' },
  // a person's words in a chat
  'chat.whoami': CHAT,
  'chat.help': CHAT,
  // web chat frames
  'chat.say': { browser: 'yes' },
  'chat.resume': { browser: 'yes' },
  // programs with service tokens; a token never decides, pairs or manages, and making one gives rights away
  'tokens.list': LOOK,
  'tokens.create': GUARDED,
  'tokens.revoke': MANAGE,
  // Who wrote, on an account that the token names; the front door decides about them as about everybody.
  'ingress.assert': { 'token:ingress': 'yes' },
  'oauth.metadata': { tcp: 'yes', host: 'yes', ...TOKENS },
  'oauth.exchange': { 'token:runtime': 'yes' },
  'oauth.introspect': { 'token:backend': 'yes' },
  'oauth.revoke': { 'token:runtime': 'yes' },
  // Below an agent: a runtime with the handle it was given, an ingress with the key of one person.
  'proxy.call': { 'token:runtime': 'yes', 'token:ingress': 'yes' },
  'proxy.models': { 'token:runtime': 'yes', 'token:ingress': 'yes' },
  // What is checked is the handle or the bearer that comes along; a bearer needs no caller beside it.
  'forward_auth.check': { tcp: 'yes', 'token:runtime': 'yes' },
  // What an agent wants to run. It asks as itself, and awaits and takes back its own; a token never decides.
  'approvals.request': { 'token:request': 'yes' },
  'approvals.await': { 'token:request': 'yes' },
  'approvals.cancel': { 'token:request': 'yes' },
  'approvals.list': { ...LOOK, ...CHAT, 'device:approvals': 'yes' },
  'approvals.show': { ...LOOK, ...CHAT, 'device:approvals': 'yes' },
  // A person's word. Whether it counts on that request, and with which proof, says may-decide.ts.
  'approvals.approve': {
    host: 'yes',
    'device:approvals': 'yes',
    'chat:approver': 'assured',
    'chat:owner': 'assured',
  },
  'approvals.deny': { host: 'yes', 'device:approvals': 'yes', ...CHAT },
  // A browser's challenge for one request; it proves nothing by itself.
  'approvals.prove': { 'device:approvals': 'yes' },
  // The program that asked, or the machine that the grant names; whose it is, grants.ts looks at.
  'grants.redeem': { 'token:request': 'yes', 'device:node': 'yes' },
  'grants.report': { 'token:request': 'yes', 'device:node': 'yes' },
  // A machine that waits for what it may run.
  'exec.serve': { 'device:node': 'yes' },
  // An owner's word, with a proof of that moment whatever the house has enrolled: the service asks for it.
  'approvals.elevate': { host: 'yes', 'device:manage': 'yes', 'chat:owner': 'assured' },
  'approvals.elevate_end': {
    host: 'yes',
    'device:approvals': 'yes',
    'device:manage': 'yes',
    'chat:owner': 'yes',
  },
  'elevations.list': { ...LOOK, ...CHAT, 'device:approvals': 'yes' },
  'policy.read': LOOK,
  'policy.test': LOOK,
  'policy.write': GUARDED,
  // A rule less: as easy as a no.
  'policy.revoke': MANAGE,
  // rooms that are not built: every row stands here as deny until its issue opens it
  'import.openclaw': LATER,
  'store.backup': LATER,
  'store.restore': LATER,
  'store.migrate': LATER,
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

/** Where a caller cannot prove anything more: on a socket, in a chat. What asks for a factor is not to be had there. */
export const NO_PROOF: HouseFacts = { owned: true, ownerHasFactor: true, freshFactor: false };

export type DenyReason = 'auth_required' | 'auth_forbidden' | 'already_owned' | 'assurance_low';

/** Decides. Nothing but the table decides: scopes never include each other, and an unknown cell is no. */
export function authorise(caller: Caller, verb: Verb, house: HouseFacts): Outcome<'factor'> {
  // Neither `constructor` nor a verb of next year is a row.
  const row: Row = Object.hasOwn(VERBS, verb) ? VERBS[verb] : LATER;
  const cells = columnsOf(caller).map((column) => row[column]);
  if (cells.includes('yes')) return ALLOW;
  if (cells.includes('assured')) return isAssured(caller) ? ALLOW : denied('assurance_low');
  if (cells.includes('unowned')) return house.owned ? denied('already_owned') : ALLOW;
  if (cells.includes('until_factor')) {
    if (!house.ownerHasFactor || house.freshFactor) return ALLOW;
    return { outcome: 'require', need: 'factor' };
  }
  return denied(caller.door === 'tcp' || caller.door === 'agent' ? 'auth_required' : 'auth_forbidden');
}

function isAssured(caller: Caller): boolean {
  return caller.door === 'chat' && caller.assurance !== 'low';
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
