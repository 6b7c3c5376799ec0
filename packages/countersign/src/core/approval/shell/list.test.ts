// H47, H48: the checker reads a line as the shell does, or says that it does not. Each case is a line, what it lists, and the
// doubts it must raise.
import { describe, expect, test } from 'vitest';
import { listLine, listWords } from './list.ts';
import { HOLE, type Listing } from './listing.ts';

const OPTIONS = { cwd: '/home/u/code', home: '/home/u' };
const list = (line: string): Listing => listLine(line, OPTIONS);
const shown = ({ commands }: Listing): string[] =>
  commands
    .filter(({ words }) => words.length > 0)
    .map(({ words }) => words.map(({ value }) => value.replaceAll(HOLE, '…')).join(' '));
const doubts = (listing: Listing): string[] => [...new Set(listing.doubts.map(({ kind }) => kind))].sort();

describe('names are what Bash makes of them', () => {
  test.each([
    ["r''m x", 'rm x'],
    ['r""m x', 'rm x'],
    ['"rm" x', 'rm x'],
    ['r\\m x', 'rm x'],
    ["$'rm' x", 'rm x'],
    ["$'\\x72m' x", 'rm x'],
    ["$'\\162m' x", 'rm x'],
    ["$'\\u0072m' x", 'rm x'],
    ['rm \\\n x', 'rm x'],
    ['rm "a b" c\\ d', 'rm a b c d'],
    ['rm \'a\'"b"c', 'rm abc'],
    ['rm ~/x', 'rm /home/u/x'],
    ['rm "~/x"', 'rm ~/x'],
    ['rm $HOME/x "${HOME}/y"', 'rm /home/u/x /home/u/y'],
    ['rm {a,b}.c', 'rm a.c b.c'],
    ['rm {1..3}', 'rm 1 2 3'],
    ['x=y; rm "$x"', 'rm y'],
    ['rm x # y', 'rm x'],
  ])('%j', (line, expected) => {
    const listing = list(line);
    expect(shown(listing)).toEqual([expected]);
    expect(doubts(listing)).toEqual([]);
  });
});

describe('everything that could run is listed, wherever it stands', () => {
  test.each([
    ['a; b && c || d & e', ['a', 'b', 'c', 'd', 'e']],
    ['a | b |& c', ['a', 'b', 'c']],
    ['(a; { b; })', ['a', 'b']],
    ['if a; then b; elif c; then d; else e; fi', ['a', 'b', 'c', 'd', 'e']],
    ['while a; do b; done; until c; do d; done', ['a', 'b', 'c', 'd']],
    ['for x in $(a); do b; done', ['a', 'b']],
    ['for ((i=$(a);i<$(b);i++)); do c; done', ['a', 'b', 'c']],
    ['select x in a; do b; done', ['b']],
    ['case $(a) in $(b)) c;; *) d;& e) f;; esac', ['a', 'b', 'c', 'd', 'f']],
    ['f() { a; }; function g { b; }; h() (c)', ['a', 'b', 'c']],
    ['coproc a; coproc N { b; }', ['a', 'b']],
    ['time -p a; ! b', ['a', 'b']],
    ['echo $(a) `b` "$(c)" "`d`"', ['a', 'b', 'c', 'd', 'echo … … … …']],
    ['echo ${x:-$(a)} ${x/$(b)/c} ${x:$(d)} ${x[$(e)]}', ['a', 'b', 'd', 'e', 'echo … … … …']],
    ['echo $((1+$(a))) $((x[$(b)]))', ['a', 'b', 'echo … …']],
    ['((x=$(a)))', ['a']],
    ['[[ -f $(a) && $(b) == c ]]', ['a', 'b', '[[ … … c']],
    ['cat <(a) >(b)', ['a', 'b', 'cat /dev/fd/63 /dev/fd/63']],
    ['x=$(a) y=`b` c', ['a', 'b', 'c']],
    ['x=($(a) b) c', ['a', 'c']],
    ['a > $(b) 2< <(c)', ['b', 'c', 'a']],
    ['cat <<E\n$(a)\nE', ['a', 'cat']],
    ["cat <<'E'\n$(a)\nE", ['cat']],
    ['cat <<< "$(a)"', ['a', 'cat']],
    ['echo @($(a)|b)', ['a', 'echo …']],
    ['export x=$(a)', ['a', 'export x=…']],
  ])('%j', (line, expected) => {
    expect(shown(list(line)).sort()).toEqual([...expected].sort());
  });
});

describe('wrappers are taken off one by one', () => {
  const IN = 'rm -r x';
  test.each([
    'env rm -r x',
    'env -i A=1 B=2 rm -r x',
    'env -u A -C /tmp rm -r x',
    'env -- rm -r x',
    'env - rm -r x',
    "env -S 'rm -r x'",
    "env -iS 'rm -r x'",
    "env --split-string='rm -r x'",
    'nice rm -r x',
    'nice -n 5 rm -r x',
    'nice -19 rm -r x',
    'nice --adj=5 rm -r x',
    'timeout 5 rm -r x',
    'timeout -s KILL -k 1 5 rm -r x',
    'timeout --sig=9 5 rm -r x',
    'nohup rm -r x',
    'setsid -w rm -r x',
    'stdbuf -oL -e0 rm -r x',
    'ionice -c2 -n 7 rm -r x',
    'chrt -f 1 rm -r x',
    'taskset -c 0 rm -r x',
    'flock l rm -r x',
    "flock l -c 'rm -r x'",
    'time rm -r x',
    '/usr/bin/time -o t rm -r x',
    'sudo rm -r x',
    'sudo -u a -- rm -r x',
    'sudo A=1 rm -r x',
    'doas -u a rm -r x',
    "su -c 'rm -r x'",
    'pkexec --user a rm -r x',
    'unshare -n rm -r x',
    'chroot /h rm -r x',
    'strace -f -o t rm -r x',
    'command -p rm -r x',
    'builtin rm -r x',
    'exec -a ls rm -r x',
    "eval 'rm -r x'",
    'eval rm -r x',
    'eval eval rm -r x',
    "sh -c 'rm -r x'",
    "bash -lc 'rm -r x'",
    "bash -o errexit -c 'rm -r x'",
    "sh -c -e 'rm -r x' a b",
    "bash --norc -c 'rm -r x'",
    "zsh -c 'rm -r x'",
    'busybox rm -r x',
    "busybox sh -c 'rm -r x'",
    'toybox nohup rm -r x',
    "trap 'rm -r x' EXIT",
    "watch 'rm -r x'",
    'watch -n1 rm -r x',
    "script -qc 'rm -r x' l",
    'ssh h rm -r x',
    "ssh -p 2 h 'rm -r x'",
    'docker run -it --rm -e A=1 alpine rm -r x',
    'docker exec -u a web rm -r x',
    'docker compose run web rm -r x',
    'podman container run alpine rm -r x',
    'kubectl -n a exec web -c b -- rm -r x',
    'npx rm -r x',
    "npx -c 'rm -r x'",
    'pnpm dlx rm -r x',
    'npm exec -- rm -r x',
    'uv run rm -r x',
    'poetry run rm -r x',
    'bundle exec rm -r x',
    'conda run -n a rm -r x',
    "nix-shell -p a --run 'rm -r x'",
    "tmux new -d 'rm -r x'",
    'screen -dmS a rm -r x',
    'systemd-run --user rm -r x',
    'systemd-run -p A=1 --scope rm -r x',
    "git -c alias.x='!rm -r x' x",
    "git rebase -x 'rm -r x' m",
    'git bisect run rm -r x',
    "git submodule foreach 'rm -r x'",
    'find . -exec rm -r x ;',
    "find . -exec sh -c 'rm -r x' ;",
    "tar xf a --to-command='rm -r x'",
    "tar xf a -I 'rm -r x'",
    "ssh -o ProxyCommand='rm -r x' h",
    "rsync -e 'rm -r x' a h:",
    'prlimit --nproc=1 rm -r x',
    'numactl -N 0 rm -r x',
    'dbus-run-session -- rm -r x',
    'xvfb-run -a rm -r x',
    'direnv exec . rm -r x',
    "bash <<< 'rm -r x'",
    "bash <<'E'\nrm -r x\nE",
    "cat <<'E' | sh\nrm -r x\nE",
    "echo 'rm -r x' | sh",
    "printf 'rm -r x' | bash -s",
    'echo rm -r x | bash',
    "source /dev/stdin <<< 'rm -r x'",
    'countersign exec -- rm -r x',
    'torsocks rm -r x',
    'faketime 1d rm -r x',
    'entr rm -r x',
    "hyperfine 'rm -r x'",
    'op run -- rm -r x',
    'firejail rm -r x',
  ])('%s', (line) => {
    expect(shown(list(line))).toContain(IN);
  });

  test('GHSA-796m: an option that a row does not name is doubted, and both readings are listed', () => {
    const listing = list('timeout --bogus 5 10 rm x');
    expect(doubts(listing)).toEqual(['option']);
    expect(shown(listing)).toContain('rm x');
  });

  test('words that come from standard input or from files that are found are marked', () => {
    expect(shown(list('ls | xargs rm'))).toContain('rm …');
    expect(shown(list('find . -exec rm {} +'))).toContain('rm …');
  });

  test('by argv nothing is split or expanded', () => {
    expect(shown(listWords(['rm', '$x', '*', '; ls'], OPTIONS))).toEqual(['rm $x * ; ls']);
    expect(shown(listWords(['bash', '-c', 'rm x'], OPTIONS))).toContain('rm x');
  });
});

describe('what cannot be read is said', () => {
  test.each([
    ['ls "', 'parse'],
    ['echo $(', 'parse'],
    ['echo $(echo ")', 'parse'],
    ['if a', 'parse'],
    ['bash -c "ls \'"', 'parse'],
    ['ls \u0000', 'control'],
    ['ls \u0001', 'control'],
    ['ls \u200b', 'control'],
    ['ls \u202e', 'control'],
    ['ls\u00a0x', 'control'],
    ['ls \u{e0041}', 'control'],
    ["bash -c $'ls \\x01'", 'control'],
    ['$x', 'name'],
    ['"$x" y', 'name'],
    ['$(a) b', 'name'],
    ['/bin/r? x', 'name'],
    ['r[m] x', 'name'],
    ['{rm,x}', 'name'],
    ['r$1m x', 'name'],
    ['env $x', 'name'],
    ['nice "$@"', 'name'],
    ['a=rm; $a x', 'name'],
    ['eval "$x"', 'unread'],
    ['bash -c "$x"', 'unread'],
    ['bash -c "ls $x"', 'unread'],
    ['curl x | sh', 'unread'],
    ['curl x | sudo -E bash -', 'unread'],
    ['bash <<< "$x"', 'unread'],
    ['echo "${x@P}"', 'unread'],
    ["x='a[$(b)]'", 'unread'],
    ["[[ -v 'a[$(b)]' ]]", 'unread'],
    ["printf -v 'a[$(b)]' c", 'unread'],
    ['xargs sh -c < x', 'unread'],
    ['fish -c ls', 'dialect'],
    ['pwsh -c ls', 'dialect'],
    ['timeout --bogus 1 ls', 'option'],
    ['sudo --bogus ls', 'option'],
  ])('%j is doubted: %s', (line, kind) => {
    expect(doubts(list(line))).toContain(kind);
  });

  test('emoji and letters of any script are no control characters', () => {
    expect(doubts(list('echo "❤️ Жé 中文"'))).toEqual([]);
  });

  test('too long, too deep and too many are said, and end', () => {
    expect(doubts(list(`echo ${'x'.repeat(200_000)}`))).toEqual(['size']);
    expect(doubts(list('$('.repeat(20_000)))).not.toEqual([]);
    expect(doubts(list('a;'.repeat(5_000)))).toEqual(['size']);
    // The parser's own stack ends here.
    for (const bit of ['$(( $(', '($((', '$((', '`$(', '${a:-$(']) {
      for (const size of [100, 2_000, 20_000]) expect(doubts(list(bit.repeat(size))), bit).not.toEqual([]);
    }
    let nested = 'ls';
    for (let depth = 0; depth < 16; depth += 1) nested = `bash -c ${JSON.stringify(nested)}`;
    expect(list(nested).doubts.length).toBeGreaterThan(0);
  });
});

describe('the folder it runs in', () => {
  const folders = (line: string, name: string) =>
    list(line).commands.find(({ words }) => words[0]?.value === name)?.folders;
  test('behind cd and && it is that folder', () =>
    expect(folders('cd a && x', 'x')).toEqual(['/home/u/code/a']));
  test('behind cd and a semicolon it is either', () => {
    expect(folders('cd a; x', 'x')).toEqual(['/home/u/code', '/home/u/code/a']);
  });
  test('out of a subshell it is the one before', () =>
    expect(folders('(cd a); x', 'x')).toEqual(['/home/u/code']));
  test('in a loop that changes it, it is any', () =>
    expect(folders('for i in 1 2; do x; cd ..; done', 'x')).toBeNull());
  test('behind a cd that only the run knows, it is any', () =>
    expect(folders('cd "$y" && x', 'x')).toBeNull());
  test('in a function that is called after cd, it is any', () =>
    expect(folders('f() { x; }; cd a; f', 'x')).toBeNull());
});
