// The two calls of the claim page. A refusal is a value; only a gateway that cannot be reached throws.
import type { ClaimStatus, Refusal } from './claim.ts';

const ROUTE = '/api/v1/claim';

export async function askStatus(fetch: typeof globalThis.fetch): Promise<ClaimStatus> {
  const response = await fetch(ROUTE, { headers: { accept: 'application/json' }, cache: 'no-store' });
  const status = parseStatus(await response.json());
  if (!response.ok || status === null) throw new TypeError(`the gateway answered ${response.status}`);
  return status;
}

/** Null when the claim was taken. */
export async function sendClaim(fetch: typeof globalThis.fetch, body: object): Promise<Refusal | null> {
  const response = await fetch(ROUTE, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (response.ok) return null;
  return parseRefusal(response.status, await response.json().catch(() => null));
}

export function parseStatus(value: unknown): ClaimStatus | null {
  const fields = fieldsOf(value);
  const { owned, gateway, nonce, ts } = fields;
  return typeof owned === 'boolean' &&
    typeof gateway === 'string' &&
    typeof nonce === 'string' &&
    typeof ts === 'number'
    ? { owned, gateway, nonce, ts }
    : null;
}

export function parseRefusal(status: number, value: unknown): Refusal {
  const fields = fieldsOf(value);
  const text = (name: keyof typeof fields): string => {
    const found = fields[name];
    return typeof found === 'string' ? found : '';
  };
  return { status, code: text('code'), title: text('title'), detail: text('detail'), hint: text('hint') };
}

type Field = 'owned' | 'gateway' | 'nonce' | 'ts' | 'code' | 'title' | 'detail' | 'hint';

function fieldsOf(value: unknown): Partial<Record<Field, unknown>> {
  return typeof value === 'object' && value !== null ? value : {};
}
