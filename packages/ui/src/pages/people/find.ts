// Finding people: by their name, id, or any of their chats; and what has to be typed before one is forgotten. Pure.
import type { PersonRow, RoleName } from '@countersign/protocol/identity';
import { chatName } from '../pairings/look-alikes.ts';
import { plain } from '../pairings/rows.ts';

export const ROLES = ['owner', 'approver', 'user'] as const satisfies readonly RoleName[];
const RANK = { owner: 0, approver: 1, user: 2 } as const satisfies Record<RoleName, number>;
/** Of the id: enough that it is not typed by habit. */
const ID_START = 8;

export function isRole(text: string | null): text is RoleName {
  return ROLES.some((role) => role === text);
}

/** Those who decide first, then by name. */
export function inOrder(people: readonly PersonRow[]): readonly PersonRow[] {
  const { compare } = new Intl.Collator(undefined, { numeric: true });
  return people.toSorted(
    (a, b) => RANK[a.role] - RANK[b.role] || compare(a.name, b.name) || compare(a.id, b.id),
  );
}

export function found(
  people: readonly PersonRow[],
  typed: string,
  role: RoleName | null,
): readonly PersonRow[] {
  const wanted = plain(typed);
  return people.filter((person) => (role === null || person.role === role) && fits(person, wanted));
}

function fits({ id, name, peers }: PersonRow, wanted: string): boolean {
  if (wanted === '' || id.startsWith(wanted) || plain(name).includes(wanted)) return true;
  return peers.some((peer) =>
    [chatName(peer), peer.identifier, peer.username ?? '', peer.displayName ?? ''].some((text) =>
      plain(text).includes(wanted),
    ),
  );
}

/** What is to be typed: the beginning of the id, which nobody can choose. */
export function forgetWords({ id }: Pick<PersonRow, 'id'>): string {
  return id.slice(0, ID_START);
}

export function confirmsForget(typed: string, person: Pick<PersonRow, 'id' | 'name'>): boolean {
  const words = typed.trim();
  return (words.length >= ID_START && person.id.startsWith(words.toLowerCase())) || words === person.name;
}
