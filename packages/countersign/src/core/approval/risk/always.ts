// Whether "always allow" may be offered. What is stored is one exact command; a wrapper, an interpreter or a redirection
// would make one yes cover whatever is put behind it (E-12, H47).

import type { Tier } from '@countersign/protocol/tier';
import type { Listing } from '../shell/listing.ts';
import { programName } from '../shell/names.ts';
import { subcommandOf } from '../shell/subcommands.ts';
import { SHELLS, WRAPPERS, WRAPPING } from '../shell/wrappers.ts';
import { rowFor } from './rules.ts';

export type Always = { readonly ok: true } | { readonly ok: false; readonly why: string };

const no = (why: string): Always => ({ ok: false, why });

export function mayAlways(listing: Listing, tier: Tier): Always {
  const [only, ...more] = listing.commands;
  if (tier === 'destructive') return no('destructive actions are asked every time');
  if (listing.doubts.length > 0) return no('it cannot be read for certain');
  if (only === undefined || only.words.length === 0) return no('there is no command in it');
  const name = programName(only.words[0]?.value ?? '');
  const command = subcommandOf(name, only.words);
  const wraps =
    WRAPPING.has(name) &&
    command.path.some(
      (_, at) => (WRAPPERS.get(command.path.slice(0, at + 1).join(' '))?.rest ?? 'none') !== 'none',
    );
  if (wraps || SHELLS.has(name) || name === 'env' || ['find', 'fd', 'fdfind', 'script', 'su'].includes(name))
    return no(`${name} runs other programs`);
  if (more.length > 0) return no('it is more than one command');
  if (only.redirects.length > 0 || only.input.kind !== 'inherited')
    return no('its input or output is redirected');
  if (only.assigns.length > 0) return no('it sets variables');
  if (only.words.some((word) => word.kind !== 'exact')) return no('parts of it are only known when it runs');
  const found = rowFor(command.path);
  if (found === null) return no('no rule knows the program');
  if (found.row.operands.includes('code') || found.row.operands.includes('data'))
    return no(`${name} is an interpreter`);
  if (found.row.operands.includes('pattern') && /^(awk|sed)$/.test(name))
    return no(`${name} is an interpreter`);
  if ([...found.row.options.named.values()].includes('script')) return no(`${name} runs lines of a shell`);
  return { ok: true };
}
