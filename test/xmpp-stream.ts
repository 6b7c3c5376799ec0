// What comes in over one XMPP stream, cut into stanzas by hand: nothing of our client's code, and no politeness of a
// library between what was sent and what a test looks at.
import type { Socket } from 'node:net';

export const PATIENCE_MS = 60_000;

/** One stanza as it came, with what most tests look at. */
export interface Heard {
  readonly xml: string;
  readonly name: string;
  readonly from: string;
  readonly type: string;
  readonly id: string;
  readonly body: string | null;
}

/** What comes in over one stream, cut into stanzas. Servers write attributes quoted and escape the rest. */
export class Stream {
  readonly heard: Heard[] = [];
  readonly socket: Socket;
  readonly ended: Promise<void>;
  readonly #waiting = new Set<() => void>();
  #text = '';
  #isOver = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => this.#hear(String(chunk)));
    socket.on('error', () => undefined);
    this.ended = new Promise((resolve) =>
      socket.once('close', () => {
        this.#isOver = true;
        for (const look of this.#waiting) look();
        resolve();
      }),
    );
  }

  /** The first that fits, from `from` on, now or later; rejects when the stream ends before, or after a while. */
  next(fits: (heard: Heard) => boolean, what: string, from = 0, patience = PATIENCE_MS): Promise<Heard> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.heard.slice(from).find(fits);
        if (found === undefined && !this.#isOver) return;
        done();
        if (found === undefined) reject(new Error(`the stream ended before ${what}; heard: ${this.last}`));
        else resolve(found);
      };
      const late = setTimeout(() => {
        done();
        reject(new Error(`${what} did not come; heard: ${this.last}`));
      }, patience);
      const done = () => {
        clearTimeout(late);
        this.#waiting.delete(look);
      };
      this.#waiting.add(look);
      look();
    });
  }

  get last(): string {
    const kept = this.heard.slice(-3).map(({ xml }) => xml.slice(0, 400));
    return kept.join('\n');
  }

  /** Forgets what came before a new stream on the same connection. */
  restart(): void {
    this.#text = '';
  }

  #hear(chunk: string): void {
    this.#text += chunk;
    for (let stanza = this.#take(); stanza !== null; stanza = this.#take()) this.heard.push(read(stanza));
    for (const look of this.#waiting) look();
  }

  #take(): string | null {
    const opened = /^\s*(?:<\?xml[^>]*\?>\s*)?<stream:stream[^>]*>/.exec(this.#text);
    if (opened !== null) this.#text = this.#text.slice(opened[0].length);
    let depth = 0;
    for (const tag of this.#text.matchAll(/<(\/?)[^\s/>]+(?:\s+[^\s=]+=(?:'[^']*'|"[^"]*"))*\s*(\/?)>/g)) {
      depth += tag[1] === '/' ? -1 : tag[2] === '/' ? 0 : 1;
      if (depth > 0) continue;
      const end = tag.index + tag[0].length;
      const stanza = this.#text.slice(0, end);
      this.#text = this.#text.slice(end);
      return stanza;
    }
    return null;
  }
}

function read(xml: string): Heard {
  const head = /^\s*<([^\s/>]+)([^>]*)/.exec(xml);
  const attr = (name: string) =>
    unescaped(new RegExp(`\\s${name}=(['"])(.*?)\\1`).exec(head?.[2] ?? '')?.[2] ?? '');
  const body = /<body>([^<]*)<\/body>/.exec(xml)?.[1];
  return {
    xml,
    name: head?.[1] ?? '',
    from: attr('from'),
    type: attr('type'),
    id: attr('id'),
    body: body === undefined ? null : unescaped(body),
  };
}

const LETTERS: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', apos: "'", quot: '"' };

function unescaped(text: string): string {
  return text.replace(/&(lt|gt|amp|apos|quot);/g, (whole, name: string) => LETTERS[name] ?? whole);
}

export function escaped(text: string): string {
  return text.replace(/[<>&'"]/g, (letter) => {
    const [name = ''] = Object.entries(LETTERS).find(([, one]) => one === letter) ?? [];
    return `&${name};`;
  });
}
