// A proof as it travels: in the header `x-countersign-factor`, on the command line, in a frame. Parsed here once; what is
// malformed is null, and its caller answers as to a wrong one.
import type { PasskeyAssertion, PasskeyAttestation } from './ports.ts';

export type Proof =
  | { readonly kind: 'totp' | 'recovery'; readonly value: string }
  | { readonly kind: 'passkey'; readonly challenge: string; readonly response: PasskeyAssertion };

/** Room for an assertion of an RSA key with extensions, and no more. */
const MAX_HEADER = 8_192;
const MAX_FIELD = 65_536;

/** `totp 123456`, `recovery A-…`, `passkey <base64url of {challenge, response}>`. */
export function parseProof(header: string): Proof | null {
  if (header.length > MAX_HEADER) return null;
  const [, kind, value] = /^(totp|recovery|passkey) +(\S.*)$/.exec(header.trim()) ?? [];
  if (value === undefined) return null;
  if (kind === 'totp' || kind === 'recovery') return { kind, value };
  if (!/^[\w-]+$/.test(value)) return null;
  return readProof('passkey', parseJson(Buffer.from(value, 'base64url').toString('utf8')));
}

/** The same as it stands in a body, where the kind is known. */
export function readProof(kind: Proof['kind'], value: unknown): Proof | null {
  if (kind !== 'passkey') return typeof value === 'string' ? { kind, value } : null;
  const { challenge, response } = fields(value);
  const assertion = readAssertion(response);
  return isBase64url(challenge) && assertion !== null ? { kind, challenge, response: assertion } : null;
}

/** The JSON form of a credential as browsers make it (WebAuthn L3, 5.1.4). */
export function readAssertion(value: unknown): PasskeyAssertion | null {
  const { id, response } = fields(value);
  const { clientDataJSON, authenticatorData, signature, userHandle } = fields(response);
  if (!isBase64url(id) || !isBase64url(clientDataJSON)) return null;
  if (!isBase64url(authenticatorData) || !isBase64url(signature)) return null;
  if (userHandle !== undefined && userHandle !== null && !isBase64url(userHandle)) return null;
  return { id, clientDataJSON, authenticatorData, signature, userHandle: userHandle ?? null };
}

export function readAttestation(value: unknown): PasskeyAttestation | null {
  const { id, response } = fields(value);
  const { clientDataJSON, attestationObject, transports } = fields(response);
  if (!isBase64url(id) || !isBase64url(clientDataJSON) || !isBase64url(attestationObject)) return null;
  const words: unknown[] = Array.isArray(transports) ? transports : [];
  const known = words.filter((one) => typeof one === 'string').filter((one) => /^[a-z-]{1,20}$/.test(one));
  return { id, clientDataJSON, attestationObject, transports: known.slice(0, 10) };
}

function isBase64url(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_FIELD && /^[\w-]+$/.test(value);
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
