// One log line for people: time, level, event, fields. What a line holds is escaped: a log that can move the cursor lies.
import { visible } from '@countersign/protocol/display';
import type { Terminal } from '../terminal.ts';

export function prettyLine(line: string, { dim, bold }: Pick<Terminal, 'dim' | 'bold'>): string {
  const record = parse(line);
  if (record === undefined) return visible(line);
  const { time, level, event, ...fields } = record;
  const rest = Object.entries(fields).map(([name, value]) => `${visible(name)}=${printed(value)}`);
  const weight = visible(String(level ?? '')).padEnd(5);
  return [
    dim(visible(String(time ?? '').slice(11, 19))),
    level === 'warn' || level === 'error' ? bold(weight) : weight,
    visible(String(event ?? '')),
    ...rest,
  ].join(' ');
}

function printed(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[\w.:/@+-]+$/.test(text) ? text : visible(JSON.stringify(text));
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
