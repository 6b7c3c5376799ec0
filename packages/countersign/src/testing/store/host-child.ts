// A machine that runs what it is granted, in a process of its own: takes the grant, verifies it offline, redeems it, runs,
// tells. It dies by SIGKILL before the step it was told. "Running" is a line in a journal that is on the disk before anything
// else happens. It keeps the grant, and tries it again in each life, as somebody would who means to run it twice.
import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { request } from 'node:http';
import { verifyGrant } from '@countersign/protocol/grant';
import { Problem } from '@countersign/protocol/problem';
import { z } from 'zod';

const [folder = '', id = '', socketFile = '', dieAt = '0', now = '0'] = process.argv.slice(2);
const kept = `${folder}/kept-${id}`;
let steps = 0;

function step(): void {
  steps += 1;
  if (steps === Number(dieAt)) process.kill(process.pid, 'SIGKILL');
}

const answerSchema = z.looseObject({
  problem: z.string().optional(),
  grant: z.string().nullable().optional(),
  actionDigest: z.string().optional(),
  requestDigest: z.string().optional(),
  host: z.string().optional(),
});

/** Null: nobody answered, and what became of it is not known. */
function call(path: string, body: object): Promise<z.output<typeof answerSchema> | null> {
  return new Promise((resolve) => {
    const socketPath = readFileSync(socketFile, 'utf8');
    const asked = request({ socketPath, path, method: 'POST', agent: false }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      answer.on('end', () => resolve(text === '' ? null : answerSchema.parse(JSON.parse(text))));
      answer.on('error', () => resolve(null));
    });
    asked.on('error', () => resolve(null));
    asked.end(JSON.stringify(body));
  });
}

/** Tells until somebody hears it: by then the gateway may be another process. */
async function told(path: string, grant: string): Promise<void> {
  for (;;) {
    const heard = await call(path, { id: grant });
    if (heard !== null) {
      if (heard.problem === undefined) writeSync(1, `${path.slice(1)} ${grant}\n`);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function runs(grant: string): void {
  appendFileSync(`${folder}/journal`, `${grant}\n`);
  const file = openSync(`${folder}/journal`, 'r');
  fsyncSync(file);
  closeSync(file);
}

async function work(): Promise<void> {
  step();
  const seen = await call('/look', { id });
  if (seen === null) return;
  step();
  const grant = existsSync(kept) ? readFileSync(kept, 'utf8') : (seen.grant ?? null);
  if (grant === null) return;
  // Two machines may hold the same grant: the other one never reads half of it.
  writeFileSync(`${kept}.${process.pid}`, grant);
  renameSync(`${kept}.${process.pid}`, kept);
  step();
  const { host = '', actionDigest = '', requestDigest = '' } = seen;
  const keys = [JSON.parse(readFileSync(`${folder}/grant.jwk`, 'utf8'))];
  const claims = await verifyGrant(grant, {
    keys,
    host,
    actionDigest,
    requestDigest,
    now: new Date(Number(now)),
  });
  step();
  const redeemed = await call('/redeem', { grant });
  // A lost answer is a no: it may be spent, and it does not run.
  if (redeemed === null || redeemed.problem !== undefined) return;
  writeSync(1, `redeemed ${claims.jti}\n`);
  step();
  runs(claims.jti);
  step();
  await told('/started', claims.jti);
  step();
  await told('/finished', claims.jti);
  step();
}

try {
  await work();
} catch (cause) {
  if (Problem.codeOf(cause) !== 'grant_expired') throw cause;
}
writeSync(1, `steps ${steps}\n`);
