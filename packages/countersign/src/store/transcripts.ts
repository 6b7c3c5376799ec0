// What a web chat page has seen. Sequence numbers have no gaps: a line takes the next number by an insert that a faster
// line turns away, and then takes the one after.
import { Problem } from '@countersign/protocol/problem';
import { type Peer, peerKey } from '../core/identity/peer.ts';
import type { TranscriptLine, Transcripts } from '../core/transcript.ts';
import type { Context } from './context.ts';
import type { Row } from './dialects/database.ts';
import { IS_PEER, peerValues } from './peers.ts';
import { bytes, int, text, word } from './row.ts';

const MAX_RACES = 1_000;
const COLUMNS = ['channel', 'account', 'native', 'seq', 'id', 'sender', 'content', 'at'] as const;

export function transcripts({ connection: c, vault }: Context): Transcripts {
  const bind = (peer: Peer, id: string) => `transcripts/content/${JSON.stringify([peerKey(peer), id])}`;
  const read = (row: Row, peer: Peer): TranscriptLine => {
    const id = text(row, 'id');
    const line = { seq: int(row, 'seq'), id, from: word<TranscriptLine['from']>(row, 'sender') };
    return { ...line, text: vault.open(bytes(row, 'content'), bind(peer, id)), at: int(row, 'at') };
  };

  return {
    async append(peer, line) {
      const content = vault.seal(line.text, bind(peer, line.id));
      for (let race = 0; race < MAX_RACES; race += 1) {
        const [last] = await c.all(
          `select max(seq) as seq from transcripts where ${IS_PEER}`,
          peerValues(peer),
        );
        const seq = last?.['seq'] === null || last === undefined ? 1 : int(last, 'seq') + 1;
        const row = [...peerValues(peer), seq, line.id, line.from, content, line.at];
        if ((await c.insertNew('transcripts', COLUMNS, [row])).size === 1) return { seq, ...line };
        const [first] = await c.all(
          `select seq, id, sender, content, at from transcripts where ${IS_PEER} and id = ?`,
          [...peerValues(peer), line.id],
        );
        if (first !== undefined) return read(first, peer);
      }
      throw new Problem('store_unavailable', { detail: 'no place in the transcript could be won' });
    },

    async after(peer, seq, limit) {
      const rows = await c.all(
        `select seq, id, sender, content, at from transcripts where ${IS_PEER} and seq > ? order by seq desc limit ?`,
        [...peerValues(peer), seq, limit],
      );
      return rows.toReversed().map((row) => read(row, peer));
    },

    async prune(keep) {
      return c.run(
        `delete from transcripts where seq <= (
           select max(newest.seq) - ? from transcripts as newest
           where newest.channel = transcripts.channel and newest.account = transcripts.account
             and newest.native = transcripts.native)`,
        [Math.max(1, keep)],
      );
    },
  };
}
