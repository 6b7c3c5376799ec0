// A form-encoded body, read strictly: a parameter given twice means one thing to one reader and another to the next
// (RFC 6749 3.2). What has no value counts as left out, and what nobody knows is passed by.
import { Problem } from '@countersign/protocol/problem';
import { readBody } from './body.ts';

const FORM_LIMIT = 64 * 1024;

/** @param several parameters that may stand in it more than once. @throws Problem `request_malformed`, `request_too_large`. */
export async function readFormBody(
  request: Request,
  several: readonly string[] = [],
): Promise<Record<string, string | string[]>> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/x-www-form-urlencoded(\s*;\s*charset="?utf-8"?)?$/i.test(type.trim()))
    throw malformed('the body must be sent as application/x-www-form-urlencoded');
  const fields = new Map<string, string[]>();
  for (const [name, value] of pairsOf(await readBody(request, FORM_LIMIT))) {
    if (value !== '') fields.set(name, [...(fields.get(name) ?? []), value]);
  }
  const form: Record<string, string | string[]> = Object.create(null);
  for (const [name, values] of fields) {
    if (several.includes(name)) form[name] = values;
    else if (values.length > 1) throw malformed('the body holds a parameter twice');
    else form[name] = values[0] ?? '';
  }
  return { ...form };
}

function pairsOf(bytes: Uint8Array): readonly (readonly [string, string])[] {
  const text = decodeUtf8(bytes);
  return text
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      const [name, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
      return [unescaped(name), unescaped(value)] as const;
    });
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed('the body is not UTF-8');
  }
}

/** Broken escapes are refused, where URLSearchParams would guess. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw malformed('the body is not form-encoded');
  }
}

function malformed(detail: string): Problem {
  return new Problem('request_malformed', { detail });
}
