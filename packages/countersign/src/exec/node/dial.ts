// One connection of a machine to its gateway: the challenge, the signed answer to it, and then what either side says until
// it ends. Which gateway it is, is looked at before anything is signed for it.
import { type NodeFrame, type NodeHears, nodeFrameSchema } from '@countersign/protocol/exec';
import { Problem } from '@countersign/protocol/problem';
import { type RawData, WebSocket } from 'ws';
import type { NodeKey } from './key.ts';

const MAX_FRAME_BYTES = 4 * 1_048_576;
const HANDSHAKE_MS = 10_000;
/** The gateway pings every half minute: who hears nothing for so long is alone. */
const SILENT_MS = 75_000;

export type Hello = Extract<NodeFrame, { type: 'hello' }>;
export type Refusal = Extract<NodeFrame, { type: 'error' }>;

export interface Dialling {
  readonly key: NodeKey;
  readonly url: string;
  /** The only gateway that is answered; null before the first. */
  readonly gateway: string | null;
  /** A setup code's, while it is not let in yet. */
  readonly token: string | null;
  readonly name: string;
  readonly signal: AbortSignal;
  /** What the gateway's clock says against this machine's, at the challenge. */
  clock(theirs: number): void;
  /** Let in. `send` is false when it could not be sent. */
  entered(hello: Hello, gateway: string, send: (frame: object) => boolean): void;
  renewed(pass: { readonly token: string; readonly nonce: string }): void;
  hears(frame: NodeHears): void;
}

/** Resolves when it is over: with what the gateway said last where it refused. @throws Problem: another gateway. */
export function dial(how: Dialling): Promise<Refusal | null> {
  const { signal } = how;
  const { promise, resolve, reject } = Promise.withResolvers<Refusal | null>();
  const ws = new WebSocket(new URL('/ws', how.url.replace(/^http/, 'ws')), {
    maxPayload: MAX_FRAME_BYTES,
    handshakeTimeout: HANDSHAKE_MS,
    followRedirects: false,
    perMessageDeflate: false,
  });
  let refusal: Refusal | null = null;
  let gateway: string | null = null;
  let isIn = false;
  const silence = setTimeout(() => ws.terminate(), SILENT_MS);
  const stop = () => ws.close(1000);
  const fail = (cause: unknown) => {
    reject(cause);
    ws.terminate();
  };
  const send = (frame: object): boolean => {
    if (ws.readyState !== ws.OPEN) return false;
    ws.send(JSON.stringify(frame));
    return true;
  };
  signal.addEventListener('abort', stop);
  ws.on('ping', () => silence.refresh());
  ws.on('error', () => ws.terminate());
  ws.on('close', () => {
    clearTimeout(silence);
    signal.removeEventListener('abort', stop);
    resolve(refusal);
  });
  ws.on('message', (data) => {
    silence.refresh();
    const frame = read(data);
    if (frame === null) return;
    try {
      if (frame.type === 'error') refusal = frame;
      else if (frame.type === 'connect.challenge') {
        // Only the first is answered: what was let in under one name does not go on under another.
        if (gateway !== null) return;
        how.clock(frame.ts);
        send(answer(how, frame));
        gateway = frame.gateway;
      } else if (gateway === null) return;
      else if (frame.type === 'hello') {
        how.entered(frame, gateway, send);
        isIn = true;
      }
      // Before it is let in, nobody has said yet whose words these are.
      else if (!isIn) return;
      else if (frame.type === 'token') how.renewed(frame);
      else how.hears(frame);
    } catch (cause) {
      fail(cause);
    }
  });
  return promise;
}

/** @throws Problem `auth_proof_invalid`: nothing is signed for another gateway. */
function answer(
  { key, token, name, gateway: pinned }: Dialling,
  { gateway, nonce, ts }: Extract<NodeFrame, { type: 'connect.challenge' }>,
): object {
  if (pinned !== null && pinned !== gateway) throw anotherGateway();
  const [role, scopes] = ['node', ['node']];
  const claim = { device: key.thumbprint, gateway, nonce, role, scopes, ts };
  const signature = key.sign('countersign.connect.v1', claim);
  const shown = token === null ? {} : { token };
  return { type: 'connect', key: key.jwk, role, scopes, ts, nonce, signature, name, ...shown };
}

export function anotherGateway(): Problem {
  return new Problem('auth_proof_invalid', {
    detail: 'another gateway answers at that address than the one this machine was paired with',
    hint: 'if you moved or restored it: remove node.json on this machine, and pair anew with countersign node run --setup',
  });
}

/** Null for what another version says. */
function read(data: RawData): NodeFrame | null {
  try {
    const text = Buffer.isBuffer(data) ? data.toString() : '';
    const parsed = nodeFrameSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
