// What is wrong with a value before anybody is asked: as much as makes typing pleasant. The gateway decides. Pure.
import type { Field } from './fields.ts';
import type { Json } from './json.ts';

export type Fault = 'number' | 'range' | 'duration' | 'json' | 'empty';

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

function seconds(text: string): number | null {
  const [, amount, unit] = /^(0|[1-9]\d{0,6})([smhd])$/.exec(text) ?? [];
  return amount === undefined || unit === undefined ? null : Number(amount) * (UNITS[unit] ?? 1);
}

/** `undefined`: nothing is to be written, which is always right here. */
export function faultOf({ control, isNullable }: Field, value: Json | undefined): Fault | null {
  if (value === undefined || (value === null && isNullable)) return null;
  switch (control.is) {
    case 'number':
      if (typeof value !== 'number') return 'number';
      return value < control.least || value > control.most ? 'range' : null;
    case 'duration': {
      const given = typeof value === 'string' ? seconds(value) : null;
      if (given === null) return 'duration';
      return given < (seconds(control.least) ?? 0) || given > (seconds(control.most) ?? given)
        ? 'range'
        : null;
    }
    case 'json':
      return typeof value === 'string' ? 'json' : null;
    case 'text':
    case 'secret':
      return value === '' ? 'empty' : null;
    default:
      return null;
  }
}

/** As typed: a whole number, or the text that is none. */
export function numberTyped(text: string): Json {
  const trimmed = text.trim();
  return /^-?\d{1,15}$/.test(trimmed) ? Number(trimmed) : text;
}

export function listTyped(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** As typed: what it says, or the text that is not JSON. */
export function jsonTyped(text: string): Json {
  try {
    const value: Json = JSON.parse(text);
    return typeof value === 'object' ? value : text;
  } catch {
    return text;
  }
}
