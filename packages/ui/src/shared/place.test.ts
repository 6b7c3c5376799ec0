import { expect, test } from 'vitest';
import { placeOf } from './place.ts';

const at = (address: string): string | null => placeOf(new URL(address), true).home;

test('an IP address names its home; localhost and names do not', () => {
  expect(at('http://127.0.0.1:8787/chat')).toBe('http://localhost:8787/chat');
  expect(at('http://[::1]:8787/')).toBe('http://localhost:8787/');
  expect(at('http://localhost:8787/')).toBeNull();
  expect(at('https://agent.example/')).toBeNull();
  expect(at('https://203.0.113.5/')).toBeNull();
});
