// The first owner at the door: what the claim page is told, and the signed claim it sends back. The browser proves its
// key over everything it claims, so that nobody can put another key, name or secret under its signature.
import { callerName } from '@countersign/protocol/browser-name';
import { signedBytes } from '@countersign/protocol/canonical';
import { firstGraphemes, MAX_NAME, visible } from '@countersign/protocol/display';
import type { PublicJwk } from '@countersign/protocol/gateway';
import { base32 } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { Actor } from '../core/audit/event.ts';
import type { Claim } from '../core/claim.ts';
import { type Peer, parseNative } from '../core/identity/peer.ts';
import type { Principal } from '../core/identity/people-port.ts';
import type { Millis, Signer } from '../core/ports.ts';
import { readName } from './name.ts';
import type { Issued, Nonces } from './nonces.ts';

const PURPOSE = 'claim';
/** The shape of a web chat id: a key's thumbprint. */
const THUMBPRINT = /^[a-z2-7]{52}$/;

/** Keys of browsers and devices: the port of runtime/crypto/public-key.ts. */
export interface PublicKeys {
  /** @throws Problem `auth_proof_invalid` for an unsound key. */
  thumbprint(jwk: PublicJwk): Uint8Array;
  verifySignature(jwk: PublicJwk, bytes: Uint8Array, signature: string): boolean;
}

export interface SignedClaim extends Issued {
  readonly secret: string;
  readonly name: string;
  readonly key: PublicJwk;
  readonly signature: string;
}

interface Ports {
  readonly claim: Claim;
  readonly nonces: Nonces;
  readonly signer: Pick<Signer, 'thumbprint'>;
  readonly keys: PublicKeys;
  /** Where people open the claim page. */
  readonly home: () => string;
}

export class ClaimDoor {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  isOwned(): Promise<boolean> {
    return this.#ports.claim.isOwned();
  }

  async state(): Promise<Issued & { readonly owned: boolean; readonly gateway: string }> {
    const { claim, nonces, signer } = this.#ports;
    return { owned: await claim.isOwned(), gateway: signer.thumbprint, ...nonces.issue(PURPOSE) };
  }

  /** The secret is in the fragment, which no browser sends and no log sees. @throws Problem `already_owned`. */
  async link(by: Actor): Promise<{ readonly url: string; readonly expiresAt: Millis }> {
    const { claim, home } = this.#ports;
    const { secret, expiresAt } = await claim.issue(by);
    return { url: `${home()}/#claim=${secret}`, expiresAt };
  }

  /**
   * @param agent the User-Agent header: what the browser will be called in the list of devices.
   * @throws Problem `auth_proof_invalid`, and as Claim.take.
   */
  async take(signed: SignedClaim, agent: string | null): Promise<Principal> {
    const { claim, nonces } = this.#ports;
    const { peer, thumbprint } = this.#proven(signed);
    const name = readName(signed.name);
    if (!(await nonces.spend(PURPOSE, signed))) throw unproven();
    const called = callerName(agent ?? '').trim();
    const shown = called === '' ? null : firstGraphemes(visible(called), MAX_NAME);
    const device = { key: signed.key, thumbprint, name: shown };
    return claim.take({ secret: signed.secret, name, peer, device });
  }

  #proven({ key, name, nonce, secret, ts, signature }: SignedClaim): {
    readonly peer: Peer;
    readonly thumbprint: string;
  } {
    const { nonces, signer, keys } = this.#ports;
    if (!nonces.isOurs(PURPOSE, { nonce, ts })) throw unproven();
    const print = keys.thumbprint(key);
    const device = Buffer.from(print).toString('base64url');
    if (!name.isWellFormed() || !secret.isWellFormed()) throw unproven();
    const bytes = signedBytes('countersign.claim.v1', {
      device,
      gateway: signer.thumbprint,
      name,
      nonce,
      secret,
      ts,
    });
    if (!keys.verifySignature(key, bytes, signature)) throw unproven();
    const native = parseNative(base32(print), THUMBPRINT);
    if (native === null) throw new Problem('internal', { detail: 'a thumbprint is no web chat id' });
    return { peer: { channel: 'webchat', account: 'default', native }, thumbprint: device };
  }
}

/** One answer for stale, foreign, spent and forged: which it was is nobody's business. */
function unproven(): Problem {
  return new Problem('auth_proof_invalid', { hint: 'open the page again' });
}
