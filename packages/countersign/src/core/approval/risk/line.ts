// What the line itself says, whatever its programs are: what could not be read, variables that change what programs do, and
// where output goes.
import type { Tier } from '@countersign/protocol/tier';
import {
  type Doubt,
  type DoubtKind,
  HOLE,
  type Listed,
  type ListedAssignment,
  type ListedRedirect,
} from '../shell/listing.ts';
import { isOwnVariable } from './own.ts';
import { judgePath, type PathFacts, type Verdict, written } from './paths.ts';

/** A line that cannot be read for sure is never below elevated; text that nobody can read and that is run, never below destructive. */
const DOUBTS: Record<DoubtKind, readonly [Tier, string]> = {
  parse: ['elevated', 'cannot be read for certain'],
  control: ['elevated', 'holds a character that does not show'],
  name: ['elevated', 'which program runs is only known when it runs'],
  construct: ['elevated', 'holds something that no rule knows'],
  option: ['elevated', 'an option that no rule knows stands before the command'],
  unread: ['destructive', 'runs a text that cannot be read here'],
  dialect: ['elevated', 'is another language, read as if it were Bash'],
  shadow: ['elevated', 'gives a name another meaning'],
  size: ['destructive', 'is too long or too deep to be read'],
};

export function judgeDoubt(doubt: Doubt): Verdict {
  const [tier, why] = DOUBTS[doubt.kind];
  return { rule: `line.${doubt.kind}`, tier, why: `${why}: ${doubt.about}` };
}

// Loader, interpreters, git and everything else that starts what a variable names (R45).
const PROGRAM_VARIABLES =
  /^(LD_.*|DYLD_.*|_RLD.*|LIBPATH|SHLIB_PATH|GCONV_PATH|LOCPATH|NLSPATH|MALLOC_.*|GLIBC_TUNABLES|BASH_ENV|ENV|BASHOPTS|SHELLOPTS|PS[0-4]|PROMPT_COMMAND|IFS|PATH|CDPATH|GLOBIGNORE|EXECIGNORE|BASH_LOADABLES_PATH|BASH_FUNC_.*|FPATH|ZDOTDIR|NODE_.*|NPM_CONFIG_.*|YARN_.*|PNPM_.*|BUN_.*|DENO_.*|TS_NODE_.*|PYTHON.*|PIP_.*|UV_.*|VIRTUAL_ENV|CONDA_.*|PERL.*|RUBY.*|GEM_.*|BUNDLE_.*|JAVA_.*|_JAVA_OPTIONS|JDK_JAVA_OPTIONS|CLASSPATH|MAVEN_.*|GRADLE_.*|LUA_.*|PHPRC|PHP_.*|R_.*|JULIA_.*|ERL_.*|ELIXIR_.*|TCLLIBPATH|GUILE_.*|GO.*|CGO_.*|CARGO.*|RUSTC.*|RUSTFLAGS|CC|CXX|CPP|LDFLAGS|CFLAGS|MAKE.*|CMAKE_.*|GIT_.*|SSH_.*|SUDO_.*|RSYNC_.*|CVS_RSH|SVN_.*|HG.*|EDITOR|VISUAL|FCEDIT|PAGER|MANPAGER|MANOPT|LESS.*|MORE|BROWSER|TERMINFO.*|TERMCAP|TAR_.*|GZIP|UNZIP|ZIPOPT|GREP_.*|RIPGREP_.*|FZF_.*|JQ_.*|PS_.*|HOME|XDG_.*|CURL_.*|WGETRC|NETRC|OPENSSL_.*|SSL.*|HTTPS?_PROXY|ALL_PROXY|FTP_PROXY|NO_PROXY|HOSTALIASES|RES_OPTIONS|RESOLV_.*|DOCKER_.*|BUILDKIT_.*|COMPOSE_.*|KUBE.*|HELM_.*|TF_.*|AWS_.*|GOOGLE_.*|CLOUDSDK_.*|AZURE_.*|PG.*|MYSQL_.*|DBUS_.*|DISPLAY|WAYLAND_.*|XAUTHORITY|SYSTEMD_.*|GNUPGHOME|GPG_.*|VIMINIT|EXINIT|MYVIMRC|SHELL|POSIXLY_CORRECT|OLDPWD|PWD)$/i;
const HARMLESS_VALUE =
  /^(GIT_)?(PAGER|EDITOR|MANPAGER)=(cat|true|:)?$|^GIT_(AUTHOR|COMMITTER)_(NAME|EMAIL|DATE)=|^GIT_TERMINAL_PROMPT=[01]$|^NODE_ENV=\w*$|^PYTHON(UNBUFFERED|DONTWRITEBYTECODE)=\w*$|^(LESS|MAKEFLAGS)=$|^GIT_OPTIONAL_LOCKS=0$/;

/** Variables set for a command or for the shell. */
export function judgeVariables(
  assigns: readonly ListedAssignment[],
  listed: Listed,
  facts: PathFacts,
): readonly Verdict[] {
  return assigns.flatMap(({ name, value }) => [
    ...variable(name, value.value),
    ...pathsIn(value.value, listed, facts),
  ]);
}

/** The environment that an action brings: `PATH` and `HOME` are every process's. Where the folders of `XDG_*` are is not, and
 * configuration lies in them that says what programs start. */
export function judgeEnvironment(env: Readonly<Record<string, string>>): readonly Verdict[] {
  return Object.entries(env).flatMap(([name, value]) =>
    /^(PATH|HOME|PWD|OLDPWD|SHELL|DISPLAY|LANG|LC_.*)$/.test(name) ? [] : variable(name, value),
  );
}

function variable(name: string, value: string): readonly Verdict[] {
  if (isOwnVariable(name))
    return [{ rule: 'floor.countersign', tier: 'destructive', why: `${name} belongs to Countersign` }];
  if (!PROGRAM_VARIABLES.test(name) || HARMLESS_VALUE.test(`${name}=${value}`)) return [];
  return [
    { rule: 'env.program', tier: 'elevated', why: `${name} changes what programs do or which are started` },
  ];
}

function pathsIn(value: string, listed: Listed, facts: PathFacts): readonly Verdict[] {
  const names = value.toLowerCase().split('/');
  const own = facts.context.guarded.paths.some((path) =>
    names.includes(path.slice(path.lastIndexOf('/') + 1).toLowerCase()),
  );
  if (own) return [{ rule: 'floor.countersign', tier: 'destructive', why: "names Countersign's own files" }];
  if (!/[/~]/.test(value) || value.includes(HOLE)) return [];
  return judgePath({ text: value, value, kind: 'exact' }, 'names', listed, facts).filter(
    ({ rule }) => rule === 'floor.countersign',
  );
}

const NOTHING: readonly Verdict[] = [];
const SETTING = new Set('export declare typeset local readonly read unset set mapfile readarray'.split(' '));

/** `export A=b`, `declare A=b`, `read A`: words of the shell's own commands that set variables. */
export function judgeSetting(listed: Listed): readonly Verdict[] {
  const [first] = listed.words;
  if (first === undefined || !SETTING.has(first.value)) return NOTHING;
  const rest = listed.words.slice(1);
  const verdicts = rest.flatMap((word) => {
    const [, name = '', value = ''] = /^([A-Za-z_][A-Za-z0-9_]*)\+?(?:=(.*))?$/s.exec(word.value) ?? [];
    if (word.value.startsWith(HOLE))
      return [
        {
          rule: 'env.program',
          tier: 'elevated' as const,
          why: 'which variable it sets is only known when it runs',
        },
      ];
    return name === '' ? [] : variable(name, value);
  });
  const prints =
    first.value === 'set'
      ? rest.length === 0
      : /^(export|declare|typeset|readonly)$/.test(first.value) &&
        rest.every(({ value }) => value.startsWith('-')) &&
        !rest.some(({ value }) => value.includes('f'));
  if (prints)
    verdicts.push({
      rule: 'secret.environment',
      tier: 'elevated',
      why: 'prints the environment, secrets and all',
    });
  return verdicts;
}

const SECRET_VARIABLE =
  /\$\{?[!#]?[A-Za-z0-9_]*(SECRET|TOKEN|PASSW|PASSPHRASE|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIAL|_PAT\b|_KEY\b|AUTH)/i;

/** Variables that are usually secret, put into words. */
export function judgeSecretVariables(line: string): readonly Verdict[] {
  const found = line.includes('$') ? SECRET_VARIABLE.exec(line) : null;
  return found === null
    ? []
    : [{ rule: 'secret.variable', tier: 'elevated', why: `uses ${found[0]}…, which is usually secret` }];
}

export function judgeRedirects(listed: Listed, facts: PathFacts): readonly Verdict[] {
  const { redirects } = listed;
  // A line may say the same a thousand times.
  const different =
    redirects.length < 9
      ? redirects
      : [...Map.groupBy(redirects, saidBy).values()].flatMap((same) => same.slice(0, 1));
  return different.flatMap(({ operator, target }) => {
    const copies = (operator === '>&' || operator === '<&') && /^(\d+-?|-)$/.test(target.value);
    if (copies) return [];
    if (operator === '<' || operator === '<&') return judgePath(target, 'reads', listed, facts);
    return written(target, listed, facts);
  });
}

const saidBy = ({ operator, target }: ListedRedirect): string =>
  `${operator} ${target.kind} ${target.text}\n${target.value}`;
