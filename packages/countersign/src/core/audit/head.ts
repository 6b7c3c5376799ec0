// How far a chain had come, signed with the gateway's own key: who holds one of these can tell later that its end was cut off,
// or that it was written anew. It proves nothing against somebody who holds that key too (R66 asks for a witness).
import { signedBytes } from '@countersign/protocol/canonical';
import type { SignedHead } from '@countersign/protocol/receipt';
import { isoTime } from '@countersign/protocol/time';
import type { Millis, Signer } from '../ports.ts';
import type { Head } from './event.ts';

/** @param gateway the installation. */
export function signHead(
  { writer, seq, hash }: Head,
  gateway: string,
  at: Millis,
  signer: Pick<Signer, 'sign' | 'thumbprint'>,
): SignedHead {
  const said = { gateway, writer, seq, hash, at: isoTime(at) };
  const value = Buffer.from(signer.sign(signedBytes('countersign.head.v1', said))).toString('base64url');
  return { ...said, signature: { kid: signer.thumbprint, value } };
}
