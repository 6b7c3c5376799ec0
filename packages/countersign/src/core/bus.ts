// What just became true, told inside this process after the commit. Nothing is decided on it and nothing is lost with
// it: whoever listens could have read the store instead, only later.
import type {
  ApprovalId,
  DeviceId,
  DeviceRequestId,
  PrincipalId,
  SessionId,
  TokenId,
} from '@countersign/protocol/ids';
import type { Peer } from './identity/peer.ts';

export interface Happenings {
  /** A peer's pairing, link or block changed. */
  readonly peerChanged: Peer;
  /** A message waits for the agent. */
  readonly turnWaiting: SessionId;
  /** The outbox has something due. */
  readonly outboxPut: { readonly count: number };
  readonly principalChanged: PrincipalId;
  /** A device was paired, changed or ended. */
  readonly deviceChanged: DeviceId;
  /** A device request came, or was decided. */
  readonly deviceRequested: DeviceRequestId;
  /** An account of a channel came up, went down, or is heard again. */
  readonly channelChanged: { readonly channel: string; readonly account: string };
  /** A session was spoken on, or ended. */
  readonly sessionChanged: SessionId;
  /** A bearer, by its jti, was ended before its time: it is not handed out again. */
  readonly bearerEnded: string;
  /** A service token was revoked. */
  readonly tokenEnded: TokenId;
  /** A request for approval came, was answered, or ended. */
  readonly approvalChanged: ApprovalId;
  /** An agent's session works elevated, or does not any more. */
  readonly elevationChanged: { readonly agent: string };
  /** Another version of the policy holds. */
  readonly policyChanged: { readonly version: number };
}

type Listener<K extends keyof Happenings> = (happening: Happenings[K]) => void;

export class Bus {
  readonly #listeners: { [K in keyof Happenings]: Set<Listener<K>> } = {
    peerChanged: new Set(),
    turnWaiting: new Set(),
    outboxPut: new Set(),
    principalChanged: new Set(),
    deviceChanged: new Set(),
    deviceRequested: new Set(),
    channelChanged: new Set(),
    sessionChanged: new Set(),
    bearerEnded: new Set(),
    tokenEnded: new Set(),
    approvalChanged: new Set(),
    elevationChanged: new Set(),
    policyChanged: new Set(),
  };

  publish<K extends keyof Happenings>(kind: K, happening: Happenings[K]): void {
    for (const listener of this.#listeners[kind]) listener(happening);
  }

  subscribe<K extends keyof Happenings>(kind: K, listener: Listener<K>): () => void {
    this.#listeners[kind].add(listener);
    return () => this.#listeners[kind].delete(listener);
  }
}
