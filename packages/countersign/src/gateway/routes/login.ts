// Sign-in by a code in the owner's chat. What happened inside is told to nobody outside.
import {
  helloSchema,
  loginAskedSchema,
  loginChallengeSchema,
  loginStateSchema,
  loginVerifySchema,
} from '@countersign/protocol/device';
import { isoTime } from '@countersign/protocol/time';
import type { Call } from '../route.ts';
import { type Route, route } from '../route.ts';

const whence = ({ request, bindings }: Call) => ({
  address: bindings.remote ?? '',
  agent: request.headers.get('user-agent'),
});

export const loginRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/login',
    verb: 'login.read',
    summary: 'whether a code can be sent to an owner’s chat now, and a nonce to ask with',
    response: loginStateSchema,
    handle: ({ services }) => services.login.state(),
  }),
  route({
    method: 'POST',
    path: '/api/v1/login/challenge',
    verb: 'login.challenge',
    summary: 'ask for a code; the answer is the same whether one was sent or not',
    body: loginChallengeSchema,
    response: loginAskedSchema,
    status: 202,
    handle: async ({ body, ...call }) => {
      const { requestId, phrase, expiresAt } = await call.services.login.challenge(body, whence(call));
      return { requestId, phrase, expiresAt: isoTime(expiresAt) };
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/login/verify',
    verb: 'login.verify',
    summary: 'the code, signed by the browser that asked for it; pairs that browser',
    body: loginVerifySchema,
    response: helloSchema,
    handle: ({ body, ...call }) => call.services.login.verify(body, whence(call)),
  }),
];
