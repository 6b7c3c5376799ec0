// The store's verbs for browsers that are told, and what carries a notification to them. A subscription belongs to a
// device and ends with it, in the same write (R62).
import type { DeviceId, PushId } from '@countersign/protocol/ids';
import type { Millis } from '../ports.ts';
import type { Notice } from './notice.ts';

export type PushLanguage = 'en' | 'de';

/** Where a browser listens, and the keys that only it can read with (RFC 8291). The endpoint is a capability: sealed. */
export interface PushTarget {
  readonly endpoint: string;
  /** base64url of an uncompressed P-256 point. */
  readonly p256dh: string;
  /** base64url of 16 bytes. */
  readonly auth: string;
}

export interface NewPush extends PushTarget {
  readonly id: PushId;
  readonly device: DeviceId;
  readonly language: PushLanguage;
  readonly createdAt: Millis;
}

export interface PushRow extends NewPush {
  readonly lastOkAt: Millis | null;
  /** Why the last notification was given up; null when it arrived, or none was sent. */
  readonly failing: string | null;
}

/** P-256, base64url: how push services know who sends (RFC 8292). */
export interface PushKeyPair {
  readonly publicKey: string;
  readonly privateKey: string;
}

export interface PushSubscriptions {
  /** The same endpoint of the same device again takes the new keys and keeps its id. Of a device's others the newest
   * `keep - 1` stay. Null when the device is not paired (any more): nothing outlives it. */
  put(
    asked: NewPush,
    keep: number,
  ): Promise<{ readonly as: 'added' | 'renewed'; readonly row: PushRow } | null>;
  get(id: PushId): Promise<PushRow | null>;
  /** Oldest first. */
  list(): Promise<readonly PushRow[]>;
  /** False when it was gone already. */
  remove(id: PushId): Promise<boolean>;
  /** Notes how a notification fared. */
  note(id: PushId, fared: { readonly okAt: Millis } | { readonly failing: string }): Promise<void>;
  /** The pair this installation has. The first one put stays, whoever else puts one at the same moment. */
  keys(): Promise<PushKeyPair | null>;
  putKeys(pair: PushKeyPair, at: Millis): Promise<PushKeyPair>;
}

export type PushFate =
  | { readonly as: 'delivered' }
  /** The browser let go of it: it never comes back (404, 410). */
  | { readonly as: 'gone' }
  /** The service is busy, or out of reach. */
  | { readonly as: 'later'; readonly why: string; readonly afterMs: number | null }
  /** It will not be taken, however often it is said. */
  | { readonly as: 'refused'; readonly why: string };

export interface PushSender {
  /** Why no notification may be sent there; null when one may, as far as its text tells. */
  refuses(target: PushTarget): string | null;
  makeKeys(): PushKeyPair;
  /** One try. Nothing is thrown for what a push service does. */
  send(
    target: PushTarget,
    keys: PushKeyPair,
    notice: Notice & { readonly language: PushLanguage },
  ): Promise<PushFate>;
}
