// Proving a chain, or a part of it, page by page: the event loop has its turn in between, so that proving the past never
// stops the present.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { GENESIS, verifyChain } from '../core/audit/chain.ts';
import type { Audit, Head, StoredEvent } from '../core/audit/event.ts';

/** Events of one page. */
export const PAGE = 500;

export interface Proof {
  /** How many events were looked at. */
  readonly events: number;
  readonly broken: { readonly seq: number; readonly why: string } | null;
}

/**
 * From `from` (the beginning otherwise) to the head as it was given.
 * @param atMost how far, counted from the beginning of the chain.
 */
export async function proveChain(
  audit: Pick<Audit, 'walk'>,
  head: Head,
  {
    from = { seq: 0, hash: GENESIS },
    atMost = Number.POSITIVE_INFINITY,
    each = () => undefined,
  }: {
    readonly from?: { readonly seq: number; readonly hash: string };
    readonly atMost?: number;
    /** What was looked at and fits, in order. */
    readonly each?: (event: StoredEvent) => void;
  } = {},
): Promise<Proof> {
  let reached = from;
  while (reached.seq < head.seq && reached.seq < atMost) {
    const page = await audit.walk(head.writer, reached.seq, Math.min(PAGE, head.seq - reached.seq));
    const verified = verifyChain(page, reached);
    if (!verified.ok)
      return { events: verified.brokenAt - 1, broken: { seq: verified.brokenAt, why: verified.why } };
    if (page.length === 0) return { events: reached.seq, broken: { seq: reached.seq + 1, why: 'gap' } };
    for (const event of page) each(event);
    reached = { seq: verified.seq, hash: verified.hash };
    await nextTurn();
  }
  const whole = reached.seq < head.seq || reached.hash === head.hash;
  return { events: reached.seq, broken: whole ? null : { seq: head.seq, why: 'hash' } };
}
