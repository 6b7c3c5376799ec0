// Programs whose first operand is a command of its own (`git -C x push`). Here stand the options that may come before it,
// so that none of them can hide which command it is.
import type { ListedWord } from './listing.ts';
import { type GivenOption, type OptionTable, optionTable, readOptions } from './options.ts';

const GLOBALS: ReadonlyMap<string, OptionTable> = new Map(
  Object.entries({
    git: '-C: -c^ -p -P -v -h --exec-path^ --html-path --man-path --info-path --paginate --no-pager --no-replace-objects --bare --git-dir^ --work-tree< --namespace: --super-prefix: --config-env^ --literal-pathspecs --glob-pathspecs --noglob-pathspecs --icase-pathspecs --no-optional-locks --no-lazy-fetch --no-advice --list-cmds: --attr-source: --version --help',
    'git stash':
      '-p -k -S -u -a -q -m: --patch --keep-index --no-keep-index --staged --include-untracked --all --quiet --message:',
    'git remote': '-v --verbose',
    'git worktree': '',
    'git submodule': '-q --quiet --cached',
    'git bisect': '',
    'git notes': '--ref:',
    'git reflog': '-n: -# --all --date: --oneline',
    'git bundle': '',
    'git lfs': '',
    'git maintenance': '',
    'git sparse-checkout': '',
    docker:
      '-c^ -D -H^ -l: -v --context^ --debug --host^ --log-level: --tls --tlscacert< --tlscert< --tlskey< --tlsverify --config^ --version --help',
    'docker compose':
      '-f< -p: --file< --project-name: --profile: --env-file< --project-directory: --ansi: --progress: --parallel: --compatibility --dry-run --all-resources',
    'docker container': '',
    'docker image': '',
    'docker volume': '',
    'docker network': '',
    'docker system': '',
    'docker context': '',
    'docker buildx': '--builder:',
    'docker builder': '',
    kubectl:
      '-n: -s^ -v: --namespace: --context: --cluster: --user: --kubeconfig^ --server^ --token: --as^ --as-group^ --request-timeout: --certificate-authority< --client-certificate< --client-key< --insecure-skip-tls-verify --cache-dir> --tls-server-name: --warnings-as-errors',
    'kubectl config': '',
    'kubectl rollout': '',
    'kubectl auth': '',
    helm: '-n: --namespace: --kube-context: --kubeconfig^ --debug --registry-config< --repository-cache< --repository-config<',
    npm: '-g -s -d -w: -C< --prefix< --global --silent --loglevel: --workspace: --workspaces --registry^ --userconfig^',
    'npm config': '',
    'npm pkg': '',
    pnpm: '-C< -r -w -F: --dir< --filter: --recursive --workspace-root --silent --reporter:',
    yarn: '--cwd< --silent -s',
    'yarn npm': '',
    bun: '--cwd< --silent',
    'bun pm': '',
    pip: '-q -v --quiet --verbose --disable-pip-version-check --no-input --isolated --python^ --log> --proxy^ --timeout: --no-color --no-python-version-warning',
    'pip config': '',
    pipx: '-q -v --quiet --verbose',
    uv: '-q -v --quiet --verbose --no-progress --offline --color: --directory< --project< --no-cache -n',
    'uv pip': '',
    'uv tool': '',
    'uv python': '',
    poetry: '-q -v -n -C< --quiet --no-interaction --ansi --no-ansi --directory< --project<',
    cargo:
      '-q -v -C< -Z^ --quiet --verbose --color: --frozen --locked --offline --config^ --list --version -V',
    rustup: '-q -v --quiet --verbose',
    go: '-C<',
    'go mod': '',
    gh: '-R: --repo:',
    'gh pr': '-R: --repo:',
    'gh issue': '-R: --repo:',
    'gh repo': '-R: --repo:',
    'gh run': '-R: --repo:',
    'gh release': '-R: --repo:',
    'gh workflow': '-R: --repo:',
    'gh auth': '',
    'gh secret': '-R: --repo:',
    'gh gist': '',
    glab: '-R: --repo:',
    systemctl:
      '-q -a -l -t: -p: -n: -o: -H^ -M^ --user --system --global --quiet --no-pager --all --full --type: --state: --property: --lines: --output: --host^ --machine^ --no-ask-password --no-legend --plain --now --root< --force -f -r --recursive',
    launchctl: '',
    brew: '-q -v --quiet --verbose',
    'brew services': '',
    apt: '-q -y -s --quiet --yes -o^ -c^ --option^ --config-file^ --assume-yes --simulate --dry-run',
    'apt-get': '-q -y -s --quiet --yes -o^ -c^ --option^ --config-file^ --assume-yes --simulate --dry-run',
    'apt-cache': '-q -o^ -c^ --option^ --config-file^',
    dnf: '-q -y -v --quiet --assumeyes --assumeno --setopt^ -c^ --config^',
    yum: '-q -y -v --quiet --assumeyes --assumeno --setopt^ -c^ --config^',
    apk: '-q -v -U --quiet --no-cache --repository^ -X^ --root< -p<',
    snap: '',
    flatpak: '-v --verbose --user --system',
    aws: '--profile^ --region: --output: --query: --endpoint-url^ --no-paginate --no-cli-pager --no-sign-request --ca-bundle< --cli-read-timeout: --cli-connect-timeout: --color:',
    'aws s3': '',
    'aws sts': '',
    'aws ec2': '',
    'aws iam': '',
    gcloud: '-q --project: --account: --format: --verbosity: --quiet --configuration: --region: --zone:',
    az: '-o: --output: --query: --subscription: --only-show-errors --verbose --debug',
    terraform: '-chdir: -version -help',
    'terraform state': '',
    'terraform workspace': '',
    pulumi: '-C: -s: --cwd: --stack: --non-interactive',
    ip: '-4 -6 -s -d -o -br -j -p -c -n: -family: -brief -json -color -details -stats -oneline -netns:',
    conda: '-q -v --quiet --verbose',
    mise: '-q -v -C: --quiet --verbose --cd:',
    asdf: '',
    nix: '--extra-experimental-features: --offline --quiet --verbose -v -L',
    countersign: '--json --yes --quiet',
    openclaw: '--json --profile: --dev',
    tmux: '-2 -8 -C -D -l -N -u -v -V -c! -f< -L: -S< -T:',
    dotnet: '',
    bundle: '--no-color -V --verbose --retry: -r:',
    gem: '-q --quiet --verbose -V --norc',
    vercel: '-t: --token: --cwd: --scope: --debug -d',
    wrangler: '-c< --config< --cwd: -e: --env:',
    op: '--account: --format: --vault: --cache --session:',
    vault: '',
    bw: '--session: --raw --response --quiet',
    ...Object.fromEntries(
      'perf doppler direnv dotenvx nix micromamba rbenv pyenv nvm fnm volta pipenv hatch rye pdm tox lxc machinectl distrobox toolbox vagrant deno pod mix composer'
        .split(' ')
        .map((name) => [name, '']),
    ),
    'gcloud compute': '',
  }).map(([name, options]) => [name, optionTable(options)] as const),
);

export interface Subcommand {
  /** `['git', 'push']`; the program alone when it has no commands, or none was given. */
  readonly path: readonly string[];
  /** Index of the last word of the path. */
  readonly at: number;
  /** Options that came before it. */
  readonly before: readonly GivenOption[];
  /** The next word is one that only the run knows. */
  readonly unknown: boolean;
}

/** Reads as far as this table knows commands of commands. `program` is the name without its folder. */
export function subcommandOf(program: string, words: readonly ListedWord[]): Subcommand {
  const path = program.includes(' ') ? program.split(' ') : [program];
  const before: GivenOption[] = [];
  let at = 0;
  for (;;) {
    const table = GLOBALS.get(path.length === 1 ? program : path.join(' '));
    if (table === undefined) return { path, at, before, unknown: false };
    const given = readOptions(words, table, { stop: true, from: at + 1 });
    before.push(...given.options);
    const [next] = given.operands;
    const [place] = given.places;
    if (next === undefined || place === undefined) return { path, at, before, unknown: false };
    if (next.kind !== 'exact') return { path, at, before, unknown: true };
    // `docker container run` and `docker run` are one command.
    if (path.length === 2 && path[1] === 'container' && path[0] === 'docker') path.pop();
    path.push(next.value);
    at = place;
  }
}
