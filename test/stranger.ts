// A stranger with a browser, for sessions on the command line: says something on the web chat's socket and hears.
import { BrowserKey, ChatClient, type Frame } from './chat-client.ts';

const ANSWERS = new Set(['chat.hold', 'chat.refused']);

export class Stranger implements Disposable {
  readonly #client: ChatClient;
  #said = 0;

  private constructor(client: ChatClient) {
    this.#client = client;
  }

  static async arrive(port: number, name: string): Promise<Stranger> {
    return new Stranger(await ChatClient.connect(`http://localhost:${port}`, new BrowserKey(), { name }));
  }

  /** Says it, and waits until the gateway did something about it. */
  async says(text: string): Promise<void> {
    const heard = new Set(this.#client.frames);
    this.#said += 1;
    this.#client.send({ type: 'chat.say', id: `say-${this.#said}-0000`, text });
    await this.#client.any((frame) => !heard.has(frame) && isAnswer(frame));
  }

  /** Waits for a message that holds `text`. */
  async hears(text: string): Promise<void> {
    await this.#client.next('chat.message', (frame) => String(frame['text']).includes(text));
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}

function isAnswer({ type, from }: Frame): boolean {
  return ANSWERS.has(type) || (type === 'chat.message' && from !== 'you');
}
