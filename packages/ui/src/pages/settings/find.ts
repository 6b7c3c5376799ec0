// Searching the settings: every word must be somewhere in the name, the path, the sentence or the section. Pure.
import type { Field, Section } from './fields.ts';

export interface Named {
  readonly field: Field;
  readonly name: string;
}

export function matches({ field, name }: Named, title: string, search: string): boolean {
  const text = `${name} ${field.path} ${field.sentence} ${title}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** The section a path lies in, for an address that names a key. */
export function sectionOf(path: string, sections: readonly Section[]): Section | null {
  return sections.find(({ fields }) => fields.some((field) => field.path === path)) ?? null;
}
