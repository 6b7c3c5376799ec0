// Settings in words: names of keys and sections, values as they are read. Pure.
import { visible } from '@countersign/protocol/display';
import type { Text } from '../../text/say.ts';
import { titleOf } from '../channels/words.ts';
import type { Field, Section } from './fields.ts';
import type { Json } from './json.ts';

type Says = Text['settings'];

/** What the key is called; one without a name in the catalogue is called as it is written. */
export function nameOf(field: Pick<Field, 'key'>, says: Says): string {
  const names: Readonly<Record<string, string>> = says.names;
  return (Object.hasOwn(names, field.key) ? names[field.key] : undefined) ?? visible(field.key);
}

export function sectionName({ id, channel, account }: Section, text: Text): string {
  if (channel !== null && account !== null) return visible(titleOf({ channel, account }, text.channels));
  const names: Readonly<Record<string, string>> = text.settings.sectionNames;
  return (Object.hasOwn(names, id) ? names[id] : undefined) ?? visible(id);
}

/** A value on one line. */
export function valueSay(value: Json | undefined, says: Says, isBytes = false): string {
  if (value === undefined) return says.field.unset;
  if (value === null) return says.field.nothing;
  if (typeof value === 'boolean') return value ? says.field.on : says.field.off;
  if (typeof value === 'number') return isBytes ? bytesSay(value) : String(value);
  if (typeof value === 'string') return value === '' ? says.field.empty : short(visible(value));
  if (Array.isArray(value))
    return value.length === 0 ? says.field.empty : short(value.map((one) => valueSay(one, says)).join(', '));
  return Object.keys(value).length === 0 ? says.field.empty : short(visible(JSON.stringify(value)));
}

export function bytesSay(bytes: number): string {
  if (bytes >= 1_048_576 && bytes % 1_048_576 === 0) return `${bytes / 1_048_576} MiB`;
  if (bytes >= 1_024 && bytes % 1_024 === 0) return `${bytes / 1_024} KiB`;
  return `${bytes} B`;
}

function short(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
