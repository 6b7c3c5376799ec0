// The app, made from the route table. Before any route: the host name and the origin (TCP only), then the caller. Last:
// whatever was thrown becomes a problem document, and what is nobody's business becomes an event id.
import { makeId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { Hono } from 'hono';
import { TrieRouter } from 'hono/router/trie-router';
import type { Caller } from '../core/authorise.ts';
import type { Clock, Log, Random } from '../core/ports.ts';
import { problemAnswer } from './answers.ts';
import { authenticate, type Proofs } from './authenticate.ts';
import type { Counters } from './counters.ts';
import type { Bindings } from './door.ts';
import { isOauth, oauthProblem } from './oauth-answers.ts';
import { checkHost, checkOrigin, type Names } from './origin.ts';
import type { Route } from './route.ts';
import type { Services } from './services.ts';

interface Ports {
  readonly services: Services;
  readonly routes: readonly Route[];
  readonly log: Log;
  readonly clock: Clock;
  readonly random: Random;
  readonly counters: Pick<Counters, 'http'>;
  /** Who callers are, by what they present. */
  readonly proofs: Proofs;
  /** The names people reach us by, as configured now. */
  names(): Names;
}

export interface App {
  fetch(request: Request, bindings: Bindings): Promise<Response>;
}

interface Env {
  Bindings: Bindings;
  Variables: { caller: Caller };
}

export function createApp(ports: Ports): App {
  const { services, routes, counters } = ports;
  const hono = new Hono<Env>({ router: new TrieRouter(), strict: true });

  hono.use(async (context, next) => {
    const { door, isPlain } = context.env;
    const header = (name: string) => context.req.raw.headers.get(name);
    const url = new URL(context.req.url);
    if (door === 'tcp') {
      const names = ports.names();
      checkHost(header, names, isPlain);
      checkOrigin({ method: context.req.method, path: url.pathname }, header, names);
    }
    const { caller, nonce } = await authenticate(context.env, context.req.raw, ports.proofs);
    // Without a token the agent's socket answers one question.
    if (caller.door === 'agent' && url.pathname !== '/healthz') throw new Problem('auth_required');
    context.set('caller', caller);
    await next();
    // RFC 9449 8.2: the nonce of the next proof comes with each answer, so that none is ever stale for an open page.
    if (nonce !== null) context.header('DPoP-Nonce', nonce);
  });

  for (const route of routes) {
    hono.on(route.method, route.path, (context) =>
      route.answer({
        request: context.req.raw,
        url: new URL(context.req.url),
        params: context.req.param(),
        caller: context.get('caller'),
        bindings: context.env,
        services,
      }),
    );
  }
  const methods = Map.groupBy(routes, ({ path }) => path);
  for (const [path, those] of methods) {
    hono.all(path, (context) => {
      refuseStranger(context.get('caller'), path);
      const allow = those.map(({ method }) => method).join(', ');
      const answer = problemAnswer(new Problem('request_unsupported', { detail: `${path} takes ${allow}` }));
      answer.headers.set('allow', allow);
      return answer;
    });
  }

  hono.notFound((context) => {
    refuseStranger(context.get('caller'), new URL(context.req.url).pathname);
    return problemAnswer(new Problem('not_found', { detail: 'there is nothing at that path' }));
  });
  hono.onError((cause, context) => answerFailure(cause, context.req.raw, context.env.door, ports));

  return {
    async fetch(request, bindings) {
      const answer = await hono.fetch(request, bindings);
      counters.http(answer.status);
      return answer;
    },
  };
}

/** The API without a caller: which of its paths exist is no stranger's business. */
function refuseStranger(caller: Caller, path: string): void {
  if (caller.door === 'tcp' && path.startsWith('/api/')) throw new Problem('auth_required');
}

function answerFailure(cause: unknown, request: Request, door: Bindings['door'], ports: Ports): Response {
  const problem = cause instanceof Problem ? cause : new Problem('internal', { cause });
  if (problem.code === 'internal') {
    const event = makeId('event', ports.random.bytes(15));
    // The stack goes to the log by name and place only: messages may hold what a person typed.
    ports.log.error('http.failed', { id: event, method: request.method, error: whereFailed(cause) });
    return isOauth(request) ? oauthProblem(problem, event) : problemAnswer(problem, { event });
  }
  if (problem.code === 'request_misdirected' && door === 'tcp' && wantsPage(request))
    return recipePage(problem);
  if (isOauth(request)) return oauthProblem(problem);
  if (problem.status >= 500) ports.log.warn('http.refused', { reason: problem.code, status: problem.status });
  return problemAnswer(problem);
}

/** Class and first frames of the innermost cause, without its message. */
function whereFailed(cause: unknown): string {
  let inner = cause;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  if (!(inner instanceof Error)) return typeof inner;
  const frames = (inner.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return [
    inner.name,
    ...frames.slice(0, 4).map((line) => line.trim().replace(/\(?file:\/\/.*\/(src|dist)\//, '(')),
  ].join(' ');
}

function wantsPage(request: Request): boolean {
  return request.method === 'GET' && (request.headers.get('accept') ?? '').includes('text/html');
}

/** One page for a person who typed another name of this machine. It repeats nothing of the request. */
function recipePage({ message, hint }: Problem): Response {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Another name, please</title>
<h1>This gateway does not answer to that name</h1>
<p>On this machine open <code>http://localhost</code> with the port of the gateway.</p>
<p>From elsewhere: put it behind a name of your own with TLS, and tell the gateway that name:</p>
<pre>countersign config set gateway.publicUrl '"https://assistant.example"'</pre>
<p>Or forward the port: <code>ssh -L 8787:localhost:8787 this-machine</code>, then open <code>http://localhost:8787/</code>.</p>
<p>${message}: ${hint ?? ''}. Recipes for Tailscale Serve, Caddy, nginx and containers are in <code>docs/remote-access.md</code>.</p></html>`;
  return new Response(html, {
    status: 421,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    },
  });
}
