// Guarded keys as last accepted, sealed and bound to their path: a value moved to another key does not open.
import type { AcceptedConfig } from '../core/store-port.ts';
import type { Context } from './context.ts';
import { bytes, text } from './row.ts';

export function acceptedConfig({ connection: c, vault, writer }: Context): AcceptedConfig {
  const bind = (path: string) => `accepted_config/${writer}/${path}`;
  return {
    async read() {
      const rows = await c.all('select path, value from accepted_config where writer = ?', [writer]);
      return new Map(
        rows.map((row) => {
          const path = text(row, 'path');
          return [path, vault.open(bytes(row, 'value'), bind(path))] as const;
        }),
      );
    },

    async accept(path, json, at) {
      await c.run(
        `insert into accepted_config (writer, path, value, at) values (?, ?, ?, ?)
         on conflict (writer, path) do update set value = excluded.value, at = excluded.at`,
        [writer, path, vault.seal(json, bind(path)), at],
      );
    },
  };
}
