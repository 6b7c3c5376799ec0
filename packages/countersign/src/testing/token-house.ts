// A house with people on its list and programs of the owner's: one call each to speak, to make a token, to exchange, to ask
// and to assert, as such programs make them.

import type { SessionId } from '@countersign/protocol/ids';
import type { TokenCreate, TokenMade } from '@countersign/protocol/service-token';
import { parseNative } from '../core/identity/peer.ts';
import type { Inbound } from '../core/message.ts';
import { signHop } from '../core/token/hop.ts';
import { jsonOf, openHouse, type TestHouse } from './house.ts';
import { inboundFrom } from './inbound.ts';

export const TOOLS = 'tools.example';
export const OTHER_TOOLS = 'other.example';
export const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const SESSION = 'urn:countersign:params:oauth:token-type:session';
export const INGRESS_PATH = '/api/v1/ingress/sessions';

export type Form = Readonly<Record<string, string | readonly string[]>>;
type Headers = Readonly<Record<string, string>>;

export interface TokenHouse extends AsyncDisposable {
  readonly house: TestHouse;
  makes(asked: TokenCreate): Promise<TokenMade>;
  /** A message on telegram; the session it is on. */
  says(sender: string): Promise<SessionId>;
  handle(sender: string, agent?: string): Promise<string>;
  /** A form to /oauth/<where>. */
  oauth(where: string, form: Form, headers: Headers): Promise<Response>;
  /** The bearer for a handle. */
  exchanged(token: string, handle: string, form?: Form): Promise<string>;
  /** What a backend is told of it. */
  introspected(token: string, bearer: string): Promise<Record<string, unknown>>;
  revoked(path: string): Promise<void>;
  events(type: string): Promise<readonly { readonly reason: string | null; readonly subject: object }[]>;
}

export async function openTokenHouse(config: object = {}): Promise<TokenHouse> {
  const house = await openHouse({
    running: true,
    config: {
      bearer: { audiences: { [TOOLS]: {}, [OTHER_TOOLS]: {} } },
      channels: { telegram: { botToken: '1:x', dmPolicy: 'allowlist', allowFrom: ['555001', '555002'] } },
      ...config,
    },
  });
  const { composed } = house;
  let said = 0;
  const oauth = (where: string, form: Form, headers: Headers) =>
    house.raw('tcp', formRequest(`/oauth/${where}`, form, headers));
  const says = async (sender: string): Promise<SessionId> => {
    said += 1;
    await composed.core.inbox.receive(messageOf(sender, `m${said}`));
    await composed.core.inbox.idle();
    const rows = await composed.store.sessions.list({ live: true, limit: 100 });
    const row = rows.find(({ key }) => key.endsWith(`:direct:${sender}`));
    if (row === undefined) throw new Error(`${sender} has no session`);
    return row.id;
  };
  return {
    house,
    makes: (asked) => jsonOf<TokenMade>(house.call('host', 'POST', '/api/v1/tokens', asked)),
    says,
    async handle(sender, agent = 'main') {
      const made = await composed.core.identities.handleOf(await says(sender), agent);
      if (made === null) throw new Error(`${sender} has no handle`);
      return made;
    },
    oauth,
    async exchanged(token, handle, form = {}) {
      const answer = await oauth('token', exchangeForm(handle, form), bearer(token));
      const body = await jsonOf<{ access_token?: string; error_description?: string }>(answer);
      if (body.access_token === undefined) throw new Error(body.error_description ?? 'no bearer');
      return body.access_token;
    },
    async introspected(token, presented) {
      return jsonOf(oauth('introspect', { token: presented }, bearer(token)));
    },
    async revoked(path) {
      const answer = await house.call('host', 'POST', `/api/v1${path}`);
      if (answer.status >= 400) throw new Error(await answer.text());
    },
    async events(type) {
      const { store } = composed;
      const all = await store.audit.walk(store.writer, 0, 10_000);
      return all.filter(({ body }) => body.type === type).map(({ body }) => body);
    },
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  };
}

export function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

export function exchangeForm(handle: string, more: Form = {}): Form {
  return {
    grant_type: EXCHANGE,
    subject_token: handle,
    subject_token_type: SESSION,
    audience: TOOLS,
    ...more,
  };
}

export function formRequest(path: string, form: Form, headers: Headers): Request {
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(form)) {
    for (const one of [value].flat()) body.append(name, one);
  }
  return new Request(`http://localhost:8787${path}`, {
    method: 'POST',
    headers: {
      host: 'localhost:8787',
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    },
    body: body.toString(),
  });
}

let nonces = 0;

/** An ingress's call, signed as the guide says. */
export function assertion(
  { id, token, hopSecret = '' }: Pick<TokenMade, 'id' | 'token' | 'hopSecret'>,
  said: object,
  hop: { readonly ts?: number; readonly nonce?: string; readonly secret?: string } = {},
): Request {
  nonces += 1;
  const { ts = Date.now(), nonce = `nonce-${String(nonces).padStart(12, '0')}`, secret = hopSecret } = hop;
  const body = JSON.stringify(said);
  const of = { token: asTokenId(id), method: 'POST', path: INGRESS_PATH, body: Buffer.from(body) };
  return new Request(`http://localhost:8787${INGRESS_PATH}`, {
    method: 'POST',
    headers: {
      host: 'localhost:8787',
      'content-type': 'application/json',
      ...bearer(token),
      'x-countersign-hop': signHop(of, { ts, nonce }, secret),
    },
    body,
  });
}

function asTokenId(id: string): `tok_${string}` {
  return `tok_${id.slice('tok_'.length)}`;
}

function messageOf(sender: string, messageId: string): Inbound {
  const native = parseNative(sender, /^\d+$/);
  if (native === null) throw new Error('nobody');
  return inboundFrom(
    { channel: 'telegram', account: 'default', native },
    { conversation: { kind: 'direct', id: sender }, messageId },
  );
}
