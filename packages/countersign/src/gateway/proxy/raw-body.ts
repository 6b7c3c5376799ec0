// A body read whole from the raw request, within its limit and within what all bodies together may take (H63). Nothing is
// read for a caller who may not call.
import type { IncomingMessage } from 'node:http';
import { Problem } from '@countersign/protocol/problem';

/** Pictures travel inside of JSON. */
export const PROXY_BODY_LIMIT = 32 * 1024 * 1024;
/** Of all bodies that are held at once. */
const HELD_LIMIT = 256 * 1024 * 1024;

export class RawBodies {
  #held = 0;

  /**
   * @param limit of this body.
   * @returns the bytes, which count as held until `release`.
   * @throws Problem `request_too_large`, `request_malformed`, `rate_limited`.
   */
  async read(
    request: IncomingMessage,
    limit: number = PROXY_BODY_LIMIT,
  ): Promise<{ readonly bytes: Buffer; release(): void }> {
    if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
    const chunks: Buffer[] = [];
    let size = 0;
    const release = () => {
      this.#held -= size;
      size = 0;
    };
    try {
      await new Promise<void>((resolve, reject) => {
        request.on('data', (chunk: Buffer) => {
          size += chunk.length;
          this.#held += chunk.length;
          if (size > limit) reject(tooLarge(limit));
          else if (this.#held > HELD_LIMIT) reject(busy());
          else {
            chunks.push(chunk);
            return;
          }
          request.pause();
        });
        const cut = () => reject(cutShort());
        request.on('close', cut);
        request.on('end', () => {
          request.off('close', cut);
          resolve();
        });
      });
    } catch (cause) {
      release();
      throw cause;
    }
    const [only] = chunks;
    return { bytes: chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks), release };
  }
}

function tooLarge(limit: number): Problem {
  return new Problem('request_too_large', { detail: `a body here has at most ${limit} bytes` });
}

function busy(): Problem {
  return new Problem('rate_limited', { detail: 'too many large bodies at once', members: { retryAfter: 1 } });
}

function cutShort(): Problem {
  return new Problem('request_malformed', { detail: 'the body ended before it was complete' });
}
