// Programs that run code: interpreters, builders, package managers, editors, databases. Columns: see rules.ts.
// A row says that `--version` only asks where the tool was tried: it prints and ends before it looks into the folder, and
// before it reads its input. Many do not (`rustc`, `mvn`, `yarn`, `jest`: a file of the folder says which program answers),
// and for as many `-v` means to talk while they work (`pytest -v`, `ninja -v`).
export const RUNNING = `
source . | elevated | code | * | runs a script in this shell
alias unalias | elevated | data | * | changes what names mean to this shell
hash enable complete compgen bind fc | elevated | none | * | changes what names mean to this shell
history | elevated | none | * | shows what was typed
python ipython bpython | elevated | code | -c^ -m^ -b -B -d -E -h -i -I -O -OO -P -q -s -S -u -v -W: -x -X: | runs code
+? -V --version -VV | read | asks for a version
node | elevated | code | -e^ -p^ --eval^ --print^ -r^ --require^ --import^ --loader^ -c -i -h | runs code
+? -v --version | read | asks for a version
bun deno ts-node tsx esr | elevated | code | -e^ -p^ --eval^ --print^ -r^ --require^ --import^ --loader^ -c -i -h | runs code
perl php | elevated | code | -e^ -E^ -r^ -B^ -x^ --eval^ -i -n -p -w -l -0? -a -F: -M: -I: | runs code
+? -v --version | read | asks for a version
lua luajit | elevated | code | -e^ -E^ -r^ -B^ -x^ --eval^ -i -n -p -w -l -0? -a -F: -M: -I: | runs code
+? -v | read | asks for a version
ruby guile racket julia Rscript R | elevated | code | -e^ -E^ -r^ -B^ -x^ --eval^ -i -n -p -w -l -0? -a -F: -M: -I: | runs code
+? --version | read | asks for a version
tclsh wish octave gst swift kotlin scala groovy elixir iex erl ghci runghc ocaml crystal nim dart osascript gjs qjs jjs jshell irb pry rails rake wolframscript maxima | elevated | code | -e^ -E^ -r^ -B^ -x^ --eval^ -i -n -p -w -l -0? -a -F: -M: -I: | runs code
java javac | elevated | code | | runs code
+? -version --version | read | asks for a version
scalac kotlinc | elevated | code | | runs code
make | elevated | build | -E^ --eval^ | builds what the folder says, by running it
+? --version -v | read | asks for a version
cmake ninja | elevated | build | -E^ --eval^ | builds what the folder says, by running it
+? --version | read | asks for a version
meson bazel bazelisk buck2 scons ant mvn mvnw gradle gradlew sbt mill lein rake just task msbuild xcodebuild bmake autoreconf autoconf automake configure waf nmake pants earthly dagger nx turbo lerna | elevated | build | -E^ --eval^ | builds what the folder says, by running it; a file of the folder may say which program answers
gcc g++ cc c++ clang clang++ ld | elevated | none | | runs programs and plugins that the folder names
+? --version -v | read | asks for a version
as tsc | elevated | none | | runs programs and plugins that the folder names
+? --version | read | asks for a version
rustc esbuild swc babel webpack vite rollup parcel jest vitest mocha eslint prettier pytest tox nox rspec phpunit | elevated | none | | runs programs and plugins that the folder names; a file of the folder may say which program answers
npm | elevated | none | | installs or runs code
+? -v --version | read | asks for a version
pnpm yarn bun | elevated | none | | installs or runs code; a file of the folder may say which program answers
npm ls, npm list, npm la, npm ll, npm outdated, npm why, npm explain, npm root, npm prefix, npm ping, bun pm ls | read | none | -a --all --json -l --long -p --parseable -g --global --depth: --omit: --include: --link --package-lock-only --unicode --no-unicode -w: --workspace: --workspaces --include-workspace-root --install-links -P -D -r --prod --production --dev --no-optional --optional --only-projects --recursive --filter: -s --silent -q --quiet -d -dd -ddd --verbose --loglevel: --color? --no-color --searchlimit: --description --no-description --tag: --prefer-offline --prefer-online --offline -h --help | looks at packages
npm view, npm info, npm show, npm v, npm search | read | package | -a --all --json -l --long -p --parseable -g --global --depth: --omit: --include: --link --package-lock-only --unicode --no-unicode -w: --workspace: --workspaces --include-workspace-root --install-links -P -D -r --prod --production --dev --no-optional --optional --only-projects --recursive --filter: -s --silent -q --quiet -d -dd -ddd --verbose --loglevel: --color? --no-color --searchlimit: --description --no-description --tag: --prefer-offline --prefer-online --offline -h --help | asks about packages
npm help, pnpm ls, pnpm list, pnpm why, pnpm outdated | elevated | none | | runs what settings of the folder name
yarn list, yarn why, yarn info, yarn outdated | elevated | none | | runs the yarn that the folder names
npm publish, npm unpublish, npm deprecate, npm owner, npm access, npm dist-tag, npm team, npm token, npm hook, pnpm publish, yarn publish, yarn npm publish, bun publish | destructive | none | * | changes what others get, for good
npm exec, npm x, pnpm dlx, pnpm exec, yarn dlx, yarn exec, bun x | elevated | none | * | a package runner
npx pnpx bunx uvx dlx | elevated | none | * | a package runner
pip uv conda | elevated | none | | installs or runs code
+? --version -V | read | asks for a version
gem | elevated | none | | installs or runs code
+? --version | read | asks for a version
pipx poetry pipenv mamba micromamba rye hatch pdm bundle bundler composer cpan cpanm luarocks opam cabal stack mix rebar3 nuget vcpkg conan cocoapods pod carthage | elevated | none | | installs or runs code; a file of the folder may say which program answers
pip list, | read | none | -o --outdated -u --uptodate -e --editable -l --local --user --path< --pre --format: --not-required --exclude-editable --include-editable --exclude: -h --help --isolated --require-virtualenv -v --verbose -q --quiet --log> --no-input --retries: --timeout: --no-cache-dir --disable-pip-version-check --no-color --no-python-version-warning --no-index | looks at packages
pip show, pip check, pip help, pip index | read | folder | -f --files --pre --json -h --help --isolated --require-virtualenv -v --verbose -q --quiet --log> --no-input --retries: --timeout: --no-cache-dir --disable-pip-version-check --no-color --no-python-version-warning | looks at packages
pip freeze, | read | none | -r< --requirement< -l --local --user --path< --all --exclude-editable --exclude: -h --help --isolated --require-virtualenv -v --verbose -q --quiet --log> --no-input --disable-pip-version-check --no-color --no-python-version-warning | looks at packages
poetry check, | elevated | none | | loads plugins that lie in the folder
conda list, conda info | read | none | -n: --name: -p< --prefix< --json -v --verbose -q --quiet --show-channel-urls --reverse -c --canonical -f --full-name --explicit --md5 -e --export -r --revisions --no-pip -a --all --base --envs -h --help | looks at packages
poetry show, uv pip list, uv pip show, uv python list | elevated | none | | runs the interpreter that lies in the folder
uv version, | elevated | none | --short --output-format: --dry-run -q --quiet -h --help | changes the version of the project
+? none --short --output-format --dry-run -q --quiet | read | asks for the version
uv tree, | elevated | none | | may build what the folder says, by running it
gem list, gem search, gem info | read | none | -i --installed -I --no-installed -v: --version: -d --details --no-details --versions --no-versions -a --all -e --exact --prerelease --no-prerelease -l --local -r --remote -b --both -q --quiet -V --verbose --silent -h --help | looks at packages
bundle list, bundle info, bundle outdated, composer show | elevated | none | | runs what the folder says
gem push, gem yank, poetry publish, uv publish, hatch publish, pdm publish, mix hex.publish, pod trunk | destructive | none | * | changes what others get, for good
twine | destructive | none | * | changes what others get, for good
cargo rustup | elevated | none | | builds or runs code; a toolchain file of the folder decides which program answers
cargo version, cargo locate-project, cargo tree, cargo metadata, cargo search, rustup show, rustup which | elevated | none | | runs the compiler that settings of the folder name
cargo publish, cargo yank, cargo owner | destructive | none | * | changes what others get, for good
go | elevated | none | | builds or runs code
go version, | read | names | -m -v -json | asks for facts
go help, go doc | read | folder | -all -c -cmd -short -src -u | prints a manual
go env, | read | none | -json -changed | asks for settings
+ -w -u | elevated | changes settings outside the folder
dotnet | elevated | none | | builds or runs code; a file of the folder decides which program answers
apt apt-get dnf yum zypper pacman apk brew port snap flatpak choco winget scoop nix nix-env nix-shell nix-build guix dpkg rpm softwareupdate mas emerge xbps-install | elevated | none | | changes the programs of this machine
apt list, apt show, apt search, apt policy, apt-cache search, apt-cache show, apt-cache policy | read | folder | -a -v -q -n -f -i --all-versions --installed --upgradable --upgradeable --manual-installed --verbose --quiet --names-only --full --no-all-versions --important --installed -h --help | looks at packages
dnf list, dnf info, dnf search, yum list, yum info | read | folder | -q -v -C --quiet --verbose --cacheonly --all --installed --available --extras --updates --upgrades --obsoletes --recent --showduplicates --color: -h --help | looks at packages
apk info, apk search | read | folder | -a -d -e -L -P -r -R -s -t -w -W -v -q -x -o --all --description --installed --contents --provides --rdepends --depends --size --triggers --webpage --who-owns --exact --origin --verbose --quiet --no-cache --no-network -h --help | looks at packages
brew list, brew info, brew search, brew outdated | read | formula | -1 -l -r -t -q -v --formula --formulae --cask --casks --full-name --versions --multiple --pinned --installed-on-request --json? --installed --analytics --days: --category: --sizes --desc --greedy --quiet --verbose -h --help | looks at packages
brew doctor, | read | none | -q -v --quiet --verbose --list-checks -h --help | looks at packages
snap list, snap info, flatpak list, flatpak info | read | folder | -d -a --all --app --runtime --columns: --user --system --unicode: --color: --verbose -v -h --help | looks at packages
brew services, | destructive | none | * | starts programs that stay
vim nvim emacs emacsclient nano pico joe ed micro hx kak code subl atom gedit kate | elevated | reads data | -c^ --cmd^ -S^ -s^ -u^ --eval^ -f^ | an editor, which can run anything
gdb lldb strace ltrace valgrind perf dtrace bpftrace rr frida ptrace gcore uftrace | elevated | pids | -p: -x^ -ex^ -o^ --pid: | a debugger, which can change what other programs do
expect empty autoexpect | elevated | code | -c^ | drives other programs
psql mysql mariadb sqlite3 sqlite duckdb mongosh mongo redis-cli valkey-cli clickhouse clickhouse-client cqlsh sqlcmd influx etcdctl mycli pgcli usql bq snowsql | elevated | data | -c^ -e^ --command^ --execute^ --eval^ -f< --file< -x^ -cmd^ | a database
dropdb dropuser pg_dropcluster mysqladmin | destructive | none | * | removes databases
createdb createuser pg_dump mysqldump pg_restore mongodump mongorestore pg_dumpall | elevated | none | * | a database
docker | elevated | none | | works on containers
docker ps, docker images, docker version, docker info, docker top, docker stats, docker port, docker diff, docker search, docker history, docker events, docker ls, docker image ls, docker image history, docker volume ls, docker network ls, docker system df, docker system info, docker context ls, docker context show, docker compose ps, docker compose ls, docker compose images, docker compose version, docker compose top, docker buildx ls, docker help | read | none | -a -q -n: -l -s -f: -H -v -h --all --quiet --no-trunc --filter: --format: --last: --latest --size --digests --tree --limit: --human --since: --until: --no-stream --verbose --services --status: --orphans --short --help | looks at containers
docker logs, docker inspect, docker compose logs, docker compose config, docker image inspect, docker volume inspect, docker network inspect | elevated | none | * | may show secrets of containers
docker rm, docker rmi, docker prune, docker kill, docker image rm, docker image prune, docker volume rm, docker volume remove, docker volume prune, docker network rm, docker network prune, docker system prune, docker builder prune, docker buildx prune, docker compose rm, docker compose kill, docker context rm, docker swarm, docker plugin | destructive | none | * | removes what containers hold
docker compose down, | elevated | none | * | stops containers
+ -v --volumes --rmi | destructive | removes what containers hold
docker run, docker create, docker exec, docker compose run, docker compose exec | elevated | container | * | runs in a container
docker login, docker trust | elevated | none | * | speaks as somebody
kubectl | elevated | none | | changes a cluster
kubectl run, kubectl exec, kubectl create | elevated | container | * | runs in a cluster
kubectl get, kubectl describe, kubectl top, kubectl explain, kubectl api-resources, kubectl api-versions, kubectl version, kubectl cluster-info, kubectl events, kubectl diff, kubectl rollout status, kubectl rollout history, kubectl auth can-i, kubectl auth whoami, kubectl config get-contexts, kubectl config current-context, kubectl help | read | cluster | -n: --namespace: -A --all-namespaces -o: --output: -l: --selector: --field-selector: --show-labels --show-kind --no-headers --sort-by: -w --watch --watch-only --output-watch-events --chunk-size: --ignore-not-found -L: --label-columns: --server-print --show-managed-fields --subresource: --allow-missing-template-keys --request-timeout: -v: --v: --show-events --containers --sum --use-protocol-buffers --client --short -R --recursive --api-version: --api-group: --namespaced --verbs: --cached --categories: --for: --types: --revision: --timeout: --list -q --quiet --no-diff --context: --cluster: -f< --filename< --server-side --concurrency: -h --help | looks at a cluster
kubectl debug, | destructive | container | * | works on a node
kubectl delete, kubectl drain, kubectl replace, kubectl proxy, kubectl taint, kubectl certificate, kubectl rollout undo, kubectl config delete-cluster, kubectl config delete-context | destructive | none | * | hard to undo in a cluster
helm | elevated | none | | changes a cluster
helm list, helm ls, helm status, helm history, helm search, helm version | read | none | -n: --namespace: -A --all-namespaces -a --all -q --short -o: --output: -f: --filter: -l -r --reverse --selector: --max: -m: --offset: -d --date --deployed --failed --pending --superseded --uninstalled --uninstalling --time-format: --no-headers --revision: --show-desc --show-resources --versions --devel --regexp --version: --max-col-width: --kube-context: --client --template: --debug -h --help | looks at a cluster
helm show, helm lint | read | deep | --version: --devel --strict --quiet --jsonpath: -n: --namespace: --kube-context: --debug -h --help | looks at a chart
helm env, | elevated | none | | prints the environment, secrets and all
helm uninstall, helm delete, helm rollback, helm del, helm un | destructive | none | * | hard to undo in a cluster
terraform pulumi cdk serverless sls ansible ansible-playbook packer vagrant chef-client puppet salt nomad consul | elevated | none | | changes machines
terraform version, terraform fmt, terraform show, terraform output, terraform state list, terraform workspace list | elevated | none | * | may show secrets
terraform apply, terraform destroy, terraform import, terraform taint, terraform state rm, terraform state mv, terraform state push, terraform force-unlock, terraform workspace delete, pulumi up, pulumi destroy, pulumi cancel, pulumi refresh | destructive | none | * | hard to undo
aws gcloud az oci doctl linode-cli hcloud flyctl fly heroku vercel netlify wrangler supabase firebase railway render s3cmd rclone gsutil azcopy mc | elevated | cloud | | changes something in the network
aws s3 ls, aws sts get-caller-identity, aws help | read | none | --recursive --human-readable --summarize --page-size: --region: --output: --query: --color: --no-paginate --no-cli-pager | looks
aws s3 rm, aws s3 rb | destructive | none | * | hard to undo
lxc lxc-attach lxc-start virsh multipass machinectl podman-remote distrobox toolbox flatpak-spawn distrobox-host-exec vboxmanage qemu-system-x86_64 | elevated | none | | works on other systems
machinectl shell, flatpak-spawn, distrobox-host-exec | destructive | none | * | leaves the sandbox
distrobox-host-exec flatpak-spawn | destructive | none | * | leaves the sandbox
tmux screen zellij | elevated | none | * | keeps programs running
mise asdf rbenv pyenv nvm fnm volta direnv doppler chpst setuidgid daemonize start-stop-daemon lockfile-run unzip-run proot fakeroot firejail bwrap | elevated | none | * | runs what its words say, in a way of its own
xdg-open open start explorer gio kde-open wslview cmd.exe rundll32 | elevated | none | * | starts a program for an address or a file
`;
