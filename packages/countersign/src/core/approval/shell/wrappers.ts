// Programs that run what their words say. One row each: `program | options | operands before the command | what follows`.
// An option that a row does not name is doubted, and the command is then looked for behind it and one word further.
import { type OptionTable, optionTable } from './options.ts';

/**
 * How the rest is run. `words`: as a command of its own. `joined`: glued with spaces and read by a shell. `none`: only
 * options hold commands. `input`: as `words`, with more words from standard input behind them.
 */
export type Rest = 'words' | 'joined' | 'none' | 'input';

export interface Wrapper {
  readonly name: string;
  readonly options: OptionTable;
  readonly skip: number;
  readonly rest: Rest;
  readonly place: 'here' | 'remote' | 'container';
  /** `NAME=value` words may come before the command. */
  readonly assigns: boolean;
}

const TABLE = `
sudo | -A -b -B -E -e -H -i -k -K -l -n -N -P -S -s -v -V -u: -g: -h: -p: -C: -r: -t: -T: -U: -D: -R: --askpass --background --bell --edit --login --list --non-interactive --no-update --preserve-env? --preserve-groups --stdin --shell --set-home --reset-timestamp --remove-timestamp --validate --user: --group: --host: --prompt: --close-from: --role: --type: --command-timeout: --other-user: --chdir: --chroot: | 0 | words assigns
sudoedit | * | 0 | none
doas | -L -n -s -C: -u: -a: | 0 | words
su | - -l -m -p -f -P -c! -s: -g: -G: -w: --command! --session-command! --shell: --login --preserve-environment --fast --pty --group: --supp-group: --whitelist-environment: | 0 | none
runuser | - -l -m -p -f -P -c! -s: -g: -G: -u: -w: --command! --session-command! --shell: --login --preserve-environment --fast --pty --user: --group: --supp-group: | 0 | words
pkexec | --user: --disable-internal-agent --keep-cwd | 0 | words
run0 | -u: -g: -D: --user: --group: --chdir: --nice: --setenv: --background: --unit: --property: --slice: --machine: --no-ask-password --pipe --pty --via-shell | 0 | words
gosu | | 1 | words
su-exec | | 1 | words
setpriv | --reuid: --regid: --groups: --clear-groups --keep-groups --init-groups --inh-caps: --ambient-caps: --bounding-set: --securebits: --pdeathsig: --selinux-label: --apparmor-profile: --no-new-privs --nnp --reset-env --ruid: --euid: --rgid: --egid: --landlock-access: --landlock-rule: --seccomp-filter: | 0 | words
capsh | * | 0 | none
nohup | | 0 | words
setsid | -c -f -w --ctty --fork --wait | 0 | words
timeout | -f -p -v -k: -s: --foreground --preserve-status --verbose --kill-after: --signal: | 1 | words
gtimeout | -f -p -v -k: -s: --foreground --preserve-status --verbose --kill-after: --signal: | 1 | words
nice | -n: -# --adjustment: | 0 | words
ionice | -t -c: -n: -p: -P: -u: --class: --classdata: --ignore | 0 | words
chrt | -a -b -f -i -m -o -r -R -v -d -T: -P: -D: -p --all-tasks --batch --deadline --fifo --idle --other --rr --max --reset-on-fork --sched-runtime: --sched-period: --sched-deadline: --verbose | 1 | words
taskset | -a -c -p --all-tasks --cpu-list --pid | 1 | words
numactl | -H -s -a -l -i: -m: -N: -C: -p: -P: -w: --all --hardware --show --localalloc --interleave: --membind: --cpunodebind: --physcpubind: --preferred: --weighted-interleave: | 0 | words
prlimit | -v? -n? -u? -f? -c? -s? -d? -m? -l? -t? -p: -o: --noheadings --raw --verbose --pid: --output: --nofile? --nproc? --as? --core? --cpu? --data? --fsize? --memlock? --rss? --stack? --rtprio? --sigpending? --nice? --locks? --msgqueue? --rttime? | 0 | words
time | -a -p -q -v -o> -f: --append --portability --quiet --verbose --output> --format: | 0 | words
gtime | -a -p -q -v -o> -f: --append --portability --quiet --verbose --output> --format: | 0 | words
stdbuf | -i: -o: -e: --input: --output: --error: | 0 | words
unbuffer | -p | 0 | words
rlwrap | -a? -A? -c -C: -e: -f< -g: -H> -i -l> -m? -n -N -o -p? -P: -q: -r -R -s: -S: -t: -U -v -w: -W? -z^ | 0 | words
flock | -e -x -s -n -o -u -w: -E: -F -c! --exclusive --shared --nonblock --nb --close --unlock --wait: --timeout: --conflict-exit-code: --no-fork --verbose --command! | 1 | words
lockfile-run | * | 1 | words
xargs | -0 -r -t -p -x -o -I: -J: -R: -i? -n: -P: -L: -l? -s: -S: -d: -E: -e? -a< --null --no-run-if-empty --verbose --interactive --exit --open-tty --replace? --max-args: --max-procs: --max-lines? --max-chars: --delimiter: --eof? --arg-file< --process-slot-var: --show-limits | 0 | input
parallel | -0 -k -q -u -v -X -m -t -j: -P: -N: -n: -L: -I: -a< -C: -S: -d: --jobs: --keep-order --dry-run --bar --progress --eta --halt: --will-cite --quote --null --tag --line-buffer --ungroup --group --joblog> --results> --colsep: --delay: --retries: --timeout: --pipe --pipepart --block: --arg-file< --no-run-if-empty -r --no-notice --verbose --shuf --xargs --max-args: --max-procs: --plain --delimiter: | 0 | joined input
command | -p | 0 | words
builtin | | 0 | words
exec | -c -l -a: | 0 | words
noglob | | 0 | words
nocorrect | | 0 | words
eval | | 0 | joined
watch | -b -c -C -d? -e -f -g -p -q: -r -t -w -x -n: --beep --color --no-color --differences? --errexit --follow --chgexit --precise --equexit: --no-rerun --no-title --no-wrap --exec --interval: | 0 | joined
entr | -a -c -d -n -p -r -s -x -z | 0 | words
strace | -f -F -ff -c -C -d -D -h -i -k -n -N -q -r -t -T -v -V -w -x -y -Y -z -Z -e: -E: -a: -b: -I: -o> -O: -p: -P: -s: -S: -u: -U: -X: --output> --trace: --follow-forks --summary-only --string-limit: | 0 | words
ltrace | -f -c -C -d -h -i -L -r -S -t -T -V -e: -a: -A: -D: -F: -l: -n: -o> -p: -s: -u: -w: -x: --output> | 0 | words
valgrind | * | 0 | words
gdb | -q -n -nx -nh -batch -quiet -p: -x^ -ix^ -ex^ -iex^ -c< -s< -e< -d< --batch --quiet --nx --args --pid: --command^ --eval-command^ --ex^ | 0 | words
perf stat | -a -d -v -x: -r: -e: -o> -p: -C: -I: --repeat: --event: --output> | 0 | words
perf record | -a -g -v -F: -e: -o> -p: -C: --output> --call-graph: | 0 | words
hyperfine | -w: -m: -M: -r: -p! -s! -c! -n: -N -i -S: -u: -P: -L: --warmup: --runs: --min-runs: --max-runs: --prepare! --setup! --cleanup! --conclude! --shell: --ignore-failure --export-json> --export-markdown> --export-csv> --style: --show-output | 0 | joined
script | -a -e -f -q -t? -c! -E: -I> -O> -B> -T> -m: -o: --append --return --flush --quiet --command! --log-in> --log-out> --log-io> --log-timing> --timing? --echo: --output-limit: | 0 | none
expect | -c^ -d -b -f< -i -n -N -D: | 0 | none
chroot | --groups: --userspec: --skip-chdir | 1 | words container
unshare | -m? -u? -i? -n? -p? -U? -C? -T? -f -r -c -S: -G: -R: -w: --mount? --uts? --ipc? --net? --pid? --user? --cgroup? --time? --fork --map-root-user --map-current-user --mount-proc? --kill-child? --propagation: --root: --wd: --setuid: --setgid: --map-users: --map-groups: --map-auto --keep-caps --setgroups: | 0 | words
nsenter | -a -F -m? -u? -i? -n? -p? -U? -C? -T? -r? -w? -W: -e -t: -S: -G: -Z --all --target: --mount? --uts? --ipc? --net? --pid? --user? --cgroup? --time? --root? --wd? --wdns: --env --no-fork --preserve-credentials --setuid: --setgid: | 0 | words
firejail | * | 0 | words
bwrap | --unshare-all --unshare-net --unshare-user --unshare-pid --unshare-ipc --unshare-uts --unshare-cgroup --share-net --die-with-parent --new-session --clearenv --as-pid-1 --proc: --dev: --tmpfs: --dir: --chdir: --hostname: --uid: --gid: --unsetenv: | 0 | words
systemd-run | -t -P -q -G -S -d -r -M: -H: -p: -u: -E: -t --user --system --scope --pty --pipe --quiet --wait --collect --shell --same-dir --remain-after-exit --no-block --no-ask-password --unit: --description: --slice: --slice-inherit --uid: --gid: --nice: --working-directory: --setenv: --property: --service-type: --on-active: --on-boot: --on-startup: --on-unit-active: --on-calendar: --timer-property: --path-property: --host: --machine: | 0 | words
systemd-inhibit | --list --what: --who: --why: --mode: --no-pager --no-legend | 0 | words
cgexec | -g: --sticky | 0 | words
dbus-run-session | --config-file: --dbus-daemon: | 0 | words
dbus-launch | --auto-syntax --exit-with-session --sh-syntax --csh-syntax --close-stderr --config-file: --autolaunch: | 0 | words
xvfb-run | -a -e: -f: -l -n: -p: -s: -w: --auto-servernum --error-file: --server-num: --server-args: | 0 | words
faketime | -f -m --exclude-monotonic | 1 | words
fakeroot | -u -i< -s> -l: -b: --unknown-is-real --lib: --faked: | 0 | words
proot | -r: -b: -w: -0 -S: -R: -q: --rootfs: --bind: --cwd: | 0 | words container
torsocks | -i -a: -P: -u: -p: --isolate | 0 | words
torify | -v | 0 | words
proxychains | -q -f< | 0 | words
proxychains4 | -q -f< | 0 | words
setarch | -R -L -X -v -B -F -I -S -T -Z -3 --addr-no-randomize --verbose --uname-2.6 | 1 | words
linux32 | -R -L -X -v | 0 | words
linux64 | -R -L -X -v | 0 | words
caffeinate | -d -i -m -s -u -t: -w: | 0 | words
arch | -c -h -e: -d: -arch: -x86_64 -arm64 -arm64e -i386 | 0 | words
catchsegv | | 0 | words
chpst | -u: -U: -b: -e< -d: -o: -p: -f: -c: -r: -t: -l: -L: -m: -n: -s: -v -P -0 -1 -2 -/: | 0 | words
setuidgid | | 1 | words
envdir | | 1 | words
softlimit | -m: -d: -s: -l: -a: -o: -p: -f: -c: -r: -t: | 0 | words
daemonize | -a -c: -e> -E: -o> -p> -l> -u: -v | 0 | words
start-stop-daemon | -S -K -b -m -q -t -o -x! -a! -p: -n: -u: -c: -g: -r: -d: -k: --start --stop --background --make-pidfile --quiet --test --oknodo --exec! --startas! --pidfile: --name: --user: --chuid: --group: --chroot: --chdir: --umask: | 0 | none
retry | -d: -t: -n: --times: --delay: --until: --while: | 0 | words
doppler run | * | 0 | words
op run | --env-file< --no-masking --environment: | 0 | words
direnv exec | | 1 | words
dotenv | -e< -f< -c -o -p: -v: | 0 | words
dotenvx run | -f< -e: --env-file< --env: --quiet --overload | 0 | words
env-cmd | -f< -e: -r< --file< --silent --no-override --fallback | 0 | words
cross-env | | 0 | words assigns
cross-env-shell | | 0 | joined assigns
nix-shell | -p: --pure --packages: -A: -I: --run! --command! -E^ --expr^ --keep: | 0 | none
nix develop | --command: -c: --impure -i --ignore-environment -k: | 0 | none
conda run | -n: -p: -v --name: --prefix: --cwd: --no-capture-output --live-stream --dev | 0 | words
micromamba run | -n: -p: --name: --prefix: --cwd: | 0 | words
mise exec | -c! -j: --command! --jobs: --raw | 0 | words
asdf exec | | 0 | words
rbenv exec | | 0 | words
pyenv exec | | 0 | words
nvm exec | --silent | 1 | words
fnm exec | --using: | 0 | words
volta run | --node: --npm: --yarn: --pnpm: --no-npm | 0 | words
poetry run | | 0 | words
pipenv run | | 0 | words
uv run | -p: -q -v -n -U -P: --python: --with: --with-requirements< --with-editable: --extra: --group: --no-project --isolated --frozen --locked --no-sync --project: --directory: --env-file< --active --all-extras --no-dev --quiet --package: -m^ --module^ -s --script --gui-script | 0 | words
hatch run | | 0 | words
rye run | | 0 | words
pdm run | -s --site-packages -p: | 0 | words
tox exec | -e: | 0 | words
bundle exec | --keep-file-descriptors --gemfile: | 0 | words
npx | -y -n -q -c! -p: --yes --no --no-install --quiet --package: --call! --ignore-existing --prefer-offline --prefer-online --prefix: -w: --workspace: | 0 | words
npm exec | -y -c! -p: --yes --no --package: --call! -w: --workspace: | 0 | words
npm x | -y -c! -p: --yes --no --package: --call! | 0 | words
pnpm dlx | -c -s --package: --shell-mode --silent | 0 | words
pnpm exec | -r -c --recursive --parallel --shell-mode --no-reporter-hide-prefix | 0 | words
pnpx | -c -s --package: | 0 | words
yarn dlx | -p: -q --package: --quiet | 0 | words
yarn exec | | 0 | words
bunx | -p: --package: --bun --silent --verbose --no-install | 0 | words
bun x | -p: --package: --bun --silent | 0 | words
uvx | -p: -q -v -U --from: --with: --python: --index-url: --quiet --isolated --refresh | 0 | words
uv tool run | -p: -q -v --from: --with: --python: --quiet --isolated | 0 | words
pipx run | -q -v --spec: --python: --pip-args: --no-cache --pypackages --path --verbose | 0 | words
go run | -v -x -n -a -race -exec^ -mod: -modfile: -tags: -ldflags: -gcflags: -toolexec^ -C: | 0 | none
deno run | * | 0 | none
dlx | | 0 | words
busybox | | 0 | words
toybox | | 0 | words
ssh | -4 -6 -A -a -C -f -G -g -K -k -M -N -n -q -s -T -t -V -v -X -x -Y -y -B: -b: -c: -D: -E> -e: -F< -I< -i< -J: -L: -l: -m: -O: -o: -p: -P: -Q: -R: -S: -W: -w: | 1 | joined remote
autossh | -4 -6 -A -a -C -f -g -K -k -N -n -q -s -T -t -V -v -X -x -Y -y -M: -c: -D: -E> -e: -F< -i< -J: -L: -l: -o: -p: -R: -S: -W: | 1 | joined remote
mosh | -4 -6 -a -n -p: --client^ --server: --ssh! --port: --predict: --no-init --local --family: | 1 | words remote
rsh | -d -n -l: | 1 | joined remote
sshpass | -e -v -V -f< -d: -p: -P: | 0 | words
docker run | -d -i -t -P -q -a: -c: -e: -h: -l: -m: -p: -u: -v: -w: --rm --init --detach --interactive --tty --publish-all --privileged --read-only --no-healthcheck --oom-kill-disable --sig-proxy? --quiet --add-host: --annotation: --attach: --blkio-weight: --cap-add: --cap-drop: --cgroup-parent: --cgroupns: --cidfile> --cpu-period: --cpu-quota: --cpu-shares: --cpus: --cpuset-cpus: --device: --dns: --entrypoint: --env: --env-file< --expose: --gpus: --group-add: --health-cmd: --hostname: --ip: --ipc: --isolation: --label: --link: --log-driver: --log-opt: --memory: --memory-swap: --mount: --name: --network: --net: --network-alias: --oom-score-adj: --pid: --pids-limit: --platform: --publish: --pull: --restart: --runtime: --security-opt: --shm-size: --stop-signal: --stop-timeout: --sysctl: --tmpfs: --ulimit: --user: --userns: --uts: --volume: --volume-driver: --volumes-from: --workdir: | 1 | words container
docker exec | -d -i -t -e: -u: -w: --detach --interactive --tty --privileged --env: --env-file< --user: --workdir: --detach-keys: | 1 | words container
docker compose run | -d -i -T -e: -l: -p: -P -u: -v: -w: --rm --no-deps --build --service-ports --use-aliases --quiet-pull --entrypoint: --env: --label: --name: --publish: --user: --volume: --workdir: --remove-orphans --cap-add: --cap-drop: --pull: --quiet --interactive --no-TTY | 1 | words container
docker compose exec | -d -T -e: -u: -w: --privileged --index: --env: --user: --workdir: --detach --no-TTY | 1 | words container
kubectl exec | -i -t -c: -n: -q --stdin --tty --container: --namespace: --filename< --pod-running-timeout: --quiet | 1 | words container
kubectl run | -i -t -n: --rm --stdin --tty --image: --restart: --env: --labels: -l: --port: --command --overrides: --namespace: --dry-run? -q --quiet --attach --image-pull-policy: --privileged | 1 | words container
kubectl debug | -i -t -q -c: -n: --image: --target: --copy-to: --profile: --share-processes --stdin --tty --attach --container: --namespace: --env: | 1 | words container
lxc exec | -t -T -n -f: -e: -u: -g: --env: --user: --group: --cwd: --mode: | 1 | words container
lxc-attach | -n: -e --name: --clear-env | 0 | words container
machinectl shell | -E: -q --uid: --setenv: | 1 | words container
flatpak-spawn | --host --clear-env --watch-bus --latest-version --no-network --sandbox --env: --directory: --forward-fd: --unset-env: | 0 | words
distrobox enter | -n: -r -T -nw --name: --root --no-tty --no-workdir -e | 1 | words
distrobox-host-exec | -Y | 0 | words
toolbox run | -c: -d: -r: --container: --distro: --release: | 0 | words container
vagrant ssh | -c! --command! -p --plain --tty | 0 | none
gcloud compute ssh | --command! --zone: --project: --tunnel-through-iap | 0 | none
screen | -a -A -c< -d -D -e: -f -h: -i -l -L -m -O -p: -q -Q -r -R -s^ -S: -t: -T: -U -v -wipe -x -X -dm -dmS: -ls -list | 0 | words
tmux new-session | -A -d -D -E -P -X -c: -e: -F: -f: -n: -s: -t: -x: -y: | 0 | joined
tmux new | -A -d -D -E -P -X -c: -e: -F: -f: -n: -s: -t: -x: -y: | 0 | joined
tmux new-window | -a -b -d -k -P -S -c: -e: -F: -n: -t: | 0 | joined
tmux neww | -a -b -d -k -P -S -c: -e: -F: -n: -t: | 0 | joined
tmux split-window | -b -d -f -h -I -v -P -Z -c: -e: -l: -p: -t: -F: | 0 | joined
tmux splitw | -b -d -f -h -I -v -P -Z -c: -e: -l: -p: -t: -F: | 0 | joined
tmux respawn-pane | -k -c: -e: -t: | 0 | joined
tmux run-shell | -b -C -c: -d: -t: | 0 | joined
tmux run | -b -C -c: -d: -t: | 0 | joined
tmux send-keys | -F -H -K -l -M -R -X -c: -N: -t: | 0 | joined
tmux send | -F -H -K -l -M -R -X -c: -N: -t: | 0 | joined
tmux if-shell | -b -F -t: | 0 | joined
tmux pipe-pane | -I -O -o -t: | 0 | joined
trap | -l -p -P | 0 | joined
make | -B -d -e -i -k -n -p -q -r -R -s -S -t -v -w -C: -f< -I: -j? -l? -o: -O? -W: -E^ --eval^ --always-make --directory: --file< --makefile< --jobs? --dry-run --just-print --silent --quiet --keep-going --no-print-directory --debug? --trace | 0 | none
git bisect run | | 0 | words
git submodule foreach | --recursive -q --quiet | 0 | joined
git rebase | -i -x! -f -k -m -n -q -r? -s: -v -X: -C: -S? --exec! --onto: --continue --abort --skip --quit --edit-todo --interactive --root --autosquash --autostash --no-autostash --rebase-merges? --strategy: --strategy-option: --keep-base --no-verify --verbose --quiet --stat --signoff --update-refs --empty: --reschedule-failed-exec --apply --merge --fork-point --no-ff --force-rebase --committer-date-is-author-date --ignore-date --no-gpg-sign --gpg-sign? --show-current-patch --whitespace: | 0 | none
git filter-branch | -f -d: --force --setup! --subdirectory-filter: --env-filter! --tree-filter! --index-filter! --parent-filter! --msg-filter! --commit-filter! --tag-name-filter! --prune-empty --original: --state-branch: | 0 | none
git difftool | -d -g -y -t: -x! --extcmd! --tool: --gui --dir-diff --no-prompt --prompt | 0 | none
git mergetool | -g -y -t: --tool: --gui --no-prompt | 0 | none
rsync | -a -v -n -q -r -z -h -P -u -l -L -p -t -g -o -D -A -X -H -c -x -i -S -R -W -d -k -K -y -O -J -m -b -C -E -U -N -s -e! -f: -B: -M: -T: -4 -6 -F -0 -8 -I --rsh! --rsync-path: --delete --delete-after --delete-before --delete-during --delete-excluded --remove-source-files --exclude: --include: --exclude-from< --include-from< --files-from< --filter: --progress --stats --partial --dry-run --archive --verbose --recursive --compress --checksum --update --inplace --bwlimit: --port: --password-file< --log-file> --backup --backup-dir: --suffix: --chmod: --chown: --info: --out-format: --timeout: --max-size: --min-size: --link-dest: --compare-dest: --copy-links --links --perms --times --owner --group --human-readable --quiet --size-only --ignore-existing --existing --relative --no-perms --no-owner --no-group --partial-dir: --temp-dir: --itemize-changes --list-only --mkpath --numeric-ids | 0 | none
scp | -3 -4 -6 -A -B -C -O -p -q -R -r -s -T -v -c: -D: -F< -i< -J: -l: -o: -P: -S^ -X: | 0 | none
sftp | -4 -6 -A -a -C -f -N -p -q -r -v -B: -b^ -c: -D^ -F< -i< -J: -l: -o: -P: -R: -S^ -s: -X: | 0 | none
vim | -c^ --cmd^ -S^ -s^ -u^ -e -E -R -n -es -N -Z | 0 | none
nvim | -c^ --cmd^ -S^ -s^ -l^ -u^ -e -E -R -n -es --headless --clean | 0 | none
man | * | 0 | none
countersign exec | --env: --ask-only --shell! --deadline: --json | 0 | words
`;

const rows = new Map<string, Wrapper>();
for (const line of TABLE.split('\n')) {
  if (line === '') continue;
  const [name = '', options = '', skip = '', follows = ''] = line.split('|').map((cell) => cell.trim());
  const words = follows.split(' ');
  rows.set(name, {
    name,
    options: optionTable(options),
    skip: Number(skip),
    rest:
      words.includes('input') && !words.includes('joined')
        ? 'input'
        : words.includes('joined')
          ? 'joined'
          : words.includes('none')
            ? 'none'
            : 'words',
    place: words.includes('remote') ? 'remote' : words.includes('container') ? 'container' : 'here',
    assigns: words.includes('assigns'),
  });
}

/** By the program, or the program and its commands. */
export const WRAPPERS: ReadonlyMap<string, Wrapper> = rows;

/** Programs that wrap, by themselves or by a command of theirs. `git` does by its settings. */
export const WRAPPING: ReadonlySet<string> = new Set([
  'git',
  ...[...rows.keys()].flatMap((name) => name.split(' ').map((_, at, all) => all.slice(0, at + 1).join(' '))),
]);

/** Shells: what follows `-c`, or standard input, is a script. `true`: it reads Bash as Bash does. */
export const SHELLS: ReadonlyMap<string, boolean> = new Map([
  ['bash', true],
  ['sh', true],
  ['dash', true],
  ['ash', true],
  ['rbash', true],
  ['ksh', false],
  ['mksh', false],
  ['yash', false],
  ['posh', false],
  ['zsh', false],
  ['rzsh', false],
  ['fish', false],
  ['csh', false],
  ['tcsh', false],
  ['elvish', false],
  ['nu', false],
  ['xonsh', false],
  ['rc', false],
  ['pwsh', false],
  ['powershell', false],
  ['cmd', false],
]);
