import { expect, test } from 'vitest';
import {
  asked,
  type Filters,
  following,
  isNarrowed,
  isoOf,
  localOf,
  readFilters,
  writeFilters,
} from './filters.ts';

const ANA = `prn_${'a'.repeat(24)}`;
const SES = `ses_${'b'.repeat(24)}`;
const PAIR = `pair_${'c'.repeat(24)}`;
const NOW = Date.UTC(2026, 10, 25, 12);
const read = (query: string): Filters => readFilters(new URLSearchParams(query));
const round = (filters: Filters): Filters => {
  const pairs = Object.entries(writeFilters(filters)).filter(
    (pair): pair is [string, string] => pair[1] !== null,
  );
  return readFilters(new URLSearchParams(pairs));
};

test('what stands in the address is asked for, and goes back into it as it was', () => {
  const filters = read(`kind=door&outcome=denied&time=day&about=${ANA}&also=${SES}`);
  expect(asked(filters, NOW)).toEqual({
    types: 'pairing.,allow_list.',
    outcome: 'denied',
    since: '2026-11-24T12:00:00.000Z',
    about: [ANA, SES],
  });
  expect(round(filters)).toEqual(filters);
});

test('a link that another page made by person is the same as about', () => {
  expect(read(`person=${ANA}`)).toEqual(read(`about=${ANA}`));
});

test('what makes no sense in an address is as if it were not there', () => {
  const filters = read('kind=__proto__&outcome=maybe&time=never&since=soon&about=%3Cscript%3E&also=x');
  expect(asked(filters, NOW)).toEqual({});
  expect(isNarrowed(filters)).toBe(false);
});

test('two times of one’s own are asked for only when that was chosen', () => {
  const since = '2026-11-01T00:00:00.000Z';
  expect(asked(read(`time=chosen&since=${since}`), NOW)).toEqual({ since });
  expect(asked(read(`since=${since}`), NOW)).toEqual({});
});

test('following goes on with two ids at most: the last one stays, the one before it is narrowed by it', () => {
  const first = following(read(''), ANA);
  expect(first).toEqual([ANA]);
  const second = following({ ...read(''), about: first }, SES);
  expect(second).toEqual([ANA, SES]);
  expect(following({ ...read(''), about: second }, PAIR)).toHaveLength(2);
  expect(following({ ...read(''), about: second }, PAIR)).toContain(PAIR);
  expect(following({ ...read(''), about: second }, SES)).toEqual(second);
});

test('a field for a time holds the same moment as the address', () => {
  expect(isoOf(localOf('2026-11-25T12:30:00.000Z'))).toBe('2026-11-25T12:30:00.000Z');
  expect(localOf(null)).toBe('');
  expect(isoOf('')).toBeNull();
});
