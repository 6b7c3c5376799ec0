// The gateway's HTTP door for devices, in memory: takes a proof only with its newest nonce, and answers what it was told.
import { fieldsOf } from '../shared/fields.ts';

export interface Heard {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly token: string;
  readonly factor: string | null;
  readonly nonce: unknown;
}

export class FakeApi {
  readonly heard: Heard[] = [];
  nonce = 'n1';
  token = 'cdt_1';
  /** Every answer brings a nonce that makes the one before stale. */
  rotates = true;
  answer: (heard: Heard) => { readonly status: number; readonly body: unknown } = () => ({
    status: 200,
    body: {},
  });
  #count = 1;

  readonly fetch: typeof globalThis.fetch = (input, init) => {
    const url = new URL(String(input));
    const headers = new Headers(init?.headers);
    const [, payload = ''] = (headers.get('dpop') ?? '').split('.');
    const claims = fieldsOf(JSON.parse(Buffer.from(payload, 'base64url').toString()));
    const heard: Heard = {
      method: init?.method ?? 'GET',
      path: url.pathname + url.search,
      body: typeof init?.body === 'string' ? init.body : '',
      token: (headers.get('authorization') ?? '').replace(/^DPoP /, ''),
      factor: headers.get('x-countersign-factor'),
      nonce: claims?.['nonce'],
    };
    this.heard.push(heard);
    const isFresh = heard.nonce === this.nonce;
    if (this.rotates) {
      this.#count += 1;
      this.nonce = `n${this.#count}`;
    }
    if (heard.token !== this.token) return this.#says(401, { code: 'auth_required', title: 'No' });
    if (!isFresh) return this.#says(401, { code: 'use_dpop_nonce', title: 'Fresh nonce' });
    const { status, body } = this.answer(heard);
    return this.#says(status, body);
  };

  #says(status: number, body: unknown): Promise<Response> {
    const headers = { 'dpop-nonce': this.nonce, 'content-type': 'application/json' };
    return Promise.resolve(new Response(JSON.stringify(body), { status, headers }));
  }
}
