// What a caller's body claims about who somebody is: found by name, cut out by its bytes, every copy of it. The rest of
// the body is not rewritten, only read where the scrubber or the verify link needs to. Invariant: what comes out is JSON,
// and no reader, not even one that folds case or takes the first of two equal keys, finds the claim in it.

import { Problem } from '@countersign/protocol/problem';
import { type Scrubber, skeleton } from '../../core/scrub.ts';
import { isClaim } from './claimed-headers.ts';
import {
  elements,
  isArray,
  isJson,
  isObject,
  isText,
  type Member,
  members,
  root,
  type Span,
  text,
} from './json-bytes.ts';
import { cutMembers, type Edit, edited } from './json-edit.ts';

/** Names that say who somebody is, as read: see skeleton. */
const WHO = new RegExp(
  `^(?:${[
    '(?:x|end|app|chat|auth|current|real|trace|external)?users?(?:id|ids|name|uuid|guid|email|phone|ref|key|hash|token|identifier|identity)?',
    'safetyidentifier|(?:user|end)?(?:tenant|org|organi[sz]ation)(?:id|uuid|name)?',
    '(?:sub|subject|principal|person|member|employee|customer|sender|author|actor|manager|owner|account|peer|caller|client)(?:id|uuid|ref|phone|number|name|email)?',
    '.*(?:phone|msisdn|whatsapp|e164|mobile).*|.*email.*|identity|onbehalfof|actas|impersonat.*|roles?|groups?|upn|oid|openid|countersign.*|bearer|authorization',
  ].join('|')})$`,
);

/** At the top of a body most of those are somebody's ordinary parameter; these never are. */
export const WHO_AT_TOP = new RegExp(
  `^(?:${[
    '(?:x|end|app|chat|auth)?user(?:id|name|uuid|email|phone|identifier|identity)?|safetyidentifier',
    '(?:x|whatsapp)?phone(?:number)?|msisdn|tenant(?:id)?|principal(?:id)?|sender(?:id)?|onbehalfof|countersign.*',
  ].join('|')})$`,
);

/** Metadata is a flat map of texts. What is nested deeper than this goes whole, so that nobody reads it again and again. */
const MAX_NESTED = 4;
/** Names that are looked at in one body, and letters of other scripts in them: everybody waits while that is done (H63). */
const MAX_NAMES = 50_000;
const MAX_ODD = 65_536;
/** Members of messages that the scrubber looks for texts in, and bytes of text that it reads. */
const MAX_PARTS = 200_000;
const MAX_SCRUBBED = 8 * 1024 * 1024;

/** Reads the names of one body as somebody behind us may, as long as there are not too many. */
class Names {
  #count = 0;
  #odd = 0;

  /** @throws Problem `request_malformed`. */
  read(name: string): string {
    this.#count += 1;
    if (!/^[ -~]*$/.test(name)) this.#odd += name.length;
    if (this.#count > MAX_NAMES || this.#odd > MAX_ODD)
      throw new Problem('request_malformed', { detail: 'the body holds too many names to look through' });
    return skeleton(name);
  }
}

export interface BodyRules {
  readonly headers: ReadonlySet<string>;
  readonly scrubber: Scrubber;
}

export interface CleanBody {
  readonly bytes: Buffer;
  /** How many claims went. */
  readonly cut: number;
}

/** @throws Problem `request_malformed` for what is not one JSON object. */
export function cleanBody(bytes: Buffer, rules: BodyRules): CleanBody {
  const whole = readRoot(bytes);
  const top = members(bytes, whole);
  const claims = claimsOf(bytes, top, { ...rules, names: new Names() }, false);
  const edits = rules.scrubber.active ? [...claims, ...scrubs(bytes, top, rules.scrubber)] : claims;
  return { bytes: edited(bytes, edits), cut: claims.length };
}

/** What the person wrote last, as far as the body says; for the verify link, which believes none of it. */
export function lastUserText(bytes: Buffer): string {
  const said = userTexts(bytes, members(bytes, readRoot(bytes)));
  const last = said.at(-1);
  return last === undefined ? '' : text(bytes, last);
}

function readRoot(bytes: Buffer): Span {
  if (!isJson(bytes)) throw new Problem('request_malformed', { detail: 'the body is not JSON in UTF-8' });
  const whole = root(bytes);
  if (!isObject(bytes, whole))
    throw new Problem('request_malformed', { detail: 'the body must be a JSON object' });
  return whole;
}

type Reading = BodyRules & { readonly names: Names };

/** @param isInner true in what some gateways merge into the body themselves. */
function claimsOf(bytes: Buffer, top: readonly Member[], reading: Reading, isInner: boolean): Edit[] {
  const { names } = reading;
  const named = top.map((member) => ({ member, name: names.read(member.name) }));
  const isCut = new Set(
    named
      .filter(({ member, name }) => WHO_AT_TOP.test(name) || isOpaque(bytes, member, name))
      .map(({ member }) => member),
  );
  const inside = named
    .filter(({ member }) => !isCut.has(member))
    .flatMap(({ member, name }) => {
      if (name.endsWith('metadata')) return claimsIn(bytes, member.value, names, 1);
      if (!isObject(bytes, member.value)) return [];
      const inner = members(bytes, member.value);
      if (name === 'headers' || name === 'extraheaders') {
        return cutMembers(inner, (header) => isHeaderClaim(header.name, reading));
      }
      return name === 'extrabody' && !isInner ? claimsOf(bytes, inner, reading, true) : [];
    });
  return [...cutMembers(top, (member) => isCut.has(member)), ...inside];
}

function isHeaderClaim(name: string, { headers }: BodyRules): boolean {
  return isClaim(name, headers) || /^(?:authorization|cookie)$/i.test(name);
}

/** Metadata as a text: whoever reads an identity out of it parses it again, and we cannot. */
function isOpaque(bytes: Buffer, { value }: Member, name: string): boolean {
  return name.endsWith('metadata') && isText(bytes, value);
}

/** Every member that says who somebody is, at any depth. */
function claimsIn(bytes: Buffer, value: Span, names: Names, depth: number): Edit[] {
  const isNested = isArray(bytes, value) || isObject(bytes, value);
  if (!isNested) return [];
  if (depth > MAX_NESTED) return [{ ...value, put: 'null' }];
  if (isArray(bytes, value))
    return elements(bytes, value).flatMap((element) => claimsIn(bytes, element, names, depth + 1));
  const inner = members(bytes, value);
  const isCut = new Set(inner.filter(({ name }) => WHO.test(names.read(name))));
  return [
    ...cutMembers(inner, (member) => isCut.has(member)),
    ...inner
      .filter((member) => !isCut.has(member))
      .flatMap(({ value: of }) => claimsIn(bytes, of, names, depth + 1)),
  ];
}

function scrubs(bytes: Buffer, top: readonly Member[], scrubber: Scrubber): Edit[] {
  const texts = userTexts(bytes, top);
  const size = texts.reduce((sum, { start, end }) => sum + end - start, 0);
  if (size > MAX_SCRUBBED)
    throw new Problem('request_malformed', { detail: `more than ${MAX_SCRUBBED} bytes of text to scrub` });
  return texts.flatMap((span) => {
    const said = text(bytes, span);
    const clean = scrubber.scrub(said);
    return clean === said ? [] : [{ ...span, put: JSON.stringify(clean) }];
  });
}

/** Strings that a person wrote: of chat completions, and of responses. @throws Problem `request_malformed`. */
function userTexts(bytes: Buffer, top: readonly Member[]): readonly Span[] {
  let count = 0;
  const partsOf = (object: Span): readonly Member[] => {
    const parts = members(bytes, object);
    count += parts.length;
    if (count > MAX_PARTS)
      throw new Problem('request_malformed', { detail: 'the messages hold too many members' });
    return parts;
  };
  return top.flatMap(({ name, value }) => {
    if (name !== 'messages' && name !== 'input') return [];
    if (isText(bytes, value)) return name === 'input' ? [value] : [];
    if (!isArray(bytes, value)) return [];
    return elements(bytes, value).flatMap((item) => {
      if (!isObject(bytes, item)) return [];
      const parts = partsOf(item);
      if (!parts.some((part) => part.name === 'role' && saysUser(bytes, part.value))) return [];
      return parts
        .filter((part) => part.name === 'content')
        .flatMap((part) => contentTexts(bytes, part.value, partsOf));
    });
  });
}

function saysUser(bytes: Buffer, value: Span): boolean {
  return isText(bytes, value) && value.end - value.start < 64 && text(bytes, value) === 'user';
}

function contentTexts(
  bytes: Buffer,
  content: Span,
  partsOf: (object: Span) => readonly Member[],
): readonly Span[] {
  if (isText(bytes, content)) return [content];
  if (!isArray(bytes, content)) return [];
  return elements(bytes, content).flatMap((part) => {
    if (isText(bytes, part)) return [part];
    if (!isObject(bytes, part)) return [];
    return partsOf(part)
      .filter((member) => member.name === 'text' && isText(bytes, member.value))
      .map((member) => member.value);
  });
}
