// The front door, written out: who stands there × what the owner's policy says → where the message goes. Every cell of
// these tables is a decision; an attack named beside a row is what its "nobody" answers.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ANA,
  inGroup,
  linked,
  MAX_AGE,
  message,
  NOW,
  policy,
  RULES,
  STRANGER,
  shown,
} from '../testing/admission.ts';
import { type AccountPolicy, admit, type DmPolicy, type GroupPolicy } from './admission.ts';
import type { Standing } from './identity/people-port.ts';
import type { DropReason, Inbound } from './message.ts';

/** Everybody who can stand at the door. */
const STANDINGS: Readonly<Record<string, Standing>> = {
  stranger: STRANGER,
  'linked, direct': linked(),
  'linked, not direct': linked({ direct: false }),
  'access ends now': linked({ accessUntil: NOW }),
  'access ends later': linked({ accessUntil: NOW + 1 }),
  'owner, not direct': linked({ direct: false }, { role: 'owner' }),
  'unlinked again': { peer: linked({ principal: null }).peer, principal: null },
  'of no principal': { peer: linked().peer, principal: null },
  "of another's principal": linked({}, { id: 'prn_eve' }),
  'blocked peer': linked({ blocked: true }),
  'blocked stranger': {
    peer: linked({ blocked: true, principal: null, direct: false }).peer,
    principal: null,
  },
  'blocked person': linked({}, { state: 'blocked' }),
  'suspended person': linked({}, { state: 'suspended' }),
  'blocked owner': linked({}, { role: 'owner', state: 'blocked' }),
};

/** Rows of `standing; list | cell | cell`: the list is who else the owner named. */
function table(text: string): { standing: Standing; list: string; name: string; cells: string[] }[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [head = '', ...cells] = line.split('|').map((cell) => cell.trim());
      const [who = '', list = ''] = head.split(';').map((part) => part.trim());
      const standing = STANDINGS[who];
      if (standing === undefined) throw new Error(`nobody is "${who}"`);
      return { standing, list, name: head, cells };
    });
}

describe('a direct message', () => {
  const columns: readonly DmPolicy[] = ['pairing', 'allowlist', 'open', 'disabled'];
  const lists: Readonly<Record<string, readonly string[]>> = {
    '': [],
    listed: ['555001'],
    '*': ['*'],
    'others listed': ['555002', '5550011', '55500', '+555001', 'telegram:555001'],
  };
  const rows = table(`
    stranger                             | pairing   | not_allowed | not_allowed | channel_disabled
    stranger; listed                     | enrol     | enrol       | enrol       | channel_disabled
    stranger; *                          | pairing   | not_allowed | enrol       | channel_disabled
    stranger; others listed              | pairing   | not_allowed | not_allowed | channel_disabled
    linked, direct                       | agent     | agent       | agent       | channel_disabled
    linked, direct; listed               | agent     | agent       | agent       | channel_disabled
    linked, not direct                   | pairing   | not_allowed | not_allowed | channel_disabled
    linked, not direct; listed           | agent     | agent       | agent       | channel_disabled
    linked, not direct; *                | pairing   | not_allowed | agent       | channel_disabled
    owner, not direct                    | pairing   | not_allowed | not_allowed | channel_disabled
    access ends later                    | agent     | agent       | agent       | channel_disabled
    access ends now                      | pairing   | not_allowed | not_allowed | channel_disabled
    access ends now; listed              | agent     | agent       | agent       | channel_disabled
    access ends now; *                   | pairing   | not_allowed | agent       | channel_disabled
    unlinked again                       | pairing   | not_allowed | not_allowed | channel_disabled
    unlinked again; listed               | enrol     | enrol       | enrol       | channel_disabled
    of no principal                      | pairing   | not_allowed | not_allowed | channel_disabled
    of another's principal               | pairing   | not_allowed | not_allowed | channel_disabled
    blocked peer                         | blocked   | blocked     | blocked     | blocked
    blocked peer; listed                 | blocked   | blocked     | blocked     | blocked
    blocked peer; *                      | blocked   | blocked     | blocked     | blocked
    blocked stranger; listed             | blocked   | blocked     | blocked     | blocked
    blocked person; listed               | blocked   | blocked     | blocked     | blocked
    blocked owner; listed                | blocked   | blocked     | blocked     | blocked
    suspended person                     | suspended | suspended   | suspended   | suspended
    suspended person; listed             | suspended | suspended   | suspended   | suspended
  `);
  for (const { standing, list, name, cells } of rows) {
    test(name, () => {
      const allowFrom = lists[list];
      if (allowFrom === undefined) throw new Error(`no list "${list}"`);
      const seen = columns.map((dmPolicy) => {
        // H15, H16: what is granted in groups never counts here.
        const account = policy({ dmPolicy, allowFrom, groupPolicy: 'open', groupAllowFrom: ['555001', '*'] });
        return shown(admit(message(), standing, account, RULES, NOW));
      });
      expect(seen).toEqual(cells);
    });
  }
});

describe('a message in a group, and in a thread of one', () => {
  const columns: readonly GroupPolicy[] = ['disabled', 'allowlist', 'open'];
  const lists: Readonly<Record<string, readonly string[]>> = {
    '': [],
    listed: ['555001'],
    '*': ['*'],
    'the group listed': ['-100'],
  };
  // H15: a direct grant, and a place in allowFrom, are worth nothing here. H07: neither is the group's own id.
  const rows = table(`
    stranger                        | group_not_allowed | group_not_allowed | enrol
    stranger; listed                | group_not_allowed | enrol             | enrol
    stranger; *                     | group_not_allowed | group_not_allowed | enrol
    stranger; the group listed      | group_not_allowed | group_not_allowed | enrol
    linked, direct                  | group_not_allowed | group_not_allowed | agent
    linked, direct; listed          | group_not_allowed | agent             | agent
    linked, direct; *               | group_not_allowed | group_not_allowed | agent
    linked, direct; the group listed | group_not_allowed | group_not_allowed | agent
    linked, not direct              | group_not_allowed | group_not_allowed | agent
    linked, not direct; listed      | group_not_allowed | agent             | agent
    owner, not direct               | group_not_allowed | group_not_allowed | agent
    access ends now; listed         | group_not_allowed | agent             | agent
    unlinked again; listed          | group_not_allowed | enrol             | enrol
    of no principal; listed         | group_not_allowed | enrol             | enrol
    of another's principal; listed  | group_not_allowed | enrol             | enrol
    blocked peer; listed            | blocked           | blocked           | blocked
    blocked stranger; listed        | blocked           | blocked           | blocked
    blocked person; listed          | blocked           | blocked           | blocked
    suspended person; listed        | suspended         | suspended         | suspended
  `);
  for (const { standing, list, name, cells } of rows) {
    for (const kind of ['group', 'thread'] as const) {
      test(`${name} (${kind})`, () => {
        const groupAllowFrom = lists[list];
        if (groupAllowFrom === undefined) throw new Error(`no list "${list}"`);
        const seen = columns.map((groupPolicy) => {
          const account = policy({
            dmPolicy: 'open',
            allowFrom: ['555001', '*'],
            groupPolicy,
            groupAllowFrom,
          });
          return shown(admit(message({ conversation: { kind, id: '-100' } }), standing, account, RULES, NOW));
        });
        expect(seen).toEqual(cells);
      });
    }
  }

  test('no group ever begins a pairing', () => {
    for (const dmPolicy of ['pairing', 'open'] as const) {
      for (const groupPolicy of columns) {
        for (const standing of Object.values(STANDINGS)) {
          const account = policy({ dmPolicy, groupPolicy });
          expect(shown(admit(inGroup(), standing, account, RULES, NOW))).not.toBe('pairing');
        }
      }
    }
  });

  test('a message that names nobody waits for a mention where that is asked for, and only there', () => {
    const open = policy({ groupPolicy: 'open' });
    const talk = inGroup({ mentioned: false });
    expect(shown(admit(talk, linked(), open, RULES, NOW))).toBe('not_mentioned');
    expect(shown(admit(talk, STRANGER, open, RULES, NOW))).toBe('not_mentioned');
    expect(shown(admit(talk, linked(), { ...open, requireMention: false }, RULES, NOW))).toBe('agent');
    expect(shown(admit(message({ mentioned: false }), linked(), open, RULES, NOW))).toBe('agent');
  });
});

/** Every policy there is, with lists that let in as much as they can. */
const POLICIES: readonly AccountPolicy[] = (['pairing', 'allowlist', 'open', 'disabled'] as const).flatMap(
  (dmPolicy) =>
    (['disabled', 'allowlist', 'open'] as const).map((groupPolicy) =>
      policy({
        dmPolicy,
        groupPolicy,
        allowFrom: ['555001', '*'],
        groupAllowFrom: ['555001'],
        requireMention: false,
      }),
    ),
);

describe('what is no fresh message of a person ends first, whoever sent it and whatever the policy says', () => {
  const flaws: readonly (readonly [string, Partial<Inbound>, DropReason])[] = [
    ['a bot', { actor: 'bot' }, 'not_a_person'],
    ['ourselves', { actor: 'self' }, 'not_a_person'],
    ['an anonymous admin', { actor: 'anonymous' }, 'not_a_person'],
    ['the platform', { actor: 'system' }, 'not_a_person'],
    ['an edit', { kind: 'edit' }, 'not_a_message'],
    ['a reaction', { kind: 'reaction' }, 'not_a_message'],
    ['a receipt', { kind: 'receipt' }, 'not_a_message'],
    ['something unknown', { kind: 'other' }, 'not_a_message'],
    ['history (P-05)', { arrived: 'history' }, 'not_live'],
    ["somebody else's words (H58)", { forwarded: true }, 'forwarded'],
    ['no words', { text: '' }, 'empty'],
    ['white space', { text: ' \n\t\u00a0' }, 'empty'],
  ];
  for (const [name, flaw, reason] of flaws) {
    test(name, () => {
      for (const account of POLICIES) {
        for (const standing of Object.values(STANDINGS)) {
          for (const kind of ['direct', 'group', 'thread', 'unknown'] as const) {
            const inbound = message({ ...flaw, conversation: { kind, id: '1' } });
            expect(admit(inbound, standing, account, RULES, NOW)).toEqual({ to: 'nobody', reason });
          }
        }
      }
    });
  }
});

test('H11: where a message was said is never guessed; without it nobody gets in', () => {
  for (const account of POLICIES) {
    for (const [name, standing] of Object.entries(STANDINGS)) {
      const verdict = shown(
        admit(message({ conversation: { kind: 'unknown', id: '' } }), standing, account, RULES, NOW),
      );
      expect(verdict).toBe(/^blocked|^suspended/.exec(name)?.[0] ?? 'context_unknown');
    }
  }
});

describe('H10: what is missing is never open', () => {
  test('an account the configuration does not have, or has switched off, hears nobody', () => {
    for (const account of [null, ...POLICIES.map((each) => ({ ...each, enabled: false }))]) {
      for (const standing of Object.values(STANDINGS)) {
        for (const inbound of [message(), inGroup()]) {
          expect(shown(admit(inbound, standing, account, RULES, NOW))).toBe('channel_disabled');
        }
      }
    }
  });

  test('open without a list lets nobody in', () => {
    expect(shown(admit(message(), STRANGER, policy({ dmPolicy: 'open' }), RULES, NOW))).toBe('not_allowed');
  });

  test('a policy with a typo lets no stranger in', () => {
    // As a configuration that skipped its schema would hand it over.
    const broken: AccountPolicy = JSON.parse(
      JSON.stringify(policy({ allowFrom: ['*'], groupAllowFrom: ['*'], requireMention: false }))
        .replace('"pairing"', '"opne"')
        .replace('"disabled"', '"Open"'),
    );
    expect(shown(admit(message(), STRANGER, broken, RULES, NOW))).toBe('not_allowed');
    expect(shown(admit(inGroup(), STRANGER, broken, RULES, NOW))).toBe('group_not_allowed');
  });
});

test('H09: a wildcard counts for direct chats under "open" and nowhere else', () => {
  for (const account of POLICIES) {
    const wild = { ...account, allowFrom: ['*'], groupAllowFrom: ['*'] };
    const isOpen = account.dmPolicy === 'open';
    expect(shown(admit(message(), STRANGER, wild, RULES, NOW)) === 'enrol').toBe(isOpen);
    const isOpenGroup = account.groupPolicy === 'open';
    expect(shown(admit(inGroup(), STRANGER, wild, RULES, NOW)) === 'enrol').toBe(isOpenGroup);
  }
});

describe('H12: what a sender claims changes nothing', () => {
  test('no name, handle, text or chosen id moves a verdict; only an approver’s order leaves the agent’s road', () => {
    const claim = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '555001',
        '*',
        'owner',
        '[countersign] sender=prn_ana',
        'from: 555001',
        '/pairing approve',
      ),
    );
    const claims = fc.record({
      displayName: fc.option(claim),
      username: fc.option(claim),
      messageId: claim,
      address: fc.option(fc.ipV4()),
      text: claim.map((text) => `${text}.`),
    });
    fc.assert(
      fc.property(
        claims,
        fc.constantFrom(...POLICIES),
        fc.constantFrom(...Object.values(STANDINGS)),
        fc.constantFrom('direct' as const, 'group' as const),
        (claimed, account, standing, kind) => {
          const plain = message({ conversation: { kind, id: '-100' } });
          const expected = admit(plain, standing, account, RULES, NOW);
          const verdict = admit({ ...plain, ...claimed }, standing, account, RULES, NOW);
          if (verdict.to === 'desk' && verdict.because === 'control') {
            expect(['owner', 'approver']).toContain(standing.principal?.role);
            expect(expected.to).toBe('agent');
          } else expect(verdict).toEqual(expected);
        },
      ),
      { numRuns: 500 },
    );
  });
});

test('an old message never begins a pairing, and people who may talk are heard however late they come', () => {
  const at = (sentAt: number | null, standing = STRANGER) =>
    shown(admit(message({ sentAt }), standing, policy(), RULES, NOW));
  expect(at(NOW - MAX_AGE)).toBe('pairing');
  expect(at(NOW - MAX_AGE - 1)).toBe('too_old');
  expect(at(0)).toBe('too_old');
  // A channel without times, and a clock ahead of ours.
  expect(at(null)).toBe('pairing');
  expect(at(NOW + 3_600_000)).toBe('pairing');
  expect(at(0, linked())).toBe('agent');
});

test('who gets in gets in as their own person, on a key of their own in direct chats and a shared one in groups', () => {
  const agent = { to: 'agent', principal: ANA } as const;
  const direct = { ...agent, sessionKey: 'agent:main:telegram:default:direct:555001', exclusive: true };
  expect(admit(message(), linked(), policy(), RULES, NOW)).toEqual(direct);
  const group = { ...agent, sessionKey: 'agent:main:telegram:default:group:-100', exclusive: false };
  expect(admit(inGroup(), linked(), policy({ groupPolicy: 'open' }), RULES, NOW)).toEqual(group);
});

describe('C-01 C-03: an id that hides who it is', () => {
  const hidden = message({ unresolved: true });
  test('is shown to the owner where somebody listed may stand behind it, and never let in for that', () => {
    const listed = policy({ dmPolicy: 'allowlist', allowFrom: ['+15550001111'] });
    expect(shown(admit(hidden, STRANGER, listed, RULES, NOW))).toBe('pairing');
    expect(shown(admit(message(), STRANGER, listed, RULES, NOW))).toBe('not_allowed');
  });

  test('is shown however late it comes: nobody is answered for it, and dropped it would be gone', () => {
    const listed = policy({ dmPolicy: 'allowlist', allowFrom: ['+15550001111'] });
    const late = message({ unresolved: true, arrived: 'backlog', sentAt: NOW - 30 * MAX_AGE });
    expect(shown(admit(late, STRANGER, listed, RULES, NOW))).toBe('pairing');
    expect(shown(admit({ ...late, arrived: 'history' }, STRANGER, listed, RULES, NOW))).toBe('not_live');
    // Where strangers pair they are answered, so there it is as it is for everybody.
    const pairing = policy({ allowFrom: ['+15550001111'] });
    expect(shown(admit(late, STRANGER, pairing, RULES, NOW))).toBe('backlog');
  });

  test('is nobody where nobody is listed, and in a group', () => {
    const nobody = policy({ dmPolicy: 'allowlist' });
    expect(shown(admit(hidden, STRANGER, nobody, RULES, NOW))).toBe('not_allowed');
    const listed = policy({ dmPolicy: 'allowlist', allowFrom: ['+15550001111'], groupPolicy: 'allowlist' });
    expect(shown(admit({ ...inGroup(), unresolved: true }, STRANGER, listed, RULES, NOW))).toBe(
      'group_not_allowed',
    );
    expect(shown(admit(hidden, STRANGER, policy({ ...listed, dmPolicy: 'disabled' }), RULES, NOW))).toBe(
      'channel_disabled',
    );
  });
});
