// What was kept of the audit outside the store. The attacks: the end of the chain cut off with its head, the store put back to
// an older copy, the chain written anew with right hashes, and the kept file changed so that it says nothing any more (R66).
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { AuditVerdict } from '@countersign/protocol/gateway';
import { signedHeadSchema } from '@countersign/protocol/receipt';
import { expect, test } from 'vitest';
import { jsonOf, openHouse, type TestHouse } from '../testing/house.ts';

const verdictOf = (house: TestHouse) =>
  jsonOf<AuditVerdict>(house.call('host', 'GET', '/api/v1/audit/verify'));

interface Kept extends AsyncDisposable {
  readonly house: TestHouse;
  readonly file: string;
  /** As somebody who has the database, and nothing else. */
  tampers(sql: string, ...values: readonly (string | number)[]): void;
  happens(): Promise<void>;
}

async function kept(): Promise<Kept> {
  const house = await openHouse();
  const { composed } = house;
  const happens = async () => {
    for (let n = 0; n < 3; n++)
      await composed.store.audit.append([
        { type: 'gateway.started', at: 1_000 + n, actor: { kind: 'system' }, subject: { n }, outcome: 'ok' },
      ]);
  };
  await happens();
  await composed.services.audit.keep();
  return {
    house,
    happens,
    file: join(composed.home.keys, 'audit-head.json'),
    tampers(sql, ...values) {
      const database = new DatabaseSync(composed.home.store);
      database.prepare(sql).run(...values);
      database.close();
    },
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  };
}

test('heads are signed, kept beside the keys for the owner alone, and follow the chain', async () => {
  await using stage = await kept();
  const first = readFileSync(stage.file, 'utf8');
  const { ok, signed = [], heads } = await verdictOf(stage.house);
  expect(ok).toBe(true);
  expect(signed.map(({ writer, seq, hash }) => ({ writer, seq, hash }))).toEqual(heads);
  expect(signed.map((head) => signedHeadSchema.safeParse(head).success)).toEqual([true]);
  await stage.happens();
  await stage.house.composed.services.audit.keep();
  expect(readFileSync(stage.file, 'utf8')).not.toBe(first);
  expect((await verdictOf(stage.house)).ok).toBe(true);
});

test('R66: a chain whose end was cut off with its head verifies alone, and not against what was kept', async () => {
  await using stage = await kept();
  const [{ seq = 0, writer = '' } = {}] = (await verdictOf(stage.house)).heads;
  stage.tampers('delete from audit_events where seq >= ?', seq - 1);
  const before = 'select hash from audit_events where seq = ?';
  stage.tampers(`update audit_heads set seq = ?, indexed = 0, hash = (${before})`, seq - 2, seq - 2);
  expect(await verdictOf(stage.house)).toMatchObject({ ok: false, broken: { writer, seq, why: 'head' } });

  // More is written, and the gateway looks again: what it noted stays, to be found.
  const noted = readFileSync(stage.file, 'utf8');
  await stage.happens();
  await stage.house.composed.services.audit.keep();
  expect(readFileSync(stage.file, 'utf8')).toBe(noted);
  expect(await verdictOf(stage.house)).toMatchObject({ ok: false, broken: { seq, why: 'head' } });
});

test('edit, delete and reorder are found in the chain itself', async () => {
  const attacks: readonly (readonly [string, string])[] = [
    ["update audit_events set reason = 'x' where seq = 2", 'hash'],
    ['delete from audit_events where seq = 2', 'gap'],
    ['update audit_events set seq = 1000 - seq where seq in (2, 3)', 'gap'],
  ];
  for (const [sql, why] of attacks) {
    await using stage = await kept();
    stage.tampers(sql);
    expect([sql, await verdictOf(stage.house)]).toMatchObject([sql, { ok: false, broken: { seq: 2, why } }]);
  }
});

test('a kept file that was changed, or that another gateway wrote, is said and never replaced', async () => {
  await using stage = await kept();
  const whole = readFileSync(stage.file, 'utf8');
  const changed = [
    whole.replace(/"seq":(\d+)/, '"seq":1'),
    whole.replace(/"value":"./, '"value":"_'),
    whole.replace(/"gateway":"ins_./, '"gateway":"ins_0'),
    'nothing',
  ];
  for (const text of changed) {
    writeFileSync(stage.file, text);
    await stage.house.composed.services.audit.keep();
    expect(readFileSync(stage.file, 'utf8')).toBe(text);
    expect(await verdictOf(stage.house)).toMatchObject({ ok: false, broken: { why: 'kept' } });
  }
});
