// The one canonical form (RFC 8785) under every digest and signature: a domain tag, a line feed, the sorted JSON.
// The tag keeps a signature made for one purpose from ever fitting another.
import canonicalize from 'canonicalize';

/** Domain tags in use. A new kind of signature gets a tag of its own. */
export type Domain =
  | 'countersign.connect.v1'
  | 'countersign.claim.v1'
  | 'countersign.login.v1'
  | 'countersign.audit.v1'
  | 'countersign.action.v1'
  | 'countersign.request.v1'
  | 'countersign.need.v1'
  | 'countersign.always.v1'
  | 'countersign.head.v1'
  | 'countersign.receipt.v1';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** RFC 8785 text of `value`. @throws TypeError for NaN, Infinity and lone surrogates, which have no canonical form. */
export function canonicalJson(value: Json): string {
  let text: string | undefined;
  try {
    text = canonicalize(value);
  } catch (cause) {
    throw new TypeError('the value has no canonical form', { cause });
  }
  if (text === undefined) throw new TypeError('the value has no canonical form');
  if (!text.isWellFormed()) throw new TypeError('a lone surrogate has no canonical form');
  return text;
}

/** The bytes that are hashed or signed: `<domain>\n` + RFC 8785 of `value`, as UTF-8. */
export function signedBytes(domain: Domain, value: Json): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${domain}\n${canonicalJson(value)}`);
}
