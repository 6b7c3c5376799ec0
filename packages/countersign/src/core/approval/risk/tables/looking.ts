// Programs that look, and programs that change files the way every editor does. Columns: see rules.ts.
export const LOOKING = `
ls dir vdir | read | names | -a -A -b -B -c -C -d -D -f -F? -g -G -h -H -i -I: -k -l -L -m -n -N -o -p -q -Q -r -R -s -S -t -T: -u -U -v -w: -x -X -Z -1 -@ -e -O -% -W -y --all --almost-all --author --escape --block-size: --ignore-backups --color? --directory --dired --classify? --file-type --format: --full-time --group-directories-first --no-group --human-readable --si --dereference-command-line --dereference --hide: --hyperlink? --indicator-style: --inode --ignore: --kibibytes --numeric-uid-gid --literal --hide-control-chars --show-control-chars --quote-name --quoting-style: --reverse --recursive --size --sort: --time: --time-style: --tabsize: --width: --context --zero --version --help | looks at names of files
cat tac rev nl head tail fold expand unexpand paste tsort zcat gzcat bzcat xzcat zstdcat lz4cat | read | reads | * | prints files
more most | elevated | reads data | | a pager, where one key runs a command
less | elevated | reads data | | a pager, where one key runs a command
wc cksum sum md5sum md5 sha1sum sha224sum sha256sum sha384sum sha512sum b2sum shasum | read | reads | * | adds up files
cut tr join comm look column fmt | read | reads | * | prints columns of files
pr | read | reads | * | prints pages
sort | read | reads | -b -d -f -g -i -M -h -n -R -r -V -c -C -m -s -u -z -k: -t: -S: -o> -T> --batch-size: --ignore-leading-blanks --dictionary-order --ignore-case --general-numeric-sort --ignore-nonprinting --month-sort --human-numeric-sort --numeric-sort --random-sort --random-source< --reverse --sort: --version-sort --check? --merge --key: --output> --stable --buffer-size: --field-separator: --temporary-directory> --parallel: --unique --zero-terminated --files0-from< --compress-program^ --debug --version --help | prints files in order
uniq | read | inout | * | prints lines once
grep zipgrep bzgrep xzgrep | read | pattern deep | -E -F -G -P -e: -f< -i -y -v -w -x -c -L -l -m: -o -q -s -b -H -h -n -T -Z -A: -B: -C: -# -a -D: -d: -I -r -R -U -z -u --extended-regexp --fixed-strings --basic-regexp --perl-regexp --regexp: --file< --ignore-case --no-ignore-case --invert-match --word-regexp --line-regexp --count --color? --colour? --files-without-match --files-with-matches --max-count: --only-matching --quiet --silent --no-messages --byte-offset --with-filename --no-filename --label: --line-number --initial-tab --null --after-context: --before-context: --context: --text --binary-files: --devices: --directories: --exclude: --exclude-from< --exclude-dir: --include: --recursive --dereference-recursive --line-buffered --null-data --binary --version --help | searches files
rg ripgrep | read | pattern deep | -A: -B: -C: -c -E: -e: -F -f< -g: -H -h -i -I -j: -L -l -m: -M: -N -n -o -P -p -q -r: -S -s -T: -t: -U -u -V -v -w -x -z -a -0 -. -d: --after-context: --before-context: --context: --count --count-matches --encoding: --regexp: --fixed-strings --file< --glob: --iglob: --glob-case-insensitive --with-filename --no-filename --heading --no-heading --hidden --no-hidden --ignore-case --ignore-file< --no-ignore --no-ignore-vcs --json --line-number --no-line-number --files --files-with-matches --files-without-match --max-count: --max-columns: --max-depth: --max-filesize: --multiline --multiline-dotall --null --only-matching --path-separator: --pcre2 --pretty --quiet --replace: --smart-case --sort: --sortr: --stats --text --threads: --trim --type: --type-not: --type-add: --type-list --unrestricted --version --vimgrep --word-regexp --color: --colors: --column --no-messages --one-file-system --passthru --no-config --pre^ --hostname-bin^ --follow | searches files
ag ack | elevated | pattern deep | | searches files with options that may start programs
git-grep | read | pattern deep | | searches files
find | read | roots | * | looks for files
fd fdfind | read | pattern names | -H -I -u -s -i -g -a -l -L -p -0 -d: -t: -e: -E: -S: -c: -j: -1 -q -F --hidden --no-ignore --unrestricted --case-sensitive --ignore-case --glob --absolute-path --list-details --follow --full-path --print0 --max-depth: --min-depth: --exact-depth: --type: --extension: --exclude: --size: --changed-within: --changed-before: --color: --threads: --max-results: --quiet --fixed-strings --regex --version --help -x -X --exec --exec-batch | looks for files
locate mlocate plocate mdfind | elevated | none | | looks for files everywhere
stat | read | names | * | looks at facts of files
file | read | names | -b -c -d -E -h -i -k -L -l -N -n -p -r -s -S -v -z -Z -0 -e: -F: -f< -m< -P: --brief --mime --mime-type --mime-encoding --dereference --no-dereference --files-from< --separator: --version --help --extension --keep-going --raw --special-files --uncompress | looks at kinds of files
tree | read | names | -a -d -l -f -x -L: -R -P: -I: -p -s -h -u -g -D -F -q -N -Q -r -t -c -U -v -i -A -S -n -C -J -X -H: -T: -o> --noreport --dirsfirst --filelimit: --charset: --prune --du --inodes --device --timefmt: --matchdirs --ignore-case --gitignore --sort? --si --version --help --fromfile | looks at names of files
du df | read | names | * | adds up sizes
readlink realpath | read | names | * | says where a path leads
basename dirname | read | none | * | works on text
diff cmp sdiff diff3 colordiff | read | deep | * | compares files
xxd | read | inout | -a -b -c: -C -d -e -E -g: -h -i -l: -n: -o: -p -ps -r -R: -s: -u -v | prints bytes
od hexdump hd strings nm objdump readelf size | read | reads | * | prints bytes
base64 base32 basenc uuencode | read | reads | -d -D -i: -w: -b: -o> --decode --ignore-garbage --wrap: --input< --output> --base64 --base64url --base32 --base16 --version --help | prints encoded text
jq | read | pattern reads | -n -r -j -a -s -S -C -M -c -e -R -0 -h -f< -L< --arg: --argjson: --args --jsonargs --slurpfile< --rawfile< --null-input --raw-input --raw-output --raw-output0 --join-output --ascii-output --slurp --sort-keys --color-output --monochrome-output --compact-output --exit-status --tab --indent: --stream --stream-errors --seq --unbuffered --from-file< --version --help | prints parts of JSON
yq | read | pattern reads | -r -o: -p: -P -e -I: -M -C -N -n --unwrapScalar --output-format: --input-format: --prettyPrint --exit-status --indent: --no-colors --colors --null-input --version | prints parts of YAML
+ -i --inplace | write | edits in place
xmllint | elevated | reads | | may fetch what a file names
sed | read | pattern reads | -n -e: -f< -E -r -i? -b -l: -s -u -z -I? --quiet --silent --expression: --file< --regexp-extended --in-place? --line-length: --separate --unbuffered --null-data --zero-terminated --posix --debug --sandbox --follow-symlinks --version --help | prints files changed
awk | read | pattern reads | -F: -v: -f< --field-separator: --assign: --file< --version --help --posix --re-interval --csv -b -S --sandbox | prints parts of files
echo printf | read | none | * | prints text
true false : test [ [[ | read | names | * | asks
seq yes expr factor bc dc numfmt | read | none | * | computes
sleep wait jobs disown fg bg times | read | none | * | waits
pwd whoami id groups logname users who w tty uname arch nproc uptime free vmstat iostat lscpu lsusb lspci lsblk lsmod lsns getconf locale cal ncal sw_vers getent | read | none | * | asks for facts
hostname | read | none | -a -A -d -f -i -I -s -y --alias --all-fqdns --all-ip-addresses --domain --fqdn --long --ip-address --short | asks for a fact
date | read | none | -d: -f< -I? -R -r: -u -j -v: --date: --file< --iso-8601? --rfc-email --rfc-3339: --reference: --utc --universal --debug --resolution --version --help -s^ --set^ | asks for the time
+ -s --set | destructive | sets the clock
ps pgrep top htop pstree | read | none | * | looks at processes
which whereis type | read | none | * | says where a program is
command | read | none | -v -V -p | says what a name is
env printenv | elevated | none | * | prints the environment, secrets and all
set | read | none | * | sets options of this shell
export declare typeset local readonly unset | read | none | * | sets variables of this shell
read mapfile readarray getopts shift return exit break continue logout let umask ulimit shopt caller dirs popd suspend | read | none | * | works inside this shell
cd pushd | read | folder | * | changes the folder of this shell
trap eval exec builtin time nohup setsid timeout gtimeout nice ionice stdbuf unbuffer xargs coproc noglob nocorrect | read | none | * | runs what its words say
gtime flock numactl | read | none | * | runs what its words say
taskset chrt prlimit | read | pids | * | runs what its words say
script | elevated | writes | * | starts a shell and records what it does
parallel watch hyperfine entr xvfb-run dbus-run-session dbus-launch systemd-inhibit faketime catchsegv setarch linux32 linux64 caffeinate cgexec softlimit envdir retry torsocks torify proxychains proxychains4 rlwrap | elevated | none | * | runs what its words say, in a way of its own
env-cmd dotenv dotenvx cross-env cross-env-shell | elevated | none | * | runs what its words say, with variables from a file
bash sh dash ash rbash | read | code | * | a shell
ksh mksh yash posh zsh rzsh fish csh tcsh elvish nu xonsh rc pwsh powershell cmd | elevated | code | * | a shell of another language
busybox toybox | read | none | * | one program that is many
man info apropos whatis tldr | read | none | -a -f -k -K -w -W -S: -s: -l --all --whatis --apropos --where --sections: --path --no-hyphenation --encoding: --locale: -L: --help --version -P^ --pager^ -H^ --html^ | prints a manual
+ -P --pager -H --html -E -C --config-file -M --manpath -m --systems | elevated | starts a program of its choice
help clear reset tput stty | read | none | * | works on the terminal
mkdir | write | writes | * | makes folders
touch mkfifo mktemp truncate | write | writes | * | makes or empties files
tee sponge | write | writes | * | writes files
cp install ditto | write | copies | -a -b -d -f -i -H -l -L -n -p -P -r -R -s -S: -t> -T -u -v -x -Z -c -X --archive --attributes-only --backup? --copy-contents --force --interactive --link --dereference --no-clobber --no-dereference --preserve? --no-preserve: --parents --recursive --reflink? --remove-destination --sparse: --strip-trailing-slashes --symbolic-link --suffix: --target-directory> --no-target-directory --update? --verbose --one-file-system --debug --progress -D -m: -o: -g: --mode: --owner: --group: --directory --compare | copies files
mv | write | moves | -b -f -i -n -S: -t> -T -u -v -Z --backup? --force --interactive --no-clobber --no-copy --exchange --strip-trailing-slashes --suffix: --target-directory> --no-target-directory --update? --verbose --debug | moves files
ln link | write | links | -b -d -F -f -i -L -n -P -r -s -S: -t> -T -v -h --backup? --directory --force --interactive --logical --no-dereference --physical --relative --symbolic --suffix: --target-directory> --no-target-directory --verbose | makes links
rmdir | write | writes | * | removes empty folders
rm del erase | elevated | removes | -f -i -I -v -d -x -P -W --force --interactive? --dir --verbose --one-file-system --preserve-root? --version --help | removes files; nothing brings them back
+ -r -R --recursive --no-preserve-root /s | destructive | removes folders with all that is in them
unlink trash trash-put | elevated | removes | * | removes files; nothing brings them back
rimraf del-cli rm-cli | destructive | removes | * | removes folders with all that is in them
remove-item ri rd | destructive | removes | * | removes files of all kinds
shred srm wipe scrub | destructive | removes | * | removes beyond any undo
chmod | write | mode | -c -f -v -h -R -H -L -P --changes --silent --quiet --verbose --recursive --reference< --preserve-root --no-preserve-root --dereference --no-dereference | changes modes
+ -R --recursive | destructive | changes many modes, and nothing remembers those before
chown chgrp | elevated | mode | -c -f -v -h -H -L -P --from: --changes --silent --quiet --verbose --reference< --preserve-root --dereference --no-dereference | changes owners
+ -R --recursive | destructive | changes many owners, and nothing remembers those before
chattr setfacl chflags xattr setfattr | elevated | writes | * | changes attributes
tar | write | tar | * | packs or unpacks
zip 7z 7za 7zr rar jar ar cpio pax | write | archive | * -TT^ --unzip-command^ --rsh-command^ | packs or unpacks
unzip unrar | write | unpack | -a -aa -b -B -C -D -f -j -K -L -l -n -M -o -p -P: -q -qq -t -T -u -U -v -V -x: -z -Z -d> | unpacks
gzip gunzip bzip2 bunzip2 xz unxz lzma zstd unzstd lz4 brotli compress uncompress pigz pbzip2 | write | writes | * | packs or unpacks files
split csplit | write | text | * | writes parts of a file
patch | write | writes | -b -B: -c -d: -D: -e -E -f -F: -g: -i< -l -m -n -N -o> -p: -r> -R -s -t -T -u -v -V: -x: -Y: -z: -Z --backup --dry-run --strip: --input< --output> --reverse --forward --force --batch --unified --directory: --fuzz: --verbose --quiet --silent --reject-file> --no-backup-if-mismatch | changes files as a difference says
rsync | write | copies remote | -a -v -n -q -r -z -h -P -u -l -L -p -t -g -o -D -A -X -H -c -x -i -S -R -W -d -k -K -y -O -J -m -b -C -E -U -N -s -f: -B: -T> -4 -6 -F -0 -8 -I -e^ -M^ --rsh^ --rsync-path^ --exclude: --include: --exclude-from< --include-from< --files-from< --filter: --progress --stats --partial --dry-run --archive --verbose --recursive --compress --checksum --update --inplace --bwlimit: --port: --password-file< --log-file> --backup --backup-dir> --suffix: --chmod: --info: --out-format: --timeout: --max-size: --min-size: --link-dest< --compare-dest< --copy-links --links --perms --times --owner --group --human-readable --quiet --size-only --ignore-existing --existing --relative --no-perms --no-owner --no-group --partial-dir> --temp-dir> --itemize-changes --list-only --mkpath --numeric-ids --delete --del --delete-after --delete-before --delete-during --delete-delay --delete-excluded --delete-missing-args --ignore-errors --force --remove-source-files --remove-sent-files | copies files
+ --delete --del --delete-after --delete-before --delete-during --delete-delay --delete-excluded --delete-missing-args --remove-source-files --remove-sent-files | destructive | removes what is not in the source
`;
