// The frame of the Control UI: addresses, keys, languages, and what events make old.
import { describe, expect, test } from 'vitest';
import { languageOf } from '../language.ts';
import type { Change } from '../session/frames.ts';
import { FakeTime } from '../testing/world.ts';
import { meaningOf } from './keys.ts';
import { follow } from './live.ts';
import { PAGES, pageOf } from './pages.ts';
import { AREAS } from './queries.ts';
import { href, parseRoute } from './router.ts';

describe('an address', () => {
  test('names a page and what is open on it, and comes back as it was', () => {
    const hash = href('pairings', { open: 'pair_a&b=c#d', at: null, show: undefined });
    const route = parseRoute(hash);
    expect(route.page).toBe('pairings');
    expect([...route.query]).toEqual([['open', 'pair_a&b=c#d']]);
  });

  test.each(['', '#', '#claim=S3CRET', '#gatewayUrl=https://evil.example', '#/'])(
    'H23: %s leads to the overview and says nothing else',
    (hash) => {
      const { page, query } = parseRoute(hash);
      expect([page, [...query]]).toEqual(['', []]);
      expect(pageOf(page)?.id).toBe('overview');
    },
  );

  test('of no page is no page', () => {
    for (const name of ['constructor', '__proto__', 'Pairings', 'x']) expect(pageOf(name)).toBeNull();
  });

  test('every page has a key of its own', () => {
    expect(new Set(PAGES.map(({ key }) => key)).size).toBe(PAGES.length);
  });
});

describe('a key', () => {
  const letters = new Set(['p']);
  const key = (pressed: string, chord = false, more = {}) =>
    meaningOf(
      { key: pressed, altKey: false, ctrlKey: false, metaKey: false, target: null, ...more },
      chord,
      letters,
    );

  test('? helps, g and a letter go, / searches, and nothing decides', () => {
    expect(key('?')).toEqual({ does: 'help' });
    expect(key('/')).toEqual({ does: 'search' });
    expect(key('g')).toEqual({ does: 'chord' });
    expect(key('p', true)).toEqual({ does: 'go', to: 'p' });
    for (const other of ['p', 'a', 'y', 'Enter', 'Escape', ' ', 'ArrowDown'])
      expect(key(other)).toEqual({ does: 'nothing' });
  });

  test('with Control, Alt or Meta it is the browser’s', () => {
    for (const held of ['altKey', 'ctrlKey', 'metaKey'])
      expect(key('g', false, { [held]: true })).toEqual({ does: 'nothing' });
  });
});

test('the language is the chosen one, else the first known of the browser, else English', () => {
  expect(languageOf('de', ['en'])).toBe('de');
  expect(languageOf(null, ['fr', 'de-AT', 'en'])).toBe('de');
  expect(languageOf('xx', ['fr'])).toBe('en');
});

describe('a change', () => {
  function stage() {
    const time = new FakeTime();
    const asked: string[] = [];
    let say: (change: Change) => void = () => {};
    const stop = follow({
      session: {
        onEvent: (listener) => {
          say = listener;
          return () => {
            say = () => {};
          };
        },
      },
      client: {
        invalidateQueries: (filters) => Promise.resolve(void asked.push(String(filters?.queryKey?.[0]))),
      },
      later: (ms, run) => time.later(ms, run),
    });
    return { time, asked, stop, says: (change: Change) => say(change) };
  }
  const lists = (...of: string[]): Change => ({ what: 'lists', of, why: [] });

  test('asks again for the lists it names, and for nothing a newer gateway invents', () => {
    const { asked, says } = stage();
    says(lists('pairings', 'people', 'something new'));
    expect(asked).toEqual(['pairings', 'people']);
  });

  test('of which everything may be old asks for everything', () => {
    const { asked, says } = stage();
    says({ what: 'everything' });
    expect(asked).toEqual([...AREAS]);
  });

  test('in a burst is asked for at once, and once more behind it: the last one is never missed', () => {
    const { asked, says, time } = stage();
    for (let n = 0; n < 50; n += 1) says(lists('audit'));
    expect(asked).toEqual(['audit']);
    time.advance(250);
    expect(asked).toEqual(['audit', 'audit']);
    time.advance(10_000);
    expect(asked).toEqual(['audit', 'audit']);
    says(lists('audit'));
    expect(asked).toHaveLength(3);
  });

  test('after the page is left asks for nothing', () => {
    const { asked, says, time, stop } = stage();
    says(lists('audit'));
    says(lists('audit'));
    stop();
    time.advance(10_000);
    says(lists('people'));
    expect(asked).toEqual(['audit']);
  });
});
