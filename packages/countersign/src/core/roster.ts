// What core may ask of the configuration and the channels: policies, traits and settings as they stand now. Read anew at
// each use, so that a reload is taken up without anybody holding an old copy.
import type { AccountPolicy, AdmissionRules } from './admission.ts';
import type { Traits } from './channel-port.ts';
import type { Peer } from './identity/peer.ts';
import type { SlotRule } from './pairing/pairings-port.ts';

export interface PairingSettings {
  readonly codeFormat: string;
  readonly tokenExpiryMs: number;
  readonly denyCooldownMs: number;
  readonly slots: SlotRule;
  /** Sent to the stranger; `{code} {channel} {identifier}` are filled in. */
  readonly message: string;
  /** Sent to owners. */
  readonly notifyMessage: string;
  /** Who is told of a request; empty: every owner chat. */
  readonly notifyOn: readonly Peer[];
  /** Whether an approval is written into allowFrom of the file. */
  readonly writeConfig: boolean;
}

export interface WaitingSettings {
  readonly max: number;
  readonly maxAgeMs: number;
}

/** How a browser is paired by a code in a chat. */
export interface LoginSettings {
  readonly on: boolean;
  readonly codeTtlMs: number;
  readonly codeDigits: number;
  readonly maxAttempts: number;
  readonly maxOpen: number;
  readonly maxPerHour: number;
  /** Channels in the order they are tried; empty: any. */
  readonly deliverTo: readonly string[];
  /** Whether codes may go where only a phone network vouches for the reader. */
  readonly allowCarrier: boolean;
}

export interface Roster {
  /** Null for an account the configuration does not have. */
  policy(channel: string, account: string): AccountPolicy | null;
  /** Null for a channel this build does not have. */
  traits(channel: string): Traits | null;
  readonly channels: readonly string[];
  admission(): AdmissionRules;
  pairing(): PairingSettings;
  waiting(): WaitingSettings;
  history(): { readonly messages: number; readonly bytes: number };
  agentTimeoutMs(): number;
  login(): LoginSettings;
}
