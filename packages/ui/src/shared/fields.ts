// Reading what came over the wire: a field has the type it should have, or it is null.

export type Fields = Readonly<Record<string, unknown>>;

export function fieldsOf(value: unknown): Fields | null {
  return isFields(value) ? value : null;
}

export function jsonFields(data: unknown): Fields | null {
  if (typeof data !== 'string') return null;
  try {
    return fieldsOf(JSON.parse(data));
  } catch {
    return null;
  }
}

export function textOf(fields: Fields, name: string): string | null {
  const value = fields[name];
  return typeof value === 'string' ? value : null;
}

export function numberOf(fields: Fields, name: string): number | null {
  const value = fields[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** Milliseconds; times travel as ISO-8601. */
export function timeOf(fields: Fields, name: string): number | null {
  const at = Date.parse(textOf(fields, name) ?? '');
  return Number.isNaN(at) ? null : at;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
