// Passkeys: the gateway's JSON in, the browser's JSON out. The browser's own helpers do the work where they exist; older
// ones get the same, by hand. WebAuthn L3 5.1.8 to 5.1.10.
import { base64url } from '../device-key.ts';
import { fieldsOf, textOf } from '../shared/fields.ts';
import type { FactorProof, Json } from './proof.ts';

/** `cancelled`: closed, or too late; the browser does not tell them apart. `exists`: this device has one here already. */
export type PasskeyFault = 'cancelled' | 'exists' | 'failed';

export type Attempt<T> = { readonly done: T } | { readonly fault: PasskeyFault };

/** Keys belong to a name: at an IP there is none to belong to. */
export function canHavePasskeys(place: { readonly home: string | null }): boolean {
  return place.home === null && typeof PublicKeyCredential === 'function';
}

export function createPasskey(options: Json): Promise<Attempt<Json>> {
  return attempt(async () => {
    const made = await navigator.credentials.create({ publicKey: creationOptions(options) });
    return jsonOf(made);
  });
}

/** The proof that travels, for the challenge in `options`. */
export function provePasskey(options: Json): Promise<Attempt<FactorProof>> {
  return attempt(async () => {
    const used = await navigator.credentials.get({ publicKey: requestOptions(options) });
    return { kind: 'passkey', challenge: need(options, 'challenge'), response: jsonOf(used) };
  });
}

async function attempt<T>(work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { done: await work() };
  } catch (error) {
    return { fault: faultOf(error) };
  }
}

export function faultOf(error: unknown): PasskeyFault {
  if (!(error instanceof DOMException)) return 'failed';
  if (error.name === 'InvalidStateError') return 'exists';
  return error.name === 'NotAllowedError' || error.name === 'AbortError' ? 'cancelled' : 'failed';
}

function creationOptions(json: Json): PublicKeyCredentialCreationOptions {
  if (!isCreation(json)) throw new TypeError('these are no options to make a passkey with');
  if (typeof PublicKeyCredential.parseCreationOptionsFromJSON === 'function')
    return PublicKeyCredential.parseCreationOptionsFromJSON(json);
  return creationByHand(json);
}

function requestOptions(json: Json): PublicKeyCredentialRequestOptions {
  if (!isRequest(json)) throw new TypeError('these are no options to use a passkey with');
  if (typeof PublicKeyCredential.parseRequestOptionsFromJSON === 'function')
    return PublicKeyCredential.parseRequestOptionsFromJSON(json);
  return requestByHand(json);
}

/** @internal */
export function creationByHand(
  json: PublicKeyCredentialCreationOptionsJSON,
): PublicKeyCredentialCreationOptions {
  const { rp, pubKeyCredParams, authenticatorSelection, timeout, user } = json;
  return {
    rp,
    pubKeyCredParams: pubKeyCredParams.map(({ alg }) => ({ type: 'public-key', alg })),
    challenge: bytesOf(json.challenge),
    user: { id: bytesOf(user.id), name: user.name, displayName: user.displayName },
    excludeCredentials: (json.excludeCredentials ?? []).map(({ id }) => ({
      type: 'public-key',
      id: bytesOf(id),
    })),
    attestation: 'none',
    ...(authenticatorSelection === undefined ? {} : { authenticatorSelection }),
    ...(timeout === undefined ? {} : { timeout }),
  };
}

/** @internal */
export function requestByHand(
  json: PublicKeyCredentialRequestOptionsJSON,
): PublicKeyCredentialRequestOptions {
  const { rpId, timeout } = json;
  return {
    challenge: bytesOf(json.challenge),
    allowCredentials: (json.allowCredentials ?? []).map(({ id }) => ({
      type: 'public-key',
      id: bytesOf(id),
    })),
    userVerification: 'required',
    ...(rpId === undefined ? {} : { rpId }),
    ...(timeout === undefined ? {} : { timeout }),
  };
}

function jsonOf(credential: Credential | null): Json {
  if (credential === null) throw new DOMException('no passkey was chosen', 'NotAllowedError');
  const { id, type } = credential;
  // Some password managers answer with an object of their own that has no toJSON.
  const response = 'response' in credential ? credential.response : null;
  if ('toJSON' in credential && typeof credential.toJSON === 'function') {
    const json: Json = JSON.parse(JSON.stringify(credential.toJSON()));
    return json;
  }
  return { id, rawId: id, type, response: responseByHand(response), clientExtensionResults: {} };
}

/** @internal */
export function responseByHand(response: unknown): { readonly [key: string]: Json } {
  const fields: Record<string, Json> = {};
  if (typeof response !== 'object' || response === null) return fields;
  const read: Readonly<Record<string, unknown>> = {
    clientDataJSON: 'clientDataJSON' in response ? response.clientDataJSON : null,
    attestationObject: 'attestationObject' in response ? response.attestationObject : null,
    authenticatorData: 'authenticatorData' in response ? response.authenticatorData : null,
    signature: 'signature' in response ? response.signature : null,
    userHandle: 'userHandle' in response ? response.userHandle : null,
  };
  for (const [name, value] of Object.entries(read)) {
    if (value instanceof ArrayBuffer) fields[name] = base64url(new Uint8Array(value));
  }
  if ('getTransports' in response && typeof response.getTransports === 'function') {
    const transports: unknown = response.getTransports();
    if (Array.isArray(transports)) fields['transports'] = transports.map(String);
  }
  return fields;
}

function isCreation(json: unknown): json is PublicKeyCredentialCreationOptionsJSON {
  const fields = fieldsOf(json);
  const user = fieldsOf(fields?.['user']);
  return (
    typeof fields?.['challenge'] === 'string' &&
    fieldsOf(fields['rp']) !== null &&
    typeof user?.['id'] === 'string' &&
    Array.isArray(fields['pubKeyCredParams'])
  );
}

function isRequest(json: unknown): json is PublicKeyCredentialRequestOptionsJSON {
  return typeof fieldsOf(json)?.['challenge'] === 'string';
}

function need(json: Json, name: string): string {
  const fields = fieldsOf(json);
  const value = fields === null ? null : textOf(fields, name);
  if (value === null) throw new TypeError(`the options have no ${name}`);
  return value;
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}
