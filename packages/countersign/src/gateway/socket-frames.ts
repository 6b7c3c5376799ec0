// Frames of `/ws` as text: what is read, what a refusal looks like, and what fits into a close reason.
import { type ClientFrame, clientFrameSchema, type ServerFrame } from '@countersign/protocol/frames';
import { PROBLEMS, type ProblemCode } from '@countersign/protocol/problem';

export type ErrorFrame = Extract<ServerFrame, { type: 'error' }>;

/** RFC 6455 5.5. */
const MAX_REASON_BYTES = 123;

export function errorFrame(code: ProblemCode, hint?: string, more: Partial<ErrorFrame> = {}): ErrorFrame {
  const row: { readonly title: string; readonly hint?: string } = PROBLEMS[code];
  return { type: 'error', code, hint: hint ?? row.hint ?? row.title, ...more };
}

/** What a person sees who sees only that: the command where there is one (D-03). */
export function closeReason({ code, command, hint }: ErrorFrame): string {
  let reason = `${code}: ${command ?? hint}`;
  while (Buffer.byteLength(reason) > MAX_REASON_BYTES) reason = reason.slice(0, -1);
  return reason;
}

export function parseFrame(text: string): ClientFrame | null {
  try {
    const parsed = clientFrameSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
