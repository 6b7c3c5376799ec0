// Whether an action can be asked about at all: its form, and text that people can be shown.
import { type Action, actionSchema } from '@countersign/protocol/approval';
import { Problem } from '@countersign/protocol/problem';

/** What is not UTF-8 arrives here with the sign for "unreadable" in it: which bytes it was, nobody could be shown. */
export function refuseBroken(text: string): void {
  if (!text.includes('\u{FFFD}') && text.isWellFormed()) return;
  throw new Problem('usage', {
    detail: 'it holds text that is not UTF-8, which nobody can be asked about',
    hint: 'give the file another name, or leave that word out',
  });
}

/** @throws Problem `usage`: what about it has no place in an action. */
export function checked<K extends Action['kind']>(action: unknown, kind: K): Extract<Action, { kind: K }> {
  const parsed = actionSchema.safeParse(action);
  if (parsed.success && isOf(parsed.data, kind)) return parsed.data;
  const [issue] = parsed.error?.issues ?? [];
  throw new Problem('usage', {
    detail: `it cannot be asked about: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    hint: 'make it shorter, or put it into a script of its own',
    cause: parsed.error,
  });
}

function isOf<K extends Action['kind']>(action: Action, kind: K): action is Extract<Action, { kind: K }> {
  return action.kind === kind;
}
