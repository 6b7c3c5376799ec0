// How many tokens an answer says it took, read from its last bytes while they pass. The stream is not changed, held or
// parsed for it; an answer that is compressed, or says nothing, counts as nothing.

/** Usage stands at the end of an answer, in a stream as well as in one document. */
const TAIL_BYTES = 16 * 1024;
const MOST = 1_000_000_000;

export interface Usage {
  readonly input: number;
  readonly output: number;
}

export class UsageReader {
  readonly #tail: Buffer[] = [];
  #size = 0;

  see(chunk: Buffer): void {
    this.#tail.push(chunk);
    this.#size += chunk.length;
    for (let [first] = this.#tail; first !== undefined; [first] = this.#tail) {
      if (this.#size - first.length < TAIL_BYTES) break;
      this.#size -= first.length;
      this.#tail.shift();
    }
  }

  read(): Usage | null {
    const text = Buffer.concat(this.#tail).toString('latin1').slice(-TAIL_BYTES);
    const input = last(text, /"(?:prompt|input)_tokens"\s*:\s*(\d{1,10})/g);
    const output = last(text, /"(?:completion|output)_tokens"\s*:\s*(\d{1,10})/g);
    return input === null && output === null ? null : { input: input ?? 0, output: output ?? 0 };
  }
}

/** In a text of the answer itself the quotes are escaped: no model says its own usage. */
function last(text: string, pattern: RegExp): number | null {
  let found: number | null = null;
  for (const [, digits] of text.matchAll(pattern)) found = Number(digits);
  return found === null || found > MOST ? null : found;
}
