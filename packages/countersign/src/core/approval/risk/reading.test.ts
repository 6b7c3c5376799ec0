// H47, H48: what stands in a line and does not look it. Every attack was seen to run by Bash 5.2. The tier is the least that
// it must have.
import { describe, expect, test } from 'vitest';
import { type Attacks, type Everyday, notLight, notRisky } from '../../../testing/risk-lines.ts';

const ATTACKS: Attacks = {
  'quotes that are none, in a here-document': {
    tier: 'destructive',
    lines: [
      "cat <<EOF\n${x:-'$(rm -rf d)'}\nEOF",
      "cat <<EOF\n${x-'`rm -rf d`'}\nEOF",
      "cat <<EOF\n${x:='$(rm -rf d)'}\nEOF",
      "cat <<EOF\n${HOME:+'$(rm -rf d)'}\nEOF",
      "cat <<-EOF\n\t${x:-'$(rm -rf d)'}\n\tEOF",
      "cat <<EOF\n${x:-${y:-'$(rm -rf d)'}}\nEOF",
      "cat <<EOF\n${x:-'${y:-$(rm -rf d)}'}\nEOF",
      "echo $(cat <<EOF\n${x:-'$(rm -rf d)'}\nEOF\n)",
      "echo `cat <<EOF\n${x:-'$(rm -rf d)'}\nEOF\n`",
      "cat <<EOF\n$((${x:-'$(rm -rf d)'}))\nEOF",
    ],
  },
  'quotes that are none, between double quotes': {
    tier: 'destructive',
    lines: [
      `echo "\${x:-$'$(rm -rf d)'}"`,
      `echo "\${1:-$'$(rm -rf d)'}"`,
      `echo "\${x:-$'\\x24(rm -rf d)'}"`,
      `echo "\${x:-$'\\u0060rm -rf d\\u0060'}"`,
      `echo "\${x?$'$(rm -rf d)'}"`,
      `v="\${x:=$'$(rm -rf d)'}"`,
      `cat <<< "\${x:-$'$(rm -rf d)'}"`,
      `[[ a = "\${x:-$'$(rm -rf d)'}" ]]`,
      `echo \${x:-"\${y:-$'$(rm -rf d)'}"}`,
      `echo {a,"\${x:-$'$(rm -rf d)'}"}`,
      `echo "\${x:-'$(rm -rf d)'}"`,
    ],
  },
  'quotes that are none, in what is computed': {
    tier: 'destructive',
    lines: [
      "echo $(('$(rm -rf d)'))",
      "(( '$(rm -rf d)' ))",
      "a=(1); echo ${a['$(rm -rf d)']}",
      "x=abc; echo ${x:'$(rm -rf d)'}",
      "for ((i='$(rm -rf d)';i<0;)); do :; done",
      "echo $((${x:-'$(rm -rf d)'}))",
    ],
  },
  'a text that ends earlier than it seems': {
    tier: 'elevated',
    lines: [
      "cat <<-'\ta'\na\nrm -rf /home/u\n\ta",
      'cat <<-"\ta"\n\ta\nrm -rf /home/u\na',
      "cat <<-$'\\ta'\n\ta\nrm -rf /home/u\na",
    ],
  },
  'a folder that is left unseen': {
    tier: 'destructive',
    lines: [
      'cd "$x"; echo x >> .bashrc',
      '$x ..; echo x >> .bashrc',
      "eval 'cd ..'; echo x >> .bashrc",
      "eval -- 'cd ..'; echo x >> .bashrc",
      "eval eval 'cd ..'; echo x >> .bashrc",
      'eval command cd ..; echo x >> .bashrc',
      'command -p cd ..; echo x >> .bashrc',
      'command -- cd ..; echo x >> .bashrc',
      'command builtin cd ..; echo x >> .bashrc',
      'builtin -- cd ..; echo x >> .bashrc',
      'builtin command cd ..; echo x >> .bashrc',
      "trap 'cd ..' DEBUG; echo x >> .bashrc",
      "trap 'cd ..' ERR; false; echo x >> .bashrc",
      "trap 'echo x >> .bashrc' EXIT; cd ..",
      'f(){ cd ..; }; trap f DEBUG; echo x >> .bashrc',
      'f(){ cd ..; }; f; echo x >> .bashrc',
      `f(){ c\\d ..; }; f; echo x >> .bashrc`,
      'f(){ pushd ..; }; f; echo x >> .bashrc',
      'f(){ cd "$1"; }; f ..; echo x >> .bashrc',
      'f(){ "$@"; }; f cd ..; echo x >> .bashrc',
      `for i in 1 2; do echo x > .bashrc; c\\d ..; done`,
      'while true; do echo x > .bashrc; "cd" ..; done',
      `for i in 1 2; do echo x > .bashrc; eval 'c""d ..'; done`,
      'cd ..; cd code; cd .. && echo x >> .bashrc',
      'cd .. && cd nonexistent && ls; echo x >> .bashrc',
      'CDPATH=/home; cd u; echo x >> .bashrc',
      'CDPATH=/home cd u; echo x >> .bashrc',
      'export CDPATH=/home; cd u; echo x >> .bashrc',
      "mapfile -C 'cd ..; :' -c 1 x < f; echo x >> .bashrc",
      "alias q='cd ..'; q; echo x >> .bashrc",
      `f() { echo x > .bashrc; }; c\\d ..; f`,
      'f() { echo x > .bashrc; }; cd ..; f',
      `e\\val 'cd ..'; echo x >> .bashrc`,
      `'eval' "cd" ..; echo x >> .bashrc`,
      "if eval 'cd ..'; then echo x >> .bashrc; fi",
      "eval 'cd ..' && echo x >> .bashrc",
      'time cd ..; echo x >> .bashrc',
      'time -p command cd ..; echo x >> .bashrc',
      '! cd ..; echo x >> .bashrc',
      '{ cd ..; } 2>/dev/null; echo x >> .bashrc',
      '. <(echo cd ..); echo x >> .bashrc',
      `eval "eval 'cd ..'"; echo x >> .bashrc`,
      'f() ( cd ..; ); f; echo x >> .bashrc',
      "cd $'..'; echo x >> .bashrc",
      'unset -f f; f() { cd ..; }; f && echo x >> .bashrc',
      "command eval 'cd ..'; echo x >> .bashrc",
      "builtin eval 'cd ..'; echo x >> .bashrc",
      'builtin pushd ..; echo x >> .bashrc',
      'coproc cd ..; echo x >> .bashrc',
    ],
  },
};
describe.each(Object.entries(ATTACKS))('H47: %s', (_, attack) => {
  test('is not judged lower than what it runs', () => {
    expect(notRisky(attack)).toEqual([]);
  });
});

const LIGHT: Everyday = {
  read: [
    `echo "\${y:-'a'}" "\${z:-"it's"}"`,
    `echo "\${x#'$'}" "\${x%%'\`'*}" "\${x//'\`'/}"`,
    `echo "\${x:-$(git log -1 --format='%h')}"`,
    "cat <<EOF\nit's $(date '+%H') ${x:-'a'}\nEOF",
    "cat <<'EOF'\n${x:-'$(rm -rf d)'}\nEOF",
    "cat <<-'EOF'\n\tit's\n\tEOF",
    'cat <<-EOF\n\ta\n\tEOF\nls',
    "printf '%s\\n' 'a$(b)' $'\\t$(c)'",
  ],
  write: [
    'cd packages/a && ls; touch x',
    'command cd src && touch x',
    "trap 'echo bye' EXIT; touch t",
    "eval 'echo hi'; touch t",
    'f() { wc -l "src/a.ts"; }; f; touch t',
    '(cd src && touch x); touch y',
    'cd src || exit 1; touch a; cd lib; touch b',
  ],
};
test.each(Object.entries(LIGHT))('R47: everyday lines that are of the tier %s stay so', (tier, lines) => {
  expect(notLight(tier as 'read' | 'write', lines)).toEqual([]);
});
