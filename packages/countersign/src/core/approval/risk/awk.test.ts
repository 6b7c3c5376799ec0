// H47: `print[^;}\n]*>` was looked for in a program of awk, and `print "x;" > "/home/u/.bashrc"` was not found. Whatever stands in
// strings, regular expressions and comments, a program that writes, runs or reads more than it is given is asked about.
import { describe, expect, test } from 'vitest';
import { notLight, notRisky } from '../../../testing/risk-lines.ts';
import { onlyPrints } from './awk.ts';

const HARMFUL: Readonly<Record<string, readonly string[]>> = {
  'writes a file': [
    'BEGIN{print "x" > "f"}',
    'BEGIN{print "x">"f"}',
    'BEGIN{print "evil;" > "/home/u/.bashrc"}',
    'BEGIN{print "}" > "f"}',
    'BEGIN{print "a\\\nb" > "f"}',
    'BEGIN{print "a" \\\n > "f"}',
    '{print $1,\n"b" > "f"}',
    'BEGIN{print "x" >> "f"}',
    'BEGIN{printf "%s", "x" > "f"}',
    'BEGIN{printf("%s", "x") > "f"}',
    'BEGIN{print("a")("b") > "f"}',
    'BEGIN{print (1 > 0) > "f"}',
    'BEGIN{print "a" "(" > "f"}',
    'BEGIN{print /(/ > "f"}',
    '# "\nBEGIN{print "x" > "f"} # "',
    '/#/{print "x" > "f"}',
    '/"/{print "x" > "f" #"\n}',
    '/[/]/{print "x" > "f"} #/',
    '/[]/]/{print "x" > "f"} #/',
    '/[[:alpha:]/]/{print "x" > "f"} #/',
    '{if (1) /"/; print "x" > "f" #"\n}',
    '{x = (1) / 2; print "a" > "f" # /\n}',
    '{x = y++ / 2; print "a" > "f" # /\n}',
    '{x = length / 2; print "a" > "f" # /\n}',
    '{x = 1\n/"/; print "a" > "f" #"\n}',
    'function f(x) { print x > "f" } { f(1) }',
  ],
  'runs a program': [
    'BEGIN{system("id")}',
    'BEGIN{print "x" | "sh"}',
    'BEGIN{print "x" |& "sh"}',
    'BEGIN{"id" | getline x}',
    'BEGIN{f = "sys" "tem"; @f("id")}',
    'BEGIN{awk::system("id")}',
    '@load "x"; BEGIN{}',
    '@include "x"',
    'BEGIN{extension("./x.so")}',
  ],
  'reads what it was not given, or the environment': [
    'BEGIN{while ((getline l < "/home/u/.ssh/id_rsa") > 0) print l}',
    'BEGIN{ARGV[1] = "/home/u/.ssh/id_rsa"; ARGC = 2} {print}',
    'BEGIN{print ENVIRON["X"]}',
    'BEGIN{for (k in SYMTAB["ENVIRON"]) print k}',
    'BEGIN{print PROCINFO["pid"]}',
  ],
  'cannot be read for certain': [
    '"',
    '/',
    'BEGIN{print "a\n"}',
    '{print $1} \\',
    '# \\\n{print}',
    '{print `x`}',
    '{print é}',
  ],
};

const HARMLESS: readonly string[] = [
  '{print $1}',
  '1',
  '',
  'NR==5',
  '!seen[$0]++',
  'length > 80',
  '$3 > 100 {print $1}',
  '$3 >= 100 && $4 < 2 || /x/ {print $1, $2}',
  'NR>1 {sum+=$2} END {print sum/NR}',
  '/foo/ {print $2; n++} END {print n}',
  '/a>b|c/ {print}',
  '{ if ($3 > 5) print $0; else print "no > here | there" }',
  '{ print ($3 > 5 ? "big" : "small") }',
  '{ printf "%s > %d\n", $1, $2 }'.replaceAll('\n', '\\n'),
  'BEGIN{FS=","} {printf("%s %d\\n", $1, $2)}',
  '{a[$1]+=$2} END {for (k in a) print k, a[k]}',
  '{gsub(/[[:space:]]+/, " "); print}',
  '$1 ~ /^a\\/b.*$/ {print NR": "$0}',
  '{ print substr($0, index($0, $3)) } # the rest of the line > here',
  '{ print }\n$3 > 5 { n++ }',
  '{ x = ($1 + $2) / 2; print x }',
  '{ print (a + b) / 2, (c + d) / 3 }',
  'BEGIN{x = "\\"; print "a" > "f" #"}',
  'function max(a, b) { return a > b ? a : b } { print max($1, $2) }',
];

test.each(Object.entries(HARMFUL))('a program of awk that %s', (_, programs) => {
  expect(programs.filter(onlyPrints)).toEqual([]);
});

test('a program of awk that only prints is light', () => {
  expect(HARMLESS.filter((program) => !onlyPrints(program))).toEqual([]);
});

test('a text that was made to be slow is read in no time, or not at all', () => {
  for (const text of [
    '(1)/'.repeat(2_000),
    '"'.repeat(8_001),
    '/['.repeat(4_000),
    '\n'.repeat(8_000),
    `${'1\n/ '.repeat(9)}`,
  ])
    expect(typeof onlyPrints(text)).toBe('boolean');
  expect(onlyPrints('1;'.repeat(10_000))).toBe(false);
});

describe('programs of other tools', () => {
  test('sed, jq and yq: a text that runs, writes or shows more than it is given', () => {
    const lines = [
      "sed 's,[,],g;s,w /home/v/.zshrc,y,;p' x",
      "sed '/[/p;s,]/w x,y,' x",
      "sed -l 'w /home/v/.zshrc' x",
      "sed -n 'w x' y",
      "sed 's/a/id/e' x",
      'sed -f x.sed y',
      'awk -f x.awk y',
      "awk -i inplace '{print}' a",
      'jq -n env',
      "jq -n --arg a b '$ENV'",
      "jq -n --arg x --arg '$ENV'",
      "jq --rawfile a /home/u/.ssh/id_rsa -n '$a'",
      'jq -f x.jq a',
      `yq 'load_str("/home/u/.ssh/id_rsa")' x`,
      `yq e 'load("/home/u/.ssh/id_rsa")' x`,
      "yq e 'strenv(SECRET)' x",
      "yq -s '.a' x",
      "yq -i '.a=1' .git/hooks/x",
    ];
    expect(notRisky({ tier: 'elevated', lines })).toEqual([]);
  });
  test('what everybody writes is light', () => {
    const lines = [
      "sed 's/[^0-9]*//g' a",
      "sed -E 's/(a|b)+/\\1/g' a",
      "sed 's|/usr/[a-z]*|x|' a",
      "sed -n '/a/,/b/p' a",
      "sed '/^$/d' a",
      'sed 5q a',
      "awk -F: '$3 > 100 {print $1}' a",
      "jq --arg x 1 '.a == $x' a",
    ];
    expect(notLight('read', lines)).toEqual([]);
  });
});
