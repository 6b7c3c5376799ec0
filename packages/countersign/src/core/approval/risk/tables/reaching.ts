// The network, and keys. Columns: see rules.ts.
export const REACHING = `
gh glab hub tea | elevated | none | | acts as somebody
gh pr list, gh pr view, gh pr diff, gh pr status, gh pr checks, gh issue list, gh issue view, gh issue status, gh run list, gh status | read | none | -R: --repo: -L: --limit: -s: --state: -a: --assignee: --author: -B: --base: -H: --head: -l: --label: -S: --search: --json: -q: --jq: --template: --draft --app: -m: --milestone: --mention: -c --comments --branch: -e: --event: -u: --user: --created: --status: --commit: --color: --patch --name-only --watch --fail-fast --required -i: --interval: --help | looks
gh run view, gh repo list, gh repo view, gh release list, gh release view, gh workflow list, gh workflow view, gh help, gh version | read | none | -R: --repo: -L: --limit: --json: -q: --jq: --template: -a --all --log --log-failed -v --verbose --exit-status -j: --job: --attempt: -b: --branch: --source --fork --no-fork --language: -l: --topic: --visibility: --archived --no-archived --exclude-drafts --exclude-pre-releases --order: -O: -y --yaml -r: --ref: --help | looks
gh search, | read | none | -R: --repo: -L: --limit: --json: -q: --jq: --template: --owner: --language: --sort: --order: --state: --label: --author: --assignee: --mentions: --created: --updated: --closed: --merged --draft --stars: --forks: --topic: --visibility: --match: --filename: --extension: --size: --help | looks
gh auth status, | read | none | -h: --hostname: -a --active --help | looks
gh repo delete, gh repo archive, gh repo rename, gh repo edit, gh release delete, gh secret, gh secret set, gh secret delete, gh secret remove, gh ssh-key, gh gpg-key, gh run delete, gh issue delete, gh gist delete, gh auth login, gh auth logout, gh auth setup-git, gh extension | destructive | none | * | hard to undo, or widens rights
curl curlie | read | urls | -s -S -L -f -i -I -v -k -g -G -j -l -N -Z -# -4 -6 -0 -1 -2 -3 -a -q -m: -y: -Y: -z: -r: -A: -e: -C: -o> -O -J -R -D> -c> --silent --show-error --location --fail --fail-with-body --fail-early --include --show-headers --head --verbose --insecure --globoff --get --compressed --no-buffer --parallel --parallel-max: --progress-bar --no-progress-meter --ipv4 --ipv6 --http1.0 --http1.1 --http2 --http3 --tlsv1.2 --tlsv1.3 --tls-max: --max-time: --connect-timeout: --retry: --retry-delay: --retry-max-time: --retry-all-errors --retry-connrefused --max-redirs: --max-filesize: --limit-rate: --speed-limit: --speed-time: --range: --user-agent: --referer: --output> --output-dir> --remote-name --remote-name-all --remote-header-name --remote-time --create-dirs --create-file-mode: --no-clobber --dump-header> --cookie-jar> --trace> --trace-ascii> --trace-time --stderr> --next --path-as-is --disable --styled-output --no-styled-output --no-keepalive --keepalive-time: --dns-servers: --time-cond: --xattr --remove-on-error --skip-existing --version --help --manual -V -h -M --unix-socket< --abstract-unix-socket: | fetches
+ --unix-socket --abstract-unix-socket | elevated | speaks to a program of this machine
+ -J --remote-header-name | elevated | lets the server choose the name of the file
xh http https httpie xhs | elevated | urls | | speaks to a server
wget wget2 | read | wget | -q -v -nv -nc -nd -nH -np -c -N -S -b -r -l: -k -p -E -H -m -L -x -4 -6 -t: -T: -w: -A: -R: -D: -I: -X: -Q: -U: -o> -a> -O> -P> --quiet --verbose --no-verbose --no-clobber --continue --timestamping --server-response --spider --tries: --timeout: --wait: --waitretry: --random-wait --limit-rate: --no-check-certificate --user-agent: --output-document> --output-file> --append-output> --directory-prefix> --recursive --level: --no-parent --no-directories --no-host-directories --cut-dirs: --page-requisites --convert-links --mirror --accept: --reject: --show-progress --progress: --content-disposition --trust-server-names --no-cache --no-cookies --no-hsts --inet4-only --inet6-only --max-redirect: --retry-connrefused --span-hosts --domains: --adjust-extension --version --help --no-config --use-askpass^ -e^ --execute^ | fetches files
+ --content-disposition --trust-server-names -nd --no-directories -nH --no-host-directories --cut-dirs | elevated | lets the server choose the names of files
+ -r -m -p --recursive --mirror --page-requisites | elevated | fetches whatever the pages name, under their names
aria2c axel youtube-dl yt-dlp lynx w3m links elinks | elevated | urls | | fetches, with options that may start programs
dig host nslookup drill whois ping ping6 traceroute tracepath mtr getent-hosts | read | hosts | -4 -6 -c: -i: -n -q -t: -W: -w: -s: -p: -x: -m: -a -v -r -A -C -N: -R: +short +trace +noall +answer | asks for a public fact
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
ip ifconfig route arp iw iwconfig | elevated | none | | may change the network
+? none -a -n -e -v -s | read | looks at the network
ip addr, ip address, ip a, ip route, ip r, ip neigh, ip n, ip rule, ip link, ip maddr | elevated | none | | may change the network
+?* none show list ls get | read | looks at the network
ip help, | read | none | | asks for a fact
nmcli networksetup | elevated | none | * | changes the network
ss, | read | none | -h -V -n -r -a -l -o -e -m -p -T -i -s -b -E -Z -z -4 -6 -0 -t -M -S -u -d -w -x -H -O -Q -B -f: -A: -F< -D> --help --version --numeric --resolve --all --listening --options --extended --memory --processes --threads --info --summary --tos --cgroup --bpf --events --context --contexts --ipv4 --ipv6 --packet --tcp --mptcp --sctp --udp --dccp --raw --unix --tipc --vsock --xdp --inet-sockopt --no-header --oneline --no-queues --bound-inactive --family: --query: --socket: --filter< --diag> | looks at sockets
+ -K --kill | destructive | ends connections
netstat, | read | none | -a -n -t -u -l -p -r -i -e -s -g -M -c -W -o -v -4 -6 -F -C -Z -x -w -S -U -N -L -A: -f: -I: --all --numeric --numeric-hosts --numeric-ports --numeric-users --tcp --udp --udplite --sctp --raw --unix --listening --programs --program --route --interfaces? --extend --statistics --groups --masquerade --continuous --wide --timers --verbose --symbolic --fib --cache --context --inet --inet6 --protocol: --help --version -h -V | looks at sockets
lsof, | read | names | -a -b -C -h -l -n -N -O -P -R -t -U -v -V -X -Z -w -i? -p: -u: -c: -d: -g? -F? -r? -s? -S? -T? -x? -E -L -M -o -q -Q | looks at sockets
fuser, | read | names | -a -c -f -l -m -M -n: -s -u -v -i -I -V -4 -6 --all --mount --ismountpoint --namespace: --silent --user --verbose --interactive --inode --ipv4 --ipv6 --list-signals --version | looks at sockets
+ -k --kill | destructive | ends processes
`;
