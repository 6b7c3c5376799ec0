// A proof beside a call: sent as headers, and asked for in a terminal when the gateway wants one, again after a slip. It is
// spent by the call that needs it and by no other, so that it may go along with all calls of one command.
import { AS_HEADER, FACTOR_HEADER, type Fetch, type FetchAnswer } from '@countersign/protocol/client';
import { quotedName } from '@countersign/protocol/display';
import { Problem } from '@countersign/protocol/problem';
import { declined, type GivenProof } from './cli.ts';
import type { Terminal } from './terminal.ts';

type Headers = Readonly<Record<string, string>>;

/** Who asks a person. */
interface Ask {
  /** @param again what was typed before was no code. */
  code(again: boolean): Promise<string>;
  /** Whose factor it is, where several could prove it. */
  owner(owners: readonly unknown[]): Promise<string>;
}

const IN_TERMINAL: Ask = {
  code: (again) => askCode(again ? 'that was not right; the code that shows now' : undefined),
  owner: askOwner,
};
/** A slip or two; whoever has the app needs no more. */
const TRIES = 3;

/** @throws Problem `usage` for two proofs at once, or one that no header can hold. */
export function provenFetch(
  fetch: Fetch,
  given: GivenProof,
  { interactive }: Pick<Terminal, 'interactive'>,
  ask: Ask = IN_TERMINAL,
): Fetch {
  let headers = headersOf(given);
  let asked = false;
  return async (path, init) => {
    const answer = await fetch(path, { ...init, headers: { ...init.headers, ...headers } });
    if (answer.status !== 403 || asked || !interactive || FACTOR_HEADER in headers) return answer;
    const text = await answer.text();
    const problem = problemIn(text);
    if (problem?.code !== 'auth_factor_required') return withText(answer, text);
    asked = true;
    const { owners } = problem.members;
    const as = given.as ?? (Array.isArray(owners) ? await ask.owner(owners) : undefined);
    for (let left = TRIES; ; left--) {
      headers = headersOf({ totp: await ask.code(left < TRIES), as });
      const proven = await fetch(path, { ...init, headers: { ...init.headers, ...headers } });
      if (proven.status < 400 || left <= 1) return proven;
      const said = await proven.text();
      if (problemIn(said)?.code !== 'challenge_failed') return withText(proven, said);
    }
  };
}

/** The proof as headers. */
export function headersOf({ totp, recovery, as }: GivenProof): Headers {
  if (totp !== undefined && recovery !== undefined) {
    throw new Problem('usage', {
      detail: '--totp and --recovery exclude each other',
      hint: 'give one of them',
    });
  }
  const proof =
    totp !== undefined ? `totp ${totp}` : recovery !== undefined ? `recovery ${recovery}` : undefined;
  if (proof !== undefined && !/^[\x20-\x7e]+$/.test(proof))
    throw new Problem('usage', {
      detail: 'a code has only letters, digits and dashes in it',
      hint: 'type it anew',
    });
  return {
    ...(proof === undefined ? {} : { [FACTOR_HEADER]: proof }),
    ...(as === undefined ? {} : { [AS_HEADER]: encodeURIComponent(as) }),
  };
}

/** A code of the app, as somebody types it. */
export async function askCode(message = 'a code of your authenticator app'): Promise<string> {
  const { text, isCancel } = await import('@clack/prompts');
  const typed = await text({ message, output: process.stderr });
  if (isCancel(typed) || typed.trim() === '') throw declined();
  return typed.replaceAll(/[\s-]/g, '');
}

async function askOwner(owners: readonly unknown[]): Promise<string> {
  const { select, isCancel } = await import('@clack/prompts');
  const options = owners.flatMap((one) => {
    if (typeof one !== 'object' || one === null || !('id' in one) || !('name' in one)) return [];
    return [{ value: String(one.id), label: `${String(one.id)} ${quotedName(String(one.name))}` }];
  });
  const chosen = await select({ message: 'whose factor', options, output: process.stderr });
  if (isCancel(chosen)) throw declined();
  return chosen;
}

function withText({ status }: FetchAnswer, text: string): FetchAnswer {
  return { status, text: async () => text };
}

function problemIn(text: string): Problem | null {
  try {
    return Problem.fromDocument(JSON.parse(text));
  } catch {
    return null;
  }
}
