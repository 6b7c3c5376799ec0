// What /metrics prints: Prometheus text, version 0.0.4.
import type { Clock, Millis } from '../core/ports.ts';
import type { Counters } from './counters.ts';

const HELP: Readonly<Record<string, string>> = {
  countersign_http_requests_total: 'HTTP answers by status',
  countersign_messages_total: 'inbound messages by what became of them',
  countersign_turns_total: 'questions to the agent by outcome',
  countersign_deliveries_total: 'outgoing messages by channel and fate',
  countersign_proxy_requests_total: 'calls below an agent, by status of the answer',
  countersign_proxy_bytes_total: 'bytes of their bodies, from callers and from the upstream',
  countersign_proxy_tokens_total: 'tokens that the upstream said they took',
  countersign_proxy_open: 'calls below an agent that are open now',
};

interface Facts {
  readonly version: string;
  readonly startedAt: Millis;
  readonly pendingPairings: number;
}

export function metricsText(counters: Counters, facts: Facts, clock: Clock): string {
  const lines: string[] = [];
  const write = (
    name: string,
    help: string,
    type: 'counter' | 'gauge',
    series: Iterable<readonly [string, number]>,
  ) => {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const [labels, value] of series) lines.push(`${name}${labels === '' ? '' : `{${labels}}`} ${value}`);
  };
  write('countersign_info', 'the version that runs', 'gauge', [[`version="${facts.version}"`, 1]]);
  write('countersign_uptime_seconds', 'since the start', 'gauge', [
    ['', Math.max(0, clock.now() - facts.startedAt) / 1000],
  ]);
  write('countersign_pairings_pending', 'people who wait for a yes', 'gauge', [['', facts.pendingPairings]]);
  write('process_resident_memory_bytes', 'resident memory', 'gauge', [['', process.memoryUsage.rss()]]);
  for (const [name, series] of counters.series())
    write(name, HELP[name] ?? name, name.endsWith('_total') ? 'counter' : 'gauge', series);
  return `${lines.join('\n')}\n`;
}
