// What the socket needs of the embedded channel: pages come, speak, catch up and leave. The socket proves a page's key;
// the channel knows nothing of sockets.
import type { ServerFrame } from '@countersign/protocol/frames';
import type { Channel } from './channel-port.ts';
import type { Peer } from './identity/peer.ts';

/** Made by the page, kept over reconnects. */
export interface Say {
  readonly id: string;
  readonly text: string;
}

export interface Speaker {
  readonly peer: Peer;
  /** As the page asked once: a claim (R67). */
  readonly name: string | null;
  /** Network address of the other end. */
  readonly address: string | null;
}

/** One open page. */
export interface Page extends Speaker {
  send(frame: ServerFrame): void;
}

export interface PageChannel extends Pick<Channel, 'id' | 'account' | 'traits'> {
  /** A page whose key was proven. Returns how it leaves. */
  attach(page: Page): Promise<() => void>;
  /** Durable before it is acknowledged, under its own id, as often as the page repeats it. Never throws for the page. */
  say(page: Page, say: Say): Promise<void>;
  resume(page: Page, after: number): Promise<void>;
}
