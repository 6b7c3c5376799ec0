// A service of somebody else beside a real XMPP server (XEP-0114): it speaks for every address below its own name.
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import type { Prosody } from './prosody.ts';
import { type Heard, Stream } from './xmpp-stream.ts';

/** A service that may say anything in the name of everybody below its own. */
export class ForeignService implements Disposable {
  readonly #stream: Stream;

  private constructor(stream: Stream) {
    this.#stream = stream;
  }

  static async start(server: Prosody, name: string, secret: string): Promise<ForeignService> {
    const socket = connect(server.places.component, '127.0.0.1');
    let opening = '';
    const id = new Promise<string>((resolve) =>
      socket.on('data', function hear(chunk) {
        opening += chunk.toString();
        const found = /<stream:stream[^>]*\sid=['"]([^'"]+)['"]/.exec(opening)?.[1];
        if (found !== undefined) resolve(found);
      }),
    );
    const stream = new Stream(socket);
    socket.write(
      `<stream:stream to='${name}' xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams'>`,
    );
    const proof = createHash('sha1')
      .update(`${await id}${secret}`)
      .digest('hex');
    socket.write(`<handshake>${proof}</handshake>`);
    await stream.next(({ name: tag }) => tag === 'handshake', 'the handshake');
    return new ForeignService(stream);
  }

  raw(xml: string): void {
    this.#stream.socket.write(xml);
  }

  get heard(): readonly Heard[] {
    return this.#stream.heard;
  }

  next(fits: (heard: Heard) => boolean, what: string): Promise<Heard> {
    return this.#stream.next(fits, what);
  }

  [Symbol.dispose](): void {
    this.#stream.socket.destroy();
  }
}
