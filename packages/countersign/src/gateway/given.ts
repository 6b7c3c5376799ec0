// The proof that came with a decision or an elevation, in its body or in the header. It is read here and spent in core, where it
// is known whether one is asked for at all.
import type { decisionFactorSchema } from '@countersign/protocol/approval';
import type { z } from 'zod';
import type { Given } from '../core/approval/service.ts';
import { parseProof, readProof } from '../core/factor/proof.ts';
import type { ProofGiven } from '../core/factor/step-up.ts';

/** As it came. The body is the caller's word on this one call, so it goes before the header. */
export interface Came extends ProofGiven {
  readonly body?: z.output<typeof decisionFactorSchema> | undefined;
}

/** @param place where tries are counted. Null: nothing came along. */
export function givenOf({ body, factor }: Came, place: string): Given | null {
  if (body !== undefined) return { kind: body.kind, proof: readProof(body.kind, body.value), place };
  if (factor === null) return null;
  const proof = parseProof(factor);
  const [, kind] = /^\s*(totp|recovery|passkey)\b/.exec(factor) ?? [];
  return { kind: proof?.kind ?? kindOf(kind), proof, place };
}

function kindOf(word: string | undefined): Given['kind'] {
  return word === 'recovery' || word === 'passkey' ? word : 'totp';
}
