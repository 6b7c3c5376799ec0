// A house in which something has to be asked: an owner, an approver, a user, somebody whom the agent serves, programs that
// ask, and a browser for whoever needs one. Every call goes through the whole app, by the door that it would come in by.

import type { Action, ApprovalRow, Decide } from '@countersign/protocol/approval';
import type { DeviceId, PrincipalId } from '@countersign/protocol/ids';
import type { TokenMade } from '@countersign/protocol/service-token';
import type { DeviceScope } from '../core/authorise.ts';
import { ALL_SCOPES } from '../core/device/scopes.ts';
import { parseNative } from '../core/identity/peer.ts';
import type { Role } from '../core/identity/people-port.ts';
import type { Inbound } from '../core/message.ts';
import type { Stage } from '../gateway/channel-factory.ts';
import { DeviceKey, sha256 } from './device-key.ts';
import { jsonOf, openHouse, type TestHouse } from './house.ts';
import { inboundFrom } from './inbound.ts';

/** Their chats on Telegram; `stranger` is nobody the house knows. */
export const CHATS = {
  olga: '555001',
  ari: '555002',
  uma: '555003',
  rita: '555004',
  stranger: '555099',
} as const;
export type Known = Exclude<keyof typeof CHATS, 'stranger'>;
const ROLES: Readonly<Record<Known, Role>> = { olga: 'owner', ari: 'approver', uma: 'user', rita: 'user' };

/** A browser that is paired for a person. */
export interface Browser {
  readonly device: DeviceId;
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Response>;
}

export interface ApprovalHouse extends AsyncDisposable {
  readonly house: TestHouse;
  readonly people: Readonly<Record<Known, PrincipalId>>;
  /** The program of the agent `main`, and of another one. */
  readonly program: TokenMade;
  readonly other: TokenMade;
  browser(person: Known, scopes?: readonly DeviceScope[]): Promise<Browser>;
  /** The handle that came to the agent with the last message of that person. */
  handle(person: Known, agent?: string): Promise<string>;
  /** A message of theirs, and everything that follows from it. */
  types(who: keyof typeof CHATS, text: string, more?: Typed): Promise<void>;
  /** As a program asks. */
  asks(action: Action, more?: Asking): Promise<ApprovalRow>;
  asking(body: unknown, more?: Omit<Asking, 'session'>): Promise<Response>;
  /** As a program looks at its own. */
  sees(id: string, more?: { readonly by?: TokenMade; readonly wait?: number }): Promise<Response>;
  /** A word said at the host's shell. */
  atHost(id: string, said: Decide, as?: string): Promise<Response>;
  events(type: string): Promise<readonly { readonly reason: string | null; readonly subject: object }[]>;
}

export interface Asking {
  readonly by?: TokenMade;
  readonly session?: string;
  readonly key?: string;
}

/** Of a message: where it came in, and what it is beside its text. Telegram, direct, unless it says otherwise. */
export type Typed = Partial<Pick<Inbound, 'conversation' | 'quoted' | 'forwarded' | 'press' | 'kind'>> & {
  readonly channel?: 'telegram' | 'webchat';
};

/** A command as an executor of this machine would send it. */
export function command(...argv: readonly [string, ...string[]]): Action {
  const name = argv[0].slice(argv[0].lastIndexOf('/') + 1);
  return {
    kind: 'exec',
    argv: [...argv],
    cwd: { path: '/home/agent/work', device: '2049', inode: '131074' },
    program: { path: `/usr/bin/${name}`, sha256: sha256Hex(name) },
    scripts: [],
    env: { PATH: '/usr/bin:/bin', HOME: '/home/agent' },
    stdin: { kind: 'none' },
    host: 'ins_here',
  };
}

/** Asked about, and no proof needed while nobody has a factor. */
export const PUSH = command('git', 'push', 'origin', 'main');
/** Needs a proof whoever says yes. */
export const WIPE = command('rm', '-rf', '/home/agent/work');
/** Runs unasked by default. */
export const LOOK = command('git', 'status');

export async function openApprovalHouse(
  options: { readonly config?: object; readonly stage?: Stage; readonly running?: boolean } = {},
): Promise<ApprovalHouse> {
  const house = await openHouse({
    running: options.running ?? true,
    config: {
      channels: {
        telegram: { botToken: '1:x', dmPolicy: 'allowlist', allowFrom: Object.values(CHATS).slice(0, 4) },
      },
      ...options.config,
    },
    ...(options.stage === undefined ? {} : { stage: options.stage }),
  });
  const { composed } = house;
  const add = async (name: Known): Promise<PrincipalId> => {
    const body = { name: nameOf(name), role: ROLES[name], peer: `telegram:${CHATS[name]}` };
    return (await jsonOf<{ id: PrincipalId }>(house.call('host', 'POST', '/api/v1/people', body))).id;
  };
  const makes = (agent: string) =>
    jsonOf<TokenMade>(house.call('host', 'POST', '/api/v1/tokens', { scope: 'request', for: agent }));
  const people = {
    olga: await add('olga'),
    ari: await add('ari'),
    uma: await add('uma'),
    rita: await add('rita'),
  };
  for (const who of ['olga', 'ari', 'uma', 'rita'] as const) {
    const as = { peer: `webchat:${browserOf(who)}`, as: ROLES[who] };
    await house.call('host', 'POST', `/api/v1/people/${people[who]}/link`, as);
  }
  const [program, other] = [await makes('main'), await makes('other')];
  const bearer = ({ token }: TokenMade) => ({ authorization: `Bearer ${token}` });
  let said = 0;
  const says = async (who: keyof typeof CHATS, text: string, more: Typed = {}) => {
    said += 1;
    const { inbox, dispatcher } = composed.core;
    await inbox.receive(messageOf(who, text, `m${said}`, more));
    await inbox.idle();
    await dispatcher.dispatch();
  };
  const asking: ApprovalHouse['asking'] = (body, { by = program, key } = {}) =>
    house.call('agent', 'POST', '/api/v1/approvals', body, {
      ...bearer(by),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    });
  return {
    house,
    people,
    program,
    other,
    asking,
    browser: (person, scopes = ['approvals', 'read']) => pair(house, people[person], scopes),
    async handle(person, agent = 'main') {
      await says(person, 'hello');
      const rows = await composed.store.sessions.list({ live: true, limit: 100 });
      const row = rows.find(({ principal }) => principal === people[person]);
      const made = row === undefined ? null : await composed.core.identities.handleOf(row.id, agent);
      if (made === null) throw new Error(`${person} has no handle`);
      return made;
    },
    types: says,
    async asks(action, { session, ...more } = {}) {
      const answer = await asking({ action, ...(session === undefined ? {} : { session }) }, more);
      if (answer.status !== 201) throw new Error(await answer.text());
      return jsonOf<ApprovalRow>(answer);
    },
    sees: (id, { by = program, wait } = {}) =>
      house.call(
        'agent',
        'GET',
        `/api/v1/approvals/${id}${wait === undefined ? '' : `?wait=${wait}`}`,
        undefined,
        bearer(by),
      ),
    atHost: (id, body, as) =>
      house.call('host', 'POST', `/api/v1/approvals/${id}/decision`, body, {
        ...(as === undefined ? {} : { 'x-countersign-as': encodeURIComponent(as) }),
      }),
    async events(type) {
      const { store } = composed;
      const all = await store.audit.walk(store.writer, 0, 10_000);
      return all.filter(({ body }) => body.type === type).map(({ body }) => body);
    },
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  };
}

/** `Olga`. */
export function nameOf(person: Known): string {
  return `${person.charAt(0).toUpperCase()}${person.slice(1)}`;
}

async function pair(house: TestHouse, person: PrincipalId, scopes: readonly DeviceScope[]): Promise<Browser> {
  const { core, proofs } = house.composed;
  const key = new DeviceKey();
  const asked = { key: key.jwk, thumbprint: key.thumbprint, role: 'operator', scopes } as const;
  const knock = () => core.devices.connect({ ...asked, token: null, name: 'browser', address: null });
  const waiting = await knock();
  if (waiting.as !== 'pairing_required') throw new Error('the browser was not asked to wait');
  await core.devices.approve(
    waiting.requestId,
    { kind: 'host' },
    { for: person, approverScopes: ALL_SCOPES },
  );
  const entered = await knock();
  if (entered.as !== 'connected') throw new Error(JSON.stringify(entered));
  const { token } = entered;
  let count = 0;
  return {
    device: entered.device.id,
    call(method, path, body, headers = {}) {
      count += 1;
      const proof = key.proof({
        htm: method,
        htu: `http://localhost:8787${path.split('?')[0]}`,
        iat: 1,
        jti: `jti-${key.thumbprint.slice(0, 8)}-${count}`,
        ath: sha256(token),
        bh: sha256(body === undefined ? '' : JSON.stringify(body)),
        nonce: proofs.nonce(),
      });
      const credentials = { authorization: `DPoP ${token}`, dpop: proof };
      return house.call('tcp', method, path, body, { ...credentials, ...headers });
    },
  };
}

function sha256Hex(text: string): string {
  return Buffer.from(sha256(text), 'base64url').toString('hex');
}

/** A browser's key in the web chat, as its id. */
function browserOf(who: keyof typeof CHATS): string {
  return `${who}${'a'.repeat(52)}`.slice(0, 52);
}

function messageOf(
  who: keyof typeof CHATS,
  text: string,
  messageId: string,
  { channel = 'telegram', ...more }: Typed,
): Inbound {
  const native = parseNative(channel === 'webchat' ? browserOf(who) : CHATS[who], /^\w+$/);
  if (native === null) throw new Error('nobody');
  return inboundFrom(
    { channel, account: 'default', native },
    { assurance: channel === 'webchat' ? 'low' : 'medium', messageId, text, ...more },
  );
}
