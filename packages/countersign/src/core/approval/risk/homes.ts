// Whose home is meant. Who asks says which home a command gets, and in which folder it runs; what lies in a home is read, run
// or believed by somebody all the same. So its places count below every folder that could be one.
import { isId } from '@countersign/protocol/ids';
import { isUsual } from '@countersign/protocol/passed-variables';
import { resolvePath } from '../shell/folders.ts';
import { matchesGlob } from './glob.ts';
import type { ActionFacts, RiskContext } from './risk.ts';

/** What counts for one action: its own home, and nothing of this machine's disk for what runs on another. */
export function contextOf(action: ActionFacts, context: RiskContext): RiskContext {
  const { realPath, ...rest } = context;
  const mayBeHere = !isPaired(action);
  const home = homeOf(action, context);
  // A home may be a link, and the folder that a command runs in is named by where it leads.
  const real = mayBeHere && home !== null ? (realPath?.(home) ?? null) : null;
  const accounts = [...(context.accounts ?? []), context.home, real].filter((path) => path !== null);
  return { ...rest, accounts, home, ...(mayBeHere && realPath !== undefined ? { realPath } : {}) };
}

/** What `~` is to a rule of the owner: never what whoever asks says it is. A paired machine says it itself. */
export function ruleHome(action: ActionFacts, { home }: RiskContext): string | null {
  if (!isPaired(action)) return home;
  return action.kind === 'exec' ? (action.env?.['HOME'] ?? null) : null;
}

/**
 * Whether a command may have this home without a word. Here it has to be an account's. A paired machine gives its own, and
 * lets nobody choose it. A program may name any other machine: there, it is what only the owner of a system makes.
 */
export function isOwnHome(value: string, action: ActionFacts, context: RiskContext): boolean {
  if (action.kind !== 'exec' || value === '') return false;
  if (isPaired(action)) return true;
  const isAccounts = plain(value) === plain(context.home ?? '') || context.isHome?.(plain(value)) === true;
  const isHere = context.host !== undefined && action.host === context.host;
  return isAccounts || (!isHere && isUsual('HOME', value));
}

const plain = (path: string): string => (path.length > 1 ? path.replace(/\/+$/, '') : path);

/** Whether another machine runs it for certain: only it redeems a grant in its name. Any other name is a program's word. */
function isPaired(action: ActionFacts): boolean {
  return action.kind !== 'message' && isId('device', action.host ?? '');
}

/** Of an environment without `HOME` a shell makes nothing, and of `~` what the account has: nobody here knows what. */
function homeOf(action: ActionFacts, { home }: RiskContext): string | null {
  if (action.kind === 'exec' && action.env !== undefined) {
    const own = action.env['HOME'] ?? '';
    // What a shell would part or fit into more than one word is not read as one.
    return own.startsWith('/') && !/[\s*?[\]\\]/.test(own) ? resolvePath('/', own) : null;
  }
  return isPaired(action) ? null : home;
}

/** Every home that could be meant, beside those that `belowHomes` knows by their shape. */
export function homesOf(context: RiskContext): readonly string[] {
  const known = HOMES.get(context);
  if (known !== undefined) return known;
  const all = [...(context.home === null ? [] : [context.home]), ...(context.accounts ?? [])];
  const homes = [...new Set(all.map((home) => plain(home.toLowerCase())))];
  HOMES.set(context, homes);
  return homes;
}

const HOMES = new WeakMap<RiskContext, readonly string[]>();

const ANY_HOME =
  /^(?:(?:\/(?:usr|var|export))?\/home\/[^/]+|\/users\/[^/]+|(?:(?:\/private)?\/var)?\/root)(?=\/|$)/;
const SHAPES = ['/home/*', '/users/*', '/root', '/var/root', '/usr/home/*', '/var/home/*', '/export/home/*'];

/** A path as it stands in each home that it could lie in, beginning with `~`. In lower case throughout. */
export function belowHomes(path: string, homes: readonly string[], glob: boolean): readonly string[] {
  const tails: string[] = [];
  const usual = ANY_HOME.exec(path);
  if (usual !== null) tails.push(`~${path.slice(usual[0].length)}`);
  for (const home of homes) {
    if (home === '/') tails.push(path === '/' ? '~' : `~${path}`);
    else if (path.startsWith(home) && (path.length === home.length || path[home.length] === '/')) {
      const tail = `~${path.slice(home.length)}`;
      if (!tails.includes(tail)) tails.push(tail);
    }
  }
  if (glob) {
    for (const tail of couldBeBelow(path, homes)) if (!tails.includes(tail)) tails.push(tail);
  }
  return tails;
}

/** A pattern may stand for the home itself, or for a part of its name. */
function couldBeBelow(pattern: string, homes: readonly string[]): readonly string[] {
  const parts = pattern.split('/');
  return [...homes, ...SHAPES].flatMap((home) => {
    const wanted = home.split('/');
    const fits =
      home !== '/' &&
      wanted.length <= parts.length &&
      wanted.every((name, at) => {
        const part = parts[at] ?? '';
        return name === '*' || part === name || matchesGlob(part, name);
      });
    return fits ? [['~', ...parts.slice(wanted.length)].join('/')] : [];
  });
}
