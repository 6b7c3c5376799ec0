// Reading a body within its limit: the declared length first, then what really comes. Nothing is read for a caller who
// may not call anyway (H63): the route asks for its body after the door has been checked.
import { Problem } from '@countersign/protocol/problem';
import { readJsonObject } from './json.ts';

export const BODY_LIMIT = 1024 * 1024;

const read = new WeakMap<Request, Promise<Uint8Array>>();

/** The bytes as they came, read once: a device's proof and the route look at the same ones.
 * @throws Problem `request_too_large`, `request_malformed`. */
export function readBody(request: Request, limit: number = BODY_LIMIT): Promise<Uint8Array> {
  const bytes = read.get(request) ?? readAll(request, limit);
  read.set(request, bytes);
  return bytes;
}

async function readAll(request: Request, limit: number): Promise<Uint8Array> {
  const declared = request.headers.get('content-length');
  if (declared !== null && Number(declared) > limit) throw tooLarge(limit);
  if (request.body === null) return new Uint8Array(0);
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      size += part.value.length;
      if (size > limit) throw tooLarge(limit);
      chunks.push(part.value);
    }
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw new Problem('request_malformed', { detail: 'the body ended before it was complete', cause });
  } finally {
    reader.releaseLock();
  }
  return Buffer.concat(chunks);
}

/** @throws Problem `request_malformed` for another content type, a key twice, `__proto__`, or no object. */
export async function readJsonBody(request: Request): Promise<Record<string, unknown>> {
  const bytes = await readBody(request);
  const type = request.headers.get('content-type') ?? '';
  // A form or text/plain is what a page of another origin may send without asking.
  if (bytes.length > 0 && !/^application\/json(\s*;\s*charset="?utf-8"?)?$/i.test(type.trim())) {
    throw new Problem('request_malformed', { detail: 'the body must be sent as application/json' });
  }
  return readJsonObject(bytes);
}

function tooLarge(limit: number): Problem {
  return new Problem('request_too_large', { detail: `a body here has at most ${limit} bytes` });
}
