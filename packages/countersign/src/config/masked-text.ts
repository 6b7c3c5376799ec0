// The configuration file as it may be shown: comments and all, and no secret in it. Masked is whatever lies where the
// schema has a secret and is not the name of a variable or a file, whatever lies where the schema knows nothing (a mistyped
// key may hold a token), and in comments what was, or looks like, a secret: a line that was commented out still says it.
import { asRaw, type Raw } from './accounts.ts';
import { type JsoncNode, type JsoncObject, type JsonValue, printJsonc, readJsonc } from './jsonc.ts';
import { formatPath, type PathPart } from './mistakes.ts';
import { PASSWORD } from './read-value.ts';
import { schemaAt } from './schema.ts';

export const MASK = '[secret]';
/** One that was sent just now. It looks changed also when it is what stood there: nobody may try secrets out. */
export const NEW_MASK = '[new secret]';

const STORE = /^(postgres\w*:\/\/).+$/s;

export interface Masked {
  readonly text: string;
  readonly tree: Raw;
  /** What was masked. Not for printing. */
  readonly secrets: ReadonlySet<string>;
}

interface Sent {
  /** Paths that were sent just now. */
  readonly fresh?: readonly string[];
  /** What comments may not say, when it is not what this text holds: never what was sent, which may be a guess. */
  readonly secrets?: ReadonlySet<string>;
}

/** Null when the text cannot be read: then nobody can tell what in it is secret. */
export function maskedText(text: string, { fresh = [], secrets }: Sent = {}): Masked | null {
  const reading = readJsonc(text);
  if (!reading.ok) return null;
  const found = new Set<string>();
  if (text.trim() === '') return { text, tree: {}, secrets: found };
  const object = reading.root.value()?.asObject();
  if (object === undefined) return null;
  maskObject(object, [], { fresh: new Set(fresh), found });
  const printed = withoutSecretComments(printJsonc(reading.root, text), secrets ?? found);
  const shown = readJsonc(printed);
  const tree = shown.ok ? asRaw(shown.value) : null;
  return tree === null ? null : { text: printed, tree, secrets: found };
}

interface Work {
  readonly fresh: ReadonlySet<string>;
  /** Every secret text that was masked. */
  readonly found: Set<string>;
}

function maskObject(object: JsoncObject, path: readonly PathPart[], work: Work): void {
  for (const prop of object.properties()) {
    const [key, value] = [prop.decodedName(), prop.value()];
    if (key === undefined || value === undefined || value.isNull()) continue;
    const here = [...path, key];
    const isFresh = here.some((_, index) => work.fresh.has(formatPath(here.slice(0, index + 1))));
    const mask = maskOf(value, here, isFresh ? NEW_MASK : MASK);
    if (mask === null) maskInside(value, here, work);
    else {
      collect(value, work.found);
      prop.setValue(mask);
    }
  }
}

function maskInside(value: JsoncNode, path: readonly PathPart[], work: Work): void {
  const object = value.asObject();
  if (object !== undefined) maskObject(object, path, work);
  for (const [index, element] of (value.asArray()?.elements() ?? []).entries())
    maskInside(element, [...path, index], work);
}

/** What is shown in place of a value; null when it may be shown, or looked into. */
function maskOf(value: JsoncNode, path: readonly PathPart[], mask: string): string | null {
  const node = schemaAt(path);
  if (node === null) return mask;
  const text = value.asString();
  if (path.length === 1 && path[0] === 'store') {
    if (text === undefined) return isReference(value) ? null : mask;
    return text.startsWith('sqlite:') ? null : STORE.test(text) ? text.replace(STORE, `$1${mask}`) : mask;
  }
  if (node['writeOnly'] === true) return isReference(value) ? null : mask;
  // An address that holds a password is a mistake, and told as one; until it is mended it stands in the file.
  const bare = text?.replace(PASSWORD, `$1${mask}`);
  return bare === undefined || bare === text ? null : bare;
}

/** `{ "env": "NAME" }` or `{ "file": "PATH" }`: where a secret is, not what it is. */
function isReference(value: JsoncNode): boolean {
  const props = value.asObject()?.properties() ?? [];
  const [only] = props;
  if (only === undefined || props.length > 1) return false;
  const text = only.value()?.asString();
  if (text === undefined) return false;
  return only.decodedName() === 'env' ? /^[A-Za-z_][A-Za-z0-9_]*$/.test(text) : only.decodedName() === 'file';
}

function collect(value: JsoncNode, found: Set<string>): void {
  const text = value.asString() ?? value.numberValue();
  if (text !== undefined && text.length >= 4) found.add(text);
  for (const prop of value.asObject()?.properties() ?? []) {
    const inner = prop.value();
    if (inner !== undefined) collect(inner, found);
  }
  for (const element of value.asArray()?.elements() ?? []) collect(element, found);
}

/** A string (of either quotes) or a comment, in this order of looking. */
const PIECE = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
const KEYED =
  /((?:token|secret|password|passwd|key|store)\w*["']?\s*[:=]\s*)("(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?|[^\s,}]+)/gi;
/** Long, without a space, letters and digits mixed: nobody writes such a word by hand. */
const RANDOM = /(?<![\w/.])(?=[\w+/=:-]*\d)(?=[\w+/=:-]*[A-Za-z])[\w+/=:-]{20,}/g;

/** Whole words first: of a word that was masked in part, the rest would stand there. */
function withoutSecretComments(text: string, known: ReadonlySet<string>): string {
  const secrets = [...known].sort((a, b) => b.length - a.length);
  return text.replace(PIECE, (piece) => {
    if (!piece.startsWith('/')) return piece;
    const comment = piece
      .replace(KEYED, (whole, before: string, value: string) =>
        value.startsWith('{') ? whole : `${before}"${MASK}"`,
      )
      .replace(PASSWORD, `$1${MASK}`)
      .replace(RANDOM, (word) => (/^https?:/.test(word) ? word : MASK));
    return secrets.reduce((rest, secret) => rest.replaceAll(secret, MASK), comment);
  });
}

/** True when a value is, or holds, what is only shown in place of a secret: sent back, it would become the secret. */
export function holdsMask(value: JsonValue): boolean {
  if (typeof value === 'string') return value.includes(MASK) || value.includes(NEW_MASK);
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some(holdsMask);
}
