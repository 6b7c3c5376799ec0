// WebAuthn by @simplewebauthn/server, loaded on first use. It checks type, challenge, origin, RP id, user presence and
// verification, signature and counter (R31); what it lets pass and we do not is checked here: frames of another origin, and
// whose passkey the authenticator says it is. A misfit is null: its reason is for nobody outside.
import type { Json } from '@countersign/protocol/canonical';
import type { PasskeyKnown, PasskeyOptions, Passkeys } from '../../core/factor/ports.ts';

const RP_NAME = 'Countersign';
/** EdDSA, ES256, RS256 (COSE). Named here because the library's own list makes Node warn of experiments. */
const ALGORITHMS = [-8, -7, -257];
/** Longest credential id of WebAuthn L3, in base64url. */
const MAX_CREDENTIAL = 1_364;

type Library = typeof import('@simplewebauthn/server');

export function createPasskeys(): Passkeys {
  let loading: Promise<Library> | undefined;
  const library = (): Promise<Library> => {
    loading ??= import('@simplewebauthn/server');
    return loading;
  };

  return {
    async registrationOptions({ origin, challenge, user, known, timeoutMs }) {
      const { generateRegistrationOptions } = await library();
      const options = await generateRegistrationOptions({
        rpName: RP_NAME,
        rpID: rpIdOf(origin),
        userID: new TextEncoder().encode(user.id),
        userName: user.name,
        userDisplayName: user.name,
        challenge: bytesOf(challenge),
        timeout: timeoutMs,
        attestationType: 'none',
        excludeCredentials: known.map(descriptor),
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
        supportedAlgorithmIDs: ALGORITHMS,
      });
      return plain(options);
    },

    async verifyRegistration({ id, clientDataJSON, attestationObject, transports }, { origin, challenge }) {
      if (isFramed(clientDataJSON)) return null;
      const { verifyRegistrationResponse } = await library();
      const result = await orNull(() =>
        verifyRegistrationResponse({
          response: {
            id,
            rawId: id,
            type: 'public-key',
            clientExtensionResults: {},
            response: { clientDataJSON, attestationObject },
          },
          expectedChallenge: challenge,
          expectedOrigin: origin,
          expectedRPID: rpIdOf(origin),
          expectedType: 'webauthn.create',
          requireUserVerification: true,
          supportedAlgorithmIDs: ALGORITHMS,
        }),
      );
      if (result?.verified !== true) return null;
      const { credential } = result.registrationInfo;
      // What is stored is the id under the attested data; the one beside it is only said.
      if (credential.id !== id || credential.id.length > MAX_CREDENTIAL) return null;
      const publicKey = Buffer.from(credential.publicKey).toString('base64url');
      return { credential: credential.id, publicKey, counter: credential.counter, transports, origin };
    },

    async authenticationOptions({ origin, challenge, known, timeoutMs }) {
      const { generateAuthenticationOptions } = await library();
      const options = await generateAuthenticationOptions({
        rpID: rpIdOf(origin),
        challenge: bytesOf(challenge),
        allowCredentials: known.map(descriptor),
        timeout: timeoutMs,
        userVerification: 'required',
      });
      return plain(options);
    },

    async verifyAuthentication(assertion, { challenge, passkey, user }) {
      const { id, clientDataJSON, authenticatorData, signature, userHandle } = assertion;
      if (id !== passkey.credential || isFramed(clientDataJSON)) return null;
      if (userHandle !== null && Buffer.from(userHandle, 'base64url').toString('utf8') !== user) return null;
      const { verifyAuthenticationResponse } = await library();
      const result = await orNull(() =>
        verifyAuthenticationResponse({
          response: {
            id,
            rawId: id,
            type: 'public-key',
            clientExtensionResults: {},
            response: { clientDataJSON, authenticatorData, signature },
          },
          expectedChallenge: challenge,
          expectedOrigin: passkey.origin,
          expectedRPID: rpIdOf(passkey.origin),
          expectedType: 'webauthn.get',
          requireUserVerification: true,
          credential: { id, publicKey: bytesOf(passkey.publicKey), counter: passkey.counter },
        }),
      );
      return result?.verified === true ? { counter: result.authenticationInfo.newCounter } : null;
    },
  };
}

function rpIdOf(origin: string): string {
  return new URL(origin).hostname;
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(base64url, 'base64url'));
}

function descriptor({ credential, transports }: PasskeyKnown): { id: string; transports: string[] } {
  return { id: credential, transports: [...transports] };
}

/** The library lets a cross-origin frame pass that names no top origin (Safari names none). */
function isFramed(clientDataJSON: string): boolean {
  try {
    const data: unknown = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString('utf8'));
    if (typeof data !== 'object' || data === null) return true;
    const { crossOrigin, topOrigin } = { crossOrigin: undefined, topOrigin: undefined, ...data };
    return (crossOrigin !== undefined && crossOrigin !== false) || topOrigin !== undefined;
  } catch {
    return true;
  }
}

/** The library throws for whatever does not fit, and for bytes that are no CBOR at all. */
async function orNull<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch {
    return null;
  }
}

function plain(options: object): PasskeyOptions {
  // A parser's cast: JSON is what JSON.stringify made.
  return JSON.parse(JSON.stringify(options)) as { [key: string]: Json };
}
