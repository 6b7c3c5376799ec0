// What factors need from the world: slow hashes, and WebAuthn. Both take time or load libraries, so both are called
// outside transactions.
import type { Json } from '@countersign/protocol/canonical';
import type { PrincipalId } from '@countersign/protocol/ids';
import type { PasskeyData } from './factors-port.ts';

export interface Passwords {
  /** argon2id as a PHC string, with a salt of its own. */
  hash(text: string): Promise<string>;
  /** In constant time. False also for a string that is no hash of ours. */
  verify(text: string, phc: string): Promise<boolean>;
}

/** What a browser's `navigator.credentials.create` answered, as far as it is read. base64url throughout. */
export interface PasskeyAttestation {
  readonly id: string;
  readonly clientDataJSON: string;
  readonly attestationObject: string;
  readonly transports: readonly string[];
}

/** What `navigator.credentials.get` answered. */
export interface PasskeyAssertion {
  readonly id: string;
  readonly clientDataJSON: string;
  readonly authenticatorData: string;
  readonly signature: string;
  readonly userHandle: string | null;
}

/** Options for the browser, as JSON. */
export type PasskeyOptions = { readonly [key: string]: Json };

export interface PasskeyKnown {
  readonly credential: string;
  readonly transports: readonly string[];
}

/** R31. User verification is required, the origin is compared with scheme, host and port, the RP id is the host of the
 * origin, and a frame of another origin is refused. The challenge comes from core and is used once there. */
export interface Passkeys {
  registrationOptions(ask: {
    readonly origin: string;
    /** base64url. */
    readonly challenge: string;
    readonly user: { readonly id: PrincipalId; readonly name: string };
    readonly known: readonly PasskeyKnown[];
    readonly timeoutMs: number;
  }): Promise<PasskeyOptions>;
  /** Null when anything does not fit. */
  verifyRegistration(
    attestation: PasskeyAttestation,
    expected: { readonly origin: string; readonly challenge: string },
  ): Promise<PasskeyData | null>;
  authenticationOptions(ask: {
    readonly origin: string;
    readonly challenge: string;
    readonly known: readonly PasskeyKnown[];
    readonly timeoutMs: number;
  }): Promise<PasskeyOptions>;
  /** The new counter; null when anything does not fit. The origin is the one the passkey was made at. */
  verifyAuthentication(
    assertion: PasskeyAssertion,
    expected: { readonly challenge: string; readonly passkey: PasskeyData; readonly user: PrincipalId },
  ): Promise<{ readonly counter: number } | null>;
}
