import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import entry from './index.ts';

test('the plugin refuses to register instead of loading without protecting anything', () => {
  expect(() => entry.register()).toThrow(/gates no tool call yet/);
});

test('the manifest and the entry carry the same id, and the manifest knows url, token and providers', () => {
  const manifest = JSON.parse(readFileSync(new URL('../openclaw.plugin.json', import.meta.url), 'utf8'));
  expect(manifest.id).toBe(entry.id);
  expect(Object.keys(manifest.configSchema.properties)).toEqual(['url', 'token', 'providers']);
});
