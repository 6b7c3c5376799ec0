// The way to Meta's Graph interface: one call, over plain fetch. The token stands in a header of every call, so nothing
// that a call throws leaves this file with a header, a cause or the token in it.
import { Problem } from '@countersign/protocol/problem';
import { z } from 'zod';

/** A text that prints as [secret]. */
export interface Hidden {
  reveal(): string;
}

export interface GraphLogin {
  readonly accessToken: Hidden;
  /** Null: Meta's own. */
  readonly apiRoot: string | null;
}

const META = 'https://graph.facebook.com';
const VERSION = 'v25.0';
const TIMEOUT_MS = 15_000;
const MAX_ANSWER = 256 * 1024;

export interface GraphCall {
  readonly path: string;
  /** Posted as JSON; left out: a GET. */
  readonly body?: object;
  readonly signal?: AbortSignal;
}

/** @returns what Meta answered, unread. @throws Problem `channel_*`, `rate_limited`. */
export async function callGraph(login: GraphLogin, { path, body, signal }: GraphCall): Promise<unknown> {
  const late = AbortSignal.timeout(TIMEOUT_MS);
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${rootOf(login)}/${VERSION}/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${login.accessToken.reveal()}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // H66: whoever answers with a redirect would be told the token and the message.
      redirect: 'error',
      signal: signal === undefined ? late : AbortSignal.any([signal, late]),
    });
    text = await response.text();
  } catch {
    throw new Problem('channel_unreachable', { detail: 'WhatsApp cannot be reached' });
  }
  const answer = text.length > MAX_ANSWER ? null : parse(text);
  if (response.ok) return answer;
  throw problemOf(response, answer, login.accessToken);
}

export function rootOf({ apiRoot }: Pick<GraphLogin, 'apiRoot'>): string {
  return (apiRoot ?? META).replace(/\/+$/, '');
}

const refusal = z.looseObject({
  error: z.looseObject({
    code: z.number().optional(),
    message: z.string().optional(),
    error_data: z.looseObject({ details: z.string().optional() }).optional(),
  }),
});

/** Codes with which Meta says: later. */
const BUSY: ReadonlySet<number> = new Set([4, 80_007, 130_429, 131_048, 131_056]);
/** Codes with which Meta says that this person cannot be written to, or not now. */
const NOBODY: ReadonlySet<number> = new Set([131_026, 131_030, 131_047, 131_049, 131_050, 133_010]);
/** Troubles of Meta's own. */
const TROUBLE: ReadonlySet<number> = new Set([1, 2, 131_000, 131_016, 131_057]);
/** The 24 hours are over: only a template may go. */
export const OUTSIDE_WINDOW = 131_047;
const LONGEST_WAIT_S = 600;

const TOKEN_HINT =
  'make a system user token that does not expire (business.facebook.com, Settings, System users) and set accessToken';

function problemOf(response: Response, answer: unknown, token: Hidden): Problem {
  const read = refusal.safeParse(answer);
  const { code = 0, message = '', error_data: more } = read.success ? read.data.error : {};
  if (response.status === 401 || code === 190) {
    return new Problem('channel_unreachable', {
      detail: 'Meta does not take this access token',
      hint: TOKEN_HINT,
      members: { platformCode: 190 },
    });
  }
  if (response.status === 429 || BUSY.has(code)) {
    const asked = Number(response.headers.get('retry-after'));
    const retryAfter = asked > 0 ? Math.min(asked, LONGEST_WAIT_S) : 1;
    return new Problem('rate_limited', { members: { retryAfter } });
  }
  if (response.status >= 500 || TROUBLE.has(code)) {
    return new Problem('channel_unreachable', { detail: `WhatsApp answered ${response.status}` });
  }
  if (NOBODY.has(code)) {
    const detail = code === OUTSIDE_WINDOW ? WINDOW_OVER : 'WhatsApp does not deliver to that person';
    return new Problem('channel_cannot_initiate', { detail, members: { platformCode: code } });
  }
  return new Problem('channel_refused', { detail: said(more?.details ?? message, code, token) });
}

export const WINDOW_OVER =
  'that person has not written for 24 hours, and WhatsApp then delivers nothing but approved templates';

/** A wrong token will not become right by waiting. */
export function loginProblem(cause: unknown): unknown {
  if (!(cause instanceof Problem) || cause.members['platformCode'] !== 190) return cause;
  return new Problem('channel_refused', { detail: cause.message, hint: TOKEN_HINT });
}

/** A server of somebody's own may repeat what it was sent. */
function said(text: string, code: number, token: Hidden): string {
  const plain = text.replaceAll(token.reveal(), '[token]').replace(/[\p{C}\s]+/gu, ' ');
  return `WhatsApp refused it (${code}): ${plain.slice(0, 200)}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
