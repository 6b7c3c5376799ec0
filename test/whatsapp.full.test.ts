// The linked device with nothing in between: a gateway with its own process and home, the CLI as typed, WhatsApp played on
// loopback over its own protocol. A picture and a code, a stranger and a yes, a crash, and what stands on the terminal.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { loadBaileys } from '../packages/countersign/src/channels/whatsapp/library.ts';
import type { Person } from '../packages/countersign/src/testing/whatsapp/person.ts';
import { WhatsAppStub } from '../packages/countersign/src/testing/whatsapp/stub.ts';
import { RealGateway } from './gateway.ts';

const BIN = fileURLToPath(new URL('../packages/countersign/bin/countersign.js', import.meta.url));
const RUNNER = fileURLToPath(new URL('whatsapp-gateway.ts', import.meta.url));
const PATIENCE = { timeout: 60_000, interval: 50 };
const CODE = /^Your pairing code: ([A-Z2-9]{8})$/m;
const ANA = { phone: '15550001111', lid: '200000000000777' };
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function stage(): Promise<{ readonly stub: WhatsAppStub; readonly gateway: RealGateway }> {
  // The played people use the same library, here, and would print their sessions.
  await loadBaileys();
  const stub = await WhatsAppStub.start();
  cleanups.push(() => stub[Symbol.asyncDispose]());
  const gateway = await RealGateway.prepare();
  cleanups.push(() => gateway[Symbol.asyncDispose]());
  gateway.extra = { COUNTERSIGN_TEST_ENDPOINTS: '1' };
  gateway.program = [RUNNER, Buffer.from(stub.root.publicKey).toString('hex')];
  const config = { channels: { whatsapp: { waWebSocketUrl: stub.url } } };
  writeFileSync(join(gateway.home, 'countersign.jsonc'), JSON.stringify(config), { mode: 0o600 });
  await gateway.start();
  return { stub, gateway };
}

/** `countersign …`, while it runs. */
class Typed {
  stdout = '';
  stderr = '';
  readonly #child: ChildProcess;
  readonly code: Promise<number | null>;

  constructor(gateway: RealGateway, ...args: readonly string[]) {
    const child = spawn(process.execPath, [BIN, ...args], { env: gateway.env });
    child.stdout.on('data', (chunk) => {
      this.stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      this.stderr += chunk;
    });
    this.code = new Promise((resolve) => child.on('close', resolve));
    this.#child = child;
    cleanups.push(() => child.kill('SIGKILL'));
  }

  interrupt(): void {
    this.#child.kill('SIGINT');
  }
}

async function connected(gateway: RealGateway): Promise<void> {
  await expect
    .poll(async () => (await gateway.cli('channels', 'status')).stdout, PATIENCE)
    .toMatch(/whatsapp +default +connected/);
}

async function linked({ stub, gateway }: Awaited<ReturnType<typeof stage>>): Promise<void> {
  const login = new Typed(gateway, 'channels', 'login', 'whatsapp', '--json');
  await expect.poll(() => login.stderr, PATIENCE).toContain('"picture"');
  const step: { text: string } = JSON.parse(
    login.stderr.split('\n').find((line) => line.includes('"picture"')) ?? '{}',
  );
  stub.scanned(step.text);
  expect(await login.code).toBe(0);
  expect(JSON.parse(login.stdout)).toEqual({
    channel: 'whatsapp',
    account: 'default',
    login: '+15550009999',
  });
  await connected(gateway);
}

let names = 0;
async function says(stub: WhatsAppStub, person: Person, text: string): Promise<string> {
  names += 1;
  return stub.say(
    person,
    { id: `3A${names}`, from: person.lid, sender_pn: person.pn },
    { conversation: text },
  );
}

const heard = (stub: WhatsAppStub, { names: { lid } }: Person) =>
  stub.shown.filter(({ to }) => to === lid).map(({ text }) => text);

async function hears(stub: WhatsAppStub, person: Person, about: RegExp): Promise<string> {
  await expect.poll(() => heard(stub, person).join('\n'), PATIENCE).toMatch(about);
  return about.exec(heard(stub, person).join('\n'))?.[1] ?? '';
}

/** What must stand on no terminal, in no log, and in no file in the clear. */
const SECRETS =
  /privKey|chainKey|rootKey|ephemeralKeyPair|noiseKey|signedIdentityKey|advSecretKey|Closing session|SessionEntry/;

test('a picture in the terminal, a stranger, a yes by number, an answer; a restart asks for no phone', {
  timeout: 400_000,
}, async () => {
  const here = await stage();
  const { stub, gateway } = here;
  const before = await gateway.cli('channels', 'status', '--probe');
  expect(before.stdout).toMatch(
    /whatsapp +default +failed .*no phone is linked yet.*countersign channels login whatsapp/,
  );
  await linked(here);

  const ana = stub.person(ANA);
  expect(await says(stub, ana, 'hello')).toBe('acknowledged');
  const code = await hears(stub, ana, CODE);
  const list = await gateway.cli('pairing', 'list', 'whatsapp');
  expect(list.stdout).toContain(`200000000000777@lid, +15550001111 - Code: ${code}`);
  expect(await gateway.cli('pairing', 'approve', 'whatsapp', code)).toMatchObject({ code: 0 });
  await hears(stub, ana, /You may talk now/);
  await says(stub, ana, 'and again');
  await hears(stub, ana, /and again/);

  const status = await gateway.cli('channels', 'status', '--probe');
  expect(status.stdout).toMatch(
    /whatsapp +default +connected +pairing +(now|\d+ seconds? ago|just now).*ok, \+15550009999/,
  );

  expect(await gateway.stop()).toBe(0);
  const { logins } = stub;
  const first = gateway.output;
  await gateway.start();
  await connected(gateway);
  expect(stub.logins).toBe(logins + 1);
  await says(stub, ana, 'still me');
  await hears(stub, ana, /still me/);
  expect(await gateway.stop()).toBe(0);

  expect(first + gateway.output).not.toMatch(SECRETS);
  for (const path of files(gateway.home)) expect(readFileSync(path, 'latin1'), path).not.toMatch(SECRETS);
});

test('C-06: killed in the middle of its work, it comes back on its own keys', {
  timeout: 400_000,
}, async () => {
  const here = await stage();
  const { stub, gateway } = here;
  await linked(here);
  const ana = stub.person(ANA);
  const owed: Promise<string>[] = [];
  for (let round = 0; round < 4; round++) {
    for (let n = 0; n < 10; n++) owed.push(says(stub, ana, `word ${round} ${n}`));
    await Promise.race(owed.slice(-10 + round * 2));
    await gateway.stop('SIGKILL');
    await gateway.start();
    await connected(gateway);
  }
  expect(new Set(await Promise.all(owed))).toEqual(new Set(['acknowledged']));
  await hears(stub, ana, CODE);
  // One stranger, one request, one code, whatever died in between.
  expect(heard(stub, ana).filter((text) => CODE.test(text))).toHaveLength(1);
  expect((await gateway.json<{ items: object[] }>('pairing', 'list', 'whatsapp')).items).toHaveLength(1);
});

test('by a code that is typed into the phone; anew only when that is meant; logged out', {
  timeout: 400_000,
}, async () => {
  const { stub, gateway } = await stage();
  const login = new Typed(gateway, 'channels', 'login', 'whatsapp', '--phone', '+15550009999');
  await expect.poll(() => login.stderr, PATIENCE).toMatch(/[A-Z0-9]{4}-[A-Z0-9]{4}/);
  const code = /([A-Z0-9]{4})-([A-Z0-9]{4})/.exec(login.stderr)?.slice(1).join('') ?? '';
  await expect.poll(() => stub.hello, PATIENCE).not.toBeNull();
  await stub.typed(code);
  expect(await login.code).toBe(0);
  expect(login.stdout).toBe('whatsapp is linked as +15550009999\n');
  await connected(gateway);

  const again = await gateway.cli('channels', 'login', 'whatsapp');
  expect(again.code).not.toBe(0);
  expect(again.stderr).toMatch(/linked already, as \+15550009999[\s\S]*--force/);
  // Drawn, and given up.
  const drawn = new Typed(gateway, 'channels', 'login', 'whatsapp', '--force');
  await expect.poll(() => drawn.stderr, PATIENCE).toMatch(/[█▀▄]{5}/);
  expect(drawn.stdout).toBe('');
  drawn.interrupt();
  await drawn.code;

  const out = await gateway.cli('channels', 'logout', 'whatsapp');
  expect(out).toMatchObject({ code: 0, stdout: 'whatsapp is logged out\n' });
  expect(existsSync(join(gateway.home, 'channels/whatsapp/default/login.sealed'))).toBe(false);
  expect(gateway.output).not.toMatch(SECRETS);
});

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    const what = statSync(path);
    return what.isDirectory() ? files(path) : what.isFile() ? [path] : [];
  });
}
