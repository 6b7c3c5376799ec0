// A machine's calls over HTTP: its token, and a proof by its key over this very call (RFC 9449). Nothing is sent twice but
// what the gateway refused for an old nonce, and so did nothing with: a grant whose answer was lost is not spent again.
import { createHash } from 'node:crypto';
import type { Fetch } from '@countersign/protocol/client';
import { Problem } from '@countersign/protocol/problem';
import type { NodeKey } from './key.ts';

const PATIENCE_MS = 30_000;

export interface Pass {
  readonly token: string;
  readonly nonce: string;
}

interface Ports {
  readonly key: NodeKey;
  /** Of the gateway. */
  readonly url: string;
  /** What the socket gave last; null while there is none. */
  pass(): Pass | null;
  renew(nonce: string): void;
  now(): number;
  /** A name for one proof, never used again. */
  id(): string;
}

export function provenFetch({ key, url, pass, renew, now, id }: Ports): Fetch {
  return async (path, { method, body, headers = {}, signal }) => {
    const address = new URL(path, url);
    const call = async (): Promise<Response> => {
      const held = pass();
      if (held === null) throw new Problem('gateway_down', { detail: 'the gateway is away' });
      const proof = proofOf(key, {
        htm: method,
        htu: `${address.origin}${address.pathname}`,
        iat: Math.floor(now() / 1_000),
        jti: id(),
        ath: digestOf(held.token),
        nonce: held.nonce,
        bh: digestOf(body ?? ''),
      });
      const limit = AbortSignal.timeout(PATIENCE_MS);
      const answer = await fetch(address, {
        method,
        redirect: 'error',
        headers: {
          ...headers,
          authorization: `DPoP ${held.token}`,
          dpop: proof,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body }),
        signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
      });
      const next = answer.headers.get('dpop-nonce');
      if (next !== null) renew(next);
      return answer;
    };
    try {
      const answer = await call();
      if (!isOldNonce(answer)) return answer;
      await answer.body?.cancel();
      return await call();
    } catch (cause) {
      if (cause instanceof Problem) throw cause;
      throw new Problem('gateway_down', { detail: 'the gateway does not answer', cause });
    }
  };
}

function isOldNonce(answer: Response): boolean {
  return answer.status === 401 && /use_dpop_nonce/.test(answer.headers.get('www-authenticate') ?? '');
}

function proofOf(key: NodeKey, claims: object): string {
  const text = `${encoded({ typ: 'dpop+jwt', alg: 'EdDSA', jwk: key.jwk })}.${encoded(claims)}`;
  return `${text}.${key.signBytes(Buffer.from(text))}`;
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
