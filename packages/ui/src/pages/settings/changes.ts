// What was changed in the form and is not saved: kept by path, made into the body that the gateway takes, and turned
// around for the way back. Pure.
import type { ConfigChange, ConfigMistake } from '@countersign/protocol/config';
import type { Field, Section } from './fields.ts';
import { type Json, type JsonObject, objectOf, same, valueAt } from './json.ts';

/** A value, or that nothing shall be written. */
export type Wish = { readonly value: Json } | { readonly unset: true };
export type Draft = ReadonlyMap<string, Wish>;

/** What stands in the place of a secret that is written in the file. */
export const MASK = '[secret]';

/** What the form shows for a key. */
export function shownOf(field: Field, written: Json, draft: Draft): Json | undefined {
  const wish = draft.get(field.path);
  if (wish !== undefined) return 'value' in wish ? wish.value : field.standard;
  return valueAt(written, field.path) ?? field.standard;
}

/** The draft with one more wish; one that asks for what is there already is none. */
export function wished(draft: Draft, field: Field, wish: Wish, written: Json): Draft {
  const next = new Map(draft);
  const now = valueAt(written, field.path);
  const isSame =
    'unset' in wish
      ? now === undefined
      : same(now, wish.value) || (now === undefined && same(field.standard, wish.value));
  if (isSame) next.delete(field.path);
  else next.set(field.path, wish);
  return next;
}

export function isChanged(field: Field, written: Json, draft: Draft): boolean {
  if (field.control.is === 'secret') return (shownOf(field, written, draft) ?? null) !== null;
  return field.standard === undefined
    ? shownOf(field, written, draft) !== undefined
    : !same(shownOf(field, written, draft), field.standard);
}

/** The body for the gateway. A section that is not there is written as one, and goes when nothing is left in it. */
export function changesOf(
  draft: Draft,
  written: Json,
  sections: readonly Section[],
): readonly ConfigChange[] {
  const left = new Map(draft);
  const whole: ConfigChange[] = [];
  for (const { id } of sections.filter(({ isOptional }) => isOptional)) {
    const own = [...draft].filter(([path]) => path.startsWith(`${id}.`));
    const now = objectOf(valueAt(written, id) ?? null);
    const sets = own.flatMap(([path, wish]) => ('value' in wish ? [[path, wish.value] as const] : []));
    const isWhole = now === null && own.length > 0;
    const isGone =
      now !== null &&
      own.length > 0 &&
      sets.length === 0 &&
      Object.keys(now).every((key) => draft.has(`${id}.${key}`));
    if (!isWhole && !isGone) continue;
    for (const [path] of own) left.delete(path);
    if (isGone) whole.push({ path: id, unset: true });
    else if (sets.length > 0) {
      const value: JsonObject = Object.fromEntries(
        sets.map(([path, one]) => [path.slice(id.length + 1), one]),
      );
      whole.push({ path: id, value });
    }
  }
  const single = [...left].map(
    ([path, wish]): ConfigChange => ('value' in wish ? { path, value: wish.value } : { path, unset: true }),
  );
  return [...single, ...whole];
}

/** What puts it back; null when a secret was there, which nobody here knows. */
export function reverseOf(changes: readonly ConfigChange[], written: Json): readonly ConfigChange[] | null {
  const back = changes.map(({ path }): ConfigChange => {
    const value = valueAt(written, path);
    return value === undefined ? { path, unset: true } : { path, value };
  });
  const isLost = back.some((change) => 'value' in change && JSON.stringify(change.value).includes(MASK));
  return isLost ? null : back;
}

export function mistakesOf(
  field: Pick<Field, 'path'>,
  mistakes: readonly ConfigMistake[],
): readonly ConfigMistake[] {
  const { path } = field;
  return mistakes.filter(
    (one) => one.path === path || (/^[.[]/.test(one.path.slice(path.length)) && one.path.startsWith(path)),
  );
}
