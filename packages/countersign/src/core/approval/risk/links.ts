// Where a path leads for real. `..` goes up from where a link leads, not from where it lies: after `ln -s . k` the file
// `k/../x` lies above the working folder. What is not there yet lies in the folder that is.
import type { ListedWord } from '../shell/listing.ts';
import type { Moved, PathFacts } from './paths.ts';

const MOST = 32;
/** More folders in one another that are not there yet than anybody makes. */
const MOST_MISSING = 40;

/** `name/..`: only who knows what `name` is knows where it leads. */
export const climbsBack = (path: string): boolean =>
  path.includes('/..') && /(^|\/)(?!\.{1,2}\/)[^/]+\/+(\.\/+)*\.\.(\/|$)/.test(path);

/**
 * Every other path that `root` in `folder` may be. Of a pattern, and of what is found, only the folders before it are
 * looked at.
 */
export function realPaths(
  folder: string,
  root: string,
  { kind }: ListedWord,
  facts: PathFacts,
): readonly string[] {
  const { realPath } = facts.context;
  if (realPath === undefined && facts.moved === undefined) return [];
  const found = new Set<string>();
  for (const path of physical(folder, root, facts)) {
    found.add(path);
    const pattern = kind === 'exact' ? -1 : path.search(/[*?[]/);
    const fixed = pattern === -1 ? path : path.slice(0, path.lastIndexOf('/', pattern));
    if (fixed === '') continue;
    for (const one of [fixed, ...formerPaths(fixed, facts.moved)])
      found.add((realOf(one, facts) ?? one) + path.slice(fixed.length));
  }
  return [...found];
}

function physical(folder: string, root: string, facts: PathFacts): readonly string[] {
  let paths: readonly string[] = [root.startsWith('/') ? '' : folder === '/' ? '' : folder];
  for (const name of root.split('/')) {
    if (name === '' || name === '.') continue;
    paths =
      name === '..'
        ? [...new Set(paths.flatMap((path) => above(path, facts)))].slice(0, MOST)
        : paths.map((path) => `${path}/${name}`);
  }
  return paths.map((path) => (path === '' ? '/' : path));
}

const above = (path: string, facts: PathFacts): readonly string[] =>
  [path, ...[path, ...formerPaths(path, facts.moved)].map((one) => realOf(one, facts) ?? one)].map((one) =>
    one.slice(0, Math.max(0, one.lastIndexOf('/'))),
  );

function realOf(path: string, { context }: PathFacts): string | null {
  let known = path;
  for (let times = 0; times < MOST_MISSING && known !== ''; times += 1) {
    const real = context.realPath?.(known) ?? null;
    if (real !== null) return real + path.slice(known.length);
    known = known.slice(0, Math.max(0, known.lastIndexOf('/')));
  }
  return null;
}

/** What lay elsewhere before it came to lie at `path`. */
function formerPaths(path: string, moved: readonly Moved[] = []): readonly string[] {
  const found = new Set([path]);
  for (const one of found) {
    for (const { from, to } of moved)
      if ((one === to || one.startsWith(`${to}/`)) && found.size < MOST)
        found.add(from + one.slice(to.length));
  }
  found.delete(path);
  return [...found];
}
