// What the store says of a command, for all that its machine did not say.
import type { ApprovalView } from '../core/approval/service.ts';
import type { Millis } from '../core/ports.ts';
import type { ExecJob } from './exec-job.ts';

/** What is said of the end over the socket is better than what is stored: it has the rest of the output before it. */
const SETTLE_MS = 5_000;

export function takeStored(job: ExecJob, { state, run }: ApprovalView, now: () => Millis): void {
  switch (state) {
    case 'pending':
    case 'approved':
      return;
    case 'redeemed':
      if (job.state === 'granted') job.move('running');
      return;
    case 'lost':
      job.lose(now());
      return;
    case 'finished':
      finished(job, run, now);
      return;
    default:
      // Denied, taken back, run out or void: the request says which.
      job.refuse({}, now());
  }
}

function finished(job: ExecJob, run: ApprovalView['run'], now: () => Millis): void {
  const failure = run?.failure ?? null;
  if (failure !== null) {
    job.refuse({ why: failure }, now());
    return;
  }
  const { exitCode = null, signal = null, changed = null } = run?.end ?? {};
  const { outputDigest = null, outputSize = null } = run?.end ?? {};
  const end = {
    ...{ exitCode, signal },
    ...(changed === null ? {} : { changed }),
    ...(outputDigest === null ? {} : { outputDigest }),
    ...(outputSize === null ? {} : { outputSize }),
  };
  setTimeout(() => job.finish(end, now()), SETTLE_MS).unref();
}
