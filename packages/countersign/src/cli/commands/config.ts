// `countersign config …`: one key at a time, JSON in and JSON out, comments kept. What is wrong is told by the gateway's
// own check, so that nothing is written here that would not start there.
import type { Client } from '@countersign/protocol/client';
import { visible } from '@countersign/protocol/display';
import { Problem } from '@countersign/protocol/problem';
import type { Command } from 'commander';
import type { JsonValue } from '../../config/jsonc.ts';
import { type Cli, shellWord } from '../cli.ts';
import { guarded } from '../guarded.ts';
import { definePending } from './config-pending.ts';
import { examples } from './examples.ts';

const SAMPLE = 'channels.whatsapp.allowFrom';

export function define(noun: Command, cli: Cli): void {
  const { terminal } = cli;
  const get = noun
    .command('get [path]')
    .description('print a value as JSON; without a path, all of it')
    .action(async (path: string | undefined) => {
      const { readValue } = await import('./config-local.ts');
      const value = await readValue(cli, path);
      terminal.result(value, () => [JSON.stringify(value, null, 2)]);
    });
  examples(
    get,
    [`countersign config get ${SAMPLE}`],
    'Secrets are shown as [secret]. What the file says is not always in force: countersign config pending.',
  );

  const set = guarded(noun.command('set <path> <json>'), cli)
    .description('change a value; comments in the file stay')
    .action(async (path: string, json: string) => {
      const value = parseValue(path, json);
      const { writeValue } = await import('./config-local.ts');
      const answer = await writeValue(cli, path, value);
      terminal.result(answer, () => [`${visible(path)} is set`]);
      await sayWaiting(cli, path);
    });
  examples(set, [
    `countersign config set ${SAMPLE} '["+15555550123"]'`,
    `countersign config set channels.telegram.dmPolicy '"pairing"'`,
  ]);

  const unset = guarded(noun.command('unset <path>'), cli)
    .description('remove a value; its default holds again')
    .action(async (path: string) => {
      const { removeValue } = await import('./config-local.ts');
      const answer = await removeValue(cli, path);
      terminal.result(answer, () => [`${visible(path)} is unset`]);
      await sayWaiting(cli, path);
    });
  examples(unset, ['countersign config unset channels.telegram.dmPolicy']);

  definePending(noun, cli);

  const validate = noun
    .command('validate')
    .description('check the file: every mistake at once, exit 10')
    .action(async () => {
      const answer = await askRunning(
        cli,
        (client) => client.config.validate(),
        async () => {
          const { warnings, ...verdict } = (await import('./config-local.ts')).validateFile(cli);
          for (const { path, message, hint } of warnings) {
            terminal.talk(visible(`warning: ${path === '' ? 'the file' : path}: ${message} (${hint})`));
          }
          return verdict;
        },
      );
      terminal.result(answer, () => [`${answer.path} has no mistakes`]);
    });
  examples(validate, ['countersign config validate']);

  const schema = noun
    .command('schema')
    .description('print the JSON Schema: a default and a sentence for each key')
    .action(async () => {
      const { configJsonSchema } = await import('../../config/schema.ts');
      const document = configJsonSchema();
      terminal.result(document, () => [JSON.stringify(document, null, 2)]);
    });
  examples(schema, ['countersign config schema > countersign.schema.json']);

  const path = noun
    .command('path')
    .description('where the file is')
    .action(async () => {
      const answer = await askRunning(
        cli,
        (client) => client.config.path(),
        async () => (await import('./config-local.ts')).filePlace(cli),
      );
      terminal.result(answer, () => [answer.path]);
      if (!answer.exists) terminal.talk('it is not there yet; every default holds');
    });
  examples(path, ['countersign config path', '$EDITOR "$(countersign config path)"']);
}

/** What was written is written; that it waits is a word more, and no reason to fail. */
async function sayWaiting(cli: Cli, path: string): Promise<void> {
  const { sayIfWaiting } = await import('./config-pending.ts');
  await sayIfWaiting(cli, path).catch(() => undefined);
}

/** A running gateway may have been started on another file than this shell's environment names. */
async function askRunning<T>(
  cli: Cli,
  asked: (client: Client) => Promise<T>,
  otherwise: () => Promise<T>,
): Promise<T> {
  try {
    return await asked(await cli.client({ onlyRunning: true }));
  } catch (failure) {
    if (failure instanceof Problem && failure.code === 'gateway_down') return otherwise();
    throw failure;
  }
}

/** @throws Problem `usage` for a bare word, saying how a shell wants its quotes. */
function parseValue(path: string, json: string): JsonValue {
  try {
    return JSON.parse(json);
  } catch (cause) {
    const quoted = shellWord(JSON.stringify(json));
    throw new Problem('usage', {
      detail: `the value of ${path} is not JSON`,
      hint: /^[[{"]/.test(json.trim())
        ? `put single quotes around it, so that the shell leaves it alone: '["a", "b"]'`
        : `a text needs quotes, and the shell eats one pair: countersign config set ${shellWord(path)} ${quoted}`,
      cause,
    });
  }
}
