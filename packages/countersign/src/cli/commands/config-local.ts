// The configuration when no gateway can be opened on it: a file with a mistake must be readable, checkable and mendable
// with the very commands one would use otherwise. Only reached when no gateway runs; a running one judges for itself.
import { existsSync } from 'node:fs';
import { Problem } from '@countersign/protocol/problem';
import { setConfigValue, unsetConfigValue } from '../../config/edit.ts';
import type { JsonValue } from '../../config/jsonc.ts';
import { configPath, loadConfig } from '../../config/load.ts';
import { configInvalid, type Mistake } from '../../config/mistakes.ts';
import { getConfigValue } from '../../config/read-value.ts';
import type { Cli } from '../cli.ts';

/** Asks the API; when the file is too broken to serve it, does the same on the file. */
async function orOnFile<T>(cli: Cli, asked: () => Promise<T>, onFile: () => T | Promise<T>): Promise<T> {
  try {
    return await asked();
  } catch (failure) {
    const broken = failure instanceof Problem && failure.code === 'config_invalid' && !cli.running();
    if (!broken) throw failure;
    return onFile();
  }
}

export async function readValue(cli: Cli, path: string | undefined): Promise<unknown> {
  const client = await cli.client();
  return orOnFile(
    cli,
    async () => (await client.config.get(path)).value,
    () => getConfigValue(cli, path ?? '').value,
  );
}

export async function writeValue(
  cli: Cli,
  path: string,
  value: JsonValue,
): Promise<{ path: string; value: unknown }> {
  const client = await cli.client();
  return orOnFile(
    cli,
    () => client.config.set(path, value),
    async () => {
      await setConfigValue(cli, path, value);
      return { path, value };
    },
  );
}

export async function removeValue(cli: Cli, path: string): Promise<{ path: string }> {
  const client = await cli.client();
  return orOnFile(
    cli,
    () => client.config.unset(path),
    async () => {
      await unsetConfigValue(cli, path);
      return { path };
    },
  );
}

/** @throws Problem `config_invalid` with every mistake. */
export function validateFile(cli: Cli): { valid: true; path: string; warnings: readonly Mistake[] } {
  const loaded = loadConfig(cli);
  if (!loaded.ok) throw configInvalid(loaded.mistakes);
  return { valid: true, path: loaded.path, warnings: loaded.warnings };
}

export function filePlace(cli: Cli): { path: string; exists: boolean } {
  const path = configPath(cli);
  return { path, exists: existsSync(path) };
}
