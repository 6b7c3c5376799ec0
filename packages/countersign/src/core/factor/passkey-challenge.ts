// WebAuthn challenges: 16 bytes of chance and an end, under a keyed hash over what they are for. Nothing is stored when one
// is made, so asking for them fills nothing; used ones are remembered until their end (R31). An action's digest may be part
// of what it is for: then the signature is for that action and no other (R32).
import { timingSafeEqual } from 'node:crypto';
import type { PrincipalId } from '@countersign/protocol/ids';
import type { Hasher, Millis, Random } from '../ports.ts';

export const CHALLENGE_LIFE_MS = 5 * 60_000;
const CHANCE_BYTES = 16;
const END_BYTES = 6;
const MAC_BYTES = 32;

export interface ChallengeAim {
  readonly of: 'enrol' | 'prove';
  readonly principal: PrincipalId;
  /** scheme, host and port. */
  readonly origin: string;
  /** What the proof is for, where it is for one thing only. */
  readonly binding: string;
}

interface Ports {
  readonly hasher: Hasher;
  readonly random: Random;
}

export function makeChallenge(aim: ChallengeAim, { hasher, random }: Ports, now: Millis): string {
  const head = Buffer.alloc(CHANCE_BYTES + END_BYTES);
  head.set(random.bytes(CHANCE_BYTES));
  head.writeUIntBE(now + CHALLENGE_LIFE_MS, CHANCE_BYTES, END_BYTES);
  return Buffer.concat([head, macOf(head, aim, hasher)]).toString('base64url');
}

/** When a challenge of ours for exactly this ends; null when it is not one, or is over. */
export function challengeEnd(
  challenge: string,
  aim: ChallengeAim,
  hasher: Hasher,
  now: Millis,
): Millis | null {
  const bytes = Buffer.from(challenge, 'base64url');
  // The text has to be the one form of the bytes: another spelling of a used one would count as unused.
  if (bytes.length !== CHANCE_BYTES + END_BYTES + MAC_BYTES || bytes.toString('base64url') !== challenge)
    return null;
  const head = bytes.subarray(0, CHANCE_BYTES + END_BYTES);
  if (!timingSafeEqual(bytes.subarray(head.length), macOf(head, aim, hasher))) return null;
  const end = head.readUIntBE(CHANCE_BYTES, END_BYTES);
  return end > now ? end : null;
}

function macOf(head: Uint8Array, { of, principal, origin, binding }: ChallengeAim, hasher: Hasher): Buffer {
  const text = JSON.stringify([of, principal, origin, binding, Buffer.from(head).toString('base64url')]);
  return Buffer.from(hasher.keyed('passkey', text), 'base64url');
}
