// Whether somebody at the door looks like somebody who is known already: by name, or by a number that differs in one
// digit. Pure. A name proves nothing either way (R67); this only makes a person look twice before a yes.
import { isMixedScript, visible } from '@countersign/protocol/display';
import type { PersonRow } from '@countersign/protocol/identity';
import type { PairingRow } from '@countersign/protocol/pairing';
import { digitsOf, isOneApart, sameName, skeleton } from './skeleton.ts';

type Stranger = Pick<PairingRow, 'channel' | 'account' | 'identifier' | 'username' | 'displayName'>;
type Peer = Pick<
  PersonRow['peers'][number],
  'channel' | 'account' | 'identifier' | 'username' | 'displayName'
>;
export type Known = Pick<PersonRow, 'id' | 'name' | 'role' | 'state'> & { readonly peers: readonly Peer[] };

export type Likeness =
  /** This very chat is theirs: it asks again after its access ended. */
  | { readonly kind: 'theirs'; readonly person: Known }
  /** The same number on another channel. */
  | { readonly kind: 'same-number'; readonly person: Known; readonly like: string }
  | { readonly kind: 'near-number'; readonly person: Known; readonly like: string }
  | { readonly kind: 'same-name'; readonly person: Known; readonly like: string; readonly claim: string }
  | { readonly kind: 'look-alike'; readonly person: Known; readonly like: string; readonly claim: string }
  | { readonly kind: 'mixed-script'; readonly claim: string }
  | { readonly kind: 'hidden'; readonly claim: string };

interface Named {
  readonly person: Known;
  readonly name: string;
  readonly same: string;
}

/** Made once for a list of people, asked once for each row that is shown. */
export interface KnownNames {
  readonly bySkeleton: ReadonlyMap<string, readonly Named[]>;
  readonly peers: readonly { readonly person: Known; readonly peer: Peer; readonly digits: string }[];
}

export function knownNames(people: readonly Known[]): KnownNames {
  const bySkeleton = new Map<string, Named[]>();
  for (const person of people) {
    const names = [
      person.name,
      ...person.peers.flatMap(({ username, displayName }) => [username, displayName]),
    ];
    for (const name of new Set(names)) {
      if (name === undefined || name.trim() === '') continue;
      const key = skeleton(name);
      const found = bySkeleton.get(key) ?? [];
      found.push({ person, name, same: sameName(name) });
      bySkeleton.set(key, found);
    }
  }
  const peers = people.flatMap((person) =>
    person.peers.map((peer) => ({ person, peer, digits: digitsOf(peer.identifier) })),
  );
  return { bySkeleton, peers };
}

/** The gravest first: who would be taken for an owner, then the same name, then what only looks alike. */
export function likenesses(stranger: Stranger, known: KnownNames): readonly Likeness[] {
  const own = known.peers.find(({ peer }) => isSameChat(peer, stranger));
  if (own !== undefined) return [{ kind: 'theirs', person: own.person }, ...marksOf(stranger)];
  const found = [...namesLike(stranger, known), ...numbersLike(stranger, known)];
  return [...found.toSorted((a, b) => weight(b) - weight(a)), ...marksOf(stranger)];
}

/** Whether it is more than a hint: somebody might be taken for somebody else. */
export function isWarning({ kind }: Likeness): boolean {
  return kind !== 'theirs' && kind !== 'same-number';
}

function namesLike(stranger: Stranger, { bySkeleton }: KnownNames): Likeness[] {
  const perPerson = new Map<string, Likeness>();
  for (const claim of claimsOf(stranger)) {
    const same = sameName(claim);
    for (const { person, name, same: theirs } of bySkeleton.get(skeleton(claim)) ?? []) {
      const kind = same === theirs ? 'same-name' : 'look-alike';
      const before = perPerson.get(person.id)?.kind;
      // The first that fits is the most telling: the name in the list comes before those of chats.
      if (before === undefined || (before === 'look-alike' && kind === 'same-name'))
        perPerson.set(person.id, { kind, person, like: name, claim });
    }
  }
  return [...perPerson.values()];
}

function numbersLike(stranger: Stranger, { peers }: KnownNames): Likeness[] {
  const digits = digitsOf(stranger.identifier);
  if (digits === '') return [];
  return peers.flatMap(({ person, peer, digits: theirs }): Likeness[] => {
    // Numbers of one service, or telephone numbers of any: others have nothing to do with each other.
    const isPhone = isTelephone(peer.identifier) && isTelephone(stranger.identifier);
    if (theirs === '' || !(isPhone || peer.channel === stranger.channel)) return [];
    if (digits === theirs) return isPhone ? [{ kind: 'same-number', person, like: chatName(peer) }] : [];
    return isOneApart(digits, theirs) ? [{ kind: 'near-number', person, like: chatName(peer) }] : [];
  });
}

function marksOf(stranger: Stranger): Likeness[] {
  return claimsOf(stranger).flatMap((claim): Likeness[] => [
    ...(isMixedScript(claim) ? [{ kind: 'mixed-script', claim } as const] : []),
    ...(visible(claim) === claim ? [] : [{ kind: 'hidden', claim } as const]),
  ]);
}

function claimsOf({ username, displayName }: Stranger): readonly string[] {
  return [displayName, username]
    .filter((claim) => claim !== undefined)
    .filter((claim) => claim.trim() !== '');
}

function weight(likeness: Likeness): number {
  if (!('person' in likeness)) return 0;
  const owner = likeness.person.role === 'owner' ? 10 : 0;
  const kinds = { 'same-name': 4, 'look-alike': 3, 'near-number': 2, 'same-number': 1, theirs: 0 };
  return owner + kinds[likeness.kind];
}

function isSameChat(one: Peer, other: Stranger): boolean {
  return (
    one.channel === other.channel && one.account === other.account && one.identifier === other.identifier
  );
}

function isTelephone(identifier: string): boolean {
  return /^\+\d{6,15}$/.test(identifier);
}

/** As it is typed everywhere: `<channel>[:<account>]:<id>`. */
export function chatName({
  channel,
  account,
  identifier,
}: Pick<Peer, 'channel' | 'account' | 'identifier'>): string {
  return account === 'default' ? `${channel}:${identifier}` : `${channel}:${account}:${identifier}`;
}
