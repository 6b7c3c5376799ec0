// What one asking is called by whoever asks; it is kept as a keyed hash.
import { Problem } from '@countersign/protocol/problem';

const KEY = /^[\x21-\x7e]{1,200}$/;

/** @throws Problem `request_malformed`. */
export function idempotencyKey({ headers }: Request): string | null {
  const key = headers.get('idempotency-key');
  if (key === null || KEY.test(key)) return key;
  throw new Problem('request_malformed', {
    detail: 'an Idempotency-Key is 1 to 200 visible characters of ASCII',
  });
}
