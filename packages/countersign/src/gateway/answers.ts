// The forms an answer can take, each with the headers every one of its kind carries. Problems are RFC 9457.
import type { Problem } from '@countersign/protocol/problem';

const PLAIN = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' } as const;
const NEVER_KEPT = { ...PLAIN, 'cache-control': 'no-store' } as const;

export function jsonAnswer(value: unknown, status = 200): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { ...NEVER_KEPT, 'content-type': 'application/json' },
  });
}

export function textAnswer(text: string, type = 'text/plain; charset=utf-8', status = 200): Response {
  return new Response(text, { status, headers: { ...NEVER_KEPT, 'content-type': type } });
}

/** `members` stand beside those of the problem: an event id, for what is not told. */
export function problemAnswer(problem: Problem, members: Readonly<Record<string, string>> = {}): Response {
  const headers = new Headers({ ...NEVER_KEPT, 'content-type': 'application/problem+json' });
  const { retryAfter } = problem.members;
  if (typeof retryAfter === 'number') headers.set('retry-after', String(retryAfter));
  // RFC 9110 11.6.1: a 401 names a scheme.
  if (problem.status === 401) headers.set('www-authenticate', 'Bearer realm="countersign"');
  // RFC 9449 9: the nonce stands in its own header, and in the text of nothing.
  if (problem.code === 'use_dpop_nonce' && typeof problem.members['nonce'] === 'string') {
    headers.set('www-authenticate', 'DPoP error="use_dpop_nonce", algs="ES256 EdDSA"');
    headers.set('dpop-nonce', problem.members['nonce']);
  }
  return new Response(JSON.stringify({ ...problem.toJSON(), ...members }), {
    status: problem.status,
    headers,
  });
}

/** Lines as they are made. A failure in the middle ends the answer short: the reader counts on the last line. */
export function streamAnswer(lines: AsyncIterable<string>, type: string): Response {
  const encoder = new TextEncoder();
  const iterator = lines[Symbol.asyncIterator]();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await iterator.next();
      if (next.done === true) controller.close();
      else controller.enqueue(encoder.encode(next.value));
    },
    async cancel() {
      await iterator.return?.();
    },
  });
  return new Response(body, { headers: { ...NEVER_KEPT, 'content-type': type } });
}
