// Which numbers are shown, and which filter of the audit shows what is behind each: pure.
import type { Overview } from '@countersign/protocol/overview';

type Counts = Overview['day']['counts'];
export type CountName = keyof Counts;

const ORDER: readonly CountName[] = [
  'admitted',
  'answered',
  'unanswered',
  'asked',
  'letIn',
  'turnedAway',
  'putToPeople',
  'saidYes',
  'saidNo',
  'ranUnasked',
  'signedIn',
  'refused',
  'undelivered',
];

export const DAY_KINDS: Readonly<Record<CountName, { readonly kind: string; readonly outcome?: string }>> = {
  admitted: { kind: 'chat', outcome: 'ok' },
  answered: { kind: 'chat', outcome: 'ok' },
  unanswered: { kind: 'chat', outcome: 'failed' },
  asked: { kind: 'door' },
  letIn: { kind: 'door', outcome: 'ok' },
  turnedAway: { kind: 'door' },
  signedIn: { kind: 'signIn', outcome: 'ok' },
  putToPeople: { kind: 'approvals' },
  saidYes: { kind: 'approvals', outcome: 'ok' },
  saidNo: { kind: 'approvals', outcome: 'denied' },
  ranUnasked: { kind: 'approvals', outcome: 'ok' },
  refused: { kind: 'all', outcome: 'denied' },
  undelivered: { kind: 'chat', outcome: 'failed' },
};

export function shownCounts(counts: Counts): readonly (readonly [CountName, number])[] {
  return ORDER.map((name) => [name, counts[name]] as const).filter(([, count]) => count > 0);
}
