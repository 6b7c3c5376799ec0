// One table decides what every surface says of an error. A row that falls out of its family, or a detail that leaves the
// process although its row says no, is found here.
import { describe, expect, test } from 'vitest';
import { isProblemCode, PROBLEMS, Problem, type ProblemCode } from './problem.ts';

const CODES = Object.keys(PROBLEMS).filter(isProblemCode);

/** surfaces.md, section 4: exit code → what may carry it. */
const FAMILIES: Readonly<Record<number, RegExp>> = {
  1: /^internal$/,
  2: /^(request_.*|usage|unknown_channel)$/,
  10: /^config_/,
  11: /^(auth_.*|bearer_.*|identity_required|challenge_failed|pairing_required|use_dpop_nonce|receipt_untrusted)$/,
  12: /^rate_limited$/,
  13: /^(not_found|ambiguous|already_.*|expired|wrong_.*|state_conflict|setup_code_used|too_soon)$/,
  14: /^(policy_.*|grant_.*|receipt_invalid)$/,
  15: /^(channel|agent|upstream)_/,
  16: /^(store_.*|gateway_.*|identity_unavailable)$/,
  17: /^audit_/,
};

describe('every row', () => {
  for (const code of CODES) {
    test(code, () => {
      const { status, exit, title, exposed, retryable } = PROBLEMS[code];
      const families = Object.entries(FAMILIES).filter(([, family]) => family.test(code));
      expect(families.map(([number]) => Number(number))).toEqual([exit]);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(600);
      expect(title).toMatch(/^[A-Z][^.]*$/);
      expect(exposed).toBe(code !== 'internal');
      // What a caller did wrong stays wrong however often it is sent; only haste gets better by waiting.
      // And a stale nonce by the fresh one that came with the refusal, and a word that came sooner than anybody reads.
      if (status < 500 && status !== 429)
        expect(retryable).toBe(['use_dpop_nonce', 'too_soon'].includes(code));
      expect(new Problem(code)).toMatchObject({
        code,
        status,
        exit,
        retryable,
        message: title,
        name: 'Problem',
      });
    });
  }

  test('titles are unique, so that a person can tell them apart', () => {
    expect(new Set(CODES.map((code) => PROBLEMS[code].title)).size).toBe(CODES.length);
  });

  test('what is behind exit 13 is told apart by code', () => {
    for (const code of [
      'not_found',
      'already_decided',
      'expired',
      'wrong_channel',
      'wrong_account',
    ] as const) {
      expect(PROBLEMS[code].exit).toBe(13);
    }
  });

  test('a name that is only on the prototype is no code', () => {
    for (const name of ['constructor', 'toString', '__proto__', '', 'Internal'])
      expect(isProblemCode(name)).toBe(false);
  });
});

describe('the wire form', () => {
  test('an exposed problem says what happened and what to do', () => {
    const problem = new Problem('expired', {
      detail: 'the code ran out at noon',
      hint: 'ask again',
      members: { at: 12 },
    });
    expect(problem.toJSON()).toEqual({
      type: '/docs/errors#expired',
      title: 'That has expired',
      status: 410,
      code: 'expired',
      detail: 'the code ran out at noon',
      hint: 'ask again',
      at: 12,
    });
  });

  test('a problem without detail repeats nothing', () => {
    expect(new Problem('not_found').toJSON()).not.toHaveProperty('detail');
  });

  test('the detail, cause and stack of an internal problem stay inside', () => {
    const cause = new Error('password=hunter2');
    const problem = new Problem('internal', {
      detail: 'sqlite said hunter2',
      cause,
      members: { event: 'evt_a' },
    });
    expect(problem.message).toBe('sqlite said hunter2');
    expect(problem.cause).toBe(cause);
    const text = JSON.stringify(problem);
    expect(text).not.toMatch(/hunter2|sqlite|stack|cause/);
    expect(JSON.parse(text)).toEqual({
      type: '/docs/errors#internal',
      title: PROBLEMS.internal.title,
      status: 500,
      code: 'internal',
      hint: PROBLEMS.internal.hint,
      event: 'evt_a',
    });
  });

  test('the cause of no problem is on the wire', () => {
    for (const code of CODES) {
      expect(JSON.stringify(new Problem(code, { cause: new Error('hunter2') }))).not.toContain('hunter2');
    }
  });

  test('members cannot speak over the members of the standard', () => {
    const members = { status: 200, code: 'fine', title: 'All is well', type: 'about:blank' };
    expect(new Problem('auth_required', { members }).toJSON()).toMatchObject({
      status: 401,
      code: 'auth_required',
      title: PROBLEMS.auth_required.title,
      type: '/docs/errors#auth_required',
    });
  });
});

describe('read back off the wire', () => {
  test('every code, with and without words of its own', () => {
    const variants = [
      {},
      { detail: 'what happened', hint: 'what to do', members: { retryAfter: 30, mistakes: ['a'] } },
    ];
    for (const code of CODES.filter((each) => each !== 'internal')) {
      for (const options of variants) {
        const sent = new Problem(code, options);
        const read = Problem.fromDocument(JSON.parse(JSON.stringify(sent)));
        const { message, hint, members, exit } = sent;
        expect({ ...read, message: read.message, exit: read.exit }).toMatchObject({
          code,
          message,
          hint,
          members,
          exit,
        });
        expect(read.toJSON()).toEqual(sent.toJSON());
      }
    }
  });

  test('a code of a newer server is internal here, and its words are kept for the person', () => {
    const read = Problem.fromDocument({
      code: 'moon_phase_wrong',
      title: 'Wrong moon',
      status: 418,
      detail: 'wait',
    });
    expect(read).toMatchObject({ code: 'internal', message: 'wait', exit: 1 });
  });

  test('what is no problem document is a problem all the same', () => {
    for (const document of [
      null,
      undefined,
      7,
      'text',
      [],
      {},
      { code: 7 },
      { detail: '' },
      { code: 'constructor' },
    ]) {
      const read = Problem.fromDocument(document);
      expect(read).toBeInstanceOf(Problem);
      expect(read.code).toBe('internal');
      expect(read.message).not.toBe('');
    }
  });

  test('a document that names the prototype changes nobody’s', () => {
    const read = Problem.fromDocument(JSON.parse('{"code":"expired","__proto__":{"polluted":true}}'));
    expect(Object.getOwnPropertyDescriptor(Object.prototype, 'polluted')).toBeUndefined();
    expect(read.code).toBe('expired');
  });
});

test('the code of anything thrown is internal unless it is a problem', () => {
  const thrown: readonly (readonly [unknown, ProblemCode])[] = [
    [new Problem('expired'), 'expired'],
    [new Error('x'), 'internal'],
    [{ code: 'expired' }, 'internal'],
    ['expired', 'internal'],
    [undefined, 'internal'],
  ];
  for (const [cause, code] of thrown) expect(Problem.codeOf(cause)).toBe(code);
});
