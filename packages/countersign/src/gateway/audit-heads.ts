// Signed heads of the audit, and the ones that were kept. A store whose end was cut off, or that was put back to an older
// copy, is a shorter chain that verifies: only what was noted elsewhere shows it. Nothing replaces what was kept before the
// store was seen to hold it still.
import { signedBytes } from '@countersign/protocol/canonical';
import { type SignedHead, signedHeadSchema } from '@countersign/protocol/receipt';
import { z } from 'zod';
import { signHead } from '../core/audit/head.ts';
import type { Clock, Log, Signer } from '../core/ports.ts';
import type { Store } from '../core/store-port.ts';
import type { PublicKeys } from './claim-door.ts';

interface Ports {
  readonly store: Pick<Store, 'audit' | 'installation'>;
  readonly clock: Clock;
  readonly log: Pick<Log, 'error'>;
  readonly signer: Signer;
  readonly keys: Pick<PublicKeys, 'verifySignature'>;
  /** Beside the keys, not in the store. */
  readonly kept: { read(): string | null; write(text: string): void };
}

const keptSchema = z.strictObject({ heads: z.array(signedHeadSchema) });

/** `head`: what was kept is not in the store any more. `kept`: it was not this gateway that kept it. */
export interface Contradiction {
  readonly writer: string;
  readonly seq: number;
  readonly why: 'head' | 'kept';
}

export class AuditHeads {
  readonly #ports: Ports;
  #isSaid = false;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** As of now. */
  async signed(): Promise<readonly SignedHead[]> {
    const { store, clock, signer } = this.#ports;
    const heads = await store.audit.heads();
    const now = clock.now();
    return heads.map((head) => signHead(head, store.installation, now, signer));
  }

  /** What the kept heads say against the store; null when nothing does, or none was kept yet. */
  async contradiction(): Promise<Contradiction | null> {
    const kept = this.#read();
    if (kept === 'broken') return { writer: '-', seq: 0, why: 'kept' };
    for (const head of kept) {
      const { writer, seq, hash } = head;
      if (!this.#isOurs(head)) return { writer, seq, why: 'kept' };
      if (!(await this.#holds(writer, seq, hash))) return { writer, seq, why: 'head' };
    }
    return null;
  }

  /** Notes the heads of now, unless what was noted before is gone: that stays, to be found. For the sweeper. */
  async keep(): Promise<void> {
    const { log, kept } = this.#ports;
    const wrong = await this.contradiction();
    if (wrong !== null) {
      // Once: it stays so until somebody looks, and the doctor says it, too.
      if (!this.#isSaid) log.error('audit.contradicted', { ...wrong });
      this.#isSaid = true;
      return;
    }
    const heads = await this.signed();
    const known = this.#read();
    const isSame =
      known !== 'broken' &&
      known.length === heads.length &&
      heads.every(({ writer, hash }) => known.some((one) => one.writer === writer && one.hash === hash));
    if (!isSame) kept.write(`${JSON.stringify({ heads })}\n`);
  }

  #read(): readonly SignedHead[] | 'broken' {
    const text = this.#ports.kept.read();
    if (text === null) return [];
    try {
      return keptSchema.parse(JSON.parse(text)).heads;
    } catch {
      return 'broken';
    }
  }

  #isOurs({ signature, ...said }: SignedHead): boolean {
    const { signer, keys, store } = this.#ports;
    const { x = '' } = signer.publicJwk;
    const key = { kty: 'OKP', crv: 'Ed25519', x } as const;
    const bytes = signedBytes('countersign.head.v1', said);
    return said.gateway === store.installation && keys.verifySignature(key, bytes, signature.value);
  }

  async #holds(writer: string, seq: number, hash: string): Promise<boolean> {
    const { audit } = this.#ports.store;
    const mine = (await audit.heads()).find((head) => head.writer === writer);
    if (mine === undefined || mine.seq < seq) return false;
    const [event] = await audit.walk(mine.writer, seq - 1, 1);
    return event?.body.seq === seq && event.hash === hash;
  }
}
