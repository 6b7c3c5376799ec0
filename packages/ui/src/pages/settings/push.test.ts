// What a browser can and may, and what of its subscription the gateway is told.
import { expect, test } from 'vitest';
import { installWorker, placeIn } from '../../app/install.ts';
import { isOfKey, supportOf, wireOf } from './browser-push.ts';

const ALL = { hasWorker: true, hasPush: true, permission: 'default', standalone: undefined } as const;

test('each way of not having notifications has a name of its own', () => {
  expect(supportOf(ALL)).toBe('ready');
  expect(supportOf({ ...ALL, permission: 'granted' })).toBe('ready');
  expect(supportOf({ ...ALL, permission: 'denied' })).toBe('denied');
  expect(supportOf({ ...ALL, hasPush: false })).toBe('none');
  expect(supportOf({ ...ALL, permission: null })).toBe('none');
  expect(supportOf({ ...ALL, hasWorker: false })).toBe('none');
  // An iPhone in a tab, and in an installed app.
  expect(supportOf({ ...ALL, hasPush: false, permission: null, standalone: false })).toBe('install');
  expect(supportOf({ ...ALL, standalone: true })).toBe('ready');
});

test('the gateway is told where and with which keys, and nothing else the browser knows', () => {
  const json = {
    endpoint: 'https://push.example/x',
    expirationTime: 5,
    keys: { p256dh: 'p', auth: 'a', more: 'm' },
  };
  expect(wireOf(json, 'de')).toEqual({
    endpoint: 'https://push.example/x',
    keys: { p256dh: 'p', auth: 'a' },
    language: 'de',
  });
  expect(wireOf(json, 'fr')?.language).toBe('en');
  expect(wireOf({ ...json, keys: { auth: 'a' } }, 'en')).toBeNull();
  expect(wireOf({}, 'en')).toBeNull();
});

test('a subscription of another key of this gateway is known as such', () => {
  const key = new Uint8Array([4, 251, 255, 191]);
  expect(isOfKey(key.buffer, 'BPv_vw')).toBe(true);
  expect(isOfKey(key.buffer, 'BPv_vx')).toBe(false);
  expect(isOfKey(null, 'BPv_vw')).toBe(false);
});

test('the worker leads to places of the house, and nothing else that is said is followed', () => {
  expect(placeIn({ countersign: 'open', place: '#/pairings' })).toBe('#/pairings');
  for (const data of [
    null,
    'text',
    { place: '#/pairings' },
    { countersign: 'open', place: 'https://evil.example' },
    { countersign: 'open', place: '#/pairings?approve=1' },
    { countersign: 'open', place: '#/factors' },
    { countersign: 'decide', place: '#/pairings' },
    { countersign: 'open', place: ['#/pairings'] },
  ])
    expect(placeIn(data)).toBeNull();
});

test('a browser without workers, or that refuses ours, shows the same pages', async () => {
  const go = (): void => undefined;
  expect(await installWorker({ container: undefined, go })).toBeNull();
  const container = {
    addEventListener: () => undefined,
    register: () => Promise.reject(new Error('storage is closed')),
  };
  expect(await installWorker({ container, go })).toBeNull();
});
