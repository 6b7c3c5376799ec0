// The door of sign-in by chat code: nonces and signatures here, the rules in core. Every answer takes at least a quarter
// of a second, so that how long it took tells no more than what it says (R13).
import { callerName } from '@countersign/protocol/browser-name';
import { signedBytes } from '@countersign/protocol/canonical';
import type { PublicJwk } from '@countersign/protocol/gateway';
import { type DeviceId, isId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { Asked, Login } from '../core/challenge/login.ts';
import type { Clock, Millis, Signer } from '../core/ports.ts';
import type { Store } from '../core/store-port.ts';
import type { PublicKeys } from './claim-door.ts';
import type { Issued, Nonces } from './nonces.ts';

const PURPOSE = 'login';
const DOMAIN = 'countersign.login.v1';
const FLOOR_MS = 250;

interface Ports<H> {
  readonly login: Login;
  readonly store: Pick<Store, 'challenges'>;
  readonly nonces: Nonces;
  readonly signer: Pick<Signer, 'thumbprint'>;
  readonly keys: PublicKeys;
  readonly clock: Clock;
  pause(ms: Millis): Promise<void>;
  /** Lets a paired device in: its first token. */
  enter(device: DeviceId): Promise<H>;
}

interface LoginState extends Issued {
  readonly available: boolean;
  readonly digits: number;
  readonly gateway: string;
}

interface SignedAsk extends Issued {
  readonly key: PublicJwk;
  readonly signature: string;
  readonly ticket?: string | undefined;
}

interface SignedAnswer extends Issued {
  readonly requestId: string;
  readonly code: string;
  readonly signature: string;
}

/** Where the call came from, as the listener says. */
export interface Whence {
  readonly address: string;
  /** `User-Agent`: a claim. */
  readonly agent: string | null;
}

export class LoginDoor<H> {
  readonly #ports: Ports<H>;

  constructor(ports: Ports<H>) {
    this.#ports = ports;
  }

  async state(): Promise<LoginState> {
    const { login, nonces, signer } = this.#ports;
    const available = await login.available();
    return { available, digits: login.digits, gateway: signer.thumbprint, ...nonces.issue(PURPOSE) };
  }

  /** @throws Problem `auth_proof_invalid` for a bad signature, `policy_denied` when turned off. */
  challenge(ask: SignedAsk, whence: Whence): Promise<Asked> {
    return this.#slowly(async () => {
      const { key, ticket, nonce, ts } = ask;
      const more = ticket === undefined ? {} : { ticket };
      const thumbprint = await this.#proven(key, ask, more);
      if (!(await this.#ports.nonces.spend(PURPOSE, { nonce, ts }))) throw unproven();
      return this.#ports.login.challenge({ key, thumbprint, ticket: ticket ?? null, ...whence });
    });
  }

  /** @throws Problem `challenge_failed` for everything that is not the right code from the right browser in time. */
  verify(answer: SignedAnswer, { agent }: Whence): Promise<H> {
    return this.#slowly(async () => {
      const { store, nonces, login, enter } = this.#ports;
      const { requestId, code, nonce, ts } = answer;
      // Spent for every id alike: a nonce that is still good afterwards would tell that no code was sent (R13).
      const isFresh = nonces.isOurs(PURPOSE, { nonce, ts }) && (await nonces.spend(PURPOSE, { nonce, ts }));
      const row = isId('challenge', requestId) ? await store.challenges.get(requestId) : null;
      // A wrong code counts only under the right signature: nobody else can use up the tries.
      const thumbprint =
        row === null || !isFresh
          ? null
          : await this.#proven(row.key, answer, { requestId, code }).catch(() => null);
      return enter(await login.verify({ requestId, thumbprint, code, name: callerName(agent ?? '') }));
    });
  }

  async #proven(
    key: PublicJwk,
    { nonce, ts, signature }: Issued & { readonly signature: string },
    more: Readonly<Record<string, string>>,
  ): Promise<string> {
    const { nonces, signer, keys } = this.#ports;
    if (!nonces.isOurs(PURPOSE, { nonce, ts })) throw unproven();
    const device = Buffer.from(keys.thumbprint(key)).toString('base64url');
    if (!Object.values(more).every((text) => text.isWellFormed())) throw unproven();
    const bytes = signedBytes(DOMAIN, { device, gateway: signer.thumbprint, nonce, ts, ...more });
    if (!keys.verifySignature(key, bytes, signature)) throw unproven();
    return device;
  }

  async #slowly<T>(work: () => Promise<T>): Promise<T> {
    const { clock, pause } = this.#ports;
    const from = clock.now();
    try {
      return await work();
    } finally {
      const left = FLOOR_MS - (clock.now() - from);
      if (left > 0) await pause(left);
    }
  }
}

function unproven(): Problem {
  return new Problem('auth_proof_invalid', { hint: 'open the page again' });
}
