// Two languages, one shape: whatever English says, German says as well, with everything that is put into it, in German.
import { describe, expect, test } from 'vitest';
import { strings } from '../strings.ts';
import { claimStrings as claim } from '../strings-claim.ts';
import { house } from '../strings-house.ts';
import { leaves, type Said } from '../testing/leaves.ts';
import { german as germanClaim } from './de/claim.ts';
import { german as germanHouse } from './de/house.ts';
import { german as germanStrings } from './de/strings.ts';
import { german } from './de.ts';
import { english } from './en.ts';

const BOTH = {
  pages: [english, german],
  'signing in': [house, germanHouse],
  claiming: [claim, germanClaim],
  'the web chat': [strings, germanStrings],
} as const;

/** Names, commands, and words that are the same in both languages. */
const SAME: ReadonlySet<string> = new Set([
  ...['Countersign', 'Telegram', 'Loopback', 'Agent', 'Bearer', 'Gateway', 'Port', 'Proxy'],
  ...[
    'Chats',
    'Code',
    'Code x1x',
    'Filter',
    'Hash',
    'Name',
    'Passkey',
    'Person',
    'Ticket',
    'Token',
    'Version',
  ],
  ...['prn_, ses_, pair_, dev_, msg_ …', '+x1x', 'x1x', 'x1x · x2x'],
  ...['XMPP', 'Domain'],
  'countersign pairing approve webchat x1x',
  'countersign people link x1x <code> --as owner',
]);

const LETTERS = /^[\p{Script=Latin}\p{Nd}\s.,:;!?…„“’()<>/@#_*+=%·→-]*$/u;
const ENGLISH = /\b(the|this|that|you|your|with|and|from|is|are|it|of)\b/;
const FORMAL = /[\p{Ll},] (Sie|Ihnen|Ihre?[nmrs]?)\b/u;
const GENDER_SIGN = /\p{L}[*:_·]in(nen)?\b/u;

describe.each(Object.entries(BOTH))('%s', (_, [ours, theirs]) => {
  const en = leaves(ours);
  const de = leaves(theirs);

  test('has the same sentences in both languages, all the way down', () => {
    expect([...de.keys()].toSorted()).toEqual([...en.keys()].toSorted());
    expect(en.size).toBeGreaterThan(20);
  });

  test('says something in each of them', () => {
    for (const [path, said] of [...en, ...de])
      expect(
        Object.values(said).every((sentence) => sentence.trim() === sentence && sentence !== ''),
        path,
      ).toBe(true);
  });

  test('loses nothing that is put into a sentence', () => {
    for (const [path, said] of en) {
      for (const mark of said.many.match(/\bx\dx\b/g) ?? []) expect(de.get(path)?.many, path).toContain(mark);
    }
  });

  test('tells one from many where English does', () => {
    for (const [path, said] of en) {
      if (isCounted(said)) expect(isCounted(de.get(path) ?? said), path).toBe(true);
    }
  });

  test('leaves nothing in English', () => {
    const same = [...en].filter(([path, { many }]) => de.get(path)?.many === many && !SAME.has(many));
    expect(same.map(([path, { many }]) => `${path}: ${many}`)).toEqual([]);
    for (const [path, { many }] of de) expect(withoutCommands(many), path).not.toMatch(ENGLISH);
  });

  test('is set as German is', () => {
    for (const [path, said] of de) {
      for (const sentence of Object.values(said)) {
        expect(sentence, path).toMatch(LETTERS);
        expect(sentence, path).not.toMatch(/ {2}|["']|\S…|[a-zäöüß] - /);
        expect(sentence.split('„').length, path).toBe(sentence.split('“').length);
        expect(sentence, path).not.toMatch(FORMAL);
        expect(sentence, path).not.toMatch(GENDER_SIGN);
      }
    }
  });
});

/** Whether the words around the number change with it. */
function isCounted({ one, two }: Said): boolean {
  return one.replaceAll('1', '') !== two.replaceAll('2', '');
}

/** Commands are typed as they are, in any language. */
function withoutCommands(sentence: string): string {
  return sentence.replaceAll(/countersign( [a-z-]+)+|docs\/\S+/g, '');
}
