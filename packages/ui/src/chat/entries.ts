// The order of the log: lines by sequence; what was held, taken or refused where it was said; an answer that is being written
// after the line it came upon; what waits for the connection last.
import type { Millis, Speaker } from './frames.ts';
import type { Outgoing } from './outbox.ts';
import type { ChatState } from './state.ts';

export interface Entry {
  readonly key: string;
  readonly from: Speaker;
  readonly text: string;
  readonly at: Millis | null;
  /** True while the text still grows. */
  readonly growing: boolean;
  readonly outgoing: Outgoing | null;
}

export function entriesOf({
  lines,
  drafts,
  outgoing,
}: Pick<ChatState, 'lines' | 'drafts' | 'outgoing'>): readonly Entry[] {
  const known = new Set(lines.map((line) => line.id));
  const placed = [
    ...lines.map(({ key, from, text, at, seq }) => ({
      place: seq,
      entry: { key, from, text, at, growing: false, outgoing: null } satisfies Entry,
    })),
    ...drafts
      .filter((draft) => draft.text !== '')
      .map(({ turn, text, after }) => ({
        place: after + 0.25,
        entry: { key: turn, from: 'agent', text, at: null, growing: true, outgoing: null } satisfies Entry,
      })),
    ...outgoing
      .filter((item) => !known.has(item.id))
      .map((item) => ({
        place: item.fate === 'waiting' ? Number.POSITIVE_INFINITY : item.after + 0.5,
        entry: {
          key: item.id,
          from: 'you',
          text: item.text,
          at: item.at,
          growing: false,
          outgoing: item,
        } satisfies Entry,
      })),
  ];
  return placed
    .sort((one, other) => (one.place === other.place ? 0 : one.place - other.place))
    .map(({ entry }) => entry);
}
