// /v1 below an agent: the caller is a runtime with a token, the person is whom its handle names, and nothing a caller says
// about who somebody is goes further. Taken from the listener as it came, before any framework, so that bytes only pass.
// Invariant: no bearer without an identity that the store named for this very call, and none to an origin not listed.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { makeId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { authorise, type Caller, type Verb } from '../../core/authorise.ts';
import type { Clock, Log, Millis, Random } from '../../core/ports.ts';
import {
  type Bound,
  type Denied,
  deny,
  type Identities,
  isDenied,
  type Minted,
} from '../../core/session/identity.ts';
import type { Counters } from '../counters.ts';
import type { Bindings } from '../door.ts';
import { identityProblem } from '../identity-problem.ts';
import { checkHost, checkOrigin, type Names } from '../origin.ts';
import type { TokenDoor } from '../token-door.ts';
import { CallLimits, type CallRules } from './call-limits.ts';
import type { CallTrail } from './call-trail.ts';
import { type BodyRules, cleanBody } from './claimed-body.ts';
import { forUpstream, joined, single } from './claimed-headers.ts';
import { cleanQuery } from './claimed-query.ts';
import type { OpenCalls } from './open-calls.ts';
import { RawBodies } from './raw-body.ts';
import { makeTrace, readTrace, traceId, turnOf } from './trace.ts';
import type { Passed, Upstream } from './upstream.ts';
import { sayProblem } from './v1-answer.ts';
import type { VerifyLinks } from './verify-links.ts';

/** As configured now. */
export interface V1Settings {
  readonly upstream: Upstream;
  readonly apiKey: { reveal(): string } | null;
  /** What bearers that go upstream are for; null where none goes there, for want of an audience or of its origin. */
  readonly audience: string | null;
  readonly rules: BodyRules;
  readonly limits: CallRules;
}

interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly tokens: Pick<TokenDoor, 'authenticate'>;
  readonly identities: Pick<Identities, 'resolve' | 'resolveKey' | 'bearer'>;
  readonly trail: Pick<CallTrail, 'told'>;
  readonly open: Pick<OpenCalls, 'add'>;
  readonly counters: Pick<Counters, 'http' | 'proxied' | 'proxyOpen'>;
  readonly verify: Pick<VerifyLinks, 'offer' | 'on'>;
  names(): Names;
  /** Null where nothing is configured behind /v1. */
  settings(): V1Settings | null;
  denied(caller: Caller, verb: Verb, reason: string): Promise<void>;
}

interface Place {
  readonly verb: 'proxy.call' | 'proxy.models';
  readonly method: 'GET' | 'POST';
}
const PLACES: Readonly<Record<string, Place>> = {
  '/v1/chat/completions': { verb: 'proxy.call', method: 'POST' },
  '/v1/responses': { verb: 'proxy.call', method: 'POST' },
  '/v1/models': { verb: 'proxy.models', method: 'GET' },
};

/** A body that took longer to come than this may have outlived what was known when it began. */
const LONG_MS: Millis = 1_000;
const HOUSE = { owned: true, ownerHasFactor: true, freshFactor: false };

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly bindings: Bindings;
  readonly path: string;
  /** With its question mark; empty when there is none. */
  readonly search: string;
}

export class V1 {
  readonly #ports: Ports;
  readonly #limits = new CallLimits();
  readonly #bodies = new RawBodies();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** True for a path that is ours alone. */
  static takes(url: string | undefined): boolean {
    return url !== undefined && /^\/v1(?:[/?#]|$)/.test(url);
  }

  /** Answers, always, and never throws: whatever goes wrong is a problem, or a connection that ends. */
  async handle(request: IncomingMessage, response: ServerResponse, bindings: Bindings): Promise<void> {
    // A client that tears its connection down is told by an event, and one that nobody hears ends the process.
    request.on('error', () => {});
    response.on('error', () => {});
    const url = request.url ?? '';
    const at = url.indexOf('?');
    const [path, search] = at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at)];
    try {
      await this.#serve({ request, response, bindings, path, search });
    } catch (cause) {
      this.#fail(response, cause);
    }
    this.#ports.counters.http(response.statusCode);
  }

  async #serve(exchange: Exchange): Promise<void> {
    const { request, path } = exchange;
    const caller = await this.#caller(exchange);
    const place = Object.hasOwn(PLACES, path) ? PLACES[path] : undefined;
    if (place === undefined) {
      const hint = `/v1 has ${Object.keys(PLACES).join(', ')}; all else is the provider’s own`;
      throw new Problem('not_found', { detail: 'there is nothing at that path', hint });
    }
    const { verb, method } = place;
    if (request.method !== method) {
      throw new Problem('request_unsupported', {
        detail: `${path} takes ${method}`,
        members: { allow: [method] },
      });
    }
    const outcome = authorise(caller, verb, HOUSE);
    if (outcome.outcome !== 'allow') {
      const reason = outcome.outcome === 'deny' ? outcome.reason : 'auth_forbidden';
      await this.#ports.denied(caller, verb, reason);
      throw new Problem('auth_forbidden', { hint: 'call /v1 with a token made with --scope runtime' });
    }
    const settings = this.#ports.settings();
    if (settings === null) {
      const hint = 'set proxy.upstream to the base of an OpenAI-compatible interface';
      throw new Problem('not_found', { detail: 'nothing is configured behind /v1', hint });
    }
    if (verb === 'proxy.models') await this.#models(exchange, settings);
    else await this.#call(exchange, caller, settings);
  }

  /** @throws Problem `auth_required` for nobody; whoever holds no token learns nothing else. */
  async #caller({ request, bindings, path, search }: Exchange): Promise<Caller & { door: 'token' }> {
    const { tokens, names } = this.#ports;
    if (bindings.door === 'tcp') {
      const header = (name: string) => request.headers[name]?.toString();
      checkHost(header, names(), bindings.isPlain);
      checkOrigin({ method: request.method ?? '', path: '/api/' }, header, names());
    }
    const authorization = joined(request.rawHeaders, 'authorization');
    const presented = { authorization, search, isOauth: false, remote: bindings.remote };
    const caller = bindings.door === 'host' ? null : await tokens.authenticate(presented);
    if (caller !== null) return caller;
    const hint = 'send Authorization: Bearer cst_…; countersign tokens create --scope runtime makes one';
    const detail = Object.hasOwn(PLACES, path) ? 'this needs the token of a runtime' : 'this needs a token';
    throw new Problem('auth_required', { detail, hint });
  }

  async #models({ request, response, search }: Exchange, settings: V1Settings): Promise<void> {
    const { list } = forUpstream(request.rawHeaders, settings.rules.headers);
    const headers = [...list, ...keyOf(settings)];
    const query = cleanQuery(search, settings.rules.headers);
    const asked = { method: 'GET', path: `/models${query.search}`, headers, body: null } as const;
    this.#count(await settings.upstream.pass(asked, response, []), 0);
  }

  async #call(exchange: Exchange, caller: Caller & { door: 'token' }, settings: V1Settings): Promise<void> {
    const { request, response } = exchange;
    const { clock, open } = this.#ports;
    const began = clock.now();
    let bound = await this.#who(request, caller);
    if (isDenied(bound)) throw await this.#nobody(exchange, caller, bound);
    refuseForm(request);
    const end = this.#limits.begin(bound.session, settings.limits, began);
    const { session, principal } = bound;
    // From here on, whatever this call waits for: who is shut out meanwhile is not asked for any more.
    const { token } = caller.holder;
    const forget = open.add(session, { principal, token, end: () => response.destroy() });
    this.#ports.counters.proxyOpen(1);
    try {
      const held = await this.#bodies.read(request);
      try {
        if (clock.now() - began > LONG_MS) bound = await this.#who(request, caller);
        if (isDenied(bound)) throw await this.#nobody(null, caller, bound);
        await this.#forward(exchange, caller, settings, bound, held.bytes);
      } finally {
        held.release();
      }
    } finally {
      this.#ports.counters.proxyOpen(-1);
      forget();
      end();
    }
  }

  async #forward(
    { request, response, path, search }: Exchange,
    caller: Caller & { door: 'token' },
    settings: V1Settings,
    bound: Bound,
    bytes: Buffer,
  ): Promise<void> {
    const { random, trail } = this.#ports;
    const { rawHeaders } = request;
    const { bytes: body, cut } = cleanBody(bytes, settings.rules);
    const turn = turnOf(single(rawHeaders, 'x-countersign-turn'), random);
    const theirs = readTrace(single(rawHeaders, 'traceparent'));
    const trace = theirs ?? makeTrace(random);
    const minted =
      settings.audience === null
        ? null
        : await this.#ports.identities.bearer(bound, settings.audience, { turn });
    if (minted !== null && isDenied(minted)) throw await this.#nobody(null, caller, minted);
    const { list: passed, claims } = forUpstream(rawHeaders, settings.rules.headers);
    const headers = [
      ...(theirs === null ? without(passed, ['traceparent', 'tracestate']) : passed),
      ...(theirs === null ? ['traceparent', trace] : []),
      'x-countersign-turn',
      turn,
      ...(minted === null ? keyOf(settings) : bearing(minted, settings)),
    ];
    const query = cleanQuery(search, settings.rules.headers);
    const place = `${path.slice('/v1'.length)}${query.search}`;
    const asked = { method: 'POST', path: place, headers, body } as const;
    const told = {
      bound,
      turn,
      trace: traceId(trace),
      minted,
      path,
      caller,
      claims: cut + claims + query.cut,
    };
    try {
      const answer = await settings.upstream.pass(asked, response, ['x-countersign-turn', turn]);
      this.#count(answer, bytes.length);
      trail.told(told, answer.end === 'whole' ? answer.status : answer.end);
    } catch (cause) {
      trail.told(told, Problem.codeOf(cause));
      throw cause;
    }
  }

  #who(
    { rawHeaders }: IncomingMessage,
    { scope, holder }: Caller & { door: 'token' },
  ): Promise<Bound | Denied> {
    const { identities } = this.#ports;
    if (scope === 'ingress') {
      // H65: a key is a caller's text. It counts from an ingress alone, and for what that token names.
      const key = single(rawHeaders, 'x-openclaw-session-key');
      return key === null ? Promise.resolve(deny('handle_missing')) : identities.resolveKey(key, holder);
    }
    const handle = single(rawHeaders, 'x-countersign-session');
    // A token that was made for no agent holds no handles.
    return identities.resolve(handle ?? '', holder.agent ?? '');
  }

  /** @param exchange whose body may say where the person can be asked; null where it was read already. */
  async #nobody(exchange: Exchange | null, caller: Caller, { reason }: Denied): Promise<Problem> {
    await this.#ports.denied(caller, 'proxy.call', reason);
    const { verify } = this.#ports;
    if (exchange === null || !verify.on || reason === 'users_unavailable') return identityProblem(reason);
    const url = await verify.offer(exchange.request, exchange.bindings.remote, this.#bodies);
    return identityProblem(reason, url === null ? {} : { verifyUrl: url });
  }

  #count({ status, bytes, usage }: Passed, sent: number): void {
    this.#ports.counters.proxied({ status, sent, received: bytes, usage });
  }

  #fail(response: ServerResponse, cause: unknown): void {
    const problem = cause instanceof Problem ? cause : new Problem('internal', { cause });
    if (problem.code !== 'internal') {
      sayProblem(response, problem);
      return;
    }
    const event = makeId('event', this.#ports.random.bytes(15));
    const error = cause instanceof Error ? cause.name : typeof cause;
    this.#ports.log.error('http.failed', { id: event, method: response.req.method, error });
    sayProblem(response, problem, { event });
  }
}

/** @throws Problem `request_malformed` for what a claim could hide in: a second type, or a charset in which the same bytes
 * are other letters (in UTF-7 `+AHU-ser` is `user`), for a reader behind us who goes by that one. */
function refuseForm({ headers, rawHeaders }: IncomingMessage): void {
  const type = single(rawHeaders, 'content-type') ?? '';
  if (!/^application\/json ?(?:; ?charset="?utf-?8"?)? ?;?$/i.test(type))
    throw new Problem('request_malformed', { detail: 'the body must be sent as application/json, in UTF-8' });
  const coding = headers['content-encoding'] ?? 'identity';
  if (coding.toLowerCase() !== 'identity')
    throw new Problem('request_malformed', { detail: 'the body must not be compressed' });
}

function keyOf({ apiKey }: V1Settings): string[] {
  return apiKey === null ? [] : ['authorization', `Bearer ${apiKey.reveal()}`];
}

/** One header, one meaning: a bearer that travels as `authorization` stands there alone. */
function bearing({ header, token }: Minted, settings: V1Settings): string[] {
  if (header === 'authorization') return ['authorization', `Bearer ${token}`];
  return [...keyOf(settings), header, token];
}

function without(list: readonly string[], names: readonly string[]): string[] {
  return list.filter((_, at) => !names.includes((list[at - (at % 2)] ?? '').toLowerCase()));
}
