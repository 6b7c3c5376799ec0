// Every way to come in × who comes × a yes and a no: one table, written by hand. A door or a surface without a row does not
// build; a cell that is not written is nothing. The attacks: H39, H40, H41, E-15, E-16, and whatever comes in by a new door.
import type { ApprovalRow } from '@countersign/protocol/approval';
import { describe, expect, test } from 'vitest';
import type { Decider } from '../core/approval/may-decide.ts';
import type { Caller } from '../core/authorise.ts';
import {
  type ApprovalHouse,
  CHATS,
  command,
  type Known,
  openApprovalHouse,
} from '../testing/approval-house.ts';
import { jsonOf } from '../testing/house.ts';

/** Who comes. The requester is an approver for whom the agent asks; a member is in a group with the agent and nothing else. */
const WHO = ['owner', 'approver', 'user', 'requester', 'program', 'unpaired', 'member'] as const;
type Who = (typeof WHO)[number];
const PERSON: Readonly<Partial<Record<Who, Known>>> = {
  owner: 'olga',
  approver: 'ari',
  user: 'uma',
  requester: 'ari',
};

const WAYS = [
  'page',
  'unproven page',
  'host',
  'token',
  'tcp',
  'agent',
  'chat',
  'group',
  'quoted',
  'forwarded',
  'webchat',
] as const;
type Way = (typeof WAYS)[number];

/** Which of them come in by which door: the union is the compiler’s list of doors. */
const DOORS = {
  tcp: ['tcp'],
  host: ['host'],
  agent: ['agent'],
  token: ['token'],
  device: ['page', 'unproven page'],
  chat: ['chat', 'group', 'quoted', 'forwarded'],
  browser: ['webchat'],
} as const satisfies Record<Caller['door'], readonly Way[]>;
const SURFACES = { page: ['page'], host: ['host'], chat: ['chat', 'group'] } as const satisfies Record<
  Decider['surface'],
  readonly Way[]
>;

/** What comes of a yes and of a no: it counts, the code of the refusal, or nothing at all. Null: nobody comes that way. */
type Cell = readonly [yes: Outcome, no: Outcome] | null;
type Outcome = 'counts' | 'nothing' | 'auth_forbidden' | 'auth_required' | 'auth_proof_invalid' | 'not_found';
const COUNTS: Cell = ['counts', 'counts'];
const FORBIDDEN: Cell = ['auth_forbidden', 'auth_forbidden'];
const UNKNOWN: Cell = ['auth_required', 'auth_required'];
const NOTHING: Cell = ['nothing', 'nothing'];

const EXPECTED: Readonly<Record<Way, Readonly<Record<Who, Cell>>>> = {
  // The device of whoever lost their role proves nobody any more.
  page: row([COUNTS, COUNTS, UNKNOWN, FORBIDDEN, null, ['auth_proof_invalid', 'auth_proof_invalid'], null]),
  // Paired by a login code: it looks, and decides nothing.
  'unproven page': row([FORBIDDEN, FORBIDDEN, null, FORBIDDEN, null, null, null]),
  // Named at the shell. Whoever does not exist cannot be named.
  host: row([
    COUNTS,
    COUNTS,
    FORBIDDEN,
    FORBIDDEN,
    ['not_found', 'not_found'],
    ['not_found', 'not_found'],
    null,
  ]),
  token: row([null, null, null, null, FORBIDDEN, null, null]),
  tcp: row([null, null, null, null, null, UNKNOWN, null]),
  agent: row([null, null, null, null, UNKNOWN, UNKNOWN, null]),
  chat: row([COUNTS, COUNTS, NOTHING, NOTHING, null, NOTHING, null]),
  // A word about a request is said where nobody else reads it.
  group: row([NOTHING, NOTHING, NOTHING, NOTHING, null, null, NOTHING]),
  quoted: row([NOTHING, NOTHING, NOTHING, NOTHING, null, NOTHING, NOTHING]),
  forwarded: row([NOTHING, NOTHING, NOTHING, NOTHING, null, NOTHING, NOTHING]),
  // A browser’s key proves its person too little for a yes; a no is never too little.
  webchat: row([['nothing', 'counts'], ['nothing', 'counts'], NOTHING, NOTHING, null, NOTHING, null]),
};

function row(cells: readonly [Cell, Cell, Cell, Cell, Cell, Cell, Cell]): Readonly<Record<Who, Cell>> {
  const [owner, approver, user, requester, program, unpaired, member] = cells;
  return { owner, approver, user, requester, program, unpaired, member };
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

type Verb = 'approve' | 'deny';

async function codeOf(answer: Response): Promise<string> {
  return answer.status < 400 ? 'counts' : (await jsonOf<{ code: string }>(answer)).code;
}

/** Comes that way and says it. @returns the code, or null where nobody is answered. */
async function comes(
  stage: ApprovalHouse,
  way: Way,
  who: Who,
  asked: ApprovalRow,
  decision: Verb,
): Promise<string | null> {
  const { house } = stage;
  const path = `/api/v1/approvals/${asked.id}/decision`;
  const person = PERSON[who];
  switch (way) {
    case 'page': {
      if (person === undefined) {
        const stranger = { authorization: `DPoP cdt_${'a'.repeat(52)}`, dpop: 'x' };
        return codeOf(await house.call('tcp', 'POST', path, { decision }, stranger));
      }
      const role = (to: string) =>
        house.call('host', 'POST', `/api/v1/people/${stage.people[person]}/role`, { role: to });
      // Somebody who was an approver when it was paired.
      if (who === 'user') await role('approver');
      const page = await stage.browser(person);
      if (who === 'user') await role('user');
      return codeOf(await page.call('POST', path, { decision }));
    }
    case 'unproven page': {
      const page = await stage.browser(person ?? 'ari', ['read']);
      return codeOf(await page.call('POST', path, { decision }));
    }
    case 'host':
      return codeOf(
        await stage.atHost(
          asked.id,
          { decision },
          person === undefined ? stage.program.id : stage.people[person],
        ),
      );
    case 'token':
      return codeOf(
        await house.call(
          'agent',
          'POST',
          path,
          { decision },
          { authorization: `Bearer ${stage.program.token}` },
        ),
      );
    case 'tcp':
    case 'agent':
      return codeOf(await house.call(way, 'POST', path, { decision }));
    case 'webchat':
      await stage.types(person ?? 'stranger', `/${decision} ${asked.short}`, { channel: 'webchat' });
      return null;
    case 'chat':
    case 'group':
    case 'quoted':
    case 'forwarded':
      await stage.types(person ?? 'stranger', `/${decision} ${asked.short}`, {
        ...(way === 'group' ? { conversation: { kind: 'group', id: '-100777' } } : {}),
        ...(way === 'quoted' ? { quoted: true } : {}),
        ...(way === 'forwarded' ? { forwarded: true } : {}),
      });
      return null;
    default:
      return way satisfies never;
  }
}

test('every door and every surface has a way, and every way a row', () => {
  const ways: readonly string[] = [...Object.values(DOORS).flat(), ...Object.values(SURFACES).flat()];
  expect([...new Set(ways)].toSorted()).toEqual([...WAYS].toSorted());
  expect(Object.keys(EXPECTED).toSorted()).toEqual([...WAYS].toSorted());
});

for (const way of WAYS) {
  describe(way, () => {
    for (const who of WHO) {
      const cell = EXPECTED[way][who];
      if (cell === null) continue;
      test(`${who}: yes ${cell[0]}, no ${cell[1]}`, async () => {
        await using stage = await openApprovalHouse({ config: CONFIG });
        const session = who === 'requester' ? await stage.handle('ari') : undefined;
        for (const [index, decision] of (['approve', 'deny'] as const).entries()) {
          const asked = await stage.asks(
            command('git', 'push', 'origin', decision),
            session === undefined ? {} : { session },
          );
          expect(asked.state).toBe('pending');
          const code = await comes(stage, way, who, asked, decision);
          const outcome = cell[index];
          if (code !== null) expect(code, decision).toBe(outcome);
          await stage.house.composed.core.approvals.settled();
          const { state, decisions } = await jsonOf<ApprovalRow>(stage.sees(asked.id));
          if (outcome === 'counts') {
            expect(state).toBe(decision === 'approve' ? 'approved' : 'denied');
            expect(decisions).toMatchObject([{ decision, by: stage.people[PERSON[who] ?? 'olga'] }]);
          } else {
            // A role that changed meanwhile voids what was asked of the person; nothing else may end it.
            expect(state).toMatch(who === 'user' ? /^(pending|superseded)$/ : /^pending$/);
            expect(decisions).toEqual([]);
          }
        }
      });
    }
  });
}
