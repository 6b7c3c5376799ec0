// R20, R68: every route at every door answers as the table of `authorise` says, and no handler runs before it was asked.
// Made from the tables themselves: a new route, verb or door is in here without anybody adding it.
import { createClient } from '@countersign/protocol/client';
import { expect, test } from 'vitest';
import { authorise, type Caller, VERBS } from '../core/authorise.ts';
import { FakeClock, MemoryLog, SeededRandom } from '../testing/fakes.ts';
import { createApp } from './app.ts';
import { Counters } from './counters.ts';
import type { Door } from './door.ts';
import type { Route } from './route.ts';
import { ROUTES } from './routes.ts';
import type { Services } from './services.ts';

const NOBODY = {
  devices: { isDevice: () => false, authenticate: () => Promise.reject(new Error('no devices here')) },
  tokens: { authenticate: async () => null },
};

class Touched extends Error {}

/** Services that tell when anybody gets as far as calling one. */
function tripwire(owned: boolean, denied: string[]): Services {
  const bad = (): never => {
    throw new Touched();
  };
  const claim = { isOwned: async () => owned, state: bad, link: bad, take: bad };
  const known: Record<string, unknown> = {
    claim,
    stepUp: { ownerHasFactor: async () => false },
    clock: new FakeClock(),
    routes: () => ROUTES,
    denied: async (caller: Caller, verb: string) => void denied.push(`${caller.door} ${verb}`),
  };
  const trap = new Proxy(bad, { get: bad, apply: bad });
  return new Proxy({} as Services, { get: (_, name) => known[String(name)] ?? trap });
}

function appOf(owned: boolean) {
  const denied: string[] = [];
  const log = new MemoryLog();
  const services = tripwire(owned, denied);
  const app = createApp({
    proofs: NOBODY,
    services,
    routes: ROUTES,
    log,
    clock: new FakeClock(),
    random: new SeededRandom('app'),
    counters: new Counters(),
    names: () => ({ publicUrl: null, chatUrl: null }),
  });
  return { app, denied, log };
}

const BODIES: Readonly<Record<string, unknown>> = {
  '/api/v1/claim': {
    secret: 'x',
    name: 'Ana',
    key: { kty: 'EC', crv: 'P-256', x: 'x'.repeat(43), y: 'y'.repeat(43) },
    nonce: 'n',
    ts: 1,
    signature: 's'.repeat(86),
  },
};

function requestOf(route: Route): Request {
  const path = route.path.replace(/:\w+/g, 'x');
  const example = BODIES[route.path] ?? route.example ?? {};
  return new Request(`http://localhost:8787${path}`, {
    method: route.method,
    headers: { host: 'localhost:8787' },
    ...(route.method === 'GET'
      ? {}
      : {
          body: JSON.stringify(example),
          headers: { 'content-type': 'application/json', host: 'localhost:8787' },
        }),
  });
}

const DOORS: readonly Door[] = ['tcp', 'host', 'agent'];
const house = (owned: boolean) => ({ owned, ownerHasFactor: false, freshFactor: false });

for (const owned of [false, true]) {
  for (const door of DOORS) {
    test.each(ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const))(
      `${door}, ${owned ? 'owned' : 'unowned'}: %s`,
      async (_name, route) => {
        const { app, denied, log } = appOf(owned);
        const outcomes = route.verbs.map((verb) => authorise({ door }, verb, house(owned)));
        const allowed = outcomes.some(({ outcome }) => outcome === 'allow');
        const answer = await app.fetch(requestOf(route), { door, remote: null });
        if (door === 'agent' && route.path !== '/healthz') {
          expect(answer.status).toBe(401);
        } else if (allowed) {
          expect(answer.status, await answer.clone().text()).not.toBeOneOf([401, 403, 404, 405]);
        } else {
          const [first] = outcomes;
          const reason = first?.outcome === 'deny' ? first.reason : 'auth_factor_required';
          expect(await answer.json()).toMatchObject({ code: reason });
          expect(denied).toHaveLength(1);
        }
        // What was refused reached no service: a touched one would have ended as `internal`.
        if (!allowed) expect(log.lines).toEqual([]);
      },
    );
  }
}

test('every verb of a route has its row, and every route says what it does', () => {
  for (const { verbs, summary, path } of ROUTES) {
    expect(verbs.length).toBeGreaterThan(0);
    for (const verb of verbs) expect(Object.hasOwn(VERBS, verb), `${path}: ${verb}`).toBe(true);
    expect(summary).not.toBe('');
  }
});

test('no route is there twice', () => {
  const names = ROUTES.map(({ method, path }) => `${method} ${path}`);
  expect(new Set(names).size).toBe(names.length);
});

test('a handler cannot be reached but through answer', () => {
  for (const route of ROUTES) expect(Object.keys(route)).not.toContain('handle');
});

test('every call of the typed client has its route', async () => {
  const called: string[] = [];
  const client = createClient(async (path, { method }) => {
    called.push(`${method} ${path.split('?')[0]}`);
    return { status: 200, text: async () => '{}' };
  });
  for (const noun of Object.values(client)) {
    for (const call of Object.values(noun) as ((...args: unknown[]) => Promise<unknown>)[]) {
      await call('x', 'x').catch(() => undefined);
    }
  }
  expect(called.length).toBeGreaterThan(30);
  const shapes = ROUTES.map(
    ({ method, path }) => new RegExp(`^${method} ${path.replace(/:\w+/g, '[^/]+')}$`),
  );
  for (const call of called)
    expect(
      shapes.some((shape) => shape.test(call)),
      call,
    ).toBe(true);
});

test('the OpenAPI document holds every route, and its schemas are real', async () => {
  const { openApi } = await import('./openapi.ts');
  const document: { paths: Record<string, Record<string, unknown>> } = JSON.parse(
    JSON.stringify(openApi(ROUTES)),
  );
  for (const { method, path } of ROUTES) {
    expect(document.paths[path.replace(/:(\w+)/g, '{$1}')]).toHaveProperty(method.toLowerCase());
  }
  expect(document.paths['/api/v1/people']?.['post']).toMatchObject({
    requestBody: { content: { 'application/json': { schema: { type: 'object', required: ['name'] } } } },
  });
});
