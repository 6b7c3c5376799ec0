// What the program works with: every default filled in, every duration in milliseconds with the unit in its name, every
// secret in a type that does not print. Made by resolve.ts and nowhere else; nothing past it checks again.
import type { z } from 'zod';
import type { AccountPolicy } from '../core/admission.ts';
import type { DmScope } from '../core/session/key.ts';
import type { ACCOUNT_SCHEMAS } from './channels-schema.ts';
import type { ChannelName, Person } from './native-ids.ts';
import type { Secret, SecretSource } from './secret.ts';
import type { StoreLocation } from './store-url.ts';

type PeopleKey =
  | 'enabled'
  | 'dmPolicy'
  | 'allowFrom'
  | 'groupPolicy'
  | 'groupAllowFrom'
  | 'requireMention'
  | 'personalNumber'
  | 'ingress';

type Settled<T> = { readonly [K in keyof T]: T[K] extends SecretSource | null ? Secret | null : T[K] };

/** The keys a channel has of its own. Secrets of an account that does not run are null. */
export type SettingsOf<C extends ChannelName> = Settled<
  Omit<z.output<(typeof ACCOUNT_SCHEMAS)[C]>, PeopleKey>
>;

interface AccountOf<C extends ChannelName> extends AccountPolicy {
  readonly channel: C;
  /** `default` for the keys at the channel's top level. */
  readonly account: string;
  readonly personalNumber: boolean;
  /** A program of the owner's receives its messages and says who wrote: nothing of it runs here. */
  readonly ingress: boolean;
  readonly settings: SettingsOf<C>;
}

export type AccountConfig = { readonly [C in ChannelName]: AccountOf<C> }[ChannelName];

export interface PairingConfig {
  readonly tokenExpiryMs: number;
  readonly codeFormat: string;
  readonly maxPending: number;
  readonly evictAfterMs: number;
  readonly denyCooldownMs: number;
  readonly maxAgeMs: number;
  readonly writeConfig: boolean;
  readonly message: string;
  readonly notifyOn: readonly Person[];
  readonly notifyMessage: string;
}

export interface AgentConfig {
  readonly id: string;
  readonly kind: 'echo' | 'openai';
  readonly url: string | null;
  readonly model: string;
  readonly apiKey: Secret | null;
  readonly audience: string | null;
  /** Lower case. */
  readonly bearerHeader: string;
  readonly timeoutMs: number;
  readonly history: { readonly messages: number; readonly bytes: number };
  readonly waiting: { readonly max: number; readonly maxAgeMs: number };
}

interface ProxyConfig {
  readonly upstream: string;
  readonly apiKey: Secret | null;
  readonly audience: string | null;
  readonly timeoutMs: number;
  /** Lower case. */
  readonly stripHeaders: readonly string[];
  readonly scrub: { readonly mode: 'off' | 'mark' | 'remove'; readonly markers: readonly string[] };
  readonly limits: { readonly concurrent: number; readonly perMinute: number };
  readonly verifyLink: boolean;
}

interface AudienceConfig {
  readonly origins: readonly string[];
  readonly alg: 'EdDSA' | 'HS256';
  readonly secret: Secret | null;
}

/** Where the storage key comes from. Structurally runtime/keys.ts's KeySource. */
export type KeySourceConfig =
  | { readonly kind: 'home' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'command'; readonly argv: readonly string[] };

export interface Config {
  readonly gateway: {
    readonly listen: string;
    /** Every address to listen on: both families for loopback. */
    readonly hosts: readonly string[];
    readonly port: number;
    /** A bare origin. */
    readonly publicUrl: string | null;
    readonly chatUrl: string | null;
    readonly trustedProxies: readonly string[];
    readonly agentGroup: string | null;
    readonly agentSocket: string | null;
  };
  readonly store: StoreLocation;
  readonly agent: AgentConfig;
  readonly proxy: ProxyConfig | null;
  readonly session: {
    readonly dmScope: DmScope;
    readonly scope: 'per-sender';
    readonly allowShared: boolean;
  };
  readonly bearer: {
    readonly ttlMs: number;
    readonly idleMs: number;
    readonly alg: 'EdDSA' | 'HS256';
    readonly audiences: ReadonlyMap<string, AudienceConfig>;
  };
  readonly users: {
    readonly kind: 'store' | 'http';
    readonly url: string | null;
    readonly apiKey: Secret | null;
    readonly timeoutMs: number;
    readonly cacheTtlMs: number;
    readonly required: boolean;
    /** Claim → attribute. */
    readonly claims: ReadonlyMap<string, string>;
  };
  readonly channels: { readonly pairing: PairingConfig; readonly accounts: readonly AccountConfig[] };
  readonly login: {
    readonly chatCode: boolean;
    readonly codeTtlMs: number;
    readonly codeDigits: number;
    readonly maxAttempts: number;
    readonly maxOpen: number;
    readonly maxPerHour: number;
    readonly deliverTo: readonly ChannelName[];
    readonly allowCarrier: boolean;
  };
  readonly approvals: {
    readonly approvers: readonly Person[];
    readonly notify: readonly Person[];
    readonly timeoutMs: number;
    /** The end of what commands print, for those who decide. */
    readonly keepOutput: boolean;
  };
  readonly keys: KeySourceConfig;
  /** COUNTERSIGN_TEST_ENDPOINTS=1: channels may use plain endpoints on loopback. */
  readonly testEndpoints: boolean;
}
