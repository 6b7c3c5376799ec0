// What a paired machine keeps beside its key: which gateway it is of, and the key of its grants, pinned when it was let in.
// Another key afterwards is another gateway, and nothing of it is run.
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { visible } from '@countersign/protocol/display';
import { type NodePlace, nodePlaceSchema } from '@countersign/protocol/exec';
import { Problem } from '@countersign/protocol/problem';
import { z } from 'zod';
import { isCode, refuseOpenFolder } from './key.ts';

const FILE = 'node.json';
const MAX_CODE = 2_000;

const setupSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  token: z.string().min(1).max(200),
});
export type SetupCode = z.output<typeof setupSchema>;

/** Standard base64 of exactly {"url","token"}. @throws Problem `usage`. */
export function readSetupCode(shown: string): SetupCode {
  try {
    const text = shown.trim();
    if (text.length > MAX_CODE || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw new TypeError('not base64');
    const setup = setupSchema.parse(JSON.parse(Buffer.from(text, 'base64').toString('utf8')));
    return { ...setup, url: safeUrl(setup.url) };
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw new Problem('usage', {
      detail: 'that is no setup code',
      hint: 'on the gateway: countersign pair --role node',
      cause,
    });
  }
}

/** Whoever sits between could pair itself, and be asked what is in files here: plain HTTP is for this machine alone. */
function safeUrl(text: string): string {
  const url = new URL(text);
  const isHere = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'https:' || isHere) return url.origin;
  throw new Problem('usage', {
    detail: `${visible(url.origin)} is plain HTTP to another machine`,
    hint: 'set gateway.publicUrl to an https address, or come through a tunnel to localhost',
  });
}

/** Null: it was never let in. @throws Problem `config_invalid`. */
export async function readPlace(folder: string): Promise<NodePlace | null> {
  const path = join(folder, FILE);
  try {
    await refuseOpenFolder(folder);
    const place = nodePlaceSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    return { ...place, url: safeUrl(place.url) };
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return null;
    if (cause instanceof Problem) throw cause;
    throw new Problem('config_invalid', {
      detail: `${visible(path)} is none of ours`,
      hint: 'move it away, and pair anew',
      cause,
    });
  }
}

/** Whole or not at all. */
export async function writePlace(folder: string, place: NodePlace): Promise<void> {
  const path = join(folder, FILE);
  const draft = `${path}.${process.pid}`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(place, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}
