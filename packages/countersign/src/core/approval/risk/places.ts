// Places in a file system that mean something: secrets, what starts by itself, what belongs to the system, what anybody
// may know. One list each; `~` is every home that could be meant, `**` any folders, `*` anything within a name.

import { matchesGlob } from './glob.ts';
import { belowHomes } from './homes.ts';

export type Place =
  | 'secret'
  | 'persists'
  | 'shadows'
  | 'hooks'
  | 'later'
  | 'around'
  | 'system'
  | 'device'
  | 'network'
  | 'public'
  | 'nowhere';

const LISTS: Record<Place, string> = {
  secret: `
    **/.env **/.env.* **/.envrc **/.npmrc **/.pypirc **/.netrc **/_netrc **/.pgpass **/.my.cnf **/.git-credentials **/.htpasswd
    **/.s3cfg **/.boto **/.vault-token **/.yarnrc.yml **/credentials **/credentials.json **/credentials.db **/secrets.* **/secrets
    **/id_rsa **/id_dsa **/id_ecdsa **/id_ecdsa_sk **/id_ed25519 **/id_ed25519_sk **/*.pem **/*.key **/*.p12 **/*.pfx **/*.jks
    **/*.keystore **/*.kdbx **/*.ppk **/*.ovpn **/*.tfstate **/*.tfvars **/service-account*.json **/.git/config **/.dockercfg
    **/.ssh/** **/.gnupg/** **/.aws/** **/.azure/** **/.config/gcloud/** **/.kube/** **/.docker/config.json **/.docker/**
    ~/.config/gh/** ~/.config/hub ~/.config/op/** ~/.config/rclone/** ~/.config/sops/** ~/.password-store/** ~/.local/share/keyrings/**
    ~/.*_history ~/.local/share/fish/fish_history ~/.viminfo ~/.lesshst ~/.mozilla/** ~/.config/google-chrome/** ~/.config/chromium/**
    ~/.config/BraveSoftware/** ~/.thunderbird/** ~/.electrum/** ~/.bitcoin/** ~/.ethereum/** ~/.terraform.d/** ~/.cargo/credentials*
    ~/.gem/credentials ~/.m2/settings.xml ~/.gradle/gradle.properties ~/.composer/auth.json ~/.claude.json ~/.claude/.credentials.json
    ~/.codex/auth.json ~/.gemini/oauth* ~/.openclaw/** ~/.config/github-copilot/** ~/Library/Keychains/** ~/Library/Cookies/**
    ~/Library/Application?Support/Google/** ~/Library/Application?Support/Firefox/** ~/Library/Messages/** ~/Library/Mail/**
    /etc/shadow* /etc/gshadow* /etc/sudoers /etc/sudoers.d/** /etc/ssl/private/** /etc/ssh/ssh_host_* /proc/*/environ /proc/*/mem
    /proc/*/cmdline /proc/*/maps /proc/*/fd/** /proc/*/cwd/** /proc/*/root/** /proc/kcore /dev/mem /dev/kmem /run/secrets/**
    /var/run/secrets/** /root/** /var/lib/docker/** /run/user/*/** /var/run/docker.sock /run/docker.sock`,
  persists: `
    ~/.bashrc ~/.bash_profile ~/.bash_login ~/.bash_logout ~/.bash_aliases ~/.profile ~/.zshrc ~/.zshenv ~/.zprofile ~/.zlogin
    ~/.zlogout ~/.kshrc ~/.cshrc ~/.tcshrc ~/.login ~/.xinitrc ~/.xsession ~/.xprofile ~/.xsessionrc ~/.Xresources ~/.inputrc
    ~/.pam_environment ~/.environment ~/.config/fish/** ~/.config/autostart/** ~/.config/autostart-scripts/** ~/.config/systemd/**
    ~/.local/share/systemd/** ~/.config/environment.d/** ~/.config/upstart/** ~/.ssh/** **/authorized_keys **/authorized_keys2
    ~/.gitconfig ~/.config/git/** ~/.gitattributes ~/.git-templates/** ~/.vimrc ~/.vim/** ~/.config/nvim/** ~/.emacs ~/.emacs.d/**
    ~/.tmux.conf ~/.screenrc ~/.gdbinit ~/.lldbinit ~/.psqlrc ~/.sqliterc ~/.pythonrc* ~/.pythonstartup ~/.irbrc ~/.Rprofile
    ~/.npmrc ~/.yarnrc* ~/.config/pip/** ~/.pip/** ~/.condarc ~/.cargo/config* ~/.gemrc ~/.curlrc ~/.wgetrc ~/.mailrc ~/.netrc
    ~/.forward ~/.procmailrc ~/.rhosts ~/.shosts ~/.k5login ~/.config/direnv/** ~/.docker/config.json ~/.kube/config ~/.aws/config
    ~/.local/lib/python*/** ~/.config/Code/User/** ~/Library/LaunchAgents/** ~/Library/LaunchDaemons/** ~/Library/Preferences/**
    ~/.vscode/extensions/** ~/.oh-my-zsh/** ~/.config/plasma-workspace/** ~/.kde/Autostart/** **/bash_completion.d/**`,
  shadows:
    '~/bin/** ~/.local/bin/** ~/.cargo/bin/** ~/.npm-global/** ~/.nvm/** ~/.bun/bin/** ~/.deno/bin/** ~/go/bin/** ~/.asdf/** ~/.pyenv/** ~/.rbenv/** ~/.volta/**',
  hooks: `
    **/.claude/settings*.json **/.claude/hooks/** ~/.claude.json **/.codex/** **/.gemini/** **/.copilot/** **/.github/hooks/**
    ~/.openclaw/** **/.cursor/hooks.json **/.cursor/permissions.json **/managed-settings.json`,
  later: `
    **/.git/** **/HEAD **/*.git/config **/*.git/hooks/** **/.gitattributes **/.gitmodules **/.envrc **/.direnv/** **/.husky/**
    **/.huskyrc* **/.githooks/** **/.pre-commit-config.y*ml **/lefthook.y*ml **/.lefthook.y*ml **/lefthook-local.y*ml
    **/.lefthook/** **/.lintstagedrc* **/.lint-staged.* **/lint-staged.config.* **/.simple-git-hooks.* **/.overcommit.yml
    **/.github/workflows/** **/.gitea/workflows/** **/.forgejo/workflows/** **/.gitlab-ci.yml **/.circleci/** **/.travis.yml
    **/.gitpod.yml **/.gitpod.Dockerfile **/Jenkinsfile **/azure-pipelines.y*ml **/bitbucket-pipelines.yml **/.drone.yml
    **/.woodpecker/** **/.woodpecker.y*ml **/.buildkite/** **/.appveyor.yml **/.cirrus.yml **/.builds/** **/.semaphore/**
    **/.vscode/tasks.json **/.vscode/settings.json **/.vscode/launch.json **/.vscode/mcp.json **/*.code-workspace
    **/.devcontainer/** **/.devcontainer.json **/.idea/** **/.zed/tasks.json **/.zed/settings.json **/.zed/debug.json
    **/.exrc **/.vimrc **/.nvimrc **/.nvim.lua **/.lvimrc **/.vim/** **/.nvim/** **/.helix/** **/.dir-locals.el
    **/.dir-locals-2.el **/.mcp.json **/.cursor/** **/.claude/** **/.aider.conf.yml **/opencode.json **/opencode.jsonc
    **/.opencode/** **/.roo/mcp.json **/.kiro/** **/.amazonq/** **/.windsurf/** **/.continue/**
    **/.npmrc **/.yarnrc* **/.yarn/releases/** **/.yarn/plugins/** **/.pnpmfile.cjs **/.pnp.cjs **/.pnp.loader.mjs
    **/node_modules/.bin/** **/.bundle/config **/.cargo/config* **/rust-toolchain **/rust-toolchain.toml **/global.json
    **/.mvn/** **/.tool-versions **/.mise.toml **/.mise.*.toml **/mise.toml **/mise.*.toml **/.mise/** **/.config/mise/**
    **/.rtx.toml **/.python-version **/.ruby-version **/.node-version **/.java-version **/.perl-version **/.php-version
    **/.go-version **/.lua-version **/conftest.py **/sitecustomize.py **/usercustomize.py **/*.pth **/.pdbrc **/.irbrc
    **/.pryrc **/.Rprofile **/.ghci **/.ocamlinit **/.octaverc **/.gdbinit **/.lldbinit`,
  around: '',
  system: `
    / /bin/** /sbin/** /usr/** /lib/** /lib32/** /lib64/** /libx32/** /etc/** /boot/** /proc/** /sys/** /root/** /opt/** /srv/**
    /var/lib/** /var/spool/** /var/log/** /var/cache/** /var/www/** /var/run/** /run/** /var/mail/** /var/backups/** /snap/** /nix/**
    /System/** /Library/** /Applications/** /private/etc/** /private/var/** /cores/** /init /home /Users /var /bin /sbin /usr /lib
    /etc /boot /proc /sys /root /opt /srv /dev /run C:/**`,
  device: '/dev/**',
  network: '/dev/tcp/** /dev/udp/**',
  public: `
    /usr/** /bin/** /sbin/** /lib/** /lib32/** /lib64/** /opt/** /nix/store/** /snap/** /System/** /Library/Developer/** /usr /bin /sbin /lib
    /etc/os-release /etc/lsb-release /etc/debian_version /etc/alpine-release /etc/redhat-release /etc/hostname /etc/hosts
    /etc/timezone /etc/localtime /etc/resolv.conf /etc/services /etc/protocols /etc/shells /etc/mime.types /etc/locale.* /etc/issue
    /proc/cpuinfo /proc/meminfo /proc/version /proc/loadavg /proc/uptime /proc/stat /proc/filesystems /proc/partitions /proc/sys/**
    /dev/urandom /dev/random /sys/class/** /sys/devices/** /sys/block/**`,
  nowhere:
    '/dev/null /dev/stdin /dev/stdout /dev/stderr /dev/tty /dev/fd/* /dev/zero /dev/full /proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2',
};

interface Matcher {
  readonly place: Place;
  readonly expression: RegExp;
  /** A path that it fits, for patterns that are themselves matched against. */
  readonly example: string;
  /** Letters that stand in every path that it fits. */
  readonly hint: string;
}

const escaped = (text: string): string => text.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');

function compile(place: Place, pattern: string): Matcher {
  const source = pattern
    .toLowerCase()
    .split('**')
    .map((part) => escaped(part).replaceAll('*', '[^/]*').replaceAll('?', '[^/]'))
    .join('.*')
    // In lower case throughout. `**/x` is x in any folder, `x/**` is x and all below it.
    .replace(/^\.\*\//, '(?:.*/)?')
    .replace(/\/\.\*$/, '(?:/.*)?');
  const example = pattern.toLowerCase();
  const [hint = ''] = example.split(/[*?~/]+/).toSorted((one, other) => other.length - one.length);
  return { place, expression: new RegExp(`^${source}$`, 's'), example, hint };
}

const patternsOf = (list: string): readonly string[] => list.split(/\s+/).filter((pattern) => pattern !== '');

/** The folders that stand above what is run later: a whole folder may be put there under their names. */
const AROUND: readonly string[] = [LISTS.persists, LISTS.shadows, LISTS.hooks, LISTS.later]
  .flatMap(patternsOf)
  .flatMap((pattern) => {
    const parts = pattern.replace(/\/\*\*$/, '').split('/');
    return parts.map((_, at) => parts.slice(0, at));
  })
  .filter((parts) => parts.length > 1 && !parts.slice(1).some((part) => part.includes('*')))
  .map((parts) => parts.join('/'));

const MATCHERS: readonly Matcher[] = Object.entries({
  ...LISTS,
  around: [...new Set(AROUND)].join(' '),
}).flatMap(([place, list]) => patternsOf(list).map((pattern) => compile(place as Place, pattern)));

/**
 * Where a matcher is looked up: by the first name of its own, so that a path is held against the few that could fit it and
 * not against all. In any folder, of the home, of the root, by the ending, and those whose first name varies.
 */
type Shelf = 'name' | 'home' | 'root' | 'ending' | 'any';

function shelfOf(example: string): readonly [Shelf, string] {
  const [first = '', second = '', third] = example.split('/');
  const anywhere = first === '**';
  if (anywhere && third === undefined && /^\*\.\w+$/.test(second)) return ['ending', second.slice(2)];
  if (/[*?]/.test(second)) return ['any', ''];
  return [anywhere ? 'name' : first === '~' ? 'home' : 'root', second];
}

const shelf = (wanted: Shelf): ReadonlyMap<string, readonly Matcher[]> =>
  Map.groupBy(
    MATCHERS.filter(({ example }) => shelfOf(example)[0] === wanted),
    ({ example }) => shelfOf(example)[1],
  );
const BY_NAME = shelf('name');
const IN_HOME = shelf('home');
const IN_ROOT = shelf('root');
const BY_ENDING = shelf('ending');
const ANY = shelf('any').get('') ?? [];

const NONE: ReadonlySet<Place> = new Set();
const NOWHERE: ReadonlySet<Place> = new Set(['nowhere']);

/** The name that begins at `from`. */
function nameAt(path: string, from: number): string {
  const end = path.indexOf('/', from);
  return end === -1 ? path.slice(from) : path.slice(from, end);
}

/** All that an absolute path without `.` and `..` is. `glob`: it is a pattern, and is all that it could match. */
export function placesOf(path: string, homes: readonly string[], glob: boolean): ReadonlySet<Place> {
  const lower = path.toLowerCase();
  const tails = belowHomes(lower, homes, glob);
  const found: Set<Place> = new Set();
  const tried = (matchers: readonly Matcher[] | undefined): void => {
    if (matchers === undefined) return;
    for (const { place, expression } of matchers) {
      if (!found.has(place) && (expression.test(lower) || tails.some((tail) => expression.test(tail))))
        found.add(place);
    }
  };
  for (const one of ANY) if (lower.includes(one.hint)) tried([one]);
  const slash = lower.indexOf('/');
  if (slash !== -1) tried(IN_ROOT.get(nameAt(lower, slash + 1)));
  else tried(IN_ROOT.get(''));
  for (const tail of tails) tried(IN_HOME.get(tail.length > 2 ? nameAt(tail, 2) : ''));
  for (let from = 0; from <= lower.length; ) {
    const name = nameAt(lower, from);
    tried(BY_NAME.get(name));
    from += name.length + 1;
  }
  const dot = lower.lastIndexOf('.');
  if (dot > lower.lastIndexOf('/')) tried(BY_ENDING.get(lower.slice(dot + 1)));
  if (glob) for (const one of [lower, ...tails]) couldBe(one, found);
  // Harmless devices are no devices, and what is nowhere is no file of the system.
  if (found.has('nowhere') && !glob) return NOWHERE;
  if (glob) {
    found.delete('nowhere');
    if (!/^(\/usr|\/bin|\/lib|\/opt)\/?/.test(lower)) found.delete('public');
  }
  return found.size === 0 ? NONE : found;
}

/** Names of any folder (`**\/.env`), and whole paths, as a pattern is held against them. */
const NAMES: readonly (readonly [Place, string])[] = MATCHERS.flatMap(
  ({ place, example }): (readonly [Place, string])[] => {
    const name = /^\*\*\/([^/*]+)$/.exec(example)?.[1];
    return name === undefined ? [] : [[place, name]];
  },
);
const WHOLE: readonly { readonly place: Place; readonly parts: readonly string[]; readonly least: number }[] =
  MATCHERS.filter(({ example }) => /^[~/]/.test(example)).map(({ place, example }) => {
    const parts = example.split('/');
    return { place, parts, least: parts.filter((part) => part !== '**').length };
  });

/** Every place that holds a file which the pattern could name. */
function couldBe(pattern: string, found: Set<Place>): void {
  const parts = pattern.split('/');
  const name = parts.at(-1) ?? '';
  if (/[*?[]/.test(name) && !ANYTHING.test(name)) {
    for (const [place, wanted] of NAMES) if (!found.has(place) && matchesGlob(name, wanted)) found.add(place);
  }
  for (const { place, parts: target, least } of WHOLE) {
    if (!found.has(place) && parts.length >= least && fitsWhole(parts, target)) found.add(place);
  }
  couldBeBelow(parts, found);
}

/** Below any folder: `**\/.git/config`, against `.gi[t]/config` wherever it stands. */
const BELOW: readonly { readonly place: Place; readonly parts: readonly string[] }[] = MATCHERS.flatMap(
  ({ place, example }) => {
    const parts = example.split('/').slice(1);
    return example.startsWith('**/') && parts.length > 1 ? [{ place, parts }] : [];
  },
);

function couldBeBelow(parts: readonly string[], found: Set<Place>): void {
  // Where no name is a pattern, the plain expressions have looked.
  for (const [at, part] of parts.entries()) {
    if (!/[*?[]/.test(part)) continue;
    for (const { place, parts: target } of BELOW) {
      if (found.has(place)) continue;
      const open = target.at(-1) === '**';
      const last = parts.length - target.length + (open ? 1 : 0);
      // What does not end in `**` is a whole ending of the path.
      for (
        let from = open ? Math.max(0, at - target.length + 1) : last;
        from <= Math.min(at, last);
        from += 1
      ) {
        const window = from < 0 ? [] : parts.slice(from, from + target.length);
        if (window.length > 0 && fitsWhole(window, target) && saysSome(window, target)) found.add(place);
      }
    }
  }
}

/** `*` and `*.json` are what people write; they say nothing about secrets. */
const ANYTHING = /^\*+$|^\*\.[a-z0-9]+$/;

/** `.vscode/*` names a place by one of its names; a star alone does not. */
const saysSome = (window: readonly string[], target: readonly string[]): boolean =>
  target.some((name, at) => name !== '**' && at < window.length && !ANYTHING.test(window[at] ?? ''));

const fitsWhole = (parts: readonly string[], target: readonly string[]): boolean =>
  parts.every((part, at) => {
    const other = target[at];
    if (other === undefined) return target.at(-1) === '**';
    return other === '**' || part === other || matchesGlob(part, other);
  });
