// R30, R48: nobody is proven by what somebody else wrote. The attacker can write to the database and has no key: they hash recovery
// codes of their own, link a chat of theirs to the owner, and say yes from there.
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { drawRecoveryCodes, readRecoveryCode } from '../core/factor/recovery.ts';
import { createPasswords } from '../runtime/crypto/passwords.ts';
import { type ApprovalHouse, CHATS, openApprovalHouse, WIPE } from '../testing/approval-house.ts';
import { totpAt } from '../testing/factor-stage.ts';
import { SeededRandom } from '../testing/fakes.ts';
import { jsonOf } from '../testing/house.ts';

let stage: ApprovalHouse;
let seed: string;
beforeEach(async () => {
  stage = await openApprovalHouse();
  const begun = await jsonOf<{ id: string; secret: string }>(host('/factors/totp', { person: 'Olga' }));
  seed = begun.secret;
  await host(`/factors/${begun.id}/confirm`, { code: totpAt(seed, Date.now()) });
});
afterEach(() => stage[Symbol.asyncDispose]());

function host(path: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return stage.house.call('host', 'POST', `/api/v1${path}`, body, headers);
}

function tampers<T>(work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(stage.house.composed.home.store);
  const done = work(database);
  database.close();
  return done;
}

/** Ten real ones. The step after the one that confirmed the app proves who asks for them. */
async function made(): Promise<readonly string[]> {
  const proof = { 'x-countersign-factor': `totp ${totpAt(seed, Date.now() + 30_000)}` };
  const { codes } = await jsonOf<{ codes: string[] }>(
    host('/factors/recovery-codes', { person: 'Olga' }, proof),
  );
  return codes;
}

/** Two codes, the first of ten, as the attacker draws and hashes them. */
async function drawn(): Promise<{ readonly codes: readonly string[]; readonly hashes: readonly string[] }> {
  const random = new SeededRandom('attacker');
  const passwords = createPasswords(random);
  const codes = drawRecoveryCodes(random).slice(0, 2);
  const hashes = await Promise.all(
    codes.map((code) => passwords.hash(readRecoveryCode(code)?.code ?? expect.fail('that is no code'))),
  );
  return { codes, hashes };
}

/** Written to the owner, and a chat of the owner that is none. */
async function forged(): Promise<readonly string[]> {
  const { codes, hashes } = await drawn();
  linked();
  tampers((database) => {
    const add = database.prepare(
      `insert into recovery_codes (principal, position, hash) values (?, ?, ?)
       on conflict (principal, position) do update set hash = excluded.hash, used_at = null`,
    );
    for (const [position, hash] of hashes.entries()) add.run(stage.people.olga, position, hash);
  });
  return codes;
}

function linked(): void {
  const link = `insert into peers (channel, account, native, principal, ceiling, assurance, blocked, direct, linked_at)
    values ('telegram', 'default', ?, ?, 'owner', 'medium', 0, 1, 1)`;
  tampers((database) => database.prepare(link).run(CHATS.stranger, stage.people.olga));
}

/** A yes to what is destructive, and an elevation. */
async function tries([first, second]: readonly string[]): Promise<void> {
  const { id, short } = await stage.asks(WIPE);
  const before = (await stage.events('factor.proven')).length;
  await stage.types('stranger', `/approve ${short} ${first}`);
  await stage.types('stranger', 'hello');
  await stage.types('stranger', `/elevate 15m ${second}`);
  expect(await jsonOf(stage.sees(id))).toMatchObject({ state: 'pending' });
  expect(await stage.events('factor.proven')).toHaveLength(before);
  expect(await stage.events('elevation.begun')).toEqual([]);
  // It was looked at, and nobody's.
  expect((await stage.events('factor.failed')).map(({ reason }) => reason)).toContain('used');
}

test('R48: recovery codes that somebody hashed and wrote beside a person prove nothing', async () => {
  await tries(await forged());
});

test('R48: nor do they in the place, and beside the seals, of codes that were made here', async () => {
  await made();
  await tries(await forged());
});

test('R48: nor do an approver’s own, moved to the owner', async () => {
  const { codes, hashes } = await drawn();
  await stage.house.composed.store.factors.setRecovery(stage.people.ari, hashes, Date.now());
  linked();
  const moved = 'update recovery_codes set principal = ?';
  expect(tampers((database) => database.prepare(moved).run(stage.people.olga).changes)).toBe(2);
  await tries(codes);
});

test('R3: a recovery code that was spent is not made unspent by whoever strikes out that it was', async () => {
  const [first = '', second = ''] = await made();
  await stage.types('olga', 'hello');
  await stage.types('olga', `/elevate 15m ${first}`);
  expect(await stage.events('elevation.begun')).toHaveLength(1);
  await stage.types('olga', '/elevate end');
  tampers((database) => database.exec('update recovery_codes set used_at = null'));
  await stage.types('olga', `/elevate 15m ${first}`);
  expect(await stage.events('elevation.begun')).toHaveLength(1);
  // Those that were not are not touched by it.
  await stage.types('olga', `/elevate 15m ${second}`);
  expect(await stage.events('elevation.begun')).toHaveLength(2);
});
