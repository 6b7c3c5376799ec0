// File and environment → Config, or every mistake at once. The only reader of COUNTERSIGN_* beside runtime/.
// H72: nothing is ever read from the working directory, where an agent may write: no countersign.jsonc, no .env.
import { dirname, join, resolve } from 'node:path';
import { asRaw, type Raw } from './accounts.ts';
import type { Config } from './config.ts';
import { MAX_BYTES, type ReadFile, readConfigFile, tooLarge } from './config-file.ts';
import { explain } from './explain.ts';
import { type JsonValue, readJsonc } from './jsonc.ts';
import { formatPath, type Mistake, type PathPart } from './mistakes.ts';
import type { ChannelName } from './native-ids.ts';
import { overrideMistakes, withOverrides } from './overrides.ts';
import { resolveConfig } from './resolve.ts';
import { checkRules } from './rules.ts';
import { fileSchema, schemaAt } from './schema.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ConfigPlace {
  /** $COUNTERSIGN_HOME, absolute. */
  readonly home: string;
  readonly env: Environment;
  /** Channels this build can run; the default is accounts.ts's BUILT. */
  readonly built?: ReadonlySet<ChannelName>;
}

export type Loaded =
  | {
      readonly ok: true;
      readonly config: Config;
      readonly path: string;
      /** The file as read; empty when there is none. */
      readonly text: string;
      /** What the text says, before defaults. */
      readonly tree: Raw;
      readonly warnings: readonly Mistake[];
    }
  | {
      readonly ok: false;
      readonly mistakes: readonly Mistake[];
      readonly path: string;
      readonly text: string;
    };

/** COUNTERSIGN_CONFIG, else countersign.jsonc in the home. */
export function configPath({ home, env }: ConfigPlace): string {
  const named = env['COUNTERSIGN_CONFIG'];
  return named === undefined || named === '' ? join(home, 'countersign.jsonc') : resolve(named);
}

/** Reads and checks everything. Never throws for what a person wrote. */
export function loadConfig(place: ConfigPlace): Loaded {
  const path = configPath(place);
  const file = readConfigFile(path);
  if ('mistake' in file) return { ok: false, mistakes: [file.mistake], path, text: '' };
  const checked = checkText(file.text, place, { readSecrets: true });
  if (!checked.ok) return { ok: false, mistakes: checked.mistakes, path, text: file.text };
  const warnings = [...checked.warnings, ...fileWarnings(file, path, place, checked.tree)];
  return { ok: true, config: checked.config, path, text: file.text, tree: checked.tree, warnings };
}

export type Checked =
  | { readonly ok: true; readonly config: Config; readonly tree: Raw; readonly warnings: readonly Mistake[] }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] };

/** Checks a configuration text as `loadConfig` would. `readSecrets: false` leaves out whether secrets are there. */
export function checkText(
  text: string,
  place: ConfigPlace,
  options: { readonly readSecrets: boolean },
): Checked {
  if (Buffer.byteLength(text) > MAX_BYTES) return { ok: false, mistakes: [tooLarge] };
  const reading = readJsonc(text);
  if (!reading.ok) return reading;
  const tree = asRaw(reading.value);
  if (tree === null) {
    return {
      ok: false,
      mistakes: [{ path: '', message: 'the file must hold an object', hint: 'begin it with {' }],
    };
  }
  return checkTree(tree, place, options);
}

/** Checks what a text says, or would say: guarded keys in force need not be those of the file. */
export function checkTree(
  tree: Raw,
  place: ConfigPlace,
  options: { readonly readSecrets: boolean },
): Checked {
  const { env, home } = place;
  const parsed = fileSchema.safeParse(tree);
  const testEndpoints = env['COUNTERSIGN_TEST_ENDPOINTS'] === '1';
  const rules = checkRules(tree, {
    testEndpoints,
    ...(place.built === undefined ? {} : { built: place.built }),
  });
  const found = [...(parsed.success ? [] : explain(parsed.error.issues)), ...rules.mistakes];
  if (!parsed.success) return { ok: false, mistakes: unique([...found, ...overrideMistakes(env, home)]) };
  const where = { home, folder: dirname(configPath(place)), env, readSecrets: options.readSecrets };
  const resolved = resolveConfig(parsed.data, tree, where);
  const mistakes = unique([...found, ...resolved.mistakes, ...overrideMistakes(env, home)]);
  if (mistakes.length > 0) return { ok: false, mistakes };
  return { ok: true, config: withOverrides(resolved.config, env, home), tree, warnings: rules.warnings };
}

function fileWarnings(file: ReadFile, path: string, { env }: ConfigPlace, tree: Raw): Mistake[] {
  if (process.platform === 'win32') return [];
  if (file.mode === null) {
    if (env['COUNTERSIGN_CONFIG'] === undefined || env['COUNTERSIGN_CONFIG'] === '') return [];
    return [
      { path: 'COUNTERSIGN_CONFIG', message: 'there is no such file; every default holds', hint: path },
    ];
  }
  const warnings: Mistake[] = [];
  const hint = `chmod 600 ${path}`;
  if ((file.mode & 0o020) !== 0)
    warnings.push({ path: '', message: 'a group may write the configuration', hint });
  if ((file.mode & 0o044) === 0) return warnings;
  for (const at of literalSecrets(tree, [])) {
    warnings.push({ path: formatPath(at), message: 'others may read this secret', hint });
  }
  return warnings;
}

function literalSecrets(value: JsonValue | Raw, path: readonly PathPart[]): PathPart[][] {
  if (typeof value === 'string') return schemaAt(path)?.['writeOnly'] === true ? [[...path]] : [];
  const object = Array.isArray(value) || value === null || typeof value !== 'object' ? {} : value;
  return Object.entries(object).flatMap(([key, inner]) => literalSecrets(inner, [...path, key]));
}

/** A key shared by accounts is wrong once, not once an account. */
function unique(mistakes: readonly Mistake[]): Mistake[] {
  return [...new Map(mistakes.map((one) => [`${one.path}\n${one.message}`, one])).values()];
}
