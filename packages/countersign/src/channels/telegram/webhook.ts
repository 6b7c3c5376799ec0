// The webhook. Telegram proves itself by a secret in a header and nothing else, so the header is checked before a byte of
// the body is read, and without a secret of our own there is no webhook. 200 means durable, and only that.

import { Problem } from '@countersign/protocol/problem';
import type { Api } from 'grammy';
import type { Clock, Millis } from '../../core/ports.ts';
import { type Hidden, signalOf } from './api.ts';
import type { Moment } from './polling.ts';
import { ASKED, isSecret, updateNumber } from './wire.ts';

const HEADER = 'x-telegram-bot-api-secret-token';
const MAX_BODY = 64 * 1024;
/** What Telegram takes for a secret. */
const SECRET = /^[A-Za-z0-9_-]{1,256}$/;
/** Numbers kept to count what had waited. */
const MAX_WAITED = 10_000;

export interface Webhook {
  readonly secret: Hidden;
  readonly since: Millis;
  /** How many updates had waited when we came: a press among them carries no time to tell it by. */
  readonly waited: number;
  readonly seen: Set<number>;
}

interface Place {
  readonly secret: Hidden | null;
  readonly url: string | null;
  readonly clock: Clock;
}

/** @throws Problem `channel_refused` when something it needs is not configured. */
export async function openWebhook(
  api: Api,
  { secret, url, clock }: Place,
  signal: AbortSignal,
): Promise<Webhook> {
  if (secret === null || !SECRET.test(secret.reveal())) {
    throw new Problem('channel_refused', {
      detail: 'a webhook needs a secret of letters, digits, _ and -',
      hint: 'set webhookSecret, such as the output of: openssl rand -hex 32',
    });
  }
  if (url === null) {
    throw new Problem('channel_refused', {
      detail: 'a webhook needs an address that Telegram can reach',
      hint: 'set gateway.publicUrl to "https://…", or mode to "polling", which needs none',
    });
  }
  await api.setWebhook(
    url,
    { secret_token: secret.reveal(), allowed_updates: [...ASKED], drop_pending_updates: false },
    signalOf(signal),
  );
  const { pending_update_count: waited } = await api.getWebhookInfo(signalOf(signal));
  return { secret, since: clock.now(), waited: Math.min(waited, MAX_WAITED), seen: new Set() };
}

/**
 * @param webhook null when there is none: answered like a wrong secret.
 * @param take resolves when the update is durable.
 */
export async function receiveWebhook(
  request: Request,
  webhook: Webhook | null,
  take: (update: unknown, moment: Moment) => Promise<void>,
): Promise<Response> {
  const { headers } = request;
  if (webhook === null || !isSecret(headers.get(HEADER), webhook.secret.reveal())) return answer(401);
  if (Number(headers.get('content-length') ?? 0) > MAX_BODY) return answer(413);
  // The route reads no more than its limit either; this is for whoever calls without it.
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength > MAX_BODY) return answer(413);
  const update = parse(bytes);
  const number = updateNumber(update);
  if (number === null) return answer(400);
  const catchingUp = webhook.seen.size < webhook.waited && !webhook.seen.has(number);
  try {
    await take(update, { since: webhook.since, catchingUp });
  } catch (cause) {
    // Anything but 2xx makes Telegram bring it again.
    return answer(503, cause);
  }
  if (catchingUp) webhook.seen.add(number);
  return answer(200);
}

function parse(bytes: ArrayBuffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return null;
  }
}

function answer(status: number, cause?: unknown): Response {
  const retry = cause instanceof Problem && cause.code === 'rate_limited' ? { 'retry-after': '1' } : {};
  return new Response(null, { status, headers: retry });
}
