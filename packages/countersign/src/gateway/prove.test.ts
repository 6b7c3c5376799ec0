// Proofs of decisions and elevations at the doors: R25 and R32 (a passkey's signature is for this request and no other), R34 (the
// host's door proves an owner each time), R39, E-01; and what the pages and the command line see of an elevation.
import type { ApprovalRow } from '@countersign/protocol/approval';
import type { DoctorCheck } from '@countersign/protocol/gateway';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Browser, command, openApprovalHouse, PUSH, WIPE } from '../testing/approval-house.ts';
import { totpAt } from '../testing/factor-stage.ts';
import { jsonOf } from '../testing/house.ts';
import { SoftwareAuthenticator } from '../testing/software-authenticator.ts';

const ORIGIN = 'http://localhost:8787';
const PAGE = { origin: ORIGIN };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_795_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

async function codeOf(answer: Response | Promise<Response>): Promise<string> {
  const got = await answer;
  return got.status < 400 ? 'ok' : (await jsonOf<{ code: string }>(got)).code;
}

async function openStage() {
  const stage = await openApprovalHouse();
  const { house } = stage;
  const post = (at: string, body: object = {}, headers: Record<string, string> = {}) =>
    house.call('host', 'POST', `/api/v1${at}`, body, headers);
  return {
    ...stage,
    post,
    async app(person: string, headers: Record<string, string> = {}) {
      const begun = await jsonOf<{ id: string; secret: string }>(post('/factors/totp', { person }, headers));
      await post(`/factors/${begun.id}/confirm`, { code: totpAt(begun.secret, Date.now()) });
      vi.setSystemTime(Date.now() + 30_000);
      return () => totpAt(begun.secret, Date.now());
    },
    /** A browser shows once that its person holds it; until then it only looks. */
    async proven(page: Browser, code: () => string) {
      const header = { ...PAGE, 'x-countersign-factor': `totp ${code()}` };
      expect(await codeOf(page.call('POST', '/api/v1/devices/prove', undefined, header))).toBe('ok');
      vi.setSystemTime(Date.now() + 30_000);
    },
    async passkey(page: Browser, person: string) {
      const key = new SoftwareAuthenticator();
      const asked = await jsonOf<{ options: { challenge: string } }>(
        page.call('POST', '/api/v1/factors/passkey', {}, PAGE),
      );
      const made = key.create({ challenge: asked.options.challenge, origin: ORIGIN });
      const { id, clientDataJSON, attestationObject, transports } = made;
      const response = { id, response: { clientDataJSON, attestationObject, transports } };
      const done = page.call('POST', '/api/v1/factors/passkey/finish', { label: 'laptop', response }, PAGE);
      expect(await codeOf(done)).toBe('ok');
      return (challenge: string) => {
        const { id: credential, ...fields } = key.get({ challenge, origin: ORIGIN, userHandle: person });
        return { kind: 'passkey', value: { challenge, response: { id: credential, response: fields } } };
      };
    },
    decide: (page: Browser, { id }: ApprovalRow, body: object, headers: Record<string, string> = {}) =>
      page.call('POST', `/api/v1/approvals/${id}/decision`, body, { ...PAGE, ...headers }),
    async challenge(page: Browser, { id }: ApprovalRow) {
      const begun = page.call('POST', `/api/v1/approvals/${id}/prove`, undefined, PAGE);
      return (await jsonOf<{ challenge: string }>(begun)).challenge;
    },
    row: ({ id }: ApprovalRow) => jsonOf<ApprovalRow>(house.call('host', 'GET', `/api/v1/approvals/${id}`)),
    [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
  };
}

describe('a passkey', () => {
  test('R25, R32: releases what is destructive, by a challenge made for this very request, once', async () => {
    await using stage = await openStage();
    const page = await stage.browser('olga', ['approvals', 'manage', 'read']);
    const sign = await stage.passkey(page, stage.people.olga);
    const [one, two] = [await stage.asks(WIPE), await stage.asks(command('rm', '-rf', '/home/agent/two'))];
    expect(await codeOf(stage.decide(page, one, { decision: 'approve' }))).toBe('auth_factor_required');
    const factor = sign(await stage.challenge(page, one));
    // For that one, not for another.
    expect(await codeOf(stage.decide(page, two, { decision: 'approve', factor }))).toBe('challenge_failed');
    expect(await codeOf(stage.decide(page, one, { decision: 'approve', factor }))).toBe('ok');
    expect(await stage.row(one)).toMatchObject({ state: 'approved', decision: { factors: ['passkey'] } });
    expect(await stage.row(two)).toMatchObject({ state: 'pending' });
    expect(await codeOf(stage.decide(page, two, { decision: 'approve', factor }))).toBe('challenge_failed');
  });

  test('R32: elevates by a challenge made for that agent and so long, and for no other', async () => {
    await using stage = await openStage();
    const page = await stage.browser('olga', ['approvals', 'manage', 'read']);
    const sign = await stage.passkey(page, stage.people.olga);
    const header = (challenge: string) => {
      const { value } = sign(challenge);
      return {
        'x-countersign-factor': `passkey ${Buffer.from(JSON.stringify(value)).toString('base64url')}`,
      };
    };
    const challenge = async (body: object) =>
      (await jsonOf<{ challenge: string }>(page.call('POST', '/api/v1/elevations/prove', body, PAGE)))
        .challenge;
    const begins = (body: object, proof: Record<string, string>) =>
      codeOf(page.call('POST', '/api/v1/elevations', body, { ...PAGE, ...proof }));
    const loose = await jsonOf<{ options: { challenge: string } }>(
      page.call('POST', '/api/v1/factors/passkey/challenge', undefined, PAGE),
    );
    expect(await begins({ for: '1m' }, header(loose.options.challenge))).toBe('challenge_failed');
    const short = header(await challenge({ for: '1m' }));
    expect(await begins({ for: '1h' }, short)).toBe('challenge_failed');
    expect(await begins({ for: '1m', agent: 'other' }, short)).toBe('challenge_failed');
    expect(await begins({ for: '1m' }, short)).toBe('ok');
    expect(await begins({ for: '1m' }, short)).toBe('challenge_failed');
  });

  test('R31: a challenge that was made for no request, or by nobody here, releases none; nor does another person’s key', async () => {
    await using stage = await openStage();
    const page = await stage.browser('olga', ['approvals', 'manage', 'read']);
    const other = await stage.browser('ari');
    const sign = await stage.passkey(page, stage.people.olga);
    const asked = await stage.asks(WIPE);
    const loose = await jsonOf<{ options: { challenge: string } }>(
      page.call('POST', '/api/v1/factors/passkey/challenge', undefined, PAGE),
    );
    const forged = Buffer.from(await stage.challenge(page, asked), 'base64url');
    forged.writeUInt8(forged.readUInt8(3) ^ 1, 3);
    for (const challenge of [loose.options.challenge, forged.toString('base64url')]) {
      const factor = sign(challenge);
      expect(await codeOf(stage.decide(page, asked, { decision: 'approve', factor }))).toBe(
        'challenge_failed',
      );
    }
    const factor = sign(await stage.challenge(page, asked));
    expect(await codeOf(stage.decide(other, asked, { decision: 'approve', factor }))).toBe('auth_forbidden');
    expect(await stage.row(asked)).toMatchObject({ state: 'pending', decisions: [] });
  });

  test('its challenge for a request raises nobody, and a request that is over has none', async () => {
    await using stage = await openStage();
    const page = await stage.browser('olga', ['approvals', 'manage', 'read']);
    const sign = await stage.passkey(page, stage.people.olga);
    const asked = await stage.asks(WIPE);
    const { value } = sign(await stage.challenge(page, asked));
    const header = {
      'x-countersign-factor': `passkey ${Buffer.from(JSON.stringify(value)).toString('base64url')}`,
    };
    const raise = page.call('POST', '/api/v1/people', { name: 'Eve', role: 'owner' }, { ...PAGE, ...header });
    expect(await codeOf(raise)).toBe('challenge_failed');
    expect(await codeOf(stage.decide(page, asked, { decision: 'deny' }))).toBe('ok');
    const prove = (door: 'host' | 'page') =>
      door === 'host'
        ? stage.house.call('host', 'POST', `/api/v1/approvals/${asked.id}/prove`)
        : page.call('POST', `/api/v1/approvals/${asked.id}/prove`, undefined, PAGE);
    expect(await codeOf(prove('page'))).toBe('already_decided');
    expect(await codeOf(prove('host'))).toBe('auth_forbidden');
  });
});

describe('codes', () => {
  test('E-01: in the body or the header, the body first; the surface stands in the record', async () => {
    await using stage = await openStage();
    const page = await stage.browser('ari');
    const code = await stage.app('Ari');
    await stage.proven(page, code);
    const asked = await stage.asks(WIPE);
    const right = { 'x-countersign-factor': `totp ${code()}` };
    const wrong = { kind: 'totp', value: '000000' };
    expect(await codeOf(stage.decide(page, asked, { decision: 'approve', factor: wrong }, right))).toBe(
      'challenge_failed',
    );
    expect(await codeOf(stage.decide(page, asked, { decision: 'approve' }, right))).toBe('ok');
    expect(await stage.row(asked)).toMatchObject({
      decision: { by: stage.people.ari, factors: ['totp'], surface: `device:${page.device}` },
    });
  });

  test('R34: at the host’s shell each yes is proven anew, by whoever is named; the audit says whose hand it was', async () => {
    await using stage = await openStage();
    const code = await stage.app('Olga');
    const [one, two] = [await stage.asks(PUSH), await stage.asks(command('git', 'push', 'two', 'main'))];
    const factor = { kind: 'totp', value: code() } as const;
    expect(await codeOf(stage.atHost(one.id, { decision: 'approve', factor }, 'Ari'))).toBe(
      'auth_factor_required',
    );
    expect(await codeOf(stage.atHost(one.id, { decision: 'approve', factor }, 'Olga'))).toBe('ok');
    expect(await codeOf(stage.atHost(two.id, { decision: 'approve' }, 'Olga'))).toBe('auth_factor_required');
    expect(await codeOf(stage.atHost(two.id, { decision: 'approve', factor }, 'Olga'))).toBe(
      'challenge_failed',
    );
    expect(await stage.row(one)).toMatchObject({ decision: { factors: ['totp'], surface: 'host' } });
    expect(await stage.events('approval.approved')).toMatchObject([
      { actor: `host+${stage.people.olga}`, subject: { factors: ['totp'], surface: 'host' } },
    ]);
  });
});

describe('an elevation', () => {
  test('takes a proof at every door, stands in status, doctor and overview, and is ended without one', async () => {
    await using stage = await openStage();
    expect(await codeOf(stage.post('/elevations', { for: '15m' }))).toBe('auth_factor_required');
    const code = await stage.app('Olga');
    expect(await codeOf(stage.post('/elevations', { for: '15m' }))).toBe('auth_factor_required');
    const proof = { 'x-countersign-factor': `totp ${code()}` };
    expect(await codeOf(stage.post('/elevations', { for: '2h' }, proof))).toBe('request_malformed');
    const row = await jsonOf(stage.post('/elevations', { for: '15m' }, proof));
    expect(row).toMatchObject({
      agent: 'main',
      by: stage.people.olga,
      name: 'Olga',
      session: null,
      surface: 'host',
    });
    expect(await codeOf(stage.post('/elevations', { for: '15m' }, proof))).toBe('challenge_failed');

    const get = (path: string) => stage.house.call('host', 'GET', `/api/v1${path}`);
    expect(await jsonOf(get('/elevations'))).toMatchObject({ items: [row] });
    expect(await jsonOf(get('/gateway'))).toMatchObject({ elevated: [{ agent: 'main' }] });
    const { items } = await jsonOf<{ items: DoctorCheck[] }>(get('/doctor'));
    expect(items).toContainEqual(expect.objectContaining({ name: 'elevation', level: 'warning' }));
    expect(JSON.stringify(await jsonOf(get('/overview')))).toContain('elevated unasked');
    expect(await stage.asks(PUSH)).toMatchObject({ state: 'approved', because: 'elevated' });
    expect(await stage.asks(WIPE)).toMatchObject({ state: 'pending' });

    const page = await stage.browser('ari');
    expect(await codeOf(page.call('POST', '/api/v1/elevations', { for: '15m' }, PAGE))).toBe(
      'auth_forbidden',
    );
    expect(await jsonOf(page.call('POST', '/api/v1/elevations/end', {}, PAGE))).toEqual({ ended: 1 });
    expect(await codeOf(stage.post('/elevations/end', { id: 'elev_zzzzzzzz' }))).toBe('not_found');
    expect(await jsonOf(get('/gateway'))).not.toHaveProperty('elevated');
    expect(await stage.events('elevation.begun')).toMatchObject([
      { actor: `host+${stage.people.olga}`, subject: { factors: ['totp'], surface: 'host' } },
    ]);
  });

  test('a page of an owner begins one; no program, and nobody who only decides', async () => {
    await using stage = await openStage();
    const page = await stage.browser('olga', ['approvals', 'manage', 'read']);
    const small = await stage.browser('olga', ['approvals', 'read']);
    const code = await stage.app('Olga');
    await stage.proven(page, code);
    await stage.proven(small, code);
    const proof = { ...PAGE, 'x-countersign-factor': `totp ${code()}` };
    const body = { for: '15m', agent: 'other' };
    expect(await codeOf(small.call('POST', '/api/v1/elevations', body, proof))).toBe('auth_forbidden');
    const bearer = { authorization: `Bearer ${stage.program.token}` };
    expect(await codeOf(stage.house.call('agent', 'POST', '/api/v1/elevations', body, bearer))).toBe(
      'auth_forbidden',
    );
    expect(await jsonOf(page.call('POST', '/api/v1/elevations', body, proof))).toMatchObject({
      agent: 'other',
      surface: 'page',
    });
    const ends = stage.house.call('agent', 'POST', '/api/v1/elevations/end', {}, bearer);
    expect(await codeOf(ends)).toBe('auth_forbidden');
  });
});
