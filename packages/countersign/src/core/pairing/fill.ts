// The owner's templates with a request's facts in their holes. One pass: what a stranger put into an identifier is never
// itself a hole.
import { visible } from '@countersign/protocol/display';
import { peerLabel } from '../identity/name.ts';
import type { NewPairing } from './pairings-port.ts';

export function fill(template: string, { code, peer }: Pick<NewPairing, 'code' | 'peer'>): string {
  const values: Readonly<Record<string, string>> = {
    code,
    channel: peer.channel,
    identifier: visible(peer.native),
    peer: peerLabel(peer),
  };
  return template.replace(/\{(code|channel|identifier|peer)\}/g, (_, name: string) => values[name] ?? '');
}
