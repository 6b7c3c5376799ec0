// A web chat page without a browser: its own key, the frames as surfaces them, nothing of our client code.
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { base32 } from '@countersign/protocol/ids';
import canonicalize from 'canonicalize';
import { type ClientOptions, WebSocket } from 'ws';

export type Frame = Readonly<Record<string, unknown>> & { readonly type: string };

export class BrowserKey {
  readonly jwk: { readonly kty: string; readonly crv: string; readonly x: string; readonly y: string };
  readonly device: string;
  /** The web chat id. */
  readonly identifier: string;
  readonly #privateKey: KeyObject;

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    this.jwk = { kty: 'EC', crv: 'P-256', x, y };
    this.#privateKey = privateKey;
    const print = createHash('sha256')
      .update(JSON.stringify({ crv: 'P-256', kty: 'EC', x, y }))
      .digest();
    this.device = print.toString('base64url');
    this.identifier = base32(print);
  }

  sign(domain: string, claim: object): string {
    const bytes = Buffer.from(`${domain}\n${canonicalize(claim)}`);
    return sign('sha256', bytes, { key: this.#privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url');
  }
}

export class ChatClient {
  readonly frames: Frame[] = [];
  readonly socket: WebSocket;
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #waiting = new Set<() => void>();

  constructor(url: string, headers: Record<string, string> = {}, options: ClientOptions = {}) {
    this.socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, { ...options, headers });
    this.socket.on('message', (data) => {
      this.frames.push(JSON.parse(data.toString()));
      for (const look of this.#waiting) look();
    });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    this.socket.on('error', () => {});
  }

  /** Opens, proves the key, and waits for hello and the state. */
  static async connect(
    url: string,
    key: BrowserKey,
    more: Readonly<Record<string, unknown>> = {},
    options: ClientOptions = {},
  ): Promise<ChatClient> {
    const client = new ChatClient(url, {}, options);
    const challenge = await client.next('connect.challenge');
    client.send(connectFrame(key, challenge, more));
    await client.next('hello');
    await client.next('chat.state');
    return client;
  }

  send(frame: object): void {
    this.socket.send(JSON.stringify(frame));
  }

  /** The first frame of that type (and more), now or later; rejects when the socket closes before. */
  next(type: string, fits: (frame: Frame) => boolean = () => true): Promise<Frame> {
    return this.any((frame) => frame.type === type && fits(frame), type);
  }

  any(wanted: (frame: Frame) => boolean, what = 'what was waited for'): Promise<Frame> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.frames.find(wanted);
        if (found === undefined) return;
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      void this.closed.then(({ code, reason }) =>
        reject(new Error(`closed ${code} ${reason} before ${what}`)),
      );
      look();
    });
  }

  close(): void {
    this.socket.terminate();
  }
}

export function connectFrame(
  key: BrowserKey,
  challenge: Frame,
  more: Readonly<Record<string, unknown>> = {},
): object {
  const { gateway, nonce, ts } = challenge;
  const claim = { device: key.device, gateway, nonce, role: 'chat', scopes: [], ts };
  const signature = key.sign('countersign.connect.v1', claim);
  return { type: 'connect', key: key.jwk, role: 'chat', scopes: [], ts, nonce, signature, ...more };
}
