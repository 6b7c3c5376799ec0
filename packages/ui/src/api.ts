// The HTTP API as a signed-in browser calls it: every request carries the token of the socket, a proof of the key for
// exactly this request, and where it is needed a factor. A nonce that was too old is answered with a fresh one, once.
import { createClient, FACTOR_HEADER, type Fetch } from '@countersign/protocol/client';
import type { DeviceRow } from '@countersign/protocol/device';
import type { FactorRow } from '@countersign/protocol/factor';
import { Problem } from '@countersign/protocol/problem';
import { dpopProof, type Prover } from './dpop.ts';
import { type FactorProof, factorHeader, type Json } from './factors/proof.ts';
import type { Pass } from './session/frames.ts';
import { jsonFields, textOf } from './shared/fields.ts';

export interface ApiPorts {
  readonly key: Prover;
  /** As the browser sees it: `location.origin`. */
  readonly origin: string;
  readonly fetch: typeof globalThis.fetch;
  /** @throws Problem when there is none. */
  pass(): Promise<Pass>;
  renewed(nonce: string): void;
  rejected(token: string): void;
  now(): number;
  newId(): string;
}

export function deviceFetch(ports: ApiPorts, factor?: FactorProof): Fetch {
  return async (path, { method, body, signal, headers }) => {
    const send = async (pass: Pass): Promise<Answer> => {
      const answer = await request(ports, pass, {
        path,
        method,
        ...(body === undefined ? {} : { body }),
        ...(signal === undefined ? {} : { signal }),
        headers: { ...headers, ...(factor === undefined ? {} : { [FACTOR_HEADER]: factorHeader(factor) }) },
      });
      if (answer.nonce !== null) ports.renewed(answer.nonce);
      return answer;
    };
    const pass = await ports.pass();
    let answer = await send(pass);
    // A 401 came before anything was done, so the same call may be made again.
    if (answer.status === 401 && answer.nonce !== null && isStaleNonce(answer.body)) {
      answer = await send({ ...pass, nonce: answer.nonce });
    } else if (answer.status === 401 && codeOf(answer.body) !== 'challenge_failed') {
      // A wrong proof is a 401 of its own, and was counted: the same once more would count twice.
      ports.rejected(pass.token);
      answer = await send(await ports.pass());
    }
    const { status, body: text } = answer;
    return { status, text: () => Promise.resolve(text) };
  };
}

interface Ask {
  readonly path: string;
  readonly method: string;
  readonly body?: string;
  readonly signal?: AbortSignal;
  readonly headers: Readonly<Record<string, string>>;
}

interface Answer {
  readonly status: number;
  readonly nonce: string | null;
  readonly body: string;
}

async function request(ports: ApiPorts, { token, nonce }: Pass, ask: Ask): Promise<Answer> {
  const { path, method, body, signal, headers } = ask;
  const { pathname, search } = new URL(path, ports.origin);
  const url = ports.origin + pathname;
  const now = ports.now();
  const jti = ports.newId();
  const proof = await dpopProof(ports.key, { method, url, token, nonce, body: body ?? '', now, jti });
  try {
    const response = await ports.fetch(url + search, {
      method,
      cache: 'no-store',
      redirect: 'error',
      headers: {
        ...headers,
        accept: 'application/json',
        authorization: `DPoP ${token}`,
        dpop: proof,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
    return {
      status: response.status,
      nonce: response.headers.get('dpop-nonce'),
      body: await response.text(),
    };
  } catch (cause) {
    throw new Problem('gateway_down', { cause });
  }
}

function codeOf(body: string): string | null {
  const fields = jsonFields(body);
  return fields === null ? null : textOf(fields, 'code');
}

function isStaleNonce(body: string): boolean {
  const fields = jsonFields(body);
  if (fields === null) return false;
  return [textOf(fields, 'code'), textOf(fields, 'error')].includes('use_dpop_nonce');
}

export type Api = ReturnType<typeof createApi>;
/** The API, with a factor proven along if one is given. */
export type ApiWith = (factor?: FactorProof) => Api;

export function apiWith(ports: ApiPorts): ApiWith {
  const plain = createApi(deviceFetch(ports));
  return (factor) => (factor === undefined ? plain : createApi(deviceFetch(ports, factor)));
}

/** The most of a page: this browser has to be among them. */
const MOST_DEVICES = 500;

/** The typed client, and the few calls that only a browser makes. */
function createApi(fetch: Fetch) {
  async function call<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await fetch(`/api/v1${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const value: unknown = text === '' ? null : parse(text);
    if (answer.status >= 400) throw Problem.fromDocument(value);
    // The gateway's own answers, described by the schemas whose types these are.
    return value as T;
  }
  const post = <T>(path: string, body: object = {}) => call<T>('POST', path, body);
  const read = async (path: string): Promise<string> => {
    const answer = await fetch(`/api/v1${path}`, { method: 'GET' });
    const content = await answer.text();
    if (answer.status >= 400) throw Problem.fromDocument(parse(content));
    return content;
  };
  const client = createClient(fetch);
  return {
    ...client,
    /** One JSON document a line, as it stands in the chain: kept as text, for it is a proof. */
    exportAudit: () => read('/audit/export'),
    devices: {
      ...client.devices,
      list: (show: 'live' | 'pending' | 'all', after?: string) =>
        client.devices.list({ show, after, limit: MOST_DEVICES }),
      prove: () => post<DeviceRow>('/devices/prove'),
    },
    approvals: {
      ...client.approvals,
      /** A challenge that answers this request and no other. */
      prove: (ref: string) => post<{ options: Json }>(`/approvals/${encodeURIComponent(ref)}/prove`),
      /** Kept as text, as it was signed. */
      receipt: (ref: string) => read(`/approvals/${encodeURIComponent(ref)}/receipt`),
    },
    elevations: {
      ...client.elevations,
      /** A challenge for exactly this elevation. */
      prove: (what: { for: string; agent?: string }) => post<{ options: Json }>('/elevations/prove', what),
    },
    factors: {
      ...client.factors,
      enrolPasskey: () => post<{ options: Json }>('/factors/passkey'),
      finishPasskey: (response: Json, label: string) =>
        post<FactorRow>('/factors/passkey/finish', { response, label }),
      askPasskey: () => post<{ options: Json }>('/factors/passkey/challenge'),
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Problem('gateway_down', { detail: 'the answer was not JSON', cause });
  }
}
