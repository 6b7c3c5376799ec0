// The token endpoint (RFC 8693), introspection (RFC 7662), revocation (RFC 7009) and where they are (RFC 8414). Clients
// prove themselves with their service token in Authorization; nothing in a body does (RFC 6749 2.3.1 advises against it).
import type { z } from 'zod';
import type { ExchangeRefusal } from '../../core/token/bearers-out.ts';
import { jsonAnswer } from '../answers.ts';
import { type OauthError, oauthAnswer, oauthDone, oauthRefusal } from '../oauth-answers.ts';
import { type Route, route } from '../route.ts';
import { holderOf } from '../token-services.ts';
import {
  exchangedSchema,
  exchangeSchema,
  introspectedSchema,
  metadataSchema,
  presentedSchema,
} from './oauth-schemas.ts';

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const JWT = 'urn:ietf:params:oauth:token-type:jwt';
export const SESSION = 'urn:countersign:params:oauth:token-type:session';
export const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

/** RFC 6749 3.3. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/;

/** RFC 8693 2.2.2: what is wrong with the subject is `invalid_request`; what the bearer is for, `invalid_target`. */
const REFUSALS: Readonly<Record<ExchangeRefusal, readonly [OauthError, string]>> = {
  handle_missing: ['invalid_request', 'subject_token is missing'],
  handle_unknown: ['invalid_request', 'that handle names no session to this agent'],
  session_shared: [
    'invalid_request',
    'several people may speak on that session: give each their own (session.dmScope)',
  ],
  session_ended: ['invalid_request', 'that session has ended'],
  session_idle: ['invalid_request', 'nobody has written on that session for too long'],
  access_ended: ['invalid_request', 'that person is not let in any more'],
  user_unmapped: ['invalid_request', 'that person is no user of the tools: countersign people map'],
  users_unavailable: ['temporarily_unavailable', 'the directory of users does not answer'],
  audience_unknown: ['invalid_target', 'that audience is not configured any more'],
  audience_foreign: ['invalid_target', 'that audience is not named on this token'],
  scope_wider: ['invalid_scope', 'a bearer is never wider than tools'],
};

export const oauthRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/.well-known/oauth-authorization-server',
    verb: 'oauth.metadata',
    summary: 'where the endpoints for backends and runtimes are (RFC 8414)',
    response: metadataSchema,
    handle: ({ services, request }) => jsonAnswer(metadata(services.oauth.issuer(), originOf(request))),
  }),
  route({
    method: 'POST',
    path: '/oauth/token',
    verb: 'oauth.exchange',
    summary: 'a session handle for a bearer of one audience (RFC 8693): sub the person, act the agent',
    isForm: true,
    several: ['audience', 'resource'],
    body: exchangeSchema,
    response: exchangedSchema,
    example: {
      grant_type: EXCHANGE,
      subject_token: 'csh_…',
      subject_token_type: SESSION,
      audience: ['tools.example'],
    },
    handle: async ({ services, caller, body }) => {
      const holder = holderOf(caller);
      const flaw = flawOf(body);
      if (flaw !== null) return oauthRefusal(...flaw);
      const [audience = only(holder.audiences), ...more] = body.audience ?? [];
      if (more.length > 0) return oauthRefusal('invalid_target', 'a bearer is for one audience');
      if (audience === undefined) return oauthRefusal('invalid_request', 'audience is missing');
      const answer = await services.oauth.bearers.exchange(holder, {
        handle: body.subject_token ?? '',
        audience,
        scope: body.scope === undefined ? null : body.scope.split(' '),
      });
      if ('outcome' in answer) return oauthRefusal(...REFUSALS[answer.reason]);
      const { token, expiresAt, scope } = answer;
      return oauthAnswer({
        access_token: token,
        issued_token_type: body.requested_token_type ?? ACCESS_TOKEN,
        token_type: 'Bearer',
        expires_in: Math.max(0, Math.floor((expiresAt - services.clock.now()) / 1000)),
        scope: scope.join(' '),
      });
    },
  }),
  route({
    method: 'POST',
    path: '/oauth/introspect',
    verb: 'oauth.introspect',
    summary: 'whether a bearer is good at this moment (RFC 7662); of another audience: inactive',
    isForm: true,
    body: presentedSchema,
    response: introspectedSchema,
    example: { token: 'eyJ…' },
    handle: async ({ services, caller, body }) => {
      if (body.token === undefined) return oauthRefusal('invalid_request', 'token is missing');
      const claims = await services.oauth.bearers.introspect(holderOf(caller), body.token);
      // R59: nothing more is said of what is not active.
      if (claims === null) return oauthAnswer({ active: false });
      // An attribute that somebody named like one of these does not stand in for it.
      return oauthAnswer({ ...claims, active: true, token_type: 'Bearer', client_id: claims.act.sub });
    },
  }),
  route({
    method: 'POST',
    path: '/oauth/revoke',
    verb: 'oauth.revoke',
    summary: 'end a bearer of the agent before its time (RFC 7009); 200 also for what is none',
    isForm: true,
    body: presentedSchema,
    example: { token: 'eyJ…' },
    handle: async ({ services, caller, body }) => {
      if (body.token === undefined) return oauthRefusal('invalid_request', 'token is missing');
      const done = await services.oauth.bearers.revoke(holderOf(caller), body.token);
      return done === 'done' ? oauthDone() : oauthRefusal('unauthorized_client', 'that is another agent’s');
    },
  }),
];

type Exchange = z.output<typeof exchangeSchema>;

function flawOf(body: Exchange): [OauthError, string] | null {
  const { grant_type, subject_token, subject_token_type, requested_token_type: wanted, scope } = body;
  if (grant_type === undefined) return ['invalid_request', 'grant_type is missing'];
  if (grant_type !== EXCHANGE)
    return ['unsupported_grant_type', 'only token exchange (RFC 8693) is done here'];
  // RFC 6749 2.3: one way of authentication, and it is the header.
  if (body.client_secret !== undefined || body.client_assertion !== undefined)
    return ['invalid_request', 'a client proves itself in Authorization alone'];
  if (subject_token === undefined) return ['invalid_request', 'subject_token is missing'];
  if (subject_token_type !== SESSION) return ['invalid_request', `subject_token_type has to be ${SESSION}`];
  // The actor is the agent of the client's own token; nobody names another.
  if (body.actor_token !== undefined || body.actor_token_type !== undefined)
    return ['invalid_request', 'the actor is the agent of your token: leave actor_token out'];
  if (wanted !== undefined && wanted !== ACCESS_TOKEN && wanted !== JWT)
    return ['invalid_request', 'requested_token_type is not one that is made here'];
  if (body.resource !== undefined) return ['invalid_target', 'name the audience, not a resource'];
  if (scope !== undefined && !SCOPE.test(scope)) return ['invalid_scope', 'that is no scope'];
  return null;
}

function only(list: readonly string[]): string | undefined {
  return list.length === 1 ? list[0] : undefined;
}

function originOf(request: Request): string {
  return new URL(request.url).origin;
}

function metadata(issuer: string, asked: string) {
  const base = URL.canParse(issuer) && /^https?:/.test(issuer) ? issuer : asked;
  const methods = ['client_secret_basic'];
  return {
    issuer,
    token_endpoint: `${base}/oauth/token`,
    introspection_endpoint: `${base}/oauth/introspect`,
    revocation_endpoint: `${base}/oauth/revoke`,
    jwks_uri: `${base}/.well-known/jwks.json`,
    service_documentation: `${base}/docs`,
    grant_types_supported: [EXCHANGE],
    response_types_supported: [],
    scopes_supported: ['tools'],
    token_endpoint_auth_methods_supported: methods,
    introspection_endpoint_auth_methods_supported: methods,
    revocation_endpoint_auth_methods_supported: methods,
  };
}
