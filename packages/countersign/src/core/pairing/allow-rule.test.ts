// What a change of allowFrom means, as a table: what was seen, what stands in the file, what we ourselves are writing.
import { expect, test } from 'vitest';
import { storedNative } from '../identity/peer.ts';
import type { AllowEntry, WantedEdit } from './allow-port.ts';
import { compareLists, grantedBy } from './allow-rule.ts';

type Own = Readonly<Record<string, WantedEdit['edit']>>;

interface Case {
  readonly name: string;
  /** `h1` made by hand, `s1` written by the store; null: never looked at. */
  readonly seen: readonly string[] | null;
  readonly file: readonly string[];
  readonly own?: Own;
  readonly wasHeld?: boolean;
  readonly added?: readonly string[];
  readonly gone?: readonly string[];
  readonly held?: readonly string[];
  readonly next: readonly string[];
  readonly grants: readonly string[];
}

const CASES: readonly Case[] = [
  {
    name: 'the first look announces nobody',
    seen: null,
    file: ['1', '2'],
    next: ['h1', 'h2'],
    grants: ['1', '2'],
  },
  {
    name: 'the first look at an entry of ours',
    seen: null,
    file: ['1'],
    own: { 1: 'add' },
    next: ['s1'],
    grants: [],
  },
  { name: 'nothing changed', seen: ['h1', 's2'], file: ['1', '2'], next: ['h1', 's2'], grants: ['1'] },
  {
    name: 'another order is no change',
    seen: ['h1', 'h2'],
    file: ['2', '1'],
    next: ['h2', 'h1'],
    grants: ['2', '1'],
  },
  {
    name: 'one more by hand',
    seen: ['h1'],
    file: ['1', '2'],
    added: ['2'],
    next: ['h1', 'h2'],
    grants: ['1', '2'],
  },
  { name: 'one less by hand', seen: ['h1', 'h2'], file: ['1'], gone: ['2'], next: ['h1'], grants: ['1'] },
  { name: 'the only one gone', seen: ['h1'], file: [], gone: ['1'], next: [], grants: [] },
  { name: 'both of two gone', seen: ['h1', 'h2'], file: [], gone: ['1', '2'], next: [], grants: [] },
  {
    name: 'one of three gone',
    seen: ['h1', 'h2', 'h3'],
    file: ['1', '2'],
    gone: ['3'],
    next: ['h1', 'h2'],
    grants: ['1', '2'],
  },
  {
    name: 'two of three gone at once is held',
    seen: ['h1', 'h2', 's3'],
    file: ['3'],
    held: ['1', '2'],
    next: ['h1', 'h2', 's3'],
    grants: ['1', '2'],
  },
  {
    name: 'half of four is held',
    seen: ['h1', 'h2', 'h3', 'h4'],
    file: ['1', '2'],
    held: ['3', '4'],
    next: ['h1', 'h2', 'h3', 'h4'],
    grants: ['1', '2', '3', '4'],
  },
  {
    name: 'less than half of five is not',
    seen: ['h1', 'h2', 'h3', 'h4', 'h5'],
    file: ['1', '2', '3'],
    gone: ['4', '5'],
    next: ['h1', 'h2', 'h3'],
    grants: ['1', '2', '3'],
  },
  {
    name: 'a held list takes up no additions either',
    seen: ['h1', 'h2', 'h3'],
    file: ['9'],
    held: ['1', '2', '3'],
    next: ['h1', 'h2', 'h3'],
    grants: ['1', '2', '3'],
  },
  {
    name: 'a held list stays held until the last one is settled',
    seen: ['h1', 'h2', 'h3', 'h4'],
    file: ['1', '2', '3'],
    wasHeld: true,
    held: ['4'],
    next: ['h1', 'h2', 'h3', 'h4'],
    grants: ['1', '2', '3', '4'],
  },
  {
    name: 'all came back, one came along',
    seen: ['h1', 'h2', 'h3'],
    file: ['1', '2', '3', '4'],
    wasHeld: true,
    added: ['4'],
    next: ['h1', 'h2', 'h3', 'h4'],
    grants: ['1', '2', '3', '4'],
  },
  {
    name: 'revoked one by one: the last takes nobody along',
    seen: ['h1', 'h2'],
    file: ['1'],
    own: { 2: 'remove' },
    wasHeld: true,
    next: ['h1'],
    grants: ['1'],
  },
  {
    name: 'our addition, in the file and not noted yet',
    seen: ['h1'],
    file: ['1', '2'],
    own: { 2: 'add' },
    next: ['h1', 's2'],
    grants: ['1'],
  },
  {
    name: 'our addition, not in the file yet',
    seen: ['h1'],
    file: ['1'],
    own: { 2: 'add' },
    next: ['h1'],
    grants: ['1'],
  },
  {
    name: 'our removal, out of the file and not noted yet',
    seen: ['h1', 's2'],
    file: ['1'],
    own: { 2: 'remove' },
    next: ['h1'],
    grants: ['1'],
  },
  {
    name: 'our removal, still in the file: it grants nothing any more',
    seen: ['h1', 'h2'],
    file: ['1', '2'],
    own: { 2: 'remove' },
    next: ['h1', 'h2'],
    grants: ['1'],
  },
  {
    name: 'our removal, and a hand that puts them back: the removal wins',
    seen: ['h1'],
    file: ['1', '2'],
    own: { 2: 'remove' },
    next: ['h1', 'h2'],
    grants: ['1'],
  },
  {
    name: 'our addition, and a hand that takes them out: the addition wins',
    seen: ['h1', 's2'],
    file: ['1'],
    own: { 2: 'add' },
    next: ['h1'],
    grants: ['1'],
  },
  {
    name: 'our removals do not count as gone at once',
    seen: ['h1', 'h2', 'h3', 'h4'],
    file: ['1', '2'],
    own: { 3: 'remove', 4: 'remove' },
    next: ['h1', 'h2'],
    grants: ['1', '2'],
  },
  {
    name: 'by hand before we wrote it: it keeps its own right',
    seen: ['h1'],
    file: ['1'],
    own: { 1: 'add' },
    next: ['h1'],
    grants: ['1'],
  },
  { name: 'written twice is there once', seen: ['h1'], file: ['1', '1'], next: ['h1'], grants: ['1'] },
];

test.each(CASES)(
  '$name',
  ({ seen, file, own = {}, wasHeld = false, added = [], gone = [], held = [], next, grants }) => {
    const edits = new Map(Object.entries(own).map(([native, edit]) => [storedNative(native), edit]));
    const compared = compareLists(seen?.map(entry) ?? null, file.map(storedNative), edits, wasHeld);
    expect(compared).toEqual({ added, gone, held, next: next.map(entry) });
    expect(grantedBy(compared, edits)).toEqual(grants);
  },
);

function entry(text: string): AllowEntry {
  return { native: storedNative(text.slice(1)), origin: text.startsWith('h') ? 'hand' : 'store' };
}
