// How an account of ours is linked by a person who holds a phone: the steps that person is shown, one after the other.
import type { Millis } from './ports.ts';

export interface LoginRequest {
  /** Start over, whatever is there. */
  readonly force: boolean;
  /** Link by a code typed into the phone of that number; null: by a picture. */
  readonly phone: string | null;
}

export type LoginStep =
  | { readonly state: 'starting' }
  /** The text of a QR code. Whoever scans it links their own phone: it is shown to the owner alone, and never kept. */
  | { readonly state: 'picture'; readonly text: string; readonly expiresAt: Millis }
  /** To be typed into the phone. */
  | { readonly state: 'code'; readonly text: string; readonly expiresAt: Millis }
  /** The phone has said yes. */
  | { readonly state: 'finishing' };
