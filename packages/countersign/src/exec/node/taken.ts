// Grants that this machine has brought to be spent. Whoever sits where the gateway should answers "redeemed" as often as it
// likes, and a grant that it once saw is good for two minutes: here the same one is not brought a second time (R40, H54).
import { grantClaimsSchema } from '@countersign/protocol/grant';
import { Problem } from '@countersign/protocol/problem';

/** Longer than any clock may be off for a grant to count. */
const KEEP_MS = 5 * 60_000;

export class TakenGrants {
  /** By what they are called: the same one can be written in more than one way. */
  readonly #until = new Map<string, number>();

  /** @param grant a verified one. @throws Problem `grant_redeemed`: it was here before. */
  take(grant: string, now: number): void {
    for (const [id, until] of this.#until) if (until < now) this.#until.delete(id);
    const [, payload = ''] = grant.split('.');
    const { jti, exp } = grantClaimsSchema.parse(
      JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')),
    );
    if (this.#until.has(jti))
      throw new Problem('grant_redeemed', { detail: 'this machine was granted that before' });
    this.#until.set(jti, exp * 1_000 + KEEP_MS);
  }
}
