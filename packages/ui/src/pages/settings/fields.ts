// From the JSON Schema of the configuration to what a form shows: sections, and for each key which control it takes. Pure.
// What the form cannot show well it shows as it is and sends the person to where it is changed; nothing is left out.
import { fieldsOf as recordOf } from '../../shared/fields.ts';
import { type Json, objectOf, valueAt } from './json.ts';

export type Control =
  | { readonly is: 'switch' | 'secret' | 'people' | 'json' | 'elsewhere' }
  | { readonly is: 'text'; readonly isLong: boolean }
  | { readonly is: 'choice'; readonly options: readonly string[] }
  | { readonly is: 'number'; readonly least: number; readonly most: number; readonly unit: 'bytes' | null }
  | { readonly is: 'duration'; readonly least: string; readonly most: string }
  | { readonly is: 'list'; readonly options: readonly string[] | null };

export interface Field {
  readonly path: string;
  /** Its own name: the last part of the path. */
  readonly key: string;
  /** The sentence of the gateway. */
  readonly sentence: string;
  /** What holds when nothing is written; undefined when that depends on other keys. */
  readonly standard: Json | undefined;
  /** Where what is left out comes from, when that is another key. */
  readonly inherits: string | null;
  readonly control: Control;
  readonly isNullable: boolean;
  readonly isGuarded: boolean;
  readonly needsRestart: boolean;
}

export interface Section {
  /** `login`, `channels.telegram`, `channels.telegram.accounts.support`. */
  readonly id: string;
  readonly channel: string | null;
  readonly account: string | null;
  readonly about: string;
  /** The whole section may be missing: written as one when it is, gone when nothing is left in it. */
  readonly isOptional: boolean;
  readonly fields: readonly Field[];
}

type Node = Readonly<Record<string, unknown>>;
interface Way {
  readonly isGuarded: boolean;
  readonly needsRestart: boolean;
  /** The path of the keys that an account inherits from. */
  readonly parent: string | null;
}

const STATE = ['store', 'keys'];
const SKIPPED = ['$schema', ...STATE, 'channels'];
const AFTER_CHANNELS = ['login', 'approvals'];
const TOP: Way = { isGuarded: false, needsRestart: false, parent: null };

/** `written`: what the file says; only channels that stand in it have sections. */
export function sectionsOf(schema: unknown, written: Json): readonly Section[] {
  const top = propertiesOf(nodeOf(schema));
  const plain = Object.entries(top).filter(([key]) => !SKIPPED.includes(key));
  const early = plain.filter(([key]) => !AFTER_CHANNELS.includes(key));
  const late = plain.filter(([key]) => AFTER_CHANNELS.includes(key));
  const state = STATE.flatMap((key) => (top[key] === undefined ? [] : fieldsIn(key, top[key], TOP, written)));
  return [
    ...early.map(([key, node]) => section(key, node, written)),
    ...channelSections(top['channels'], written),
    ...late.map(([key, node]) => section(key, node, written)),
    { id: 'state', channel: null, account: null, about: '', isOptional: false, fields: state },
  ];
}

function section(id: string, node: Node, written: Json, more: Partial<Section> = {}, way = TOP): Section {
  const { inner, isNullable } = unwrap(node);
  const below = { ...way, isGuarded: node['x-guarded'] === true, needsRestart: node['x-restart'] === true };
  return {
    id,
    channel: null,
    account: null,
    about: sentenceOf(node),
    isOptional: isNullable,
    fields: Object.entries(propertiesOf(inner))
      .filter(([key]) => key !== 'accounts')
      .flatMap(([key, child]) => fieldsIn(`${id}.${key}`, child, below, written)),
    ...more,
  };
}

function channelSections(node: Node | undefined, written: Json): Section[] {
  const channels = propertiesOf(node ?? {});
  return Object.entries(channels).flatMap(([channel, child]) => {
    const id = `channels.${channel}`;
    const has = valueAt(written, id) !== undefined;
    if (channel === 'pairing') return [section(id, child, written)];
    if (!has && channel !== 'webchat') return [];
    const accounts = objectOf(valueAt(written, `${id}.accounts`)) ?? {};
    const of = nodeOf(nodeOf(propertiesOf(child)['accounts'])['additionalProperties']);
    const top = section(id, child, written, { channel, account: 'default' });
    const named = Object.keys(accounts).map((account) => {
      const place = `${id}.accounts.${account}`;
      const more = { channel, account, about: sentenceOf(child) };
      return withInherited(section(place, of, written, more, { ...TOP, parent: id }), top, written);
    });
    return [top, ...named];
  });
}

/** What an account leaves out is what its channel says, or the default of the channel. */
function withInherited(account: Section, top: Section, written: Json): Section {
  const fields = account.fields.map((field) => {
    const shared = top.fields.find(({ path }) => path === field.inherits);
    const standard = shared === undefined ? undefined : (valueAt(written, shared.path) ?? shared.standard);
    return { ...field, standard };
  });
  return { ...account, fields };
}

function fieldsIn(path: string, node: Node, way: Way, written: Json): Field[] {
  const here = {
    ...way,
    isGuarded: way.isGuarded || node['x-guarded'] === true,
    needsRestart: way.needsRestart || node['x-restart'] === true,
  };
  const { inner, isNullable } = unwrap(node);
  const children = propertiesOf(inner);
  const parent = way.parent === null ? null : `${way.parent}.${path.split('.').slice(4).join('.')}`;
  if (node['x-secret'] !== true && !isNullable && Object.keys(children).length > 0) {
    return Object.entries(children).flatMap(([key, child]) =>
      fieldsIn(`${path}.${key}`, child, here, written),
    );
  }
  const control = controlOf(path, node, inner);
  return [
    {
      path,
      key: path.split('.').at(-1) ?? path,
      sentence: sentenceOf(node),
      standard: jsonOf(node['default']),
      inherits: parent,
      control,
      isNullable,
      isGuarded: here.isGuarded,
      needsRestart: here.needsRestart,
    },
  ];
}

function controlOf(path: string, node: Node, inner: Node): Control {
  if (node['x-secret'] === true) return { is: 'secret' };
  if (STATE.includes(path)) return { is: 'elsewhere' };
  if (path.endsWith('.allowFrom')) return { is: 'people' };
  const options = textsOf(inner['enum']);
  switch (inner['type']) {
    case 'boolean':
      return { is: 'switch' };
    case 'integer':
    case 'number': {
      const unit = node['x-unit'] === 'bytes' ? 'bytes' : null;
      const [least, most] = [numberOf(inner['minimum']), numberOf(inner['maximum'])];
      return { is: 'number', least: least ?? 0, most: most ?? Number.MAX_SAFE_INTEGER, unit };
    }
    case 'array': {
      return { is: 'list', options: textsOf(nodeOf(inner['items'])['enum']) };
    }
    case 'string': {
      if (options !== null) return { is: 'choice', options };
      const [least, most] = [node['x-least'], node['x-most']];
      if (node['x-unit'] === 'duration' && typeof least === 'string' && typeof most === 'string')
        return { is: 'duration', least, most };
      return { is: 'text', isLong: (numberOf(inner['maxLength']) ?? 0) >= 2_000 };
    }
    case 'object':
      return { is: 'json' };
    default:
      return { is: 'elsewhere' };
  }
}

/** The one thing a key may be beside null. */
function unwrap(node: Node): { readonly inner: Node; readonly isNullable: boolean } {
  const type = node['type'];
  if (Array.isArray(type)) {
    const [only, ...more] = type.filter((one) => one !== 'null');
    return {
      inner: { ...node, type: more.length === 0 ? only : undefined },
      isNullable: type.includes('null'),
    };
  }
  const any = node['anyOf'];
  if (!Array.isArray(any)) return { inner: node, isNullable: false };
  const parts = any.map(nodeOf);
  const others = parts.filter((part) => part['type'] !== 'null');
  const [only] = others;
  const isNullable = others.length < parts.length;
  return { inner: others.length === 1 && only !== undefined ? only : {}, isNullable };
}

function nodeOf(value: unknown): Node {
  return recordOf(value) ?? {};
}

function propertiesOf(node: Node): Record<string, Node> {
  return Object.fromEntries(
    Object.entries(nodeOf(node['properties'])).map(([key, child]) => [key, nodeOf(child)]),
  );
}

function sentenceOf(node: Node): string {
  const text = node['description'];
  return typeof text === 'string' ? text : '';
}

function textsOf(value: unknown): readonly string[] | null {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : null;
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function jsonOf(value: unknown): Json | undefined {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
