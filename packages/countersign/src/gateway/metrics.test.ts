// Prometheus text: each name has its type once, each line is a number, and a scrape ends in a newline.
import { expect, test } from 'vitest';
import { FakeClock } from '../testing/fakes.ts';
import { Counters } from './counters.ts';
import { metricsText } from './metrics.ts';

test('every series has its type before it, once, and a number', () => {
  const clock = new FakeClock();
  const startedAt = clock.now();
  clock.advance('90s');
  const counters = new Counters();
  for (const status of [200, 200, 404]) counters.http(status);
  const text = metricsText(counters, { version: '0.1.0', startedAt, pendingPairings: 3 }, clock);
  expect(text.endsWith('\n')).toBe(true);
  const typed = new Set<string>();
  for (const line of text.trimEnd().split('\n')) {
    const type = /^# TYPE (\w+) (?:counter|gauge)$/.exec(line)?.[1];
    if (type !== undefined) {
      expect(typed.has(type), type).toBe(false);
      typed.add(type);
    } else if (!line.startsWith('# HELP ')) {
      const name = /^(\w+)(?:\{[^{}\n]*\})? \d+(?:\.\d+)?$/.exec(line)?.[1];
      expect(typed.has(name ?? ''), line).toBe(true);
    }
  }
  expect(text).toContain('countersign_http_requests_total{status="200"} 2\n');
  expect(text).toContain('countersign_uptime_seconds 90\n');
  expect(text).toContain('countersign_pairings_pending 3\n');
  expect(text).toContain('countersign_info{version="0.1.0"} 1\n');
});

test('a clock that went back gives no negative uptime', () => {
  const clock = new FakeClock();
  const facts = { version: '0.1.0', startedAt: clock.now() + 1_000, pendingPairings: 0 };
  expect(metricsText(new Counters(), facts, clock)).toContain('countersign_uptime_seconds 0\n');
});
