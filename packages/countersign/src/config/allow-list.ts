// allowFrom as approvals and revocations change it. An approval is for one account: a list that other accounts inherit
// is spelled out for them first, so that nobody is let in, or kept in, where nobody decided it.

import { asRaw, type Raw } from './accounts.ts';
import { type Edit, type EditOptions, type EditResult, editConfig } from './edit.ts';
import type { JsonValue } from './jsonc.ts';
import type { ConfigPlace } from './load.ts';
import type { PathPart } from './mistakes.ts';
import type { Person } from './native-ids.ts';

/** Adds a person to the list of their account. Nothing is written when they stand there. */
export function allowPerson(place: ConfigPlace, person: Person, options?: EditOptions): Promise<EditResult> {
  return editConfig(place, (tree) => changeList(tree, person, (list) => [...list, person.native]), options);
}

/** Takes a person off the list of their account, with the comments beside them. */
export function disallowPerson(
  place: ConfigPlace,
  person: Person,
  options?: EditOptions,
): Promise<EditResult> {
  return editConfig(
    place,
    (tree) => changeList(tree, person, (list) => list.filter((entry) => entry !== person.native)),
    options,
  );
}

type Change = (list: readonly JsonValue[]) => JsonValue[];

function changeList(tree: Raw, { channel, account, native }: Person, change: Change): Edit[] {
  const written = asRaw(asRaw(tree['channels'])?.[channel]) ?? {};
  const accounts = asRaw(written['accounts']) ?? {};
  const shared = listOf(written);
  const own = account === 'default' ? null : asRaw(accounts[account]);
  const list = listOf(own ?? {}) ?? shared ?? [];
  const next = change(list);
  if (next.length === list.length || (next.length > list.length && list.includes(native))) return [];
  const top: PathPart[] = ['channels', channel];
  const edit: Edit = {
    do: 'set',
    path: [...top, ...(account === 'default' ? [] : ['accounts', account]), 'allowFrom'],
    value: next,
  };
  if (account !== 'default') return [edit];
  const heirs = Object.entries(accounts).filter(([, keys]) => listOf(asRaw(keys) ?? {}) === null);
  const spelled = heirs.map(
    ([name]): Edit => ({
      do: 'set',
      path: [...top, 'accounts', name, 'allowFrom'],
      value: [...(shared ?? [])],
    }),
  );
  return [...spelled, edit];
}

function listOf(keys: Raw): readonly JsonValue[] | null {
  const list = keys['allowFrom'];
  return Array.isArray(list) ? list : null;
}
