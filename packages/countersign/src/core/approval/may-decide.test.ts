// H40, H41, E-15, E-16: the same request, and everybody who could come with a word. One expected table; whoever is not in it
// does not decide.
import type { PrincipalId } from '@countersign/protocol/ids';
import type { Tier } from '@countersign/protocol/tier';
import { describe, expect, test } from 'vitest';
import type { Needed } from './judge.ts';
import {
  type Decided,
  type Decider,
  type DeciderVerdict,
  mayApprove,
  mayDeny,
  TOO_SOON_MS,
  yesEvent,
} from './may-decide.ts';

const NOW = Date.UTC(2026, 10, 26);
const OWNER: PrincipalId = 'prn_owner';
const APPROVER: PrincipalId = 'prn_approver';
const REQUESTER: PrincipalId = 'prn_requester';
const STRANGER: PrincipalId = 'prn_stranger';

const need = (more: Partial<Needed> = {}): Needed => ({
  who: 'approvers',
  people: [OWNER, APPROVER],
  able: [OWNER, APPROVER],
  quorum: 1,
  factors: [],
  self: false,
  timeoutMs: 600_000,
  lifetimeMs: 120_000,
  cooldownMs: 300_000,
  ...more,
});

const request = (more: Partial<Decided> = {}): Decided => ({
  tier: 'elevated',
  requester: REQUESTER,
  connection: 'token:main',
  need: need(),
  yeses: [],
  ...more,
});

const decider = (more: Partial<Decider> = {}): Decider => ({
  principal: OWNER,
  connection: 'chat:telegram:default:555001',
  surface: 'chat',
  assurance: 'medium',
  factor: null,
  provenUntil: null,
  enrolled: [],
  deliveredAt: NOW - 5_000,
  again: false,
  ...more,
});

function said(verdict: DeciderVerdict): string {
  if (verdict.outcome === 'allow') return 'yes';
  if (verdict.outcome === 'deny') return verdict.reason;
  return 'again' in verdict.need ? 'again' : `needs ${verdict.need.factors.join(', ')}`;
}

describe('who it is, not what they say', () => {
  const callers: Readonly<Record<string, Partial<Decider>>> = {
    owner: {},
    approver: { principal: APPROVER },
    'owner on the phone network': { assurance: 'low' },
    'member of a room, user, unpaired': { principal: STRANGER },
    requester: { principal: REQUESTER },
    'requester on a connection of their own': { principal: REQUESTER, connection: 'device:dev_x' },
    'agent token': { principal: null },
    'owner, on the line the agent came on': { connection: 'token:main' },
    'owner, on a line nobody knows': { connection: null },
  };
  const table = Object.entries(callers).map(([name, caller]) => [
    name,
    said(mayApprove(decider(caller), request(), NOW)),
    said(mayDeny(decider(caller), request())),
  ]);

  test('the table', () => {
    expect(table).toEqual([
      ['owner', 'yes', 'yes'],
      ['approver', 'yes', 'yes'],
      ['owner on the phone network', 'assurance_low', 'yes'],
      ['member of a room, user, unpaired', 'not_asked', 'not_asked'],
      ['requester', 'requester', 'requester'],
      ['requester on a connection of their own', 'requester', 'requester'],
      ['agent token', 'not_a_person', 'not_a_person'],
      ['owner, on the line the agent came on', 'agent_connection', 'agent_connection'],
      ['owner, on a line nobody knows', 'connection_unknown', 'connection_unknown'],
    ]);
  });

  test('E-16: a request whose own line is not known is decided by nobody', () => {
    const lost = request({ connection: null });
    expect(said(mayApprove(decider(), lost, NOW))).toBe('connection_unknown');
    expect(said(mayDeny(decider(), lost))).toBe('connection_unknown');
  });

  test('nobody who asked, nobody in particular: null is no person who equals another', () => {
    expect(said(mayApprove(decider({ principal: null }), request({ requester: null }), NOW))).toBe(
      'not_a_person',
    );
    expect(said(mayApprove(decider(), request({ requester: null }), NOW))).toBe('yes');
  });
});

describe('a proof', () => {
  const withTotp = { need: need({ factors: ['totp', 'recovery', 'passkey'] }) };
  const ask = (more: Partial<Decider>, of: Partial<Decided> = {}) =>
    said(mayApprove(decider({ enrolled: ['totp'], ...more }), request({ ...withTotp, ...of }), NOW));

  test('is asked for, and opens', () => {
    expect(ask({})).toBe('needs totp');
    expect(ask({ factor: 'totp' })).toBe('yes');
  });

  test('that one never enrolled is none', () => {
    expect(ask({ factor: 'passkey' })).toBe('factor_not_enrolled');
  });

  test('is not asked for to say no', () => {
    expect(said(mayDeny(decider(), request(withTotp)))).toBe('yes');
  });

  test('of a moment ago counts, to the millisecond, but never for what is destructive', () => {
    expect(ask({ provenUntil: NOW + 1 })).toBe('yes');
    expect(ask({ provenUntil: NOW })).toBe('needs totp');
    const never = { tier: 'destructive' as Tier, need: need({ ...withTotp.need, cooldownMs: 0 }) };
    expect(ask({ provenUntil: NOW + 1e6 }, never)).toBe('needs totp');
  });

  test('R39: with a passkey enrolled, no code in the chat of the card releases what is destructive', () => {
    const both = { enrolled: ['totp', 'passkey'] as const };
    expect(ask({ ...both, factor: 'totp' }, { tier: 'destructive' })).toBe('factor_same_surface');
    expect(ask({ ...both }, { tier: 'destructive' })).toBe('needs passkey');
    expect(ask({ ...both, factor: 'totp', surface: 'page' }, { tier: 'destructive' })).toBe('yes');
    expect(ask({ ...both, factor: 'passkey' }, { tier: 'destructive' })).toBe('yes');
    expect(ask({ ...both, factor: 'totp' }, { tier: 'elevated' })).toBe('yes');
  });

  test('whoever cannot give one may say no, and not yes', () => {
    const alone = { need: need({ ...withTotp.need, able: [OWNER] }) };
    expect(ask({ principal: APPROVER, enrolled: [] }, alone)).toBe('factor_not_enrolled');
    expect(said(mayDeny(decider({ principal: APPROVER }), request(alone)))).toBe('yes');
  });
});

describe('the host’s shell', () => {
  const atHost = (more: Partial<Decider>) =>
    said(mayApprove(decider({ surface: 'host', connection: 'host:1', ...more }), request(), NOW));

  test('takes a proof for every yes of a person who has a factor, and an earlier one does not count', () => {
    expect(atHost({ enrolled: ['totp'] })).toBe('needs totp');
    expect(atHost({ enrolled: ['totp'], provenUntil: NOW + 1_000 })).toBe('needs totp');
    expect(atHost({ enrolled: ['totp'], factor: 'totp' })).toBe('yes');
    expect(atHost({ enrolled: [] })).toBe('yes');
  });

  test('is nobody by itself', () => {
    expect(atHost({ principal: null })).toBe('not_a_person');
  });
});

describe('N-08: deciding what one asked for oneself, where the policy says so', () => {
  const own = (more: Partial<Decider>, of: Partial<Needed> = {}) =>
    said(
      mayApprove(
        decider({ enrolled: ['totp'], ...more }),
        request({ requester: OWNER, need: need({ self: true, ...of }) }),
        NOW,
      ),
    );

  test('takes a proof even where others need none, and an earlier one does not count', () => {
    expect(own({})).toBe('needs totp');
    expect(own({ provenUntil: NOW + 1_000 })).toBe('needs totp');
    expect(own({ factor: 'totp' })).toBe('yes');
  });

  test('with the factor gone since it was asked, there is no proof and no yes', () => {
    expect(own({ enrolled: [] })).toBe('factor_not_enrolled');
    expect(own({ enrolled: [], factor: 'totp' })).toBe('factor_not_enrolled');
  });

  test('never happens on the line of the agent', () => {
    expect(own({ factor: 'totp', connection: 'token:main' })).toBe('agent_connection');
  });
});

describe('R50: people take their time', () => {
  const after = (ms: number, more: Partial<Decider> = {}) =>
    said(mayApprove(decider({ deliveredAt: NOW - ms, ...more }), request(), NOW));

  test('a yes sooner than it can be read is asked for again', () => {
    expect(after(TOO_SOON_MS - 1)).toBe('again');
    expect(after(TOO_SOON_MS - 1, { again: true })).toBe('yes');
    expect(after(TOO_SOON_MS)).toBe('yes');
    expect(after(0, { deliveredAt: null })).toBe('yes');
  });

  test('no code is spent on a yes that is asked for again', () => {
    const proven = { need: need({ factors: ['totp'] }) };
    const quick = decider({ enrolled: ['totp'], factor: 'totp', deliveredAt: NOW });
    expect(said(mayApprove(quick, request(proven), NOW))).toBe('again');
  });

  test('a no is never too soon', () => {
    expect(said(mayDeny(decider({ deliveredAt: NOW }), request()))).toBe('yes');
  });
});

describe('R50: more than one', () => {
  const two = request({ need: need({ quorum: 2 }) });

  test('the same person twice is one', () => {
    expect(yesEvent(two, OWNER)).toBe('endorse');
    const once = { ...two, yeses: [OWNER] };
    expect(said(mayApprove(decider(), once, NOW))).toBe('said_yes_already');
    expect(yesEvent(once, OWNER)).toBe('endorse');
    expect(yesEvent(once, APPROVER)).toBe('approve');
  });

  test('whoever said yes may still say no', () => {
    expect(said(mayDeny(decider(), { ...two, yeses: [OWNER] }))).toBe('yes');
  });
});
