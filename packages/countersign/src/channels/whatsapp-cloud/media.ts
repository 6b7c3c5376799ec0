// Pictures and voices. Meta gives an id, then an address, then the bytes, and the address wants our token: so it is
// followed to Meta's own hosts and nowhere else, whatever the answer says (H66).
import { Problem } from '@countersign/protocol/problem';
import { z } from 'zod';
import { callGraph, type GraphLogin, rootOf } from './api.ts';

export interface Media {
  readonly mime: string;
  readonly bytes: Uint8Array;
}

const MAX_BYTES = 16 * 1024 * 1024;
const TIMEOUT_MS = 30_000;
const HOSTS = /^(?:lookaside\.fbsbx\.com|(?:[a-z0-9-]+\.)+fbcdn\.net|graph\.facebook\.com)$/;

const placeSchema = z.looseObject({ url: z.string(), mime_type: z.string().max(200) });

/** @throws Problem `channel_*`, `request_too_large`. */
export async function fetchMedia(login: GraphLogin, id: string, signal: AbortSignal): Promise<Media> {
  if (!/^\d{1,40}$/.test(id)) throw new Problem('channel_refused', { detail: 'that is no id of a medium' });
  const place = placeSchema.safeParse(await callGraph(login, { path: id, signal }));
  if (!place.success || !mayHoldMedia(place.data.url, login)) {
    throw new Problem('channel_refused', { detail: 'the medium lies on no host of Meta: not followed' });
  }
  const { url, mime_type: mime } = place.data;
  try {
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${login.accessToken.reveal()}` },
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    if (response.ok && response.body !== null) return { mime, bytes: await readAll(response.body) };
    await response.body?.cancel();
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
  }
  throw new Problem('channel_unreachable', { detail: 'the medium cannot be fetched' });
}

/** Meta's hosts over TLS; a server of the owner's own when that is where everything else goes too. */
export function mayHoldMedia(text: string, login: Pick<GraphLogin, 'apiRoot'>): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return false;
  if (login.apiRoot !== null) return url.origin === new URL(rootOf(login)).origin;
  return url.protocol === 'https:' && url.port === '' && HOSTS.test(url.hostname);
}

async function readAll(body: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.length;
    if (size > MAX_BYTES) throw new Problem('request_too_large', { detail: 'the medium is too large' });
    parts.push(part);
  }
  return Buffer.concat(parts);
}
