// What the proxy says itself: a problem (RFC 9457) that SDKs of the OpenAI interface read as their own kind of error, too.
import type { ServerResponse } from 'node:http';
import type { Problem } from '@countersign/protocol/problem';

/** Names the SDKs tell errors apart by. */
function typeOf({ status }: Problem): string {
  if (status === 401) return 'authentication_error';
  if (status === 403) return 'permission_error';
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}

/** @param members stand beside those of the problem. */
export function v1Problem(
  problem: Problem,
  members: Readonly<Record<string, string>> = {},
): { readonly status: number; readonly headers: readonly string[]; readonly body: string } {
  const { status } = problem;
  const document = { ...problem.toJSON(), ...members };
  const { title, detail = title, hint } = document;
  const message = hint === undefined ? `${detail}` : `${detail}. ${hint}`;
  const { reason, retryAfter, verifyUrl } = problem.members;
  const code = typeof reason === 'string' ? reason : problem.code;
  // SDKs hand on `error` alone, and a link that nobody sees is none.
  const link = typeof verifyUrl === 'string' ? { verifyUrl } : {};
  const error = { message, type: typeOf(problem), code, param: null, ...link };
  const body = JSON.stringify({ ...document, error });
  return {
    status,
    body,
    headers: [
      'content-type',
      'application/problem+json',
      'cache-control',
      'no-store',
      'x-content-type-options',
      'nosniff',
      'content-length',
      String(Buffer.byteLength(body)),
      ...(status === 401 ? ['www-authenticate', 'Bearer realm="countersign"'] : []),
      ...(typeof retryAfter === 'number' ? ['retry-after', String(retryAfter)] : []),
      ...(Array.isArray(problem.members['allow']) ? ['allow', problem.members['allow'].join(', ')] : []),
    ],
  };
}

/** Says it where nothing was said yet; otherwise the connection ends, so that nobody takes a part for the whole. */
export function sayProblem(
  response: ServerResponse,
  problem: Problem,
  members: Readonly<Record<string, string>> = {},
): void {
  if (response.destroyed || response.writableEnded) return;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, headers, body } = v1Problem(problem, members);
  // A body that nobody wants is not read to its end: the connection is worth less than the bytes.
  const isUnread = !response.req.complete;
  response.writeHead(status, [...headers, ...(isUnread ? ['connection', 'close'] : [])]).end(body);
}
