// A person by what somebody types: pure. Several who could be meant are nobody.
import { visible } from '@countersign/protocol/display';
import type { PersonRow } from '@countersign/protocol/identity';

type Named = Pick<PersonRow, 'id' | 'name'>;

/** The id stands with the name: names are claims, and two people may share one (R67). */
export function labelOf({ id, name }: Named): string {
  return `“${visible(name)}” ${id}`;
}

export function whoIsMeant<T extends Named>(typed: string, people: readonly T[]): T | null {
  const text = typed.trim().toLowerCase();
  if (text === '') return null;
  const whole = people.filter(({ id, name }) => id === text || name.toLowerCase() === text);
  const found =
    whole.length > 0
      ? whole
      : people.filter(({ id, name }) => id.startsWith(text) || name.toLowerCase().includes(text));
  const [one, another] = found;
  return one === undefined || another !== undefined ? null : one;
}
