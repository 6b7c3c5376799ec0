// Waiting for an answer. The attacks and accidents: one answer taken for another's (H56), a wait that nobody hears the end
// of, one that outlives whoever waited, and one that holds up the end of the gateway.
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApprovalRow } from '@countersign/protocol/approval';
import { expect, test, vi } from 'vitest';
import { command, openApprovalHouse, PUSH } from '../testing/approval-house.ts';
import { jsonOf } from '../testing/house.ts';
import type { Composed } from './compose.ts';
import { runGateway } from './run.ts';

test('H56: parallel requests answered in reverse order: each wait hears its own', async () => {
  await using stage = await openApprovalHouse();
  const asked: ApprovalRow[] = [];
  // Of two sessions and none: five may wait at once for each.
  const sessions = [await stage.handle('olga'), await stage.handle('rita'), undefined];
  for (const [at, session] of sessions.entries())
    for (let n = 0; n < 4; n++) {
      const more = session === undefined ? {} : { session };
      asked.push(await stage.asks(command('git', 'push', 'origin', `b${at}-${n}`), more));
    }
  const waits = asked.map(({ id }) => jsonOf<ApprovalRow>(stage.sees(id, { wait: 30 })));
  const page = await stage.browser('ari');
  const said = new Map<string, string>();
  for (const [index, { id }] of asked.toReversed().entries()) {
    const decision = index % 3 === 0 ? 'deny' : 'approve';
    said.set(id, decision);
    const answer = await page.call('POST', `/api/v1/approvals/${id}/decision`, { decision, reason: id });
    expect(answer.status, await answer.clone().text()).toBe(200);
    if (index === 2) await page.call('GET', '/api/v1/approvals');
  }
  for (const [index, row] of (await Promise.all(waits)).entries()) {
    const { id, action } = asked[index] ?? row;
    expect(row).toMatchObject({ id, action, decision: { decision: said.get(id), reason: id } });
  }
});

test('many waits for one request all hear it; one that comes late hears at once; none is told twice', async () => {
  await using stage = await openApprovalHouse();
  const { id } = await stage.asks(PUSH);
  const page = await stage.browser('ari');
  const waits = [...Array(20)].map(() => jsonOf<ApprovalRow>(stage.sees(id, { wait: 60 })));
  await page.call('POST', `/api/v1/approvals/${id}/decision`, { decision: 'approve' });
  for (const row of await Promise.all(waits)) expect(row.state).toBe('approved');
  expect(await jsonOf(stage.sees(id, { wait: 60 }))).toMatchObject({ state: 'approved' });
});

test('a wait with no answer ends as it began, and seconds are bounded', async () => {
  await using stage = await openApprovalHouse();
  const { id } = await stage.asks(PUSH);
  expect(await jsonOf(stage.sees(id, { wait: 1 }))).toMatchObject({ state: 'pending' });
  for (const wait of [61, -1, 1.5, Number.NaN]) expect((await stage.sees(id, { wait })).status).toBe(400);
});

test('R62: a program that is shut out while it waits hears no answer', async () => {
  await using stage = await openApprovalHouse();
  const { id } = await stage.asks(PUSH);
  const waits = vi.spyOn(stage.house.composed.core.approvals, 'wait');
  const waiting = stage.sees(id, { wait: 60 });
  await vi.waitFor(() => expect(waits).toHaveBeenCalledTimes(1), 30_000);
  await stage.house.call('host', 'POST', `/api/v1/tokens/${stage.program.id}/revoke`);
  expect((await waiting).status).toBe(401);
  expect((await stage.sees(id, { wait: 5 })).status).toBe(401);
});

interface Running {
  readonly composed: Composed;
  readonly url: string;
  readonly token: string;
  host(method: string, path: string, body?: unknown): Promise<{ status: number; text: string }>;
  ended: Promise<void>;
}

/** A gateway in this process with its doors open. */
async function run(home: string): Promise<Running> {
  const up = Promise.withResolvers<{ composed: Composed; url: string }>();
  const terminal = { out: () => undefined, err: () => undefined, isTTY: false };
  const env = { COUNTERSIGN_HOME: home, COUNTERSIGN_PORT: '0' };
  const around = { started: (composed: Composed, url: string) => up.resolve({ composed, url }) };
  const ended = runGateway({ home, env, terminal, around });
  const { composed, url } = await Promise.race([
    up.promise,
    ended.then(() => Promise.reject(new Error('ended'))),
  ]);
  const host: Running['host'] = (method, path, body) =>
    new Promise((resolve, reject) => {
      const headers = { host: 'localhost', 'content-type': 'application/json' };
      const call = request({ socketPath: composed.home.hostSocket, method, path, headers }, (answer) => {
        let text = '';
        answer.on('data', (part: Buffer) => {
          text += part.toString();
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      });
      call.on('error', reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  await host('POST', '/api/v1/people', { name: 'Olga', role: 'owner' });
  const made = await host('POST', '/api/v1/tokens', { scope: 'request', for: 'main' });
  const { token }: { token: string } = JSON.parse(made.text);
  return { composed, url, token, host, ended };
}

test('over real connections: answered, given up by who waited, and ended with the gateway', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cs-wait-'));
  try {
    const gateway = await run(join(folder, 'home'));
    const { url, token, composed, host } = gateway;
    const waited = vi.spyOn(composed.core.approvals, 'wait');
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const ask = async (branch: string) => {
      const action = command('git', 'push', 'origin', branch);
      const body = JSON.stringify({ action });
      return jsonOf<ApprovalRow>(fetch(`${url}api/v1/approvals`, { method: 'POST', headers, body }));
    };
    const wait = (id: string, signal?: AbortSignal) =>
      fetch(`${url}api/v1/approvals/${id}?wait=30`, { headers, ...(signal === undefined ? {} : { signal }) });

    const one = await ask('one');
    const answered = wait(one.id);
    await vi.waitFor(() => expect(waited).toHaveBeenCalledTimes(1), 30_000);
    await host('POST', `/api/v1/approvals/${one.id}/decision`, { decision: 'approve' });
    expect(await jsonOf(answered)).toMatchObject({ id: one.id, state: 'approved' });

    const two = await ask('two');
    const given = new AbortController();
    const gone = wait(two.id, given.signal).catch((cause: Error) => cause.name);
    await vi.waitFor(() => expect(waited).toHaveBeenCalledTimes(2), 30_000);
    given.abort();
    expect(await gone).toBe('AbortError');
    await vi.waitFor(() => expect(waited.mock.settledResults[1]?.type).toBe('fulfilled'), 30_000);

    // R41: whom the configuration names is part of what a request rests on.
    const named = wait(two.id);
    await vi.waitFor(() => expect(waited).toHaveBeenCalledTimes(3), 30_000);
    const approvers = { path: 'approvals.approvers', value: ['telegram:555001'] };
    expect((await host('POST', '/api/v1/config/set', approvers)).status).toBe(200);
    expect(await jsonOf(named)).toMatchObject({ state: 'superseded', because: 'approvers_changed' });
    expect(await ask('nobody')).toMatchObject({ state: 'denied', because: 'no_approver' });
    await host('POST', '/api/v1/config/unset', { path: 'approvals.approvers' });

    const three = await ask('three');
    const last = wait(three.id);
    await vi.waitFor(() => expect(waited).toHaveBeenCalledTimes(4), 30_000);
    const stoppedAt = performance.now();
    composed.services.house.stop();
    expect(await jsonOf(last)).toMatchObject({ id: three.id, state: 'pending' });
    await gateway.ended;
    expect(performance.now() - stoppedAt).toBeLessThan(5_000);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 90_000);
