// Which row of the tables a word names. A program is its file's name without folder, `.exe` and version; letters count,
// so a name in other letters is looked up as well and said to be different, for folders where it would be the same file.

const ALIASES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    podman: 'docker',
    nerdctl: 'docker',
    'docker-compose': 'docker compose',
    'podman-compose': 'docker compose',
    oc: 'kubectl',
    k: 'kubectl',
    microk8s: 'kubectl',
    k3s: 'kubectl',
    tofu: 'terraform',
    gawk: 'awk',
    mawk: 'awk',
    nawk: 'awk',
    original_awk: 'awk',
    gsed: 'sed',
    gfind: 'find',
    grm: 'rm',
    gcp: 'cp',
    gmv: 'mv',
    gtar: 'tar',
    bsdtar: 'tar',
    gmake: 'make',
    genv: 'env',
    gxargs: 'xargs',
    egrep: 'grep',
    fgrep: 'grep',
    zgrep: 'grep',
    nodejs: 'node',
    pip3: 'pip',
    python2: 'python',
    python3: 'python',
    pypy: 'python',
    pypy3: 'python',
    ksh93: 'ksh',
    view: 'vim',
    vi: 'vim',
    vimdiff: 'vim',
    rvim: 'vim',
    ex: 'vim',
    'sudo-rs': 'sudo',
    'su-rs': 'su',
    rootlesskit: 'unshare',
  }),
);

/** NAME_MAX: no file is called more. */
const MAX_NAME = 255;
const DOT = 46;

/** The last part of a path, in lower case on request of the caller only. */
export function baseName(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? path : path.slice(slash + 1);
}

/** Name of the row for a program's word: `/usr/bin/python3.12` is `python`. */
export function programName(value: string): string {
  const base = baseName(value);
  if (base.length > MAX_NAME) return base.slice(0, MAX_NAME);
  const dotted = base.charCodeAt(base.length - 4) === DOT && /(exe|com|cmd|bat)$/i.test(base);
  const bare = dotted ? base.slice(0, -4) : base;
  const known = ALIASES.get(bare);
  if (known !== undefined) return known;
  if (bare.startsWith('mkfs.') || bare.startsWith('fsck.')) return bare.slice(0, 4);
  const last = bare.charCodeAt(bare.length - 1);
  if (!(last >= 48 && last <= 57)) return bare;
  // `7z`, `b2sum`, `md5sum` keep their digits: only an ending like -3, 3.12, -18 is a version.
  const unversioned = bare.replace(/-?\d+(\.\d+)*$/, '');
  if (!VERSIONED.has(unversioned)) return bare;
  return ALIASES.get(unversioned) ?? unversioned;
}

const VERSIONED: ReadonlySet<string> = new Set([
  'python',
  'perl',
  'ruby',
  'php',
  'lua',
  'node',
  'pip',
  'bash',
  'gcc',
  'g++',
  'clang',
  'clang++',
  'java',
  'tclsh',
  'wish',
  'guile',
  'pypy',
  'awk',
]);
