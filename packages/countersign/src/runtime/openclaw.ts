// The files of an OpenClaw beside us, as far as they say what it runs unasked. Read where it keeps them; nothing of them is
// changed, and what cannot be read is left alone, for it is not ours.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface OpenClawFiles {
  /** Its approvals document. Without one it has never been told, and out of the box it asks nobody: `{}`. */
  readonly approvals: string;
  readonly where: string;
  /** openclaw.json; null where there is none. */
  readonly config: string | null;
  readonly configFile: string;
}

type Env = Readonly<Record<string, string | undefined>>;

const MAX_FILE = 4_000_000;

/** Null: there is none here. */
export function readOpenClaw(env: Env, home: string = homedir()): OpenClawFiles | null {
  const root = env['OPENCLAW_STATE_DIR'] ?? join(env['OPENCLAW_HOME'] ?? home, '.openclaw');
  const configFile = join(root, 'openclaw.json');
  const config = readText(configFile);
  const shared = { config, configFile };
  const database = join(root, 'state', 'openclaw.sqlite');
  const row = readRow(database);
  if (row !== null) return { approvals: row, where: database, ...shared };
  const file = join(root, 'exec-approvals.json');
  const text = readText(file);
  if (text !== null) return { approvals: text, where: file, ...shared };
  return config === null ? null : { approvals: '{}', where: `${root}, its defaults`, ...shared };
}

function readRow(path: string): string | null {
  try {
    const database = new DatabaseSync(path, { readOnly: true, timeout: 200 });
    try {
      const [row] = database.prepare('select * from exec_approvals_config limit 1').all();
      const text = Object.values(row ?? {}).find(
        (value) => typeof value === 'string' && value.startsWith('{'),
      );
      return typeof text === 'string' ? text : null;
    } finally {
      database.close();
    }
  } catch {
    return null;
  }
}

function readText(path: string): string | null {
  try {
    const text = readFileSync(path, 'utf8');
    return text.length > MAX_FILE ? null : text;
  } catch {
    return null;
  }
}
