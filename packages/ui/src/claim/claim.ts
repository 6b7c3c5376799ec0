// What the claim page shows, as a pure function of what it knows; and the signed request. The secret comes from the
// fragment, lives in memory only, and leaves in one POST.

import type { DeviceKey } from '../device-key.ts';
import type { Place } from '../shared/place.ts';
import { graphemes } from '../shared/text.ts';

export const MAX_NAME = 64;

export interface ClaimStatus {
  readonly owned: boolean;
  readonly gateway: string;
  readonly nonce: string;
  readonly ts: number;
}

/** RFC 9457, as far as a person needs it. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly hint: string;
}

export type ClaimState =
  | { readonly is: 'loading' }
  | { readonly is: 'unreachable' }
  | {
      readonly is: 'asked';
      readonly status: ClaimStatus;
      readonly refusal: Refusal | null;
      readonly busy: boolean;
    }
  | { readonly is: 'done'; readonly name: string };

export type ClaimView =
  | 'loading'
  | 'unreachable'
  | 'owned'
  | 'unclaimed'
  | 'wrong_place'
  | 'form'
  | 'bad_link'
  | 'done';

export function viewOf(state: ClaimState, secret: string | null, place: Place): ClaimView {
  if (state.is !== 'asked') return state.is;
  if (state.status.owned || state.refusal?.code === 'already_owned') return 'owned';
  if (secret === null) return 'unclaimed';
  if (place.home !== null) return 'wrong_place';
  return state.refusal !== null && isAboutTheLink(state.refusal) ? 'bad_link' : 'form';
}

/** A wrong, used or expired secret: the form cannot help any more. */
function isAboutTheLink({ code, status }: Refusal): boolean {
  return ['challenge_failed', 'not_found', 'expired', 'already_decided'].includes(code) || status === 410;
}

/** The secret of `#claim=…`, or null. */
export function secretOf(fragment: string): string | null {
  const secret = new URLSearchParams(fragment.replace(/^#/, '')).get('claim');
  return secret === null || secret === '' ? null : secret;
}

export type NameFault = 'empty' | 'too_long';

/** The name as it is sent and signed, or what is wrong with it. */
export function nameOf(typed: string): { readonly name: string } | { readonly fault: NameFault } {
  const name = typed.toWellFormed().trim();
  if (name === '') return { fault: 'empty' };
  return graphemes(name) > MAX_NAME ? { fault: 'too_long' } : { name };
}

export async function claimBody(
  key: Pick<DeviceKey, 'jwk' | 'device' | 'sign'>,
  { gateway, nonce, ts }: Omit<ClaimStatus, 'owned'>,
  { secret, name }: { readonly secret: string; readonly name: string },
): Promise<object> {
  const signature = await key.sign('countersign.claim.v1', {
    device: key.device,
    gateway,
    name,
    nonce,
    secret,
    ts,
  });
  return { secret, name, key: key.jwk, nonce, ts, signature };
}
