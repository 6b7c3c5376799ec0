// Whether what the gateway answered is about what was asked here, all of it, and about the request whose letters were shown here.
import { actionDigest, requestDigest } from '@countersign/protocol/action-digest';
import type { ApprovalRow, ExecAction } from '@countersign/protocol/approval';
import { changedFact, type Field } from './changed.ts';

export interface Answered {
  readonly action: ExecAction;
  /** As it was when people were asked; null where nobody was. */
  readonly before: ApprovalRow | null;
  readonly row: ApprovalRow;
}

export interface Wrong {
  /** One sentence, without a full stop. */
  readonly why: string;
  readonly changed: Field | null;
}

const ELSE: Wrong = { why: 'the gateway said yes to something else', changed: null };

/** Null: it is. */
export async function wrongAnswer({ action, before, row }: Answered): Promise<Wrong | null> {
  const { facts, grant } = row;
  if (grant === undefined || facts === undefined)
    return { why: 'the gateway said yes and gave no grant', changed: null };
  if (row.actionDigest !== (await actionDigest(action)) || row.host !== action.host) return ELSE;
  const changed = before?.facts === undefined ? null : changedFact(before.facts, facts);
  if (changed !== null) return { why: `changed: ${changed}`, changed };
  // What people compared with the letters here is that request, with its tier, its person and its time, and no other.
  if (before !== null && before.requestDigest !== row.requestDigest) return ELSE;
  const isWhole =
    facts.actionDigest === row.actionDigest && (await requestDigest(facts)) === row.requestDigest;
  return isWhole ? null : ELSE;
}
