// What a command gets of the environment: a short list, and what was named for it (R45). Nothing is inherited beside that,
// so that no loader, interpreter or git variable comes along unseen; Countersign's own never do.
import { isPassed } from '@countersign/protocol/passed-variables';
import { Problem } from '@countersign/protocol/problem';

/** What makes a program load or start something else. Left out as everything is, and said, for it may be missed. */
const STEERING =
  /^(?:LD_|DYLD_|GIT_|NODE_(?:OPTIONS|PATH)$|PYTHON|PERL5|PERLLIB$|RUBY(?:OPT|LIB)$|BASH_ENV$|ENV$|JAVA_TOOL_OPTIONS$|_?JDK_JAVA_OPTIONS$|_JAVA_OPTIONS$|CLASSPATH$|GCONV_PATH$|GLIBC_TUNABLES$)/;

export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws Problem `usage`: a name that is never passed on, or that has no value. */
export function passedOn(all: Environment, named: readonly string[]): Record<string, string> {
  const passed = Object.keys(all).filter((name) => isPassed(name));
  const env: Record<string, string> = {};
  for (const name of [...passed, ...named].sort()) {
    const value = valueFor(all, name, named.includes(name));
    if (value !== null) env[name] = value;
  }
  return env;
}

/** What a machine knows of itself, and what programs then take for their own settings. */
const ITS_OWN = /^(?:PATH|HOME|USER|TMPDIR)$/i;

/** Of a command that comes from elsewhere. @throws Problem `usage`: it names what this machine sets itself (R45). */
export function refuseOwn(named: readonly string[]): void {
  const own = named.find((name) => ITS_OWN.test(name));
  if (own === undefined) return;
  throw new Problem('usage', {
    detail: `${own} is what that machine has, and is not set from elsewhere`,
    hint: 'leave it out, or set it in the line itself',
    members: { field: 'env' },
  });
}

/** Variables that would have changed what the command does, and that it does not get. */
export function leftOut(all: Environment, named: readonly string[]): string[] {
  return Object.keys(all)
    .filter((name) => STEERING.test(name) && !named.includes(name))
    .sort();
}

function valueFor(all: Environment, name: string, wanted: boolean): string | null {
  if (!wanted) return all[name] ?? null;
  if (/^COUNTERSIGN_/i.test(name))
    throw new Problem('usage', { detail: `${name} is never passed on`, hint: 'leave it out' });
  if (!/^[^=\0]{1,1024}$/.test(name) || name === '__proto__')
    throw new Problem('usage', {
      detail: '--env takes the name of a variable, and its value is taken from here',
      hint: 'set the variable first: NAME=value countersign exec --env NAME -- command',
    });
  const value = Object.hasOwn(all, name) ? all[name] : undefined;
  if (value === undefined)
    throw new Problem('usage', { detail: `${name} is not set here`, hint: 'set it, or leave --env out' });
  return value;
}
