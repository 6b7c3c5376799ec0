import { expect, test } from 'vitest';
import { othersOf } from './agents.ts';

test('every other agent once, in order, and not the own one again', () => {
  expect(othersOf('main', ['deploy', 'coder', 'main', 'coder'])).toEqual(['coder', 'deploy']);
  expect(othersOf(null, ['main'])).toEqual(['main']);
});
