// The way to Telegram: grammY's client, loaded when it is used, since who has no bot need not install it. The token is in
// the path of every call, so nothing that a call throws leaves this file with an address, a cause or the token in it.
import { Problem } from '@countersign/protocol/problem';
import type { Api } from 'grammy';
import { z } from 'zod';

/** A text that prints as [secret]. */
export interface Hidden {
  reveal(): string;
}

export interface Login {
  readonly token: Hidden;
  /** Null: Telegram's own. */
  readonly apiRoot: string | null;
  /** After this long a call counts as lost; more than a long poll takes. */
  readonly timeoutSeconds: number;
}

/** @throws Problem `channel_unreachable` when the library is not installed. */
export async function openApi({ token, apiRoot, timeoutSeconds }: Login): Promise<Api> {
  const { Api } = await loadGrammy();
  const root = apiRoot === null ? {} : { apiRoot: apiRoot.replace(/\/+$/, '') };
  // H66: whoever answers with a redirect would be told the token and the message.
  return new Api(token.reveal(), { ...root, timeoutSeconds, baseFetchConfig: { redirect: 'error' } });
}

/** grammY types its signals by a polyfill's class; what it takes is anything with the same two methods, as Node's has. */
type Signal = NonNullable<Parameters<Api['getMe']>[0]>;

export function signalOf(signal: AbortSignal): Signal {
  return signal as unknown as Signal;
}

async function loadGrammy(): Promise<typeof import('grammy')> {
  try {
    return await import('grammy');
  } catch {
    throw new Problem('channel_unreachable', {
      detail: 'the library for Telegram is not installed',
      hint: 'npm install grammy@1.46.0, beside countersign, then restart the gateway',
    });
  }
}

/** How Telegram said no. `code` is null when it said nothing at all. */
export interface Refusal {
  readonly code: number | null;
  readonly description: string;
  readonly retryAfter: number | null;
  readonly migratedTo: number | null;
}

const refusal = z.looseObject({
  error_code: z.int(),
  description: z.string(),
  parameters: z
    .looseObject({ retry_after: z.number().optional(), migrate_to_chat_id: z.int().optional() })
    .optional(),
});

export function refusalOf(cause: unknown): Refusal {
  const read = refusal.safeParse(cause);
  if (!read.success) return { code: null, description: '', retryAfter: null, migratedTo: null };
  const { error_code: code, description, parameters } = read.data;
  return {
    code,
    description,
    retryAfter: parameters?.retry_after ?? null,
    migratedTo: parameters?.migrate_to_chat_id ?? null,
  };
}

const BOTFATHER = 'ask @BotFather for the token of this bot (/mybots), and set botToken to it';
/** What Telegram calls a person or a group that this bot cannot write to. */
const NOBODY = /chat not found|user not found|user is deactivated|PEER_ID_INVALID|bot was (blocked|kicked)/i;

/** @param cause what a call threw. @param token taken out of whatever the other end says. */
export function problemOf(cause: unknown, token: Hidden): Problem {
  if (cause instanceof Problem) return cause;
  const { code, description, retryAfter } = refusalOf(cause);
  if (code === null) return new Problem('channel_unreachable', { detail: 'Telegram cannot be reached' });
  if (code === 401 || code === 404) {
    return new Problem('channel_unreachable', {
      detail: 'Telegram does not know this bot token',
      hint: BOTFATHER,
    });
  }
  if (code === 429) return new Problem('rate_limited', { members: { retryAfter: retryAfter ?? 1 } });
  if (code === 409 || code >= 500) {
    return new Problem('channel_unreachable', { detail: `Telegram answered ${code}` });
  }
  if (code === 403 || NOBODY.test(description)) return new Problem('channel_cannot_initiate');
  return new Problem('channel_refused', { detail: said(description, token) });
}

/** As problemOf, for the first call of a login: a wrong token will not become right by waiting. */
export function loginProblem(cause: unknown, token: Hidden): Problem {
  const { code } = refusalOf(cause);
  if (code !== 401 && code !== 404) return problemOf(cause, token);
  return new Problem('channel_refused', {
    detail: 'Telegram does not know this bot token',
    hint: BOTFATHER,
  });
}

/** A server of somebody's own may repeat the path it was called at. */
function said(description: string, token: Hidden): string {
  const plain = description.replaceAll(token.reveal(), '[token]').replace(/[\p{C}\s]+/gu, ' ');
  return `Telegram refused it: ${plain.slice(0, 200)}`;
}
