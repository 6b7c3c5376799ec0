// The command line as it is typed: every session of test/cli against the real program, each in a home of its own.
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { totpAt } from '../packages/countersign/src/testing/factor-stage.ts';
import { mismatch, type Names, parseSession, type Step, wordsOf } from './cli-session.ts';
import { RealGateway } from './gateway.ts';
import { KnockingDevice } from './knocking-device.ts';
import { Stranger } from './stranger.ts';

const folder = fileURLToPath(new URL('./cli/', import.meta.url));
const sessions = globSync('*.txt', { cwd: folder }).sort();

test('there are sessions', () => {
  expect(sessions.length).toBeGreaterThan(3);
});

test.each(sessions)('%s', { timeout: 120_000 }, async (name) => {
  const house = await RealGateway.prepare();
  const people = new Map<string, Stranger>();
  onTestFinished(async () => {
    for (const stranger of people.values()) stranger[Symbol.dispose]();
    await house.cli('gateway', 'stop');
    await house[Symbol.asyncDispose]();
  });
  const names: Names = new Map([
    ['home', house.home],
    ['port', String(house.port)],
  ]);
  for (const step of parseSession(readFileSync(join(folder, name), 'utf8'))) {
    if (step.kind === 'world') await change(step, wordsOf(step.text, names), house, people, names);
    else await type(step, wordsOf(step.text, names), house, names, name);
  }
});

async function type(
  step: Step,
  [program, ...args]: string[],
  house: RealGateway,
  names: Names,
  name: string,
) {
  expect(program).toBe('countersign');
  const { code, stdout, stderr } = await house.cli(...args);
  const where = `${basename(name)}:${step.line}: $ ${step.text}\n`;
  const all = `\nexit ${code}\n${stdout}${stderr.replaceAll(/^(?=.)/gm, '2| ')}`;
  for (const [expected, output] of [
    [step.stdout, stdout],
    [step.stderr, stderr],
  ] as const) {
    const wrong = mismatch(expected, output, names);
    expect(wrong, `${where}${wrong}${all}`).toBeNull();
  }
  expect(code, `${where}${all}`).toBe(step.exit);
}

async function change(
  step: Step,
  words: string[],
  house: RealGateway,
  people: Map<string, Stranger>,
  names: Names,
) {
  const [who = '', verb, ...rest] = words;
  if (who === 'port' && verb === 'taken') return takePort(house.port);
  if (who === 'file') return writeFile(join(house.home, verb ?? ''), rest);
  if (who === 'device') return knock(verb ?? '', rest, house.port, names);
  if (who === 'agent') return agent(verb ?? '', rest, house, names);
  if (who === 'app') return void names.set(verb ?? '', appCode(rest));
  const stranger = people.get(who) ?? (await Stranger.arrive(house.port, who));
  people.set(who, stranger);
  if (verb === 'says') return stranger.says(rest.join(' '));
  if (verb === 'hears') return stranger.hears(rest.join(' '));
  throw new Error(`line ${step.line}: nobody knows how to do that: ${step.text}`);
}

const devices = new Map<string, KnockingDevice>();

/** `> device NAME asks|enters|refused ROLE SCOPES [SETUP-CODE]`; the id of a request is `<NAME-request>` from then on, and
 * `<NAME-begins>` a beginning of it. */
async function knock(name: string, words: readonly string[], port: number, names: Names): Promise<void> {
  const [verb, role = '', scopes = '', token] = words;
  const device = devices.get(`${port} ${name}`) ?? new KnockingDevice(name);
  devices.set(`${port} ${name}`, device);
  const answer = await device.knock(port, {
    role,
    scopes: scopes.split(','),
    ...(token === undefined ? {} : { token }),
  });
  const { type, code, requestId } = answer;
  const came = type === 'hello' ? 'enters' : code === 'pairing_required' ? 'asks' : 'refused';
  expect(came, JSON.stringify(answer)).toBe(verb);
  if (typeof requestId !== 'string') return;
  names.set(`${name}-request`, requestId);
  names.set(`${name}-begins`, requestId.slice(0, 'devreq_'.length + 6));
}

const asking = new Map<string, Promise<{ code: number; stdout: string; stderr: string }>>();

/** `> agent asks NAME LINE` asks for a shell line in the background, as an agent's terminal does: its ten letters are `<NAME>` from
 * then on. `> agent hears NAME EXIT TEXT` is how that ended. */
async function agent(
  verb: string,
  [name = '', ...rest]: string[],
  house: RealGateway,
  names: Names,
): Promise<void> {
  const key = `${house.port} ${name}`;
  if (verb === 'asks') {
    const before = await house.json<{ items: { short: string }[] }>('approvals', 'list');
    const known = new Set(before.items.map(({ short }) => short));
    asking.set(key, house.cli('exec', '--ask-only', '--shell', rest.join(' ')));
    const asked = async () => {
      const { items } = await house.json<{ items: { short: string }[] }>('approvals', 'list');
      return items.find(({ short }) => !known.has(short))?.short;
    };
    names.set(
      name,
      await expect
        .poll(asked, { timeout: 30_000 })
        .toBeDefined()
        .then(async () => (await asked()) ?? ''),
    );
    return;
  }
  const [exit = '', ...text] = rest;
  const ended = await asking.get(key);
  expect(ended?.code, JSON.stringify(ended)).toBe(Number(exit));
  expect(`${ended?.stdout}${ended?.stderr}`).toContain(text.join(' '));
}

/** What an authenticator app shows, now or some steps of half a minute on: each code counts once. */
function appCode([seed = '', steps = '0']: string[]): string {
  return totpAt(seed, Date.now() + Number(steps) * 30_000);
}

/** Each word that is `\\n` begins a line. */
function writeFile(path: string, words: readonly string[]): void {
  writeFileSync(path, words.join(' ').replaceAll(' \\n ', '\n'), { mode: 0o600 });
}

async function takePort(port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
}
