// Brings a database to the newest schema, one transaction for all steps, one process at a time. A current one costs one
// query; one that a newer version wrote is refused, for we would read it wrongly.
import { Problem } from '@countersign/protocol/problem';
import type { ColumnTypes, Connection, Database } from './dialects/database.ts';

const steps: readonly ((types: ColumnTypes) => Promise<readonly string[]>)[] = [
  async (types) => (await import('./migrations/0001-baseline.ts')).baseline(types),
  async (types) => (await import('./migrations/0002-asking.ts')).asking(types),
  async (types) => (await import('./migrations/0003-devices.ts')).devices(types),
  async (types) => (await import('./migrations/0004-push.ts')).push(types),
  async (types) => (await import('./migrations/0005-sessions.ts')).sessions(types),
  async (types) => (await import('./migrations/0006-aliases.ts')).aliases(types),
  async (types) => (await import('./migrations/0007-identity.ts')).identity(types),
  async (types) => (await import('./migrations/0008-approvals.ts')).approvals(types),
  async (types) => (await import('./migrations/0009-grants.ts')).grants(types),
  async (types) => (await import('./migrations/0010-grant-seals.ts')).grantSeals(types),
  async (types) => (await import('./migrations/0011-runs-changed.ts')).runsChanged(types),
  async (types) => (await import('./migrations/0012-row-seals.ts')).rowSeals(types),
];

/** @throws Problem `store_schema_newer`; `store_unavailable` when the version row is damaged. */
export async function migrate(database: Database): Promise<void> {
  if ((await schemaVersion(database, database.connection)) === steps.length) return;
  await database.transaction(async (connection) => {
    await database.lockSchema(connection);
    const version = await schemaVersion(database, connection);
    const { text } = database.types;
    if (version === 0) {
      await connection.run(
        `create table meta (key ${text} primary key, value ${text} not null) ${database.types.end(true)}`,
      );
      await connection.run(`insert into meta (key, value) values ('schema', '0')`);
    }
    for (const step of steps.slice(version)) {
      for (const statement of await step(database.types)) await connection.run(statement);
    }
    await connection.run(`update meta set value = ? where key = 'schema'`, [String(steps.length)]);
  });
}

async function schemaVersion(database: Database, connection: Connection): Promise<number> {
  if (!(await database.hasTable(connection, 'meta'))) return 0;
  const [row] = await connection.all(`select value from meta where key = 'schema'`);
  const version = Number(row?.['value']);
  if (!Number.isSafeInteger(version) || version < 1) {
    throw new Problem('store_unavailable', {
      detail: 'the database is not one of Countersign, or is damaged',
    });
  }
  if (version > steps.length) {
    throw new Problem('store_schema_newer', {
      detail: `schema ${version}; this version knows ${steps.length}`,
    });
  }
  return version;
}
