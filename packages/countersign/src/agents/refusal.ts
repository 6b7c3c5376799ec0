// An answer that is no answer: what its status means for the turn. Of the body only the error's plain name is ever shown.
import { Problem } from '@countersign/protocol/problem';
import type { Dispatcher } from 'undici';
import { z } from 'zod';
import { malformed } from './completion.ts';
import { errorName } from './completion-schema.ts';

const MAX_BODY = 65_536;

/** Too slow, too early, too many: as good as away. */
const AWAY: readonly number[] = [408, 425, 429];

const HINTS: Readonly<Record<number, string>> = {
  401: 'is agent.apiKey the right one?',
  403: 'is agent.apiKey allowed to use agent.model?',
  404: 'agent.url is the base that /chat/completions is added to, often ending in /v1; is agent.model right?',
};

/** The problem of a response whose status is not 200. Ends the response. */
export async function refusal({
  statusCode: status,
  headers,
  body,
}: Dispatcher.ResponseData): Promise<Problem> {
  body.on('error', () => {});
  try {
    if (status >= 300 && status < 400) return redirected(status, headers['location']);
    const said = `the agent answered with status ${status}`;
    if (status >= 500 || AWAY.includes(status)) return new Problem('agent_unreachable', { detail: said });
    const name = await errorNameIn(body);
    const detail = name === null ? said : `${said}: ${name}`;
    const hint = HINTS[status];
    return hint === undefined ? malformed(detail) : new Problem('agent_malformed', { detail, hint });
  } finally {
    body.destroy();
  }
}

/** Never followed: text and key go where the owner said, and nowhere an answer says. */
function redirected(status: number, location: string | string[] | undefined): Problem {
  const target = typeof location === 'string' && URL.canParse(location) ? new URL(location).origin : 'null';
  const to = target === 'null' ? '' : ` to ${target}`;
  return new Problem('agent_unreachable', {
    detail: `the agent answered with a redirect (status ${status})${to}, and redirects are not followed`,
    hint: 'set agent.url to the address that answers',
  });
}

const documentSchema = z.object({ error: z.unknown().optional() });

/** @throws what the body throws: a call given up is told apart by its signal. */
async function errorNameIn(body: Dispatcher.ResponseData['body']): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_BODY) return null;
  }
  try {
    return errorName(documentSchema.parse(JSON.parse(Buffer.concat(chunks).toString('utf8'))).error);
  } catch {
    // Not JSON, or no error in it: the status has to do.
    return null;
  }
}
