// Version control, the network, and keys. Columns: see rules.ts.
export const REACHING = `
git | elevated | none | | a command of git that no row knows
+? --version --help -v -h | read | asks for a version
git status, git log, git diff, git show, git blame, git annotate, git shortlog, git describe, git rev-parse, git rev-list, git ls-files, git ls-tree, git cat-file, git name-rev, git merge-base, git for-each-ref, git show-ref, git show-branch, git whatchanged, git count-objects, git cherry, git range-diff, git diff-tree, git diff-index, git diff-files, git check-ignore, git check-attr, git check-ref-format, git verify-commit, git verify-tag, git version, git help, git var, git fsck, git request-pull, git merge-tree, git patch-id, git stripspace, git column, git interpret-trailers | read | none | * --output> | looks at the repository
+ --ext-diff --textconv --open-files-in-pager | elevated | starts programs that the settings name
git grep, | read | none | * | searches the repository
+ -O --open-files-in-pager --ext-grep | elevated | starts a program of its choice
git ls-remote, | read | none | -h -t -q -b --heads --tags --branches --refs --quiet --get-url --sort: --symref --exit-code | looks at another repository
+ --upload-pack --exec | elevated | starts a program of its choice
git branch, | write | none | -a -r -v -vv -l -q -c -m -u: -f -t -i -d --all --remotes --verbose --list --copy --move --force --delete --track? --set-upstream-to: --unset-upstream --show-current --contains? --no-contains? --merged? --no-merged? --sort: --points-at: --format: --color? --column? --edit-description --abbrev? | works on branches
+? none -a -r -v -vv -l --all --remotes --verbose --list --show-current --merged --contains | read | looks at branches
+ -D -M -C -f --force | destructive | throws a branch away
git tag, | write | none | -l -n? -a -s -m: -F< -f -v -u: -i --list --sort: --format: --contains? --points-at: --merged? --annotate --sign --message: --file< --force --verify --local-user: --column? --color? | works on tags
+?* none -l -n --list --sort --contains --points-at -v --verify | read | looks at tags
+ -d --delete | elevated | deletes a tag
git remote, | read | none | -v --verbose | looks at other repositories' addresses
git remote show, git remote get-url | read | none | * | looks at other repositories' addresses
git remote add, git remote remove, git remote rm, git remote rename, git remote set-url, git remote set-head, git remote set-branches, git remote update, git remote prune | write | none | * | changes where it fetches from
git stash, | write | none | * | puts changes aside
git stash list, git stash show | read | none | * | looks at what was put aside
git stash drop, git stash clear | destructive | none | * | throws away what was put aside
git reflog, git reflog show, git reflog list, git reflog exists | read | none | * | looks at what was
git reflog expire, git reflog delete, git prune, git filter-branch, git filter-repo, git replace, git update-ref, git fast-import, git read-tree, git checkout-index, git repack, git pack-refs, git unpack-objects, git prune-packed | destructive | none | * | takes the undo away
git gc, git maintenance | write | none | --auto --aggressive --quiet -q --no-prune --force --keep-largest-pack run | tidies up
+ --prune | destructive | takes the undo away
git add, git stage, git commit, git merge, git rebase, git cherry-pick, git revert, git mv, git init, git apply, git am, git notes, git pull, git fetch, git clone, git worktree, git worktree add, git worktree list, git worktree prune, git worktree lock, git worktree unlock, git bundle, git bundle create, git bundle verify, git format-patch, git archive, git submodule, git submodule add, git submodule init, git submodule status, git submodule update, git submodule sync, git submodule summary, git sparse-checkout, git sparse-checkout set, git sparse-checkout list, git write-tree, git commit-tree, git hash-object, git mktree, git mktag, git update-index, git rerere, git lfs, git lfs pull, git lfs track, git lfs ls-files, git lfs install, git symbolic-ref | write | gitpaths | * | changes the repository; undo exists
+? --help | read | prints a manual
+ --upload-pack --receive-pack --exec --remote --extcmd -x --template --config -c --separate-git-dir | elevated | starts a program of its choice, or changes settings
+ --discard-changes | destructive | throws work away
git switch, | write | none | -c: -d -t -q -m --create: --detach --guess --no-guess --track? --quiet --merge --orphan: --progress --no-progress --recurse-submodules --ignore-other-worktrees --conflict: | changes to a branch
+ -C -f --force --force-create --discard-changes | destructive | throws work away
git rm, | write | gitpaths | -r -q -n --cached --ignore-unmatch --quiet --dry-run --sparse --pathspec-from-file< | removes files that the repository has
+ -f --force | destructive | throws work away
git checkout, | write | checkout | -b: -B: -q -t -l -d -m -p --quiet --track? --no-track --detach --orphan: --merge --conflict: --patch --guess --no-guess --progress --recurse-submodules --ours --theirs --ignore-other-worktrees --overlay | changes to a branch
+ -f --force -B --pathspec-from-file | destructive | throws work away
git restore, | destructive | none | * | throws work away
git reset, | write | none | -q -N -p --soft --mixed --keep --quiet --patch --no-refresh --refresh --intent-to-add --pathspec-from-file< | moves the branch; undo exists in the reflog
+ --hard --merge | destructive | throws work away
git clean, | destructive | none | -x -X -q -e: --quiet --exclude: | throws files away
+? -n --dry-run | read | says what it would throw away
git push, | elevated | push | -u -q -v -n -4 -6 -o: --set-upstream --tags --follow-tags --all --branches --dry-run --porcelain --quiet --verbose --progress --atomic --no-verify --verify --signed? --push-option: --thin --no-thin --repo: --recurse-submodules: --force-if-includes --receive-pack^ --exec^ | sends commits
+ -f --force --force-with-lease --delete -d --mirror --prune | destructive | overwrites or deletes what others have
git config, | write | gitconfig | -l -z --get --get-all --get-regexp --list --local --show-origin --show-scope --name-only --type: --bool --int --path --null --default: --add --unset --unset-all --replace-all --rename-section --remove-section get set unset list | changes settings of the repository
+?* -l --list --get --get-all --get-regexp --show-origin get list | read | looks at settings
+ -e --edit edit | elevated | starts an editor
+ --global --system -f --file --worktree --blob | elevated | changes settings outside the folder
git worktree remove, git worktree move, git worktree repair | destructive | none | * | throws work away
git submodule deinit, | destructive | none | * | throws work away
git submodule foreach, git bisect, git bisect run, git bisect start, git bisect good, git bisect bad, git bisect reset, git difftool, git mergetool, git hook, git instaweb, git daemon, git send-email, git svn, git p4, git cvsimport, git shell, git upload-pack, git receive-pack, git http-backend, git imap-send, git gui, git citool, gitk, git web--browse, git credential, git credential-store, git credential-cache, git lfs push, git archimport, git remote-ext, git remote-fd | elevated | none | * | starts programs, shows passwords or reaches out
gh glab hub tea | elevated | none | | acts as somebody
gh pr list, gh pr view, gh pr diff, gh pr status, gh pr checks, gh issue list, gh issue view, gh issue status, gh repo list, gh repo view, gh run list, gh run view, gh release list, gh release view, gh workflow list, gh workflow view, gh auth status, gh status, gh search, gh help, gh version | read | none | * | looks
gh repo delete, gh repo archive, gh repo rename, gh repo edit, gh release delete, gh secret, gh secret set, gh secret delete, gh secret remove, gh ssh-key, gh gpg-key, gh run delete, gh issue delete, gh gist delete, gh auth login, gh auth logout, gh auth setup-git, gh extension | destructive | none | * | hard to undo, or widens rights
curl curlie | read | urls | -s -S -L -f -i -I -v -k -g -G -j -l -N -Z -# -4 -6 -0 -1 -2 -3 -a -q -m: -y: -Y: -z: -r: -A: -e: -C: -o> -O -J -R -D> -c> --silent --show-error --location --fail --fail-with-body --fail-early --include --show-headers --head --verbose --insecure --globoff --get --compressed --no-buffer --parallel --parallel-max: --progress-bar --no-progress-meter --ipv4 --ipv6 --http1.0 --http1.1 --http2 --http3 --tlsv1.2 --tlsv1.3 --tls-max: --max-time: --connect-timeout: --retry: --retry-delay: --retry-max-time: --retry-all-errors --retry-connrefused --max-redirs: --max-filesize: --limit-rate: --speed-limit: --speed-time: --range: --user-agent: --referer: --output> --output-dir> --remote-name --remote-name-all --remote-header-name --remote-time --create-dirs --create-file-mode: --no-clobber --dump-header> --cookie-jar> --trace> --trace-ascii> --trace-time --stderr> --next --path-as-is --disable --styled-output --no-styled-output --no-keepalive --keepalive-time: --dns-servers: --time-cond: --xattr --remove-on-error --skip-existing --version --help --manual -V -h -M --unix-socket< --abstract-unix-socket: | fetches
+ --unix-socket --abstract-unix-socket | elevated | speaks to a program of this machine
xh http https httpie xhs | elevated | urls | | speaks to a server
wget wget2 | read | wget | -q -v -nv -nc -nd -nH -np -c -N -S -b -r -l: -k -p -E -H -m -L -x -4 -6 -t: -T: -w: -A: -R: -D: -I: -X: -Q: -U: -o> -a> -O> -P> --quiet --verbose --no-verbose --no-clobber --continue --timestamping --server-response --spider --tries: --timeout: --wait: --waitretry: --random-wait --limit-rate: --no-check-certificate --user-agent: --output-document> --output-file> --append-output> --directory-prefix> --recursive --level: --no-parent --no-directories --no-host-directories --cut-dirs: --page-requisites --convert-links --mirror --accept: --reject: --show-progress --progress: --content-disposition --trust-server-names --no-cache --no-cookies --no-hsts --inet4-only --inet6-only --max-redirect: --retry-connrefused --span-hosts --domains: --adjust-extension --version --help --no-config --use-askpass^ -e^ --execute^ | fetches files
aria2c axel youtube-dl yt-dlp lynx w3m links elinks | elevated | urls | | fetches, with options that may start programs
dig host nslookup drill whois ping ping6 traceroute tracepath mtr getent-hosts | read | hosts | -4 -6 -c: -i: -n -q -t: -W: -w: -s: -p: -x: -m: -f -a -v -r -A -C -N: -R: +short +trace +noall +answer | asks for a public fact
sftp ftp lftp tftp | elevated | hosts data | * -S^ | reaches another machine
ssh autossh mosh rsh rlogin telnet slogin sshpass dropbear dbclient | elevated | hosts | * | reaches another machine
scp | elevated | copies remote | * -S^ | copies to or from another machine
+ -S -o -F -D -X | elevated | with settings of its own
ssh-copy-id | destructive | hosts | * | a key that lets somebody in from now on
ssh-keygen ssh-add ssh-agent ssh-keyscan | elevated | writes | * | works on keys
nc ncat netcat nc.openbsd nc.traditional | elevated | hosts | * | an open connection
+ -e -c --exec --sh-exec --lua-exec | destructive | a program for whoever is at the other end
socat websocat wscat chisel ngrok cloudflared frpc bore localtunnel lt tailscale wireguard wg wg-quick openvpn pagekite inlets gost | elevated | hosts | * | an open connection
nmap masscan zmap rustscan hydra sqlmap nikto gobuster ffuf tshark wireshark ettercap bettercap aircrack-ng | elevated | hosts | * | probes or listens
tcpdump | elevated | none | * -z^ -w> -r< | listens
mail mailx sendmail mutt neomutt msmtp swaks ssmtp exim postfix wall write talk notify-send slack-cli telegram-send signal-cli | elevated | none | * | sends a message
gpg gpg2 | elevated | none | * | works on keys
+ --delete-key --delete-keys --delete-secret-key --delete-secret-keys --delete-secret-and-public-key | destructive | removes keys
openssl age rage minisign cosign keytool certutil step mkcert cfssl | elevated | none | | works on keys
pass gopass op bw lpass vault secret-tool keyring security keepassxc-cli kwallet-query chamber sops credstash berglas doppler-secrets infisical akeyless | elevated | none | * | shows or changes secrets
python-http http-server serve live-server | elevated | none | * | listens
ip ifconfig netstat ss route arp iw iwconfig nmcli networksetup lsof fuser | read | none | * | looks at the network
+ -k --kill | destructive | ends processes
nmcli networksetup | elevated | none | * | changes the network
ip link, ip addr, ip address, ip a, ip route, ip r, ip neigh, ip n, ip rule | elevated | none | * | may change the network
lsof fuser ss netstat | read | none | * | looks at sockets
+ -k --kill -K | destructive | ends connections or processes
`;
