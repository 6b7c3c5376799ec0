// allowFrom as approvals and revocations change it. An approval is for one account: a list that other accounts inherit
// is spelled out for them first, so that nobody is let in, or kept in, where nobody decided it.

import { Problem } from '@countersign/protocol/problem';
import { asRaw, placeOf, type Raw, rawAccounts } from './accounts.ts';
import { type Edit, type EditOptions, type EditResult, editConfig } from './edit.ts';
import type { JsonValue } from './jsonc.ts';
import type { ConfigPlace } from './load.ts';
import { formatPath, type PathPart } from './mistakes.ts';
import type { ChannelName, Person } from './native-ids.ts';

export interface WrittenList {
  readonly channel: ChannelName;
  readonly account: string;
  /** Where the account's list is written: its own, or the one it inherits. */
  readonly path: string;
  readonly entries: readonly string[];
}

/** The list of every account the tree describes, whether it runs or not. */
export function writtenLists(tree: Raw): WrittenList[] {
  return rawAccounts(tree).map((account) => {
    const list = account.keys['allowFrom'];
    const entries = Array.isArray(list) ? list.filter((entry) => typeof entry === 'string') : [];
    return {
      channel: account.channel,
      account: account.account,
      path: formatPath(placeOf(account, 'allowFrom')),
      entries: [...new Set(entries)],
    };
  });
}

/**
 * Adds a person to the list of their account. Nothing is written when they stand there.
 * @throws Problem `not_found` when the file has no such account: one is never made here.
 */
export function allowPerson(place: ConfigPlace, person: Person, options?: EditOptions): Promise<EditResult> {
  return editConfig(place, (tree) => changeList(tree, person, (list) => [...list, person.native]), options);
}

/** Takes a person off the list of their account, with the comments beside them. @throws as allowPerson. */
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
  const written = asRaw(asRaw(tree['channels'])?.[channel]);
  const accounts = asRaw(written?.['accounts']) ?? {};
  if (written === null || (account !== 'default' && !Object.hasOwn(accounts, account))) {
    const name = account === 'default' ? channel : `${channel}:${account}`;
    throw new Problem('not_found', { detail: `the configuration has no account ${name}` });
  }
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
