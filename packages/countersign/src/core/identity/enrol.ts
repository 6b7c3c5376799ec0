// Somebody whom the configuration lets in becomes a person, role `user`, with their first message. The link carries no
// direct grant: what the configuration gives, the configuration takes away.
import { makeId } from '@countersign/protocol/ids';
import type { Inbound } from '../message.ts';
import type { Millis, Random } from '../ports.ts';
import type { Store } from '../store-port.ts';
import { personName } from './name.ts';

/** Inside a transaction. False when they became somebody else's meanwhile; true also for who is a person already. */
export async function enrolListed(
  tx: Store,
  inbound: Inbound,
  { random, now }: { readonly random: Random; readonly now: Millis },
): Promise<boolean> {
  const { peer, displayName, username, assurance } = inbound;
  const before = await tx.people.standing(peer);
  if (before.principal !== null) return true;
  const principal = makeId('principal', random.bytes(15));
  const name = personName(inbound);
  await tx.people.add({ id: principal, name, role: 'user', state: 'active', createdAt: now });
  const link = { principal, ceiling: 'user', assurance, direct: false, accessUntil: null } as const;
  if ((await tx.people.link(peer, { ...link, displayName, username, at: now })) === 'taken') return false;
  await tx.audit.append([
    {
      type: 'person.enrolled',
      at: now,
      actor: { kind: 'file' },
      subject: { principal, channel: peer.channel, account: peer.account },
      outcome: 'ok',
      personal: { identifier: peer.native, name },
      about: principal,
    },
  ]);
  return true;
}
