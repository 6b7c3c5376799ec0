import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Config } from './config.ts';
import { checkText, loadConfig } from './load.ts';
import type { Mistake } from './mistakes.ts';
import type { ChannelName } from './native-ids.ts';

const BUILT = new Set<ChannelName>(['webchat', 'telegram']);

function check(text: string): Config | readonly Mistake[] {
  const checked = checkText(text, { home: '/nowhere', env: {}, built: BUILT }, { readSecrets: true });
  return checked.ok ? checked.config : checked.mistakes;
}

function good(text: string): Config {
  const result = check(text);
  if (!('gateway' in result)) throw new Error(JSON.stringify(result));
  return result;
}

function wrong(text: string): readonly Mistake[] {
  const result = check(text);
  if ('gateway' in result) throw new Error('it was let pass');
  return result;
}

const paths = (mistakes: readonly Mistake[]) => mistakes.map(({ path }) => path);

describe('secrets', () => {
  const text =
    '{ "agent": { "url": "http://127.0.0.1:1/v1", "apiKey": "hunter2" }, "store": "postgres://u:hunter2@h/d" }';

  test('a secret prints as [secret] however it is printed', () => {
    const config = good(text);
    for (const printed of [inspect(config, { depth: 9 }), JSON.stringify(config), `${config.agent.apiKey}`]) {
      expect(printed).toContain('[secret]');
      expect(printed).not.toContain('hunter2');
    }
    expect(config.agent.apiKey?.reveal()).toBe('hunter2');
  });

  test('a mistake never repeats a value', () => {
    const mistakes = wrong(
      JSON.stringify({
        agent: { apiKey: ['hunter2'], url: 'hunter2', kind: 'hunter2', timeout: 'hunter2' },
        store: 'hunter2',
        channels: { telegram: { botToken: { hunter: 'hunter2' }, allowFrom: ['+15555550123'] } },
        approvals: { notify: ['+15555550123'] },
      }),
    );
    expect(JSON.stringify(mistakes)).not.toMatch(/hunter2|5555550123/);
    expect(JSON.stringify(wrong('{ "agent": { "apiKey": "hunter2" "hunter2" } }'))).not.toContain('hunter2');
  });

  test('a secret is read from the environment or from a file beside the configuration', () => {
    const home = mkdtempSync(join(tmpdir(), 'cs-config-'));
    writeFileSync(join(home, 'token'), 'from-file\n', { mode: 0o600 });
    const file = {
      agent: { apiKey: { file: 'token' } },
      channels: { telegram: { botToken: { env: 'TOKEN' } } },
    };
    writeFileSync(join(home, 'countersign.jsonc'), JSON.stringify(file), { mode: 0o600 });
    const loaded = loadConfig({ home, env: { TOKEN: 'from-env' }, built: BUILT });
    if (!loaded.ok) throw new Error('refused');
    expect(loaded.config.agent.apiKey?.reveal()).toBe('from-file');
  });

  test('a secret that is not there is a mistake, beside the others', () => {
    const bad =
      '{ "agent": { "apiKey": { "env": "NOPE" } }, "proxy": { "upstream": "https://a.example", "apiKey": { "file": "nope" } }, "gateway": { "listen": "::1", "port": 1, "agentGroup": null }, "channels": { "feishu": { "enabled": true } } }';
    expect(paths(wrong(bad))).toEqual(['channels.feishu.enabled', 'agent.apiKey', 'proxy.apiKey']);
  });
});
