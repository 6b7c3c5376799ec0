// How wide a terminal is taken to be where it says nothing that could be true.
import { expect, test } from 'vitest';
import { sized } from './terminal.ts';

test.each([
  [
    { columns: 0, rows: 0 },
    { columns: 80, rows: 24 },
  ],
  [
    { columns: 132, rows: 50 },
    { columns: 132, rows: 50 },
  ],
  [{}, {}],
])('%j is taken for %j', (stream: { columns?: number; rows?: number }, taken) => {
  sized(stream);
  expect(stream).toEqual(taken);
});
