// Receipts, and somebody who can write to the database and has none of its keys. What they leave out, put in or write anew must
// not be signed: a key that signs whatever a changed database says would prove the change (audit 7.2).
import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { canonicalJson, type Json, signedBytes } from '@countersign/protocol/canonical';
import { verifyReceipt } from '@countersign/protocol/verify-receipt';
import { expect, test } from 'vitest';
import { auditHeadFile } from '../runtime/audit-head-file.ts';
import { verifySignature } from '../runtime/crypto/public-key.ts';
import { type ApprovalHouse, openApprovalHouse, PUSH } from '../testing/approval-house.ts';
import { jsonOf } from '../testing/house.ts';
import { asJson, ended, keysOf, receiptOf } from '../testing/receipts.ts';
import { AuditHeads } from './audit-heads.ts';

function database({ house }: ApprovalHouse): DatabaseSync {
  return new DatabaseSync(house.composed.home.store);
}

/** The index says what it is made to say, and that it is up to date. */
function hide(db: DatabaseSync, id: string, hidden: readonly string[]): void {
  db.exec('update audit_heads set indexed = seq');
  db.prepare('delete from audit_subjects where subject = ?').run(id);
  const file = db.prepare('insert into audit_subjects (subject, at, event) values (?, ?, ?)');
  for (const { id: event, at, type } of db
    .prepare('select id, at, type from audit_events where subject like ? order by seq')
    .all(`%${id}%`))
    if (!hidden.includes(String(type))) file.run(id, at ?? null, event ?? null);
}

async function refused(stage: ApprovalHouse, id: string): Promise<unknown> {
  const answer = await stage.house.call('host', 'GET', `/api/v1/approvals/${id}/receipt`);
  return (await jsonOf<{ code?: string; detail?: string }>(answer)).code ?? answer.status;
}

test('a run that the index hides is in the receipt all the same, and a store that says it never ran gets none', async () => {
  await using stage = await openApprovalHouse();
  const id = await ended(stage);
  const db = database(stage);
  hide(db, id, ['approval.redeemed', 'approval.started', 'approval.finished']);
  const whole = await receiptOf(stage, id);
  expect(whole.events.map(({ body }) => body.type)).toContain('approval.finished');
  db.exec(
    "update approvals set state = 'approved'; update runs set redeemed_at = null, started_at = null, finished_at = null, exit_code = null, output_digest = null, output_size = null",
  );
  db.close();
  expect(await refused(stage, id)).toBe('audit_broken');
});

test('a no that the index hides cannot be asked away', async () => {
  await using stage = await openApprovalHouse();
  const { id } = await stage.asks(PUSH);
  const page = await stage.browser('ari');
  await page.call('POST', `/api/v1/approvals/${id}/decision`, { decision: 'deny' });
  const db = database(stage);
  hide(db, id, ['approval.denied']);
  db.exec(
    "delete from approval_words; update approvals set state = 'pending', decided_at = null, ended_at = null",
  );
  db.close();
  expect(await refused(stage, id)).toBe('audit_broken');
});

test('where the index hides the asking itself, the chain says that it was asked', async () => {
  await using stage = await openApprovalHouse();
  const id = await ended(stage);
  const db = database(stage);
  hide(db, id, ['approval.requested']);
  db.close();
  expect((await receiptOf(stage, id)).events[0]?.body.type).toBe('approval.requested');
});

test('a chain that was written anew, hash by hash, is not the one whose heads were kept', async () => {
  await using stage = await openApprovalHouse();
  const id = await ended(stage);
  const { home, store, signer } = stage.house.composed;
  const kept = auditHeadFile(home.keys);
  const log = { error: () => undefined };
  await new AuditHeads({ store, clock: Date, log, signer, kept, keys: { verifySignature } }).keep();
  await receiptOf(stage, id);
  const db = database(stage);
  let prev = '';
  for (const row of db.prepare('select * from audit_events order by seq').all()) {
    const { v, writer, seq, id: event, type, at, actor, outcome, reason, personal } = row;
    const subject: Record<string, Json> = JSON.parse(String(row['subject']));
    if (type === 'approval.finished') subject['exitCode'] = 0;
    if (type === 'approval.approved') subject['factors'] = ['passkey'];
    const body = {
      ...{ v, writer, seq, prev, id: event, type, at, actor, subject, outcome, reason, personal },
    };
    const hash = createHash('sha256')
      .update(signedBytes('countersign.audit.v1', asJson(body)))
      .digest('base64url');
    db.prepare('update audit_events set prev = ?, subject = ?, hash = ? where id = ?').run(
      ...[prev, canonicalJson(subject), hash, event ?? null],
    );
    prev = hash;
  }
  db.prepare('update audit_heads set hash = ?').run(prev);
  db.exec(`update runs set exit_code = 0; update approval_words set factors = '["passkey"]'`);
  db.close();
  expect(await refused(stage, id)).toBe('audit_broken');
});

test('what was never started has no end that can be put beside it', async () => {
  await using stage = await openApprovalHouse();
  const id = await ended(stage, 'failed');
  expect((await receiptOf(stage, id)).run).toMatchObject({ failure: 'no such folder' });
  const db = database(stage);
  db.prepare(
    'update runs set failure = null, exit_code = 0, output_digest = ?, output_size = 12 where approval = ?',
  ).run('c'.repeat(64), id);
  db.close();
  expect(await refused(stage, id)).toBe('audit_broken');
});

test('whoever comes with a spent grant again and again does not make its receipt impossible', async () => {
  await using stage = await openApprovalHouse();
  const id = await ended(stage);
  const { store } = stage.house.composed;
  const { request, run } = await receiptOf(stage, id);
  const one = { approval: request.id, agent: 'main', grant: run?.grant ?? '' };
  for (let round = 0; round < 12; round += 1)
    await store.atomically((tx) =>
      tx.audit.append(
        Array.from({ length: 100 }, () => ({
          ...{ type: 'grant.refused', at: Date.now(), actor: { kind: 'system' } },
          ...{ subject: one, outcome: 'denied', reason: 'spent' },
        })),
      ),
    );
  const receipt = await receiptOf(stage, id);
  expect(receipt.events.filter(({ body }) => body.type === 'grant.refused')).toHaveLength(100);
  expect(await verifyReceipt(asJson(receipt), keysOf(stage))).toMatchObject({ ok: true });
});
