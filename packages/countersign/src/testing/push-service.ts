// A push service on a port of this machine, and a browser behind it that reads what arrives: RFC 8291 and 8292 once more,
// from the other side, with nothing of what the gateway uses.
import { createDecipheriv, createECDH, createHmac, createPublicKey, type ECDH, verify } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { systemRandom } from '../runtime/random.ts';

export interface Delivered {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export class PushService implements AsyncDisposable {
  readonly delivered: Delivered[] = [];
  /** What the next ones are answered with, in order; 201 once they are spent. */
  readonly answers: Answer[] = [];
  readonly origin: string;
  readonly #server: Server;
  readonly #waiting = new Set<() => void>();

  private constructor(server: Server, origin: string) {
    this.#server = server;
    this.origin = origin;
  }

  static async open(): Promise<PushService> {
    const server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const { status, headers = {} } = service.answers.shift() ?? { status: 201 };
        response.writeHead(status, headers).end();
        service.delivered.push({
          path: request.url ?? '',
          headers: request.headers,
          body: Buffer.concat(parts),
        });
        for (const look of service.#waiting) look();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const service = new PushService(server, `http://127.0.0.1:${address.port}`);
    return service;
  }

  /** Resolves when so many arrived. */
  async arrived(count: number): Promise<readonly Delivered[]> {
    await new Promise<void>((resolve) => {
      const look = () => {
        if (this.delivered.length < count) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
    return this.delivered;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** The keys of one subscription, as a browser keeps them. */
export class PushBrowser {
  readonly #keys: ECDH = createECDH('prime256v1');
  readonly #auth = Buffer.from(systemRandom.bytes(16));

  constructor() {
    this.#keys.generateKeys();
  }

  subscription(endpoint: string) {
    return {
      endpoint,
      p256dh: this.#keys.getPublicKey('base64url'),
      auth: this.#auth.toString('base64url'),
    };
  }

  /** RFC 8188 with the key of RFC 8291: the text of one record. @throws when it was not meant for this browser. */
  read({ body, headers }: Delivered): string {
    if (headers['content-encoding'] !== 'aes128gcm') throw new Error('another encoding');
    const salt = body.subarray(0, 16);
    const keyLength = body[20] ?? 0;
    const sender = body.subarray(21, 21 + keyLength);
    const record = body.subarray(21 + keyLength);
    const shared = this.#keys.computeSecret(sender);
    const info = Buffer.concat([Buffer.from('WebPush: info\0'), this.#keys.getPublicKey(), sender]);
    const secret = derive(this.#auth, shared, info, 32);
    const key = derive(salt, secret, Buffer.from('Content-Encoding: aes128gcm\0'), 16);
    const nonce = derive(salt, secret, Buffer.from('Content-Encoding: nonce\0'), 12);
    const open = createDecipheriv('aes-128-gcm', key, nonce);
    open.setAuthTag(record.subarray(-16));
    const plain = Buffer.concat([open.update(record.subarray(0, -16)), open.final()]);
    const end = plain.lastIndexOf(2);
    return plain.subarray(0, end).toString();
  }
}

/** RFC 8292: what the service learns of who sends, once the signature fits the key it came with. */
export function readVapid({ headers }: Delivered): {
  readonly key: string;
  readonly claims: Readonly<Record<string, unknown>>;
} {
  const [, token = '', key = ''] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(headers.authorization ?? '') ?? [];
  const [head = '', body = '', signature = ''] = token.split('.');
  const point = Buffer.from(key, 'base64url');
  const part = (from: number, to: number) => point.subarray(from, to).toString('base64url');
  const jwk = { kty: 'EC', crv: 'P-256', x: part(1, 33), y: part(33, 65) };
  const signed = verify(
    'sha256',
    Buffer.from(`${head}.${body}`),
    { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  if (!signed) throw new Error('the signature is of another key');
  return { key, claims: JSON.parse(Buffer.from(body, 'base64url').toString()) };
}

function derive(salt: Uint8Array, secret: Uint8Array, info: Uint8Array, length: number): Buffer {
  const key = createHmac('sha256', salt).update(secret).digest();
  return createHmac('sha256', key).update(info).update(Buffer.of(1)).digest().subarray(0, length);
}
