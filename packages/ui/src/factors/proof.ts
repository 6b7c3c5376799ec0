// A factor as it travels with a request: one header, so that any call can carry one.
import type { Decide } from '@countersign/protocol/approval';
import type { Json } from '@countersign/protocol/canonical';
import { base64url } from '../device-key.ts';

export type { Json };

export type FactorProof =
  | { readonly kind: 'totp' | 'recovery'; readonly value: string }
  | { readonly kind: 'passkey'; readonly challenge: string; readonly response: Json };

export function factorHeader(proof: FactorProof): string {
  if (proof.kind !== 'passkey') return `${proof.kind} ${proof.value}`;
  const { challenge, response } = proof;
  return `passkey ${base64url(new TextEncoder().encode(JSON.stringify({ challenge, response })))}`;
}

/** A proof of one decision: in its body, so that it is spent on that request or on none. */
export function factorOf(proof: FactorProof): NonNullable<Decide['factor']> {
  if (proof.kind !== 'passkey') return { kind: proof.kind, value: proof.value };
  const { kind, challenge, response } = proof;
  return { kind, value: { challenge, response } };
}

/** The digits of a code as somebody typed or pasted it ("123 456", "123-456"); null when it cannot be one. */
export function digitsOf(typed: string): string | null {
  const digits = typed.replaceAll(/[\s\-‐-―.]/g, '');
  return /^[0-9]{4,10}$/.test(digits) ? digits : null;
}

/** A recovery code in the form that fits a header: what people add while copying is dropped. */
export function recoveryOf(typed: string): string | null {
  const code = typed.replaceAll(/[^A-Za-z0-9-]/g, '').toUpperCase();
  return code.length >= 8 && code.length <= 64 ? code : null;
}
