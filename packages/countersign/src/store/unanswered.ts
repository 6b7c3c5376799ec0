// Messages that end without an answer: settled, without their text, and told to whoever has to tell their senders.
import type { SessionId } from '@countersign/protocol/ids';
import type { Conversation, Unanswered } from '../core/message.ts';
import type { Millis } from '../core/ports.ts';
import type { Context } from './context.ts';
import type { Row } from './dialects/database.ts';
import { readPeer } from './peers.ts';
import { text, word } from './row.ts';

/** Ends everything open in a session, claimed or not: whoever has claimed it finds it lost. */
export async function endOpen(
  { connection: c }: Context,
  session: SessionId,
  at: Millis,
): Promise<readonly Unanswered[]> {
  const rows = await c.all(
    `update messages set ${ended('revoked')} where session = ? and settled_at is null returning ${ENDED}`,
    [at, session],
  );
  return rows.map(readEnded);
}

export const ENDED = 'n, id, session, channel, account, native, conversation_kind, conversation';

/** Without an answer a text has no further use. */
export function ended(state: string): string {
  return `state = '${state}', content = null, settled_at = ?, claimed_by = null, claimed_until = null`;
}

export function readConversation(row: Row): Conversation {
  return { kind: word(row, 'conversation_kind'), id: text(row, 'conversation') };
}

export function readEnded(row: Row): Unanswered {
  return {
    message: word(row, 'id'),
    session: word(row, 'session'),
    peer: readPeer(row),
    conversation: readConversation(row),
  };
}
