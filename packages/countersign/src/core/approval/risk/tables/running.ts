// Programs that run code: interpreters, builders, package managers, editors, databases. Columns: see rules.ts.
export const RUNNING = `
source . | elevated | code | * | runs a script in this shell
alias unalias | elevated | data | * | changes what names mean to this shell
hash enable complete compgen bind fc | elevated | none | * | changes what names mean to this shell
history | elevated | none | * | shows what was typed
python ipython bpython | elevated | code | -c^ -m^ -b -B -d -E -h -i -I -O -OO -P -q -s -S -u -v -W: -x -X: | runs code
+? -V --version -VV | read | asks for a version
node bun deno ts-node tsx esr | elevated | code | -e^ -p^ --eval^ --print^ -r^ --require^ --import^ --loader^ -c -i -h | runs code
+? -v --version | read | asks for a version
perl ruby php lua luajit tclsh wish guile racket julia Rscript R octave gst swift kotlin scala groovy elixir iex erl ghci runghc ocaml crystal nim dart osascript gjs qjs jjs jshell irb pry rails rake wolframscript maxima | elevated | code | -e^ -E^ -r^ -B^ -x^ --eval^ -i -n -p -w -l -0? -a -F: -M: -I: | runs code
+? -v --version -V | read | asks for a version
java javac scalac kotlinc | elevated | code | | runs code
+? -version --version | read | asks for a version
make cmake ninja meson bazel bazelisk buck2 scons ant mvn mvnw gradle gradlew sbt mill lein rake just task msbuild xcodebuild autoreconf autoconf automake configure waf nmake pants earthly dagger nx turbo lerna | elevated | build | -E^ --eval^ | builds what the folder says, by running it
+? --version -version -v | read | asks for a version
gcc g++ cc c++ clang clang++ ld as rustc tsc esbuild swc babel webpack vite rollup parcel jest vitest mocha eslint prettier pytest tox nox rspec phpunit | elevated | none | | runs programs and plugins that the folder names
+? --version -v -V | read | asks for a version
npm pnpm yarn bun | elevated | none | | installs or runs code
+? -v --version | read | asks for a version
npm ls, npm list, npm la, npm ll, npm view, npm info, npm show, npm v, npm outdated, npm search, npm why, npm explain, npm root, npm prefix, npm ping, npm help, pnpm ls, pnpm list, pnpm why, pnpm outdated, yarn list, yarn why, yarn info, yarn outdated, bun pm ls | read | none | * | looks at packages
npm publish, npm unpublish, npm deprecate, npm owner, npm access, npm dist-tag, npm team, npm token, npm hook, pnpm publish, yarn publish, yarn npm publish, bun publish | destructive | none | * | changes what others get, for good
npm exec, npm x, pnpm dlx, pnpm exec, yarn dlx, yarn exec, bun x | elevated | none | * | a package runner
npx pnpx bunx uvx dlx | elevated | none | * | a package runner
pip pipx uv poetry pipenv conda mamba micromamba rye hatch pdm gem bundle bundler composer cpan cpanm luarocks opam cabal stack mix rebar3 nuget vcpkg conan cocoapods pod carthage | elevated | none | | installs or runs code
+? --version -V | read | asks for a version
pip list, pip show, pip freeze, pip check, pip index, pip help, poetry show, poetry check, conda list, conda info, uv version, uv pip list, uv pip show, uv tree, uv python list, gem list, gem search, gem info, bundle list, bundle info, bundle outdated, composer show | read | none | * | looks at packages
gem push, gem yank, poetry publish, uv publish, hatch publish, pdm publish, mix hex.publish, pod trunk | destructive | none | * | changes what others get, for good
twine | destructive | none | * | changes what others get, for good
cargo rustup | elevated | none | | builds or runs code
+? --version -V --list | read | asks for a version
cargo tree, cargo metadata, cargo search, cargo version, cargo locate-project, rustup show, rustup which | elevated | none | * | reads settings that may name programs
cargo publish, cargo yank, cargo owner | destructive | none | * | changes what others get, for good
go | elevated | none | | builds or runs code
go version, go help, go doc | read | none | * | asks for facts
go env, | read | none | -json -changed | asks for settings
+ -w -u | elevated | changes settings outside the folder
dotnet | elevated | none | | builds or runs code
+? --version --info --list-sdks --list-runtimes | read | asks for a version
apt apt-get dnf yum zypper pacman apk brew port snap flatpak choco winget scoop nix nix-env nix-shell nix-build guix dpkg rpm softwareupdate mas emerge xbps-install | elevated | none | | changes the programs of this machine
apt list, apt show, apt search, apt policy, apt-cache search, apt-cache show, apt-cache policy, dnf list, dnf info, dnf search, yum list, yum info, apk info, apk search, brew list, brew info, brew search, brew outdated, brew doctor, snap list, snap info, flatpak list, flatpak info | read | none | * | looks at packages
brew services, | destructive | none | * | starts programs that stay
vim nvim emacs emacsclient nano pico joe ed micro hx kak code subl atom gedit kate | elevated | reads data | -c^ --cmd^ -S^ -s^ -u^ --eval^ -f^ | an editor, which can run anything
gdb lldb strace ltrace valgrind perf dtrace bpftrace rr frida ptrace gcore uftrace | elevated | pids | -p: -x^ -ex^ -o^ --pid: | a debugger, which can change what other programs do
expect empty autoexpect | elevated | code | -c^ | drives other programs
psql mysql mariadb sqlite3 sqlite duckdb mongosh mongo redis-cli valkey-cli clickhouse clickhouse-client cqlsh sqlcmd influx etcdctl mycli pgcli usql bq snowsql | elevated | data | -c^ -e^ --command^ --execute^ --eval^ -f< --file< -x^ -cmd^ | a database
dropdb dropuser pg_dropcluster mysqladmin | destructive | none | * | removes databases
createdb createuser pg_dump mysqldump pg_restore mongodump mongorestore pg_dumpall | elevated | none | * | a database
docker | elevated | none | | works on containers
docker ps, docker images, docker version, docker info, docker top, docker stats, docker port, docker diff, docker search, docker history, docker events, docker ls, docker image ls, docker image history, docker volume ls, docker network ls, docker system df, docker system info, docker context ls, docker context show, docker compose ps, docker compose ls, docker compose images, docker compose version, docker compose top, docker buildx ls, docker help | read | none | * | looks at containers
docker logs, docker inspect, docker compose logs, docker compose config, docker image inspect, docker volume inspect, docker network inspect | elevated | none | * | may show secrets of containers
docker rm, docker rmi, docker prune, docker kill, docker image rm, docker image prune, docker volume rm, docker volume remove, docker volume prune, docker network rm, docker network prune, docker system prune, docker builder prune, docker buildx prune, docker compose rm, docker compose kill, docker context rm, docker swarm, docker plugin | destructive | none | * | removes what containers hold
docker compose down, | elevated | none | * | stops containers
+ -v --volumes --rmi | destructive | removes what containers hold
docker run, docker create, docker exec, docker compose run, docker compose exec | elevated | container | * | runs in a container
docker login, docker trust | elevated | none | * | speaks as somebody
kubectl | elevated | none | | changes a cluster
kubectl run, kubectl exec, kubectl create | elevated | container | * | runs in a cluster
kubectl get, kubectl describe, kubectl top, kubectl explain, kubectl api-resources, kubectl api-versions, kubectl version, kubectl cluster-info, kubectl events, kubectl diff, kubectl rollout status, kubectl rollout history, kubectl auth can-i, kubectl auth whoami, kubectl config get-contexts, kubectl config current-context, kubectl help | read | cluster | * | looks at a cluster
kubectl debug, | destructive | container | * | works on a node
kubectl delete, kubectl drain, kubectl replace, kubectl proxy, kubectl taint, kubectl certificate, kubectl rollout undo, kubectl config delete-cluster, kubectl config delete-context | destructive | none | * | hard to undo in a cluster
helm | elevated | none | | changes a cluster
helm list, helm ls, helm status, helm history, helm search, helm show, helm version, helm env, helm lint | read | none | * | looks at a cluster
helm uninstall, helm delete, helm rollback, helm del, helm un | destructive | none | * | hard to undo in a cluster
terraform pulumi cdk serverless sls ansible ansible-playbook packer vagrant chef-client puppet salt nomad consul | elevated | none | | changes machines
terraform version, terraform fmt, terraform show, terraform output, terraform state list, terraform workspace list | elevated | none | * | may show secrets
terraform apply, terraform destroy, terraform import, terraform taint, terraform state rm, terraform state mv, terraform state push, terraform force-unlock, terraform workspace delete, pulumi up, pulumi destroy, pulumi cancel, pulumi refresh | destructive | none | * | hard to undo
aws gcloud az oci doctl linode-cli hcloud flyctl fly heroku vercel netlify wrangler supabase firebase railway render s3cmd rclone gsutil azcopy mc | elevated | cloud | | changes something in the network
aws s3 ls, aws sts get-caller-identity, aws help | read | none | * | looks
aws s3 rm, aws s3 rb | destructive | none | * | hard to undo
lxc lxc-attach lxc-start virsh multipass machinectl podman-remote distrobox toolbox flatpak-spawn distrobox-host-exec vboxmanage qemu-system-x86_64 | elevated | none | | works on other systems
machinectl shell, flatpak-spawn, distrobox-host-exec | destructive | none | * | leaves the sandbox
distrobox-host-exec flatpak-spawn | destructive | none | * | leaves the sandbox
tmux screen zellij | elevated | none | * | keeps programs running
mise asdf rbenv pyenv nvm fnm volta direnv doppler chpst setuidgid daemonize start-stop-daemon lockfile-run unzip-run proot fakeroot firejail bwrap | elevated | none | * | runs what its words say, in a way of its own
xdg-open open start explorer gio kde-open wslview cmd.exe rundll32 | elevated | none | * | starts a program for an address or a file
`;
