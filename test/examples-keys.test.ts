// When the examples ask for keys: not for each request, not for each key that somebody makes up, and not in vain for long.
// The attack: a thousand bearers with a new `kid` each, so that every backend floods the gateway. Both examples run the same
// story with a clock of the test's own.
import { execFile, spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { root } from '../scripts/lib/node.mjs';

const FRESH = 300;
const COOLDOWN = 30;

/** When, how old the answer may be, in seconds; and the issuer that is believed then. */
const STORY: readonly (readonly [number, number, string])[] = [
  [0, FRESH, 'first'],
  [10, COOLDOWN, 'first'],
  [29, COOLDOWN, 'first'],
  [31, COOLDOWN, 'second'],
  [32, COOLDOWN, 'second'],
  [330, FRESH, 'second'],
  // From here on the gateway is broken.
  [332, FRESH, 'second'],
  [340, FRESH, 'second'],
  [363, COOLDOWN, 'second'],
  [3_630, FRESH, 'second'],
  [3_640, FRESH, 'identity_unavailable'],
];
/** At 0 and 31; in vain at 332, 363, 3,630 and 3,640. */
const ASKED = 6;

const TYPESCRIPT = `
let now = 0;
performance.now = () => now * 1000;
const { gateway } = await import('./examples/backend-ts/gateway.ts');
const said = [];
for (const [at, age] of ${JSON.stringify(STORY)}) {
  now = at;
  const each = await Promise.all(Array.from({ length: 20 }, () =>
    gateway(age * 1000).then(({ issuer }) => issuer, ({ code }) => code)));
  said.push([...new Set(each)].join());
}
console.log(JSON.stringify(said));
`;

const PYTHON = `
import json, sys, types
sys.path.insert(0, "examples/backend-python")
import gateway
from problem import Refused
clock = types.SimpleNamespace(now=0)
gateway.time = types.SimpleNamespace(monotonic=lambda: clock.now)
def ask(age):
    try:
        return gateway.gateway(age)["issuer"]
    except Refused as refused:
        return refused.document["code"]
said = []
for clock.now, age, _ in json.loads('${JSON.stringify(STORY)}'):
    said.append(",".join({ask(age) for _ in range(1 if clock.now > 3600 else 20)}))
print(json.dumps(said))
`;

async function told(file: string, args: readonly string[]) {
  let asked = 0;
  const server = createServer((request, response) => {
    const isKeys = request.url === '/.well-known/jwks.json';
    if (!isKeys) asked += 1;
    const issuer = ['first', 'second'][asked - 1];
    response.writeHead(issuer === undefined ? 500 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isKeys ? { keys: [] } : { issuer }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const env = {
    PATH: process.env['PATH'],
    COUNTERSIGN_URL: `http://127.0.0.1:${port}`,
    PYTHONDONTWRITEBYTECODE: '1',
  };
  const output = await new Promise<string>((resolve, reject) => {
    execFile(file, args, { cwd: root, env }, (error, stdout, stderr) =>
      error === null ? resolve(stdout) : reject(new Error(stderr)),
    );
  });
  server.close();
  return { said: JSON.parse(output), asked };
}

const expected = { said: STORY.map(([, , issuer]) => issuer), asked: ASKED };

test('backend-ts: keys are kept for five minutes, looked for twice a minute at most, and an hour without the gateway', async () => {
  expect(await told(process.execPath, ['--input-type=module', '-e', TYPESCRIPT])).toEqual(expected);
});

test('backend-python: the same', async (context) => {
  const python = ['python3', '/usr/bin/python3'].find(
    (file) => spawnSync(file, ['-c', 'import jwt, cryptography']).status === 0,
  );
  if (python === undefined)
    return context.skip('no python3 with PyJWT: the keys of backend-python were NOT TESTED');
  expect(await told(python, ['-c', PYTHON])).toEqual(expected);
});
