// What ties a message, its turn, a call of the proxy and a tool's call together, across programs (W3C Trace Context).
// Nobody is believed for it: it says which calls belong together and never whose they are.

import type { TurnId } from '@countersign/protocol/ids';
import { isId, makeId } from '@countersign/protocol/ids';
import type { Random } from '../../core/ports.ts';

/** Version, trace, span, flags. Version ff is none, and so are a trace and a span of zeros alone. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** As it came where it is one; else null. */
export function readTrace(header: string | null): string | null {
  return header !== null && TRACEPARENT.test(header) ? header : null;
}

/** The beginning of a trace of our own. */
export function makeTrace(random: Random): string {
  const chance = Buffer.from(random.bytes(24)).toString('hex');
  const made = `00-${chance.slice(0, 32)}-${chance.slice(32)}-00`;
  return TRACEPARENT.test(made) ? made : makeTrace(random);
}

/** The trace's own id: what is written down. */
export function traceId(trace: string): string {
  return trace.slice(3, 35);
}

/** The turn a caller says its call belongs to; a new one where it says none. */
export function turnOf(header: string | null, random: Random): TurnId {
  return header !== null && isId('turn', header) ? header : makeId('turn', random.bytes(15));
}
