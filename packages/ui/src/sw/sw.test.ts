// What the worker keeps and what it says. A kept page would show yesterday's house; a word too many stands on a locked screen.
import { describe, expect, test } from 'vitest';
import { isKept, isOld, isWorthKeeping } from './keep.ts';
import { PLACES, placeOf, shownOf } from './notice.ts';

const ORIGIN = 'https://assistant.example';
const asked = (
  path: string,
  more: Partial<{ method: string; mode: string; header: string; origin: string }> = {},
) => ({
  method: more.method ?? 'GET',
  mode: more.mode ?? 'cors',
  url: `${more.origin ?? ORIGIN}${path}`,
  headers: { has: (name: string) => name === more.header },
});

describe('what is kept', () => {
  test.each([
    '/assets/house-hY6fno9c.js',
    '/assets/preload-helper-DdqL-AHK.css',
    '/assets/icon-C6-mlxtn.svg',
  ])('%s is a file of the build', (path) => {
    expect(isKept(asked(path), ORIGIN)).toBe(true);
  });

  test.each([
    ...['/', '/#/pairings', '/index.html', '/chat', '/chat.html', '/sw.js', '/manifest.webmanifest'],
    ...[
      '/icons/icon-192.png',
      '/api/v1/push',
      '/api/v1/claim',
      '/v1/models',
      '/ws',
      '/docs',
      '/openapi.json',
    ],
    ...[
      '/assets/',
      '/assets/plain.js',
      '/assets/../api/v1/push',
      '/assets/x-hY6fno9c.html',
      '/assets/x-hY6fno9c.json',
    ],
    ...['/assets/house-hY6fno9c.js?v=2', '/assets/deep/house-hY6fno9c.js', '/x/assets/house-hY6fno9c.js'],
  ])('%s goes its way', (path) => {
    expect(isKept(asked(path), ORIGIN)).toBe(false);
  });

  test('nor anything of another origin, a navigation, a write, a part, or what came with a proof', () => {
    const path = '/assets/house-hY6fno9c.js';
    expect(isKept(asked(path, { origin: 'https://evil.example' }), ORIGIN)).toBe(false);
    expect(isKept(asked(path, { origin: 'http://assistant.example' }), ORIGIN)).toBe(false);
    expect(isKept(asked(path, { mode: 'navigate' }), ORIGIN)).toBe(false);
    for (const method of ['POST', 'HEAD', 'PUT']) expect(isKept(asked(path, { method }), ORIGIN)).toBe(false);
    for (const header of ['range', 'authorization'])
      expect(isKept(asked(path, { header }), ORIGIN)).toBe(false);
  });

  test('an answer is kept when it is whole and came straight from this origin', () => {
    const good = { status: 200, type: 'basic', redirected: false };
    expect(isWorthKeeping(good)).toBe(true);
    for (const more of [
      { status: 404 },
      { status: 206 },
      { status: 503 },
      { type: 'opaque' },
      { type: 'cors' },
    ])
      expect(isWorthKeeping({ ...good, ...more })).toBe(false);
    expect(isWorthKeeping({ ...good, redirected: true })).toBe(false);
  });

  test('caches of another build are old; caches of somebody else are not ours', () => {
    expect(isOld('countersign-assets-1', 'countersign-assets-2')).toBe(true);
    expect(isOld('countersign-assets-2', 'countersign-assets-2')).toBe(false);
    expect(isOld('of-a-neighbour', 'countersign-assets-2')).toBe(false);
  });
});

describe('what is shown', () => {
  test('a kind and a channel become a sentence, in the language the browser asked for', () => {
    expect(shownOf({ kind: 'pairing', channel: 'telegram', language: 'en' })).toEqual({
      kind: 'pairing',
      language: 'en',
      body: 'Somebody on Telegram asks to talk to your assistant.',
      tag: 'countersign-pairing',
    });
    expect(shownOf({ kind: 'pairing', channel: 'webchat', language: 'de' }).body).toContain('über Webchat');
    expect(shownOf({ kind: 'device', channel: 'telegram', language: 'en' }).body).not.toContain('Telegram');
    const bodies = ['en', 'de'].flatMap((language) =>
      Object.keys(PLACES).map((kind) => shownOf({ kind, language }).body),
    );
    expect(new Set(bodies).size).toBe(bodies.length);
  });

  test.each([
    undefined,
    null,
    'text',
    7,
    [],
    {},
    { kind: 'approve' },
    { kind: 'constructor' },
    { kind: ['pairing'] },
    { kind: 'other', language: 'xx' },
    { body: 'Click https://evil.example', title: 'Bank', url: 'https://evil.example' },
  ])('%j is shown as something that waits, in our own words', (data) => {
    expect(shownOf(data)).toEqual({
      kind: 'other',
      language: 'en',
      body: 'Something waits for your decision.',
      tag: 'countersign-other',
    });
  });

  test.each(['<b>Bank</b>', 'your bank', '__proto__', 'constructor', 'x'.repeat(500)])(
    'a channel %j that we do not have is not repeated',
    (channel) => {
      expect(shownOf({ kind: 'pairing', channel }).body).toBe('Somebody asks to talk to your assistant.');
    },
  );

  test('a pressed notification leads to one of our places, whatever it carries', () => {
    expect(placeOf('pairing')).toBe('#/pairings');
    expect(placeOf('other')).toBe('#/overview');
    for (const data of ['https://evil.example', '#/x', 'toString', { kind: 'pairing' }, null, undefined])
      expect(placeOf(data)).toBe('#/overview');
  });
});
