// Answers under /oauth, in the words of RFC 6749 5.2, 8693 2.2, 7662 2.2 and 7009 2.2: libraries of backends and runtimes
// read these and nothing else. Never kept by a cache.
import type { Problem, ProblemCode } from '@countersign/protocol/problem';

export type OauthError =
  | 'invalid_request'
  | 'invalid_client'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'invalid_target'
  | 'temporarily_unavailable'
  | 'server_error';

const NEVER_KEPT = {
  'cache-control': 'no-store',
  pragma: 'no-cache',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

const STATUS: Readonly<Record<OauthError, number>> = {
  invalid_request: 400,
  invalid_client: 401,
  unauthorized_client: 403,
  unsupported_grant_type: 400,
  invalid_scope: 400,
  invalid_target: 400,
  temporarily_unavailable: 503,
  server_error: 500,
};

export function isOauth(request: Request): boolean {
  return new URL(request.url).pathname.startsWith('/oauth/');
}

export function oauthAnswer(value: object): Response {
  return Response.json(value, { headers: NEVER_KEPT });
}

/** RFC 7009 2.2: an answer without a body. */
export function oauthDone(): Response {
  return new Response(null, { status: 200, headers: NEVER_KEPT });
}

/** `description`: printable ASCII without quotes and backslashes (RFC 6749 5.2). */
export function oauthRefusal(
  error: OauthError,
  description: string,
  {
    status = STATUS[error],
    retryAfter,
    code,
  }: { readonly status?: number; readonly retryAfter?: number; readonly code?: string } = {},
): Response {
  const headers = new Headers(NEVER_KEPT);
  // RFC 6749 5.2 and RFC 9110 11.6.1: a 401 names what would have been taken.
  if (status === 401) {
    headers.append('www-authenticate', 'Bearer realm="countersign"');
    headers.append('www-authenticate', 'Basic realm="countersign"');
  }
  if (retryAfter !== undefined) headers.set('retry-after', String(retryAfter));
  const plain = description.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?');
  // RFC 6749 5.2: further members are passed by; ours is the code of the error table.
  const more = code === undefined ? {} : { code };
  return Response.json({ error, error_description: plain, ...more }, { status, headers });
}

const ERRORS: Readonly<Partial<Record<ProblemCode, OauthError>>> = {
  auth_required: 'invalid_client',
  auth_forbidden: 'unauthorized_client',
  auth_proof_invalid: 'invalid_client',
  use_dpop_nonce: 'invalid_client',
  rate_limited: 'temporarily_unavailable',
  store_unavailable: 'temporarily_unavailable',
  store_full: 'temporarily_unavailable',
  internal: 'server_error',
};

/** What was thrown on the way, as an OAuth client understands it. */
export function oauthProblem(problem: Problem, event?: string): Response {
  const { retryAfter } = problem.members;
  const error = ERRORS[problem.code] ?? (problem.status >= 500 ? 'server_error' : 'invalid_request');
  const { message, hint } = problem;
  // Clients show this and no more, so what to do stands in it too.
  const said = hint === undefined ? message : `${message}. ${hint}`;
  const description = event === undefined ? said : `something broke inside: ${event}`;
  return oauthRefusal(error, description, {
    status: problem.status,
    code: problem.code,
    ...(typeof retryAfter === 'number' ? { retryAfter } : {}),
  });
}
