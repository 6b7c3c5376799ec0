// The way to Twilio: one form posted, over plain fetch. The auth token opens the whole account and signs its deliveries;
// nothing that a call throws leaves this file with it.
import { Problem } from '@countersign/protocol/problem';
import { z } from 'zod';

/** A text that prints as [secret]. */
export interface Hidden {
  reveal(): string;
}

export interface TwilioLogin {
  readonly accountSid: string;
  readonly authToken: Hidden;
  /** Null: Twilio's own. */
  readonly apiRoot: string | null;
}

const TWILIO = 'https://api.twilio.com';
const TIMEOUT_MS = 15_000;
const MAX_ANSWER = 256 * 1024;

/** @param resource below the account, such as `/Messages`. @param form posted; left out: a GET. */
export async function callTwilio(
  { accountSid, authToken, apiRoot }: TwilioLogin,
  resource: string,
  { form, signal }: { readonly form?: Readonly<Record<string, string>>; readonly signal?: AbortSignal } = {},
): Promise<unknown> {
  const root = (apiRoot ?? TWILIO).replace(/\/+$/, '');
  const late = AbortSignal.timeout(TIMEOUT_MS);
  const basic = Buffer.from(`${accountSid}:${authToken.reveal()}`).toString('base64');
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${root}/2010-04-01/Accounts/${accountSid}${resource}.json`, {
      method: form === undefined ? 'GET' : 'POST',
      headers: { authorization: `Basic ${basic}` },
      ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
      // H66: whoever answers with a redirect would be told the token and the message.
      redirect: 'error',
      signal: signal === undefined ? late : AbortSignal.any([signal, late]),
    });
    text = await response.text();
  } catch {
    throw new Problem('channel_unreachable', { detail: 'Twilio cannot be reached' });
  }
  const answer = text.length > MAX_ANSWER ? null : parse(text);
  if (response.ok) return answer;
  throw problemOf(response, answer, authToken);
}

const refusal = z.looseObject({ code: z.number().optional(), message: z.string().optional() });

const BUSY: ReadonlySet<number> = new Set([14_107, 20_429, 63_018, 63_038]);
/** Numbers that cannot be written to: no such number, no SMS there, "STOP", not on WhatsApp, the 24 hours over. */
const NOBODY: ReadonlySet<number> = new Set([
  21_211, 21_217, 21_265, 21_408, 21_610, 21_612, 21_614, 63_003, 63_016, 63_024,
]);
/** The 24 hours of WhatsApp are over: only a template may go. */
export const OUTSIDE_WINDOW = 63_016;
const LONGEST_WAIT_S = 600;

const TOKEN_HINT = 'copy Account SID and Auth token from the first page of console.twilio.com';
export const WINDOW_OVER =
  'that person has not written for 24 hours, and WhatsApp then delivers nothing but approved templates';

function problemOf(response: Response, answer: unknown, token: Hidden): Problem {
  const read = refusal.safeParse(answer);
  const { code = 0, message = '' } = read.success ? read.data : {};
  if (response.status === 401 || code === 20_003) {
    return new Problem('channel_unreachable', {
      detail: 'Twilio does not take this account SID and token',
      hint: TOKEN_HINT,
      members: { platformCode: 20_003 },
    });
  }
  if (response.status === 429 || BUSY.has(code)) {
    const asked = Number(response.headers.get('retry-after'));
    return new Problem('rate_limited', {
      members: { retryAfter: asked > 0 ? Math.min(asked, LONGEST_WAIT_S) : 1 },
    });
  }
  if (response.status >= 500) {
    return new Problem('channel_unreachable', { detail: `Twilio answered ${response.status}` });
  }
  if (NOBODY.has(code)) {
    const detail = code === OUTSIDE_WINDOW ? WINDOW_OVER : `Twilio does not deliver to that number (${code})`;
    return new Problem('channel_cannot_initiate', { detail, members: { platformCode: code } });
  }
  return new Problem('channel_refused', { detail: said(message, code, token) });
}

/** A wrong token will not become right by waiting. */
export function loginProblem(cause: unknown): unknown {
  if (!(cause instanceof Problem) || cause.members['platformCode'] !== 20_003) return cause;
  return new Problem('channel_refused', { detail: cause.message, hint: TOKEN_HINT });
}

/** Twilio repeats the number in its errors, and a server of somebody's own may repeat anything. */
function said(text: string, code: number, token: Hidden): string {
  const plain = text
    .replaceAll(token.reveal(), '[token]')
    .replace(/\+?\d{7,15}/g, '[number]')
    .replace(/[\p{C}\s]+/gu, ' ');
  return `Twilio refused it (${code}): ${plain.slice(0, 200)}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
