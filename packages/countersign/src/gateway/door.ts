// What a listener tells about a connection. The door is a fact of the listener: it is never derived from an address, a
// header or a path (R68).

export type Door = 'tcp' | 'host' | 'agent';

export interface Bindings {
  readonly door: Door;
  /** Network address of the other end, or `unknown` behind something on this machine; null on a socket of this machine.
   * Counted by limits, never trusted. */
  readonly remote: string | null;
  /** True when it came over a network nobody vouched for: neither loopback nor a proxy the owner named. */
  readonly isPlain?: boolean;
}
