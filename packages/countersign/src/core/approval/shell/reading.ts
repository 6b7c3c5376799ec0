// Options of the shell after which the rest of a line is no longer what it looks like.
import type { ListedWord } from './listing.ts';
import { mayBeOption } from './options.ts';

/** Those of `set -o` and `shopt` that leave the reading of a line as it is. */
const PLAIN =
  /^(allexport|braceexpand|emacs|errexit|errtrace|functrace|hashall|ignoreeof|interactive-comments|monitor|noclobber|noexec|noglob|nolog|notify|nounset|onecmd|pipefail|privileged|verbose|vi|xtrace|autocd|cdspell|checkhash|checkjobs|checkwinsize|cmdhist|complete_fullquote|direxpand|dirspell|execfail|extglob|failglob|force_fignore|globasciiranges|globskipdots|globstar|gnu_errfmt|histappend|histreedit|histverify|hostcomplete|huponexit|inherit_errexit|lithist|localvar_unset|mailwarn|no_empty_cmd_completion|nocaseglob|nocasematch|noexpand_translation|nullglob|progcomp|restricted_shell|shift_verbose|xpg_echo)$/;

/** A word behind `-o` or `-O` that may be any other option. */
export const isReadingOption = ({ value, kind }: ListedWord): boolean =>
  kind !== 'exact' || !PLAIN.test(value);

/** `set -k`, `-H` and `-P`, `set -o posix`, `shopt -s expand_aliases`, `lastpipe`, or `dotglob`, by which a star means more. */
export function changesReading([first, ...rest]: readonly ListedWord[]): boolean {
  if (first?.value === 'shopt')
    return (
      rest.some((word) => word.splits === true || mayBeOption(word)) ||
      (rest.some(({ value }) => /^-[a-z]*s/.test(value)) &&
        rest.some((word) => !/^-[a-z]+$/.test(word.value) && isReadingOption(word)))
    );
  if (first?.value !== 'set') return false;
  for (const [at, word] of rest.entries()) {
    if (/^[-+][a-zA-Z]*o$/.test(rest[at - 1]?.value ?? '')) {
      if (isReadingOption(word)) return true;
    } else if (mayBeOption(word)) return true;
    else if (!/^[-+]./.test(word.value) || word.value === '--') return false;
    else if (/^-[a-zA-Z]*[kHP]/.test(word.value)) return true;
  }
  return false;
}
