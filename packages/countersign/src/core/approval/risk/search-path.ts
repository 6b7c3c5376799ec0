// Where a shell, or a program that starts others, would look for a name. What is asked about is the name; which file that
// comes to is bound for the first program alone. So a search path that leads anywhere but to the system's own folders makes
// every such name somebody's own program (H43, R36).
import type { Listed, Listing } from '../shell/listing.ts';
import type { Reason } from './risk.ts';

const SYSTEM =
  /^(?:(?:\/usr(?:\/local)?)?\/s?bin|\/usr(?:\/local)?\/games|\/snap\/bin|\/opt\/homebrew\/s?bin|\/run\/current-system\/sw\/bin|\/nix\/store\/[^/]+\/bin)$/;

/** What bash and every sh are themselves, and look for nowhere. `enable` could change that, and is looked for. */
const SHELLS_OWN =
  /^(?::|\[|break|cd|continue|echo|exit|export|false|printf|pwd|read|return|set|shift|test|true|umask|unset|wait)$/;

/** @param isLine a shell reads it; otherwise the first command is the program itself, which is bound. */
export function judgeSearchPath(
  path: string | undefined,
  { commands }: Listing,
  isLine: boolean,
): readonly Reason[] {
  const others = isLine ? commands.filter((command) => !isShellsOwn(command)) : commands.slice(1);
  if (path === undefined || others.length === 0) return [];
  // An empty place is the folder it runs in.
  const own = path.split(':').find((folder) => !SYSTEM.test(folder.replace(/\/+$/, '')));
  if (own === undefined) return [];
  const why = `PATH leads to ${own === '' ? 'the working folder' : own}, where a program of the same name would be started`;
  return [{ rule: 'env.path', tier: 'elevated', why }];
}

/** Behind `env`, `xargs` and the like the same name is a program. */
function isShellsOwn({ words, via }: Listed): boolean {
  const [name] = words;
  return via.length === 0 && (name === undefined || (name.kind === 'exact' && SHELLS_OWN.test(name.value)));
}
