// A web chat frame → an inbound message. Identity comes from the key the socket proved, never from the frame: whatever
// else the page sends (a sender, a route, an owner flag) is refused by the frame's schema before it gets here (H12).
import { MAX_SAY } from '@countersign/protocol/frames';
import type { Inbound } from '../../core/message.ts';
import type { Say, Speaker } from '../../core/page-port.ts';
import type { Millis } from '../../core/ports.ts';

/** RFC 4648 base32 of a SHA-256 thumbprint, lower case, unpadded. */
export const WEBCHAT_PEER = /^[a-z2-7]{52}$/;

type Read = { readonly inbound: Inbound } | { readonly refused: 'too_long' | 'not_text' | 'empty' };

export function readSay(say: Say, speaker: Speaker, now: Millis): Read {
  if (say.text.length > MAX_SAY) return { refused: 'too_long' };
  if (!say.text.isWellFormed()) return { refused: 'not_text' };
  if (say.text.trim() === '') return { refused: 'empty' };
  const { peer, name, address } = speaker;
  return {
    inbound: {
      peer,
      assurance: 'low',
      actor: 'human',
      conversation: { kind: 'direct', id: peer.native },
      messageId: say.id,
      kind: 'text',
      text: say.text,
      sentAt: now,
      arrived: 'live',
      quoted: false,
      press: null,
      forwarded: false,
      mentioned: true,
      displayName: name,
      username: null,
      address,
    },
  };
}
