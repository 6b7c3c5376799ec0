// A backend of a company assistant: orders and refunds. Invariant: nothing of a route runs before the bearer of the call
// was verified for the user in the path. So no route can forget it, and a model may ask for whatever it likes.
import { createServer, type IncomingMessage } from 'node:http';
import { Problem } from '@countersign/protocol/problem';
import { bearerIn, challenge, confirmed, verified } from './identity.ts';
import { orderOf, ordersOf, refund } from './orders.ts';

interface Route {
  readonly method: string;
  readonly path: URLPattern;
  /** What the bearer has to allow: this, or all of `tools`. */
  readonly scope: string;
  /** What cannot be taken back: the gateway is asked whether the bearer is good at this moment. */
  readonly isFinal: boolean;
  /** `user` is proven. What the caller named besides is a wish. */
  readonly run: (user: string, named: Readonly<Record<string, unknown>>) => unknown;
}

const path = (pathname: string) => new URLPattern({ pathname });

const ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: path('/users/:user/orders'),
    scope: 'tools:orders',
    isFinal: false,
    run: (user) => ordersOf(user),
  },
  {
    method: 'GET',
    path: path('/users/:user/orders/:order'),
    scope: 'tools:orders',
    isFinal: false,
    run: (user, { order }) => orderOf(user, order),
  },
  {
    method: 'POST',
    path: path('/users/:user/refunds'),
    scope: 'tools:refunds',
    isFinal: true,
    run: (user, { order }) => refund(user, order),
  },
];

async function answered(request: IncomingMessage, pathname: string): Promise<unknown> {
  for (const { method, path, scope, isFinal, run } of ROUTES) {
    const groups = method === request.method ? path.exec({ pathname })?.pathname.groups : undefined;
    if (groups === undefined) continue;
    const { user = '', ...named } = decoded(groups);
    const bearer = bearerIn(request.headers.authorization);
    const { act, jti } = await verified(bearer, user, scope);
    const body = method === 'GET' ? {} : await bodyOf(request);
    if (isFinal) await confirmed(bearer);
    console.log(`${act.sub} for ${user}: ${method} ${pathname} (bearer ${jti})`);
    return run(user, { ...body, ...named });
  }
  throw new Problem('not_found');
}

function decoded(groups: Readonly<Record<string, string | undefined>>): Record<string, string> {
  try {
    const pairs = Object.entries(groups).map(([name, text = '']) => [name, decodeURIComponent(text)]);
    return Object.fromEntries(pairs);
  } catch {
    throw new Problem('request_malformed', { detail: 'the path is not UTF-8' });
  }
}

async function bodyOf(request: IncomingMessage): Promise<object> {
  let text = '';
  for await (const piece of request.setEncoding('utf8')) {
    text += piece;
    if (text.length > 65_536) throw new Problem('request_too_large');
  }
  try {
    return Object(JSON.parse(text));
  } catch {
    throw new Problem('request_malformed', { detail: 'the body is not JSON' });
  }
}

const server = createServer(async (request, response) => {
  const { pathname = '' } = URL.parse(request.url ?? '', 'http://localhost') ?? {};
  const answer = (status: number, type: string, body: unknown, more = {}) => {
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', ...more });
    response.end(JSON.stringify(body));
  };
  try {
    answer(200, 'application/json', await answered(request, pathname));
  } catch (cause) {
    const problem = cause instanceof Problem ? cause : new Problem('internal', { cause });
    if (problem !== cause) console.error(cause);
    console.log(`${problem.status} ${problem.code}: ${request.method} ${pathname}: ${problem.message}`);
    const more = problem.status === 401 ? { 'www-authenticate': challenge(problem) } : {};
    answer(problem.status, 'application/problem+json', problem, more);
  }
});

server.listen(Number(process.env['PORT'] ?? 8790), '127.0.0.1', () => {
  const address = server.address();
  console.log(`backend: http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
});
