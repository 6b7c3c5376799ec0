// Parting an owner from a chat of theirs is ousting them there: a recovery would be announced to nobody, and nobody left to
// stop it (R33).
import type { Verb } from '../../core/authorise.ts';
import type { Peer } from '../../core/identity/peer.ts';
import type { Services } from '../services.ts';

export async function unlessOwners(
  plain: Verb,
  chat: Peer,
  { stepUp }: Pick<Services, 'stepUp'>,
): Promise<Verb> {
  return (await stepUp.isOwnersChat(chat)) ? 'people.oust' : plain;
}
