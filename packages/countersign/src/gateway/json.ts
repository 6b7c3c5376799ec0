// A request body as JSON, read once and strictly. Two readers who disagree about a document are how one of them is
// fooled: a key written twice, a prototype key, a lone surrogate, a byte order mark or broken UTF-8 makes the whole request
// malformed (R35).
import type { Json } from '@countersign/protocol/canonical';
import { Problem } from '@countersign/protocol/problem';
import { parseStrict } from '@countersign/protocol/strict-json';

/** The object in `bytes`; an empty body is `{}`. @throws Problem `request_malformed`. */
export function readJsonObject(bytes: Uint8Array): Record<string, unknown> {
  if (bytes.length === 0) return {};
  const value = parse(decode(bytes));
  if (isObject(value)) return value;
  throw malformed('the body must be a JSON object');
}

function isObject(value: Json): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed('the body is not UTF-8');
  }
}

function parse(text: string): Json {
  try {
    return parseStrict(text);
  } catch (cause) {
    // What has two meanings is named; the parser's own words quote the text, which may hold a secret.
    throw malformed(
      cause instanceof TypeError ? `the body is refused: ${cause.message}` : 'the body is not JSON',
    );
  }
}

function malformed(detail: string): Problem {
  return new Problem('request_malformed', { detail });
}
