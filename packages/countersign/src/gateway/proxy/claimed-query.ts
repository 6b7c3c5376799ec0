// What the address of a call claims about who somebody is: gateways read parameters as they read a body. Such a parameter
// goes, in any spelling, and so does a handle; the others stay as they came, byte for byte.
import querystring from 'node:querystring';
import { skeleton } from '../../core/scrub.ts';
import { WHO_AT_TOP } from './claimed-body.ts';
import { holdsSecret, isClaim } from './claimed-headers.ts';

/** @param search with its question mark, or empty. @param configured header names that are claims too. */
export function cleanQuery(
  search: string,
  configured: ReadonlySet<string>,
): { readonly search: string; readonly cut: number } {
  const pairs = search.slice(1).split('&');
  const kept = pairs.filter((pair) => !saysWho(pair, configured) && !holdsSecret(pair));
  const cut = pairs.length - kept.length;
  if (cut === 0) return { search, cut };
  return { search: kept.length === 0 ? '' : `?${kept.join('&')}`, cut };
}

/** Older servers part at `;` too, and many read `metadata[user_id]` as a member. */
function saysWho(pair: string, configured: ReadonlySet<string>): boolean {
  return pair.split(';').some((part) => {
    const [raw = ''] = part.split('=', 1);
    // Half an escape is a text to one reader and a letter to the next: here it is read as far as it can be.
    const name = querystring.unescape(raw.replaceAll('+', ' '));
    return isClaim(name, configured) || name.split(/[[\].]/).some((word) => WHO_AT_TOP.test(skeleton(word)));
  });
}
