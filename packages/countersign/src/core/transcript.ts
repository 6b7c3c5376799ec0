// The embedded channel's own memory: what a web chat page has seen, by sequence, so that a page that was away loses
// nothing and sees nothing twice.
import type { Peer } from './identity/peer.ts';
import type { Millis } from './ports.ts';

export interface TranscriptLine {
  /** Counts from 1 per peer, without gaps. */
  readonly seq: number;
  readonly id: string;
  readonly from: 'you' | 'agent' | 'gateway';
  readonly text: string;
  readonly at: Millis;
}

export interface Transcripts {
  /** Appends once per (peer, id); a second call returns the line of the first. */
  append(peer: Peer, line: Omit<TranscriptLine, 'seq'>): Promise<TranscriptLine>;
  /** Lines after `seq`, oldest first; the newest `limit` of them when there are more. */
  after(peer: Peer, seq: number, limit: number): Promise<readonly TranscriptLine[]>;
  /** Keeps the newest `keep` lines of each peer. */
  prune(keep: number): Promise<number>;
}
