// What lies beside the proxy: the check that a server before somebody's tools asks for, and the page of a verify link.
import { Problem } from '@countersign/protocol/problem';
import { z } from 'zod';
import { IDENTITY_HEADERS } from '../forward-auth.ts';
import { type Route, route } from '../route.ts';
import { verifyPage } from '../verify-page.ts';

const word = z.string().min(1).max(256);

/** As the upstream takes it; what a caller says there about who somebody is goes no further. */
const anyObject = z.looseObject({});

const CALL_HEADERS = {
  'x-countersign-session': 'the handle of the session this call is for',
  'x-openclaw-session-key': 'instead of a handle, from a token of scope ingress alone',
  'x-countersign-turn': 'yours where it is a good one, else a new one is made; it gives no right',
  traceparent: 'W3C Trace Context, passed on',
};
const TURN = { 'x-countersign-turn': 'what the audit knows this call by' };
const STREAMED = ['application/json', 'text/event-stream'];

/** A running gateway's listeners take these before the table is asked (proxy/v1.ts): here they are described, and refused to
 * a call in this process, which has no stream to pass on. */
const takenBefore = (): never => {
  throw new Problem('gateway_down', { detail: '/v1 is answered by a running gateway alone' });
};

export const belowRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/forward-auth',
    verb: 'forward_auth.check',
    summary: 'whether a call to tools may pass: 200 with x-countersign-* identity headers, 401 or 403',
    note: 'A bearer comes in the header of agent.bearerHeader or in Authorization; a runtime sends its token and a handle. Envoy asks /api/v1/forward-auth/for/<audience>/<anything>, by any method.',
    headers: {
      'x-countersign-bearer': 'the bearer to check, where agent.bearerHeader names this header',
      'x-countersign-session': 'a handle, beside the token of a runtime of its agent',
    },
    answerHeaders: IDENTITY_HEADERS,
    query: z.strictObject({
      audience: word.describe('whom the tools are'),
      scope: word.optional().describe('what the bearer has to allow'),
      user: word.optional().describe('whose data the call is about'),
    }),
    handle: async ({ services, caller, request, query }) => {
      const identity = await services.forwardAuth.check({ caller, headers: request.headers, ...query });
      return new Response(null, { status: 200, headers: { ...identity, 'cache-control': 'no-store' } });
    },
  }),
  route({
    method: 'POST',
    path: '/v1/chat/completions',
    verb: 'proxy.call',
    summary: 'below an agent: passed on for the person that x-countersign-session names, streams included',
    headers: CALL_HEADERS,
    answerHeaders: TURN,
    answerTypes: STREAMED,
    body: anyObject,
    example: { model: 'default', messages: [{ role: 'user', content: 'hi' }], stream: true },
    handle: takenBefore,
  }),
  route({
    method: 'POST',
    path: '/v1/responses',
    verb: 'proxy.call',
    summary: 'the same for the responses interface',
    headers: CALL_HEADERS,
    answerHeaders: TURN,
    answerTypes: STREAMED,
    body: anyObject,
    example: { model: 'default', input: 'hi' },
    handle: takenBefore,
  }),
  route({
    method: 'GET',
    path: '/v1/models',
    verb: 'proxy.models',
    summary: 'the models of the upstream; needs a token and no session',
    answerTypes: ['application/json'],
    anyQuery: true,
    handle: takenBefore,
  }),
  route({
    method: 'GET',
    path: '/verify',
    verb: 'page.read',
    summary: 'the code of a verify link, to be sent to us from a chat',
    answerTypes: ['text/html'],
    anyQuery: true,
    handle: () => verifyPage(),
  }),
];
