// Receipts through the whole app, and what an attacker makes of one: another command, another person, another end, an event
// from elsewhere, a story that does not follow. Each of them is refused by a program that holds nothing but the public keys.
import { generateKeyPairSync } from 'node:crypto';
import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Json } from '@countersign/protocol/canonical';
import { isId } from '@countersign/protocol/ids';
import type { Receipt } from '@countersign/protocol/receipt';
import { type ReceiptVerdict, verifyReceipt } from '@countersign/protocol/verify-receipt';
import { afterEach, expect, test, vi } from 'vitest';
import { receiptLines } from '../cli/receipt-lines.ts';
import { LOOK, openApprovalHouse, PUSH, WIPE } from '../testing/approval-house.ts';
import { totpAt } from '../testing/factor-stage.ts';
import { jsonOf } from '../testing/house.ts';
import {
  acceptedWhenSigned,
  asJson,
  changed,
  ended,
  eventOf,
  Forger,
  keysOf,
  leaves,
  made,
  RESULT,
  receiptOf,
  STORIES,
  unproven,
} from '../testing/receipts.ts';

afterEach(() => {
  vi.useRealTimers();
});

function faults({ checks }: ReceiptVerdict): readonly string[] {
  return checks.flatMap(({ fault }) => (fault === null ? [] : [fault]));
}

test('a receipt says who asked, what exactly, who approved and how, what ran and how it ended; and it verifies', async () => {
  const { receipt, keys } = await made();
  const verdict = await verifyReceipt(asJson(receipt), keys);
  expect(faults(verdict)).toEqual([]);
  expect(verdict).toMatchObject({ ok: true, trusted: true });
  expect(receipt.request).toMatchObject({ state: 'finished', action: PUSH, agent: 'main' });
  expect(receipt.decisions).toMatchObject([{ decision: 'approve', surface: 'page', factors: [] }]);
  expect(receipt.run).toMatchObject(RESULT);
  expect(Object.values(receipt.people)).toEqual(expect.arrayContaining(['Ari', 'Rita']));
  expect(receipt.events.map(({ body }) => body.type)).toEqual([
    'approval.requested',
    'approval.approved',
    'approval.redeemed',
    'approval.started',
    'approval.finished',
  ]);
});

test('H44: that another script ran than was approved stands in its receipt, and none is whole without it', async () => {
  await using stage = await openApprovalHouse();
  const id = await ended(stage, 'finished', { changed: 'script' });
  const receipt = await receiptOf(stage, id);
  expect(receipt.run).toMatchObject({ exitCode: RESULT.exitCode, changed: 'script' });
  expect(receiptLines(receipt).join('\n')).toContain('NOT what was approved: its script');
  const forger = new Forger();
  const said = structuredClone(receipt);
  delete said.run?.changed;
  const verdict = await verifyReceipt(forger.resigned(said), forger.keys);
  expect(faults(verdict).join(' ')).toContain('it ended otherwise than its event says');
});

test('without keys from elsewhere it is whole and not trusted; with the keys of another gateway it is refused', async () => {
  const { receipt } = await made();
  expect(await verifyReceipt(asJson(receipt), null)).toMatchObject({ ok: true, trusted: false });
  const { x } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  for (const foreign of [[], [{ kty: 'OKP', crv: 'Ed25519', kid: receipt.signature.kid, x }]])
    expect(await verifyReceipt(asJson(receipt), foreign)).toMatchObject({ ok: false });
});

test('a receipt of anything else verifies too: allowed unasked, denied, taken back, still open', async () => {
  await using stage = await openApprovalHouse();
  const allowed = await stage.asks(LOOK);
  const denied = await stage.asks(PUSH);
  await (await stage.browser('ari')).call('POST', `/api/v1/approvals/${denied.id}/decision`, {
    decision: 'deny',
    reason: 'not on a Friday',
  });
  const open = await stage.asks(PUSH);
  for (const { id } of [allowed, denied, open]) {
    const verdict = await verifyReceipt(asJson(await receiptOf(stage, id)), keysOf(stage));
    expect([id, faults(verdict)]).toEqual([id, []]);
  }
});

test('nor is one that ended without a word: taken back, told to nobody, voided, run out; with why', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_795_000_000_000 });
  await using stage = await openApprovalHouse();
  const { approvals } = stage.house.composed.core;
  const bearer = { authorization: `Bearer ${stage.program.token}` };
  const later = () => Promise.resolve(vi.setSystemTime(Date.now() + 86_400_000));
  const ends: readonly (readonly [string, string | undefined, (id: string) => Promise<unknown>])[] = [
    [
      'cancelled',
      'requester',
      (id) => stage.house.call('agent', 'POST', `/api/v1/approvals/${id}/cancel`, {}, bearer),
    ],
    ['cancelled', 'asker_gone', async (id) => isId('approval', id) && approvals.abandon(id)],
    ['denied', 'no_approver_reachable', async (id) => isId('approval', id) && approvals.unreachable(id)],
    ['superseded', 'policy_changed', () => approvals.supersede('policy_changed')],
    // Nobody wrote down yet that its time is over.
    ['expired', undefined, later],
    ['expired', 'timeout', () => later().then(() => approvals.expire())],
  ];
  const forger = new Forger();
  for (const [state, because, end] of ends) {
    const { id } = await stage.asks(PUSH);
    await end(id);
    const receipt = await receiptOf(stage, id);
    expect(receipt.request).toMatchObject({ state, ...(because === undefined ? {} : { because }) });
    expect([state, faults(await verifyReceipt(asJson(receipt), keysOf(stage)))]).toEqual([state, []]);
    receipt.request.because = 'free';
    expect(faults(await verifyReceipt(forger.resigned(receipt), forger.keys))).toEqual([
      'it is said to have ended for another reason',
    ]);
  }
});

test('R37: any single value changed, anywhere, and it is refused; so is any member left out or put in', async () => {
  const { receipt, keys } = await made();
  const whole = asJson(receipt);
  const places = leaves(whole);
  expect(places.length).toBeGreaterThan(150);
  for (const path of places) {
    const verdict = await verifyReceipt(changed(whole, path), keys);
    expect([path.join('.'), verdict.ok]).toEqual([path.join('.'), false]);
  }
  for (const name of Object.keys(receipt)) {
    const { [name]: _, ...less } = { ...receipt } as Record<string, Json>;
    expect([name, (await verifyReceipt(less, keys)).ok]).toEqual([name, false]);
  }
  expect(await verifyReceipt({ ...asObject(whole), approved: true }, keys)).toMatchObject({ ok: false });
});

function asObject(value: Json): Record<string, Json> {
  return { ...(value as Record<string, Json>) };
}

test('signed again as it is, it verifies: what follows fails for its story alone', async () => {
  const { receipt } = await made();
  const forger = new Forger();
  expect(faults(await verifyReceipt(forger.resigned(receipt), forger.keys))).toEqual([]);
});

test('a story that does not follow is refused, whoever signed it', async () => {
  const { receipt } = await made();
  const forger = new Forger();
  for (const [name, change] of Object.entries(STORIES)) {
    const told = structuredClone(receipt);
    change(told);
    const verdict = await verifyReceipt(forger.resigned(told), forger.keys);
    const [form, receiptSigned, headsSigned] = verdict.checks.map(({ fault }) => fault);
    expect([name, form, receiptSigned, headsSigned, verdict.ok]).toEqual([name, null, null, null, false]);
  }
  const edited = structuredClone(receipt);
  eventOf(edited, 'approval.finished').at += 1;
  expect(faults(await verifyReceipt(forger.resigned(edited, false), forger.keys))).toContainEqual(
    expect.stringMatching(/^event \d+ of wri_\w+ was changed$/),
  );
});

test('whoever signs: every value but a few is held against events, digests and the grant', async () => {
  const isWhole = async (document: Json, keys: Forger['keys']) => (await verifyReceipt(document, keys)).ok;
  for (const how of ['finished', 'failed'] as const) {
    const { receipt } = await made(how);
    expect(await acceptedWhenSigned(receipt, isWhole)).toEqual(unproven(receipt));
  }
});

test('each key signs one kind of thing: neither of grants nor of the gateway stands for the other', async () => {
  const { receipt } = await made();
  const forger = new Forger();
  const document = forger.resigned(receipt);
  for (const purpose of ['gateway', 'grant', 'bearer'] as const) {
    const keys = forger.keys.map((key) => ({ ...key, countersign_purpose: purpose }));
    expect([purpose, (await verifyReceipt(document, keys)).ok]).toEqual([purpose, false]);
  }
  const bare = forger.keys.map(({ countersign_purpose: _, ...key }) => key);
  expect((await verifyReceipt(document, bare)).ok).toBe(false);
});

test('with which factor, on which surface: a code of an app at the host, and who was refused before', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_795_000_000_000 });
  await using stage = await openApprovalHouse();
  const post = (at: string, body: object, headers: Record<string, string> = {}) =>
    stage.house.call('host', 'POST', `/api/v1${at}`, body, headers);
  const { id: factor, secret } = await jsonOf<{ id: string; secret: string }>(
    post('/factors/totp', { person: stage.people.olga }),
  );
  await post(`/factors/${factor}/confirm`, { code: totpAt(secret, Date.now()) });
  vi.setSystemTime(Date.now() + 30_000);
  const { id } = await stage.asks(WIPE);
  const at = `/approvals/${id}/decision`;
  const as = { 'x-countersign-as': stage.people.olga };
  expect((await post(at, { decision: 'approve' }, as)).status).toBe(403);
  const proof = { kind: 'totp', value: totpAt(secret, Date.now()) };
  expect((await post(at, { decision: 'approve', factor: proof }, as)).status).toBe(200);

  const receipt = await receiptOf(stage, id);
  const { olga } = stage.people;
  expect(receipt.decisions).toMatchObject([{ by: olga, surface: 'host', factors: ['totp'] }]);
  expect(faults(await verifyReceipt(asJson(receipt), keysOf(stage)))).toEqual([]);
  const told = structuredClone(receipt);
  for (const one of told.decisions) one.factors = [];
  const forger = new Forger();
  expect(faults(await verifyReceipt(forger.resigned(told), forger.keys))).not.toEqual([]);
});

test('what ran elevated says who had proven that it may, where and with what', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_795_000_000_000 });
  await using stage = await openApprovalHouse();
  const { olga } = stage.people;
  const post = (at: string, body: object, headers: Record<string, string> = {}) =>
    stage.house.call('host', 'POST', `/api/v1${at}`, body, headers);
  const { id: factor, secret } = await jsonOf<{ id: string; secret: string }>(
    post('/factors/totp', { person: olga }),
  );
  await post(`/factors/${factor}/confirm`, { code: totpAt(secret, Date.now()) });
  vi.setSystemTime(Date.now() + 30_000);
  const proof = { 'x-countersign-factor': `totp ${totpAt(secret, Date.now())}` };
  expect((await post('/elevations', { for: '15m' }, proof)).status).toBe(201);
  const { id } = await stage.asks(PUSH);

  const receipt = await receiptOf(stage, id);
  expect(receipt.elevation).toMatchObject({ by: olga, surface: 'host', factors: ['totp'] });
  expect(faults(await verifyReceipt(asJson(receipt), keysOf(stage)))).toEqual([]);
  const forger = new Forger();
  expect(faults(await verifyReceipt(forger.resigned(receipt), forger.keys))).toEqual([]);
  const stories: readonly ((told: Receipt) => void)[] = [
    (told) => delete told.elevation,
    (told) => Object.assign(told.elevation ?? {}, { by: 'prn_somebody' }),
    (told) => Object.assign(told.elevation ?? {}, { factors: ['passkey'] }),
    (told) => Object.assign(told.elevation ?? {}, { id: 'elev_another' }),
    (told) => Object.assign(told.request, { because: 'free' }),
    (told) => (told.events = told.events.filter(({ body }) => body.type !== 'elevation.begun')),
  ];
  for (const [index, story] of stories.entries()) {
    const told = structuredClone(receipt);
    story(told);
    expect([index, faults(await verifyReceipt(forger.resigned(told), forger.keys))]).not.toContainEqual([]);
  }
});

test('what was changed in the store, and not in the audit, gets no receipt', async () => {
  const attacks = [
    "update approval_words set by_whom = 'prn_somebody'",
    `update approval_words set factors = '["passkey"]'`,
    "update approvals set state = 'approved'",
    "update approvals set state = 'cancelled'",
    'update runs set lost_at = redeemed_at, finished_at = null',
    'update runs set exit_code = 0',
    'update runs set redeemed_at = redeemed_at + 1',
    'update runs set expires_at = expires_at + 3600000',
    'update runs set issued_at = issued_at - 3600000',
    'update approvals set created_at = created_at - 1',
    'update approvals set created_at = created_at + 1',
    "update approvals set because = 'free'",
    "update approvals set action_digest = replace(action_digest, substr(action_digest, 1, 1), 'x')",
    'delete from runs',
    'delete from approval_words',
    "delete from audit_events where type = 'approval.started'",
    "update audit_events set actor = 'host' where type = 'approval.approved'",
  ];
  await using stage = await openApprovalHouse();
  const id = await ended(stage);
  const { store } = stage.house.composed.home;
  const whole = `${store}.whole`;
  expect((await receiptOf(stage, id)).request.state).toBe('finished');
  for (const sql of attacks) {
    const database = new DatabaseSync(store);
    database.exec(`vacuum into '${whole}'`);
    expect([sql, Number(database.prepare(sql).run().changes) > 0]).toEqual([sql, true]);
    const answer = await stage.house.call('host', 'GET', `/api/v1/approvals/${id}/receipt`);
    expect([sql, answer.status]).not.toEqual([sql, 200]);
    expect([sql, (await jsonOf<{ code: string }>(answer)).code]).toEqual([
      sql,
      // What names people is sealed to its row: moved, it does not open.
      expect.stringMatching(/^(audit_broken|store_unavailable|internal)$/),
    ]);
    restore(database, whole);
  }
  expect((await receiptOf(stage, id)).request.state).toBe('finished');
});

/** Table by table: the gateway keeps its connection. */
function restore(database: DatabaseSync, whole: string): void {
  database.exec(`attach '${whole}' as whole`);
  for (const table of ['approvals', 'approval_words', 'runs', 'audit_events'])
    database.exec(`delete from ${table}; insert into ${table} select * from whole.${table}`);
  database.exec('detach whole');
  database.close();
  rmSync(whole);
}

test('somebody who is forgotten is in it by their id alone, and it verifies', async () => {
  await using stage = await openApprovalHouse();
  const id = await ended(stage);
  const { ari } = stage.people;
  await stage.house.call('host', 'POST', `/api/v1/people/${ari}/forget`, {});
  const receipt = await receiptOf(stage, id);
  expect(JSON.stringify(receipt)).not.toContain('Ari');
  expect(receipt.decisions).toMatchObject([{ by: ari, decision: 'approve', surface: 'page' }]);
  expect(faults(await verifyReceipt(asJson(receipt), keysOf(stage)))).toEqual([]);
});

test('a program gets no receipt, and nobody gets one of nothing', async () => {
  await using stage = await openApprovalHouse();
  const { id } = await stage.asks(PUSH);
  const asProgram = { authorization: `Bearer ${stage.program.token}` };
  const path = `/api/v1/approvals/${id}/receipt`;
  expect((await stage.house.call('agent', 'GET', path, undefined, asProgram)).status).toBe(403);
  expect((await stage.house.call('host', 'GET', '/api/v1/approvals/appr_none/receipt')).status).toBe(404);
});

test('who comes with a spent grant for days, and is counted for days, does not make its receipt too long to be had', async () => {
  await using stage = await openApprovalHouse();
  const id = await ended(stage);
  const { grant } = await receiptOf(stage, id);
  const by = { authorization: `Bearer ${stage.program.token}` };
  const again = await stage.house.call('agent', 'POST', '/api/v1/grants/redeem', { grant }, by);
  expect(await again.json()).toMatchObject({ code: 'grant_redeemed' });
  const { denials } = stage.house.composed.core;
  const { store } = stage.house.composed;
  await denials.flush(Date.now(), true);
  // As each of these minutes writes them down: one that was refused, and how many more there were.
  const [tried] = await store.audit.list({ subjects: [id], types: ['grant.refused'], limit: 1 });
  const { subject, actor: _, ...body } = tried?.body ?? expect.fail('nothing was refused');
  const refused = {
    type: 'grant.refused',
    at: body.at,
    subject,
    outcome: 'denied',
    reason: 'spent',
  } as const;
  for (let minute = 0; minute < 510; minute++) {
    for (let tries = 0; tries < 2; tries++)
      await denials.record(`grant.refused:redeem:spent:${id}`, {
        ...refused,
        actor: { kind: 'system' },
      });
    await denials.flush(Date.now(), true);
  }
  expect(await store.audit.list({ subjects: [id], limit: 5_000 })).toHaveLength(5 + 1 + 2 * 510);
  const receipt = await receiptOf(stage, id);
  expect(faults(await verifyReceipt(asJson(receipt), keysOf(stage)))).toEqual([]);
  const count = (type: string) => receipt.events.filter((event) => event.body.type === type).length;
  expect([count('grant.refused'), count('denials.counted'), receipt.events.length]).toEqual([100, 100, 205]);
});
