// TOTP (RFC 6238): SHA-1, six digits, thirty seconds. One step of drift each side (5.2), never a step at or below the last
// accepted one (R26), and the time is the server's (R29). Pure: the store decides who wins a step.
import { base32 } from '@countersign/protocol/ids';
import { verifySync } from 'otplib';
import type { Millis, Random } from '../ports.ts';

const ISSUER = 'Countersign';
const STEP_S = 30;
const DIGITS = 6;
/** RFC 4226 R6: 160 bits recommended. */
const SEED_BYTES = 20;

/** A seed as authenticator apps take it: base32, upper case, no padding. */
export function newSeed(random: Random): string {
  return base32(random.bytes(SEED_BYTES)).toUpperCase();
}

/** What the QR code holds. Everything is said, defaults too: apps differ in what they assume. */
export function otpauthUri({ seed, name }: { readonly seed: string; readonly name: string }): string {
  // A lone surrogate has no percent-encoding.
  const label = `${ISSUER}:${encodeURIComponent(name.toWellFormed())}`;
  return `otpauth://totp/${label}?secret=${seed}&issuer=${ISSUER}&algorithm=SHA1&digits=${DIGITS}&period=${STEP_S}`;
}

/** The time step a right code belongs to; null for every other. */
export function verifyTotp(typed: string, seed: string, lastStep: number | null, now: Millis): number | null {
  const token = normaliseTotp(typed);
  const epoch = Math.floor(now / 1000);
  if (token === null || epoch < 0) return null;
  const newest = Math.floor(epoch / STEP_S) + 1;
  // The library throws where the last step lies ahead of the window, as after a clock that went back.
  if (lastStep !== null && lastStep >= newest) return null;
  const result = verifySync({
    secret: seed,
    token,
    epoch,
    period: STEP_S,
    digits: DIGITS,
    algorithm: 'sha1',
    epochTolerance: STEP_S,
    ...(lastStep === null ? {} : { afterTimeStep: lastStep }),
  });
  return result.valid && 'timeStep' in result ? result.timeStep : null;
}

/** Apps show `123 456`; people type it so, or with a dash. */
function normaliseTotp(typed: string): string | null {
  if (typed.length > 32) return null;
  const digits = typed.replace(/[\s\p{Pd}]/gu, '');
  return /^[0-9]{6}$/.test(digits) ? digits : null;
}
