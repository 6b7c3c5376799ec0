// The front door as one table: policy × place × person × state → where a word, an order and a press go. Every cell is
// written by hand, none is computed; who changes the door changes a line here and says why.

import { describe, expect, test } from 'vitest';
import { inboundFrom } from '../testing/inbound.ts';
import type { AccountPolicy, AdmissionRules, DmPolicy, GroupPolicy } from './admission.ts';
import { admit } from './admission.ts';
import { type Native, parseNative } from './identity/peer.ts';
import type { LinkedPeer, Principal, Role, Standing } from './identity/people-port.ts';
import type { Conversation, Inbound, Verdict } from './message.ts';

const NOW = 1_800_000_000_000;
const RULES: AdmissionRules = {
  agent: 'main',
  dmScope: 'per-account-channel-peer',
  allowShared: false,
  pairingMaxAgeMs: 600_000,
};
const ID = '555001';
const GROUP = '-100';
/** Everybody but that person. */
const OTHERS = ['555002', '5550011', '55500', '+555001', ' 555001', 'telegram:555001', GROUP];

function native(text: string): Native {
  const id = parseNative(text, /^\d+$/);
  if (id === null) throw new Error('nobody');
  return id;
}

const PEER = { channel: 'telegram', account: 'default', native: native(ID) };

type Grant = 'granted' | 'linked';

function person(
  role: Role,
  grant: Grant,
  peer: Partial<LinkedPeer> = {},
  principal: Partial<Principal> = {},
): Standing {
  return {
    peer: {
      ...PEER,
      principal: 'prn_ana',
      ceiling: role,
      assurance: 'medium',
      blocked: false,
      direct: grant === 'granted',
      accessUntil: null,
      ...peer,
    },
    principal: { id: 'prn_ana', role, state: 'active', ...principal },
  };
}

/** `granted`: the store lets them talk in direct chats. `linked`: known, and let in by a list or not at all. */
const PEOPLE: Readonly<Record<string, Standing>> = {
  stranger: { peer: null, principal: null },
  'blocked stranger': {
    peer: person('user', 'linked', { blocked: true, principal: null }).peer,
    principal: null,
  },
  // A row that a crash or an attacker left behind: whose person is gone, or is somebody else.
  'of no person': { peer: person('owner', 'granted').peer, principal: null },
  'of another person': person('owner', 'granted', {}, { id: 'prn_eve' }),
};
for (const role of ['user', 'approver', 'owner'] as const) {
  Object.assign(PEOPLE, {
    [`${role}, granted`]: person(role, 'granted'),
    [`${role}, linked`]: person(role, 'linked'),
    [`${role}, access ended`]: person(role, 'granted', { accessUntil: NOW }),
    [`${role}, peer blocked`]: person(role, 'granted', { blocked: true }),
    [`${role}, person blocked`]: person(role, 'granted', {}, { state: 'blocked' }),
    [`${role}, suspended`]: person(role, 'granted', {}, { state: 'suspended' }),
    [`${role}, ceiling user`]: person(role, 'granted', { ceiling: 'user' }),
  });
}

/** What is said: a word, an order, a press. */
const SAID: readonly Partial<Inbound>[] = [
  { text: 'hello' },
  { text: '/pairing' },
  { kind: 'button', text: '', press: { value: 'nonce', handle: 'h' } },
];

function message(conversation: Conversation['kind'], more: Partial<Inbound>): Inbound {
  return inboundFrom(PEER, {
    conversation: { kind: conversation, id: conversation === 'direct' ? ID : GROUP },
    sentAt: NOW,
    ...more,
  });
}

/** What becomes of a word, an order (`/pairing`) and a press. */
const OUTCOMES = {
  commands: ['agent', 'control', 'press'],
  orders: ['agent', 'control', 'not_entitled'],
  talks: ['agent', 'agent', 'not_entitled'],
  asks: ['pairing', 'pairing', 'not_entitled'],
  enrols: ['enrol', 'enrol', 'not_entitled'],
  refused: ['not_allowed', 'not_allowed', 'not_entitled'],
  outside: ['group_not_allowed', 'group_not_allowed', 'not_entitled'],
  unnamed: ['not_mentioned', 'not_mentioned', 'not_entitled'],
  nowhere: ['context_unknown', 'context_unknown', 'not_entitled'],
  off: ['channel_disabled', 'channel_disabled', 'channel_disabled'],
  blocked: ['blocked', 'blocked', 'blocked'],
  suspended: ['suspended', 'suspended', 'suspended'],
} as const;

function isOutcome(word: string): word is keyof typeof OUTCOMES {
  return Object.hasOwn(OUTCOMES, word);
}

function policy(more: Partial<AccountPolicy>): AccountPolicy {
  return {
    enabled: true,
    dmPolicy: 'disabled',
    allowFrom: [],
    groupPolicy: 'disabled',
    groupAllowFrom: [],
    requireMention: true,
    personalNumber: false,
    ...more,
  };
}

function shown(verdict: Verdict): string {
  if (verdict.to === 'agent') return 'agent';
  return verdict.to === 'desk' ? verdict.because : verdict.reason;
}

function outcomes(
  who: string,
  kind: Conversation['kind'],
  account: AccountPolicy,
  more: Partial<Inbound> = {},
) {
  const standing = PEOPLE[who];
  if (standing === undefined) throw new Error(`nobody is "${who}"`);
  return SAID.map((said) => shown(admit(message(kind, { ...said, ...more }), standing, account, RULES, NOW)));
}

/** Rows of `who; listed | cell | cell`. */
function rows(text: string) {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [head = '', ...cells] = line.split('|').map((cell) => cell.trim());
      const [who = '', list = ''] = head.split(';').map((part) => part.trim());
      const expected = cells.map((cell) => {
        if (!isOutcome(cell)) throw new Error(`"${cell}" is no outcome`);
        return [...OUTCOMES[cell]];
      });
      return { head, who, listed: list === 'listed', expected };
    });
}

function everybodyIsIn(table: ReturnType<typeof rows>): void {
  const wanted = Object.keys(PEOPLE).flatMap((who) => [who, `${who}; listed`]);
  expect(table.map(({ head }) => head).toSorted()).toEqual(wanted.toSorted());
}

describe('in the direct chat', () => {
  // H15: what the groups allow counts for nothing here.
  const groups = { groupPolicy: 'open', groupAllowFrom: [ID], requireMention: false } as const;
  const columns = (list: readonly string[]): readonly AccountPolicy[] => [
    policy({ ...groups, dmPolicy: 'pairing', allowFrom: list }),
    policy({ ...groups, dmPolicy: 'allowlist', allowFrom: list }),
    policy({ ...groups, dmPolicy: 'open', allowFrom: list }),
    policy({ ...groups, dmPolicy: 'open', allowFrom: [...list, '*'] }),
    policy({ ...groups, dmPolicy: 'disabled', allowFrom: list }),
  ];
  const table = rows(`
    stranger                         | asks      | refused   | refused   | enrols    | off
    stranger; listed                 | enrols    | enrols    | enrols    | enrols    | off
    blocked stranger                 | blocked   | blocked   | blocked   | blocked   | blocked
    blocked stranger; listed         | blocked   | blocked   | blocked   | blocked   | blocked
    of no person                     | asks      | refused   | refused   | enrols    | off
    of no person; listed             | enrols    | enrols    | enrols    | enrols    | off
    of another person                | asks      | refused   | refused   | enrols    | off
    of another person; listed        | enrols    | enrols    | enrols    | enrols    | off
    user, granted                    | talks     | talks     | talks     | talks     | off
    user, granted; listed            | talks     | talks     | talks     | talks     | off
    user, linked                     | asks      | refused   | refused   | talks     | off
    user, linked; listed             | talks     | talks     | talks     | talks     | off
    user, access ended               | asks      | refused   | refused   | talks     | off
    user, access ended; listed       | talks     | talks     | talks     | talks     | off
    user, ceiling user               | talks     | talks     | talks     | talks     | off
    user, ceiling user; listed       | talks     | talks     | talks     | talks     | off
    user, peer blocked               | blocked   | blocked   | blocked   | blocked   | blocked
    user, peer blocked; listed       | blocked   | blocked   | blocked   | blocked   | blocked
    user, person blocked             | blocked   | blocked   | blocked   | blocked   | blocked
    user, person blocked; listed     | blocked   | blocked   | blocked   | blocked   | blocked
    user, suspended                  | suspended | suspended | suspended | suspended | suspended
    user, suspended; listed          | suspended | suspended | suspended | suspended | suspended
    approver, granted                | commands  | commands  | commands  | commands  | off
    approver, granted; listed        | commands  | commands  | commands  | commands  | off
    approver, linked                 | asks      | refused   | refused   | commands  | off
    approver, linked; listed         | commands  | commands  | commands  | commands  | off
    approver, access ended           | asks      | refused   | refused   | talks     | off
    approver, access ended; listed   | talks     | talks     | talks     | talks     | off
    approver, ceiling user           | talks     | talks     | talks     | talks     | off
    approver, ceiling user; listed   | talks     | talks     | talks     | talks     | off
    approver, peer blocked           | blocked   | blocked   | blocked   | blocked   | blocked
    approver, peer blocked; listed   | blocked   | blocked   | blocked   | blocked   | blocked
    approver, person blocked         | blocked   | blocked   | blocked   | blocked   | blocked
    approver, person blocked; listed | blocked   | blocked   | blocked   | blocked   | blocked
    approver, suspended              | suspended | suspended | suspended | suspended | suspended
    approver, suspended; listed      | suspended | suspended | suspended | suspended | suspended
    owner, granted                   | commands  | commands  | commands  | commands  | off
    owner, granted; listed           | commands  | commands  | commands  | commands  | off
    owner, linked                    | asks      | refused   | refused   | commands  | off
    owner, linked; listed            | commands  | commands  | commands  | commands  | off
    owner, access ended              | asks      | refused   | refused   | talks     | off
    owner, access ended; listed      | talks     | talks     | talks     | talks     | off
    owner, ceiling user              | talks     | talks     | talks     | talks     | off
    owner, ceiling user; listed      | talks     | talks     | talks     | talks     | off
    owner, peer blocked              | blocked   | blocked   | blocked   | blocked   | blocked
    owner, peer blocked; listed      | blocked   | blocked   | blocked   | blocked   | blocked
    owner, person blocked            | blocked   | blocked   | blocked   | blocked   | blocked
    owner, person blocked; listed    | blocked   | blocked   | blocked   | blocked   | blocked
    owner, suspended                 | suspended | suspended | suspended | suspended | suspended
    owner, suspended; listed         | suspended | suspended | suspended | suspended | suspended
  `);

  test('everybody is in the table', () => everybodyIsIn(table));
  for (const { head, who, listed, expected } of table) {
    test(head, () => {
      expect(columns(listed ? [ID] : []).map((account) => outcomes(who, 'direct', account))).toEqual(
        expected,
      );
    });
  }
});

describe('in a group, and in a thread of one', () => {
  // Columns: disabled | allowlist | open | allowlist, not named | open, not named | open, not named, where none need be.
  // The direct chats are off-limits to nobody here but to whom they are: `granted` alone may give orders (P-03, H07).
  const columns = (list: readonly string[]): readonly (readonly [AccountPolicy, Partial<Inbound>])[] => {
    const group = (groupPolicy: GroupPolicy, requireMention = true) =>
      policy({ dmPolicy: 'pairing', groupPolicy, groupAllowFrom: list, requireMention });
    return [
      [group('disabled'), {}],
      [group('allowlist'), {}],
      [group('open'), {}],
      [group('allowlist'), { mentioned: false }],
      [group('open'), { mentioned: false }],
      [group('open', false), { mentioned: false }],
    ];
  };
  const table = rows(`
    stranger                         | outside   | outside   | enrols    | outside   | unnamed   | enrols
    stranger; listed                 | outside   | enrols    | enrols    | unnamed   | unnamed   | enrols
    blocked stranger                 | blocked   | blocked   | blocked   | blocked   | blocked   | blocked
    blocked stranger; listed         | blocked   | blocked   | blocked   | blocked   | blocked   | blocked
    of no person                     | outside   | outside   | enrols    | outside   | unnamed   | enrols
    of no person; listed             | outside   | enrols    | enrols    | unnamed   | unnamed   | enrols
    of another person                | outside   | outside   | enrols    | outside   | unnamed   | enrols
    of another person; listed        | outside   | enrols    | enrols    | unnamed   | unnamed   | enrols
    user, granted                    | outside   | outside   | talks     | outside   | unnamed   | talks
    user, granted; listed            | outside   | talks     | talks     | unnamed   | unnamed   | talks
    user, linked                     | outside   | outside   | talks     | outside   | unnamed   | talks
    user, linked; listed             | outside   | talks     | talks     | unnamed   | unnamed   | talks
    user, access ended               | outside   | outside   | talks     | outside   | unnamed   | talks
    user, access ended; listed       | outside   | talks     | talks     | unnamed   | unnamed   | talks
    user, ceiling user               | outside   | outside   | talks     | outside   | unnamed   | talks
    user, ceiling user; listed       | outside   | talks     | talks     | unnamed   | unnamed   | talks
    user, peer blocked               | blocked   | blocked   | blocked   | blocked   | blocked   | blocked
    user, peer blocked; listed       | blocked   | blocked   | blocked   | blocked   | blocked   | blocked
    user, person blocked             | blocked   | blocked   | blocked   | blocked   | blocked   | blocked
    user, person blocked; listed     | blocked   | blocked   | blocked   | blocked   | blocked   | blocked
    user, suspended                  | suspended | suspended | suspended | suspended | suspended | suspended
    user, suspended; listed          | suspended | suspended | suspended | suspended | suspended | suspended
    approver, granted                | outside   | outside   | orders    | outside   | unnamed   | orders
    approver, granted; listed        | outside   | orders    | orders    | unnamed   | unnamed   | orders
    approver, linked                 | outside   | outside   | talks     | outside   | unnamed   | talks
    approver, linked; listed         | outside   | talks     | talks     | unnamed   | unnamed   | talks
    approver, access ended           | outside   | outside   | talks     | outside   | unnamed   | talks
    approver, access ended; listed   | outside   | talks     | talks     | unnamed   | unnamed   | talks
    approver, ceiling user           | outside   | outside   | talks     | outside   | unnamed   | talks
    approver, ceiling user; listed   | outside   | talks     | talks     | unnamed   | unnamed   | talks
    approver, peer blocked           | blocked   | blocked   | blocked   | blocked   | blocked   | blocked
    approver, peer blocked; listed   | blocked   | blocked   | blocked   | blocked   | blocked   | blocked
    approver, person blocked         | blocked   | blocked   | blocked   | blocked   | blocked   | blocked
    approver, person blocked; listed | blocked   | blocked   | blocked   | blocked   | blocked   | blocked
    approver, suspended              | suspended | suspended | suspended | suspended | suspended | suspended
    approver, suspended; listed      | suspended | suspended | suspended | suspended | suspended | suspended
    owner, granted                   | outside   | outside   | orders    | outside   | unnamed   | orders
    owner, granted; listed           | outside   | orders    | orders    | unnamed   | unnamed   | orders
    owner, linked                    | outside   | outside   | talks     | outside   | unnamed   | talks
    owner, linked; listed            | outside   | talks     | talks     | unnamed   | unnamed   | talks
    owner, access ended              | outside   | outside   | talks     | outside   | unnamed   | talks
    owner, access ended; listed      | outside   | talks     | talks     | unnamed   | unnamed   | talks
    owner, ceiling user              | outside   | outside   | talks     | outside   | unnamed   | talks
    owner, ceiling user; listed      | outside   | talks     | talks     | unnamed   | unnamed   | talks
    owner, peer blocked              | blocked   | blocked   | blocked   | blocked   | blocked   | blocked
    owner, peer blocked; listed      | blocked   | blocked   | blocked   | blocked   | blocked   | blocked
    owner, person blocked            | blocked   | blocked   | blocked   | blocked   | blocked   | blocked
    owner, person blocked; listed    | blocked   | blocked   | blocked   | blocked   | blocked   | blocked
    owner, suspended                 | suspended | suspended | suspended | suspended | suspended | suspended
    owner, suspended; listed         | suspended | suspended | suspended | suspended | suspended | suspended
  `);

  test('everybody is in the table', () => everybodyIsIn(table));
  for (const { head, who, listed, expected } of table) {
    test(head, () => {
      for (const kind of ['group', 'thread'] as const) {
        const seen = columns(listed ? [ID] : []).map(([account, more]) => outcomes(who, kind, account, more));
        expect(seen, kind).toEqual(expected);
        if (listed) continue;
        // H07: the group's own id names nobody, and * counts for direct chats alone.
        const others = columns([...OTHERS, '*']).map(([account, more]) => outcomes(who, kind, account, more));
        expect(others, kind).toEqual(expected);
      }
    });
  }
});

describe('H11: where nobody can say where it was said', () => {
  const open: readonly (readonly [DmPolicy, GroupPolicy])[] = [
    ['pairing', 'open'],
    ['open', 'open'],
    ['allowlist', 'allowlist'],
  ];
  const table = rows(`
    stranger                  | nowhere
    blocked stranger          | blocked
    of no person              | nowhere
    of another person         | nowhere
    user, granted             | nowhere
    user, linked              | nowhere
    user, access ended        | nowhere
    user, ceiling user        | nowhere
    user, peer blocked        | blocked
    user, person blocked      | blocked
    user, suspended           | suspended
    approver, granted         | nowhere
    approver, linked          | nowhere
    approver, access ended    | nowhere
    approver, ceiling user    | nowhere
    approver, peer blocked    | blocked
    approver, person blocked  | blocked
    approver, suspended       | suspended
    owner, granted            | nowhere
    owner, linked             | nowhere
    owner, access ended       | nowhere
    owner, ceiling user       | nowhere
    owner, peer blocked       | blocked
    owner, person blocked     | blocked
    owner, suspended          | suspended
  `);
  for (const { head, who, expected } of table) {
    test(head, () => {
      for (const [dmPolicy, groupPolicy] of open) {
        const lists = { allowFrom: [ID, '*'], groupAllowFrom: [ID] };
        const account = policy({ dmPolicy, groupPolicy, requireMention: false, ...lists });
        expect([outcomes(who, 'unknown', account)]).toEqual(expected);
      }
    });
  }
});
