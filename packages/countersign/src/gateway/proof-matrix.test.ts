// Every way to come in × what comes along, for somebody who may decide and has an app: one table, written by hand. A cell says
// what comes of the yes, and whether the right code is still good afterwards. The attacks: E-01 (a string that anybody can type), H39,
// H58, R30 (a code spent for nothing), R34 (the host's shell), R39.
import type { ApprovalRow } from '@countersign/protocol/approval';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type ApprovalHouse,
  type Browser,
  CHATS,
  openApprovalHouse,
  WIPE,
} from '../testing/approval-house.ts';
import { totpAt } from '../testing/factor-stage.ts';
import { jsonOf } from '../testing/house.ts';

const WAYS = [
  'page',
  'unproven page',
  'host',
  'token',
  'tcp',
  'chat',
  'group',
  'quoted',
  'forwarded',
  'webchat',
] as const;
type Way = (typeof WAYS)[number];
const ALONG = ['nothing', 'a wrong code', 'the right code'] as const;
type Along = (typeof ALONG)[number];

/** The code of the refusal, or whether it counted; chats answer in words. */
type Outcome =
  | 'counts'
  | 'nothing'
  | 'auth_factor_required'
  | 'challenge_failed'
  | 'auth_forbidden'
  | 'auth_required';
/** What comes of it, and whether the right code was spent. */
type Cell = readonly [Outcome, 'kept' | 'spent'];

const EXPECTED: Readonly<Record<Way, Readonly<Record<Along, Cell>>>> = {
  page: row(['auth_factor_required', 'kept'], ['challenge_failed', 'kept'], ['counts', 'spent']),
  // It shows first that its person holds it.
  'unproven page': row(['auth_forbidden', 'kept'], ['auth_forbidden', 'kept'], ['auth_forbidden', 'kept']),
  host: row(['auth_factor_required', 'kept'], ['challenge_failed', 'kept'], ['counts', 'spent']),
  token: row(['auth_forbidden', 'kept'], ['auth_forbidden', 'kept'], ['auth_forbidden', 'kept']),
  tcp: row(['auth_required', 'kept'], ['auth_required', 'kept'], ['auth_required', 'kept']),
  chat: row(['nothing', 'kept'], ['nothing', 'kept'], ['counts', 'spent']),
  // Nothing is decided in a group; the command is ours, and goes to nobody; whoever reads along has the code.
  group: row(['nothing', 'kept'], ['nothing', 'kept'], ['nothing', 'spent']),
  // Ordinary text for the agent, had there been no code in it (R64).
  quoted: row(['nothing', 'kept'], ['nothing', 'kept'], ['nothing', 'spent']),
  forwarded: row(['nothing', 'kept'], ['nothing', 'kept'], ['nothing', 'kept']),
  // A browser's key says too little of who types for a yes, whatever is typed.
  webchat: row(['nothing', 'kept'], ['nothing', 'kept'], ['nothing', 'spent']),
};

function row(nothing: Cell, wrong: Cell, right: Cell): Readonly<Record<Along, Cell>> {
  return { nothing, 'a wrong code': wrong, 'the right code': right };
}

const CONFIG = {
  channels: {
    telegram: {
      botToken: '1:x',
      dmPolicy: 'allowlist',
      allowFrom: Object.values(CHATS).slice(0, 4),
      groupPolicy: 'open',
      requireMention: false,
    },
  },
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_795_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

async function openStage() {
  const stage = await openApprovalHouse({ config: CONFIG });
  const { house, people } = stage;
  const page = await stage.browser('ari');
  const post = (path: string, body: object) => house.call('host', 'POST', `/api/v1${path}`, body);
  const app = await jsonOf<{ id: string; secret: string }>(post('/factors/totp', { person: 'Ari' }));
  await post(`/factors/${app.id}/confirm`, { code: totpAt(app.secret, Date.now()) });
  const later = () => void vi.setSystemTime(Date.now() + 30_000);
  later();
  const code = () => totpAt(app.secret, Date.now());
  const header = { 'x-countersign-factor': `totp ${code()}` };
  expect((await page.call('POST', '/api/v1/devices/prove', undefined, header)).status).toBe(200);
  const unproven = await stage.browser('ari');
  later();
  return {
    stage,
    page,
    unproven,
    code,
    /** On a surface where nobody tried before. */
    isGood: async (value: string) =>
      (await house.composed.core.factors.prove(people.ari, { kind: 'totp', value }, 'device:new', Date.now()))
        .ok,
    [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
  };
}

interface Coming {
  readonly stage: ApprovalHouse;
  readonly page: Browser;
  readonly unproven: Browser;
}

/** @returns the code of the answer; null where there is none but words. */
async function comes(
  { stage, page, unproven }: Coming,
  way: Way,
  asked: ApprovalRow,
  code: string | null,
): Promise<string | null> {
  const path = `/api/v1/approvals/${asked.id}/decision`;
  const factor = code === null ? {} : { factor: { kind: 'totp', value: code } as const };
  const body = { decision: 'approve', ...factor } as const;
  switch (way) {
    case 'page':
      return codeOf(await page.call('POST', path, body));
    case 'unproven page':
      return codeOf(await unproven.call('POST', path, body));
    case 'host':
      return codeOf(await stage.atHost(asked.id, body, 'Ari'));
    case 'token': {
      const bearer = { authorization: `Bearer ${stage.program.token}` };
      return codeOf(await stage.house.call('agent', 'POST', path, body, bearer));
    }
    case 'tcp':
      return codeOf(await stage.house.call('tcp', 'POST', path, body));
    case 'chat':
    case 'group':
    case 'quoted':
    case 'forwarded':
    case 'webchat':
      await stage.types('ari', `/approve ${asked.short}${code === null ? '' : ` ${code}`}`, {
        ...(way === 'webchat' ? { channel: 'webchat' } : {}),
        ...(way === 'group' ? { conversation: { kind: 'group', id: '-100777' } } : {}),
        ...(way === 'quoted' ? { quoted: true } : {}),
        ...(way === 'forwarded' ? { forwarded: true } : {}),
      });
      return null;
    default:
      return way satisfies never;
  }
}

async function codeOf(answer: Response): Promise<string> {
  return answer.status < 400 ? 'counts' : (await jsonOf<{ code: string }>(answer)).code;
}

for (const way of WAYS) {
  describe(way, () => {
    test.each(ALONG)('%s', async (along) => {
      await using on = await openStage();
      const { stage } = on;
      const asked = await stage.asks(WIPE);
      vi.setSystemTime(Date.now() + 1_000);
      const right = on.code();
      const [outcome, rest] = EXPECTED[way][along];
      const came = along === 'nothing' ? null : along === 'the right code' ? right : '000000';
      const code = await comes(on, way, asked, came);
      if (code !== null) expect(code).toBe(outcome);
      const { state, decisions } = await jsonOf<ApprovalRow>(stage.sees(asked.id));
      expect(state).toBe(outcome === 'counts' ? 'approved' : 'pending');
      expect(decisions.map(({ factors }) => factors)).toEqual(outcome === 'counts' ? [['totp']] : []);
      expect(await on.isGood(right)).toBe(rest === 'kept');
    });
  });
}
