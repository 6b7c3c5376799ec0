// A composed gateway on a home of its own, without a port: requests go straight to the app, by the door the test names.

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signedBytes } from '@countersign/protocol/canonical';
import { type PublicJwk, publicJwkSchema } from '@countersign/protocol/gateway';
import type { Environment } from '../config/load.ts';
import type { Stage } from '../gateway/channel-factory.ts';
import { type Composed, compose } from '../gateway/compose.ts';
import type { Door } from '../gateway/door.ts';
import { thumbprint } from '../runtime/crypto/public-key.ts';

export interface TestHouse extends AsyncDisposable {
  readonly home: string;
  readonly composed: Composed;
  /** A call with a JSON body, or without one. */
  call(
    door: Door,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Response>;
  raw(door: Door, request: Request): Promise<Response>;
}

export async function openHouse(
  options: {
    readonly config?: object;
    readonly running?: boolean;
    readonly env?: Environment;
    readonly stage?: Stage;
    /** An earlier house's home: the same gateway, started again. */
    readonly home?: string;
  } = {},
): Promise<TestHouse> {
  const { stage } = options;
  const home = options.home ?? join(mkdtempSync(join(tmpdir(), 'countersign-house-')), 'home');
  if (options.config !== undefined) {
    await mkdir(home, { mode: 0o700 });
    writeFileSync(join(home, 'countersign.jsonc'), JSON.stringify(options.config), { mode: 0o600 });
  }
  const running =
    options.running === true
      ? { startedAt: 1_795_000_000_000, port: () => 8787, stop: () => undefined }
      : null;
  const composed = await compose({
    home,
    env: options.env ?? {},
    running,
    ...(stage === undefined ? {} : { stage }),
  });
  const raw = (door: Door, request: Request) => composed.app.fetch(request, { door, remote: null });
  return {
    home,
    composed,
    raw,
    call: (door, method, path, body, headers = {}) =>
      raw(
        door,
        new Request(`http://localhost:8787${path}`, {
          method,
          headers: {
            host: 'localhost:8787',
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        }),
      ),
    async [Symbol.asyncDispose]() {
      await composed.close();
      rmSync(join(home, '..'), { recursive: true, force: true });
    },
  };
}

/** The answer as the test knows it to be. */
export async function jsonOf<T>(answer: Response | Promise<Response>): Promise<T> {
  const value: T = JSON.parse(await (await answer).text());
  return value;
}

/** A browser's key, and what it signs when it claims. */
export class BrowserKey {
  readonly jwk: PublicJwk;
  readonly device: string;
  readonly #private: KeyObject;

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.jwk = publicJwkSchema.parse(publicKey.export({ format: 'jwk' }));
    this.#private = privateKey;
    this.device = Buffer.from(thumbprint(this.jwk)).toString('base64url');
  }

  claim(told: { gateway: string; nonce: string; ts: number }, claim: { secret: string; name: string }) {
    const { gateway, nonce, ts } = told;
    const bytes = signedBytes('countersign.claim.v1', { device: this.device, gateway, ...claim, nonce, ts });
    const signature = sign('sha256', bytes, { key: this.#private, dsaEncoding: 'ieee-p1363' }).toString(
      'base64url',
    );
    return { ...claim, key: this.jwk, nonce, ts, signature };
  }
}
