// Commands on other machines as the wire shows them.
import type { ExecJob as WireJob } from '@countersign/protocol/exec';
import type { Caller } from '../core/authorise.ts';
import type { JobView } from './exec-hosts.ts';
import { printApproval, readerOf } from './print-approvals.ts';

/** The grant is for the machine, and does not come along. */
export function printJob({ job, view }: JobView, caller: Caller): WireJob {
  const { id, device, state, version, output, dropped, end, notRun } = job;
  return {
    id,
    host: device,
    state: state === 'deriving' ? 'asked' : state,
    version,
    approval: printApproval(view, readerOf(caller)),
    output: output.map((chunk) => ({ ...chunk })),
    dropped,
    ...(end === null ? {} : { end: { ...end } }),
    ...notRun,
  };
}
