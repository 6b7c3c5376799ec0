// A device with a key of its own, for sessions on the command line: connects to the gateway's socket as surfaces says, and
// reads how it was answered. Nothing of our client code.
import { DeviceKey } from '../packages/countersign/src/testing/device-key.ts';
import { ChatClient, type Frame } from './chat-client.ts';

export class KnockingDevice {
  readonly #key = new DeviceKey();
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  /** The `hello` or the `error` it gets; the socket is closed again. */
  async knock(
    port: number,
    asked: { readonly role: string; readonly scopes: readonly string[]; readonly token?: string },
  ): Promise<Frame> {
    const client = new ChatClient(`http://localhost:${port}`);
    const { gateway, nonce, ts } = await client.next('connect.challenge');
    const challenge = { gateway: String(gateway), nonce: String(nonce), ts: Number(ts) };
    client.send(this.#key.connect(challenge, { ...asked, name: this.#name }));
    const answer = await client.any(({ type }) => type === 'hello' || type === 'error', 'an answer');
    client.close();
    return answer;
  }
}
