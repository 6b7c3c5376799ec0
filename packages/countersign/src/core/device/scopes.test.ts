import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DeviceScope } from '../authorise.ts';
import type { Role } from '../identity/people-port.ts';
import { common, effectiveScopes, inWords, isWithin, readScopes, scopesOfPerson } from './scopes.ts';

const SCOPES: readonly DeviceScope[] = ['approvals', 'manage', 'node', 'pairing', 'read'];
const scopes = fc.subarray([...SCOPES]);
const role = fc.constantFrom<Role>('owner', 'approver', 'user');

describe('H34: what is asked is read strictly', () => {
  test.each([
    ['an empty list', []],
    ['null', null],
    ['nothing', undefined],
    ['a text', 'read'],
    ['an object', { 0: 'read', length: 1 }],
    ['a scope twice', ['read', 'read']],
    ['an unknown scope', ['read', 'admin']],
    ['a scope of another role', ['read', 'node']],
    ['other letters', ['READ']],
    ['a scope with a space', ['read ']],
    ['a list in the list', [['read']]],
    ['a scope that a prototype has', ['constructor']],
  ])('%s is no list of scopes', (_what, asked) => {
    expect(readScopes('operator', asked)).toBeNull();
  });

  test('what is right is sorted, and the two roles share nothing', () => {
    expect(readScopes('operator', ['read', 'pairing'])).toEqual(['pairing', 'read']);
    expect(readScopes('node', ['node'])).toEqual(['node']);
    expect(readScopes('node', ['read'])).toBeNull();
  });

  test('whatever comes, the answer is null or exactly what came', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...SCOPES), fc.string()), { maxLength: 8 }), (asked) => {
        const read = readScopes('operator', asked);
        if (read !== null) expect(read).toEqual(asked.toSorted());
      }),
    );
  });
});

describe('what a device may do now', () => {
  test('R20: never more than it holds, than its person may, or than an unproven device may', () => {
    const device = fc.record({
      scopes,
      via: fc.constantFrom<'claim' | 'approval' | 'login'>('claim', 'approval', 'login'),
      proven: fc.boolean(),
    });
    fc.assert(
      fc.property(device, role, fc.boolean(), (held, person, hasFactor) => {
        const may = effectiveScopes(held, person, hasFactor);
        expect(isWithin(may, held.scopes)).toBe(true);
        expect(isWithin(may, scopesOfPerson(person))).toBe(true);
        if (!held.proven && held.via === 'login') expect(isWithin(may, ['pairing', 'read'])).toBe(true);
        if (!held.proven && hasFactor) expect(isWithin(may, ['node', 'pairing', 'read'])).toBe(true);
        if (held.proven && person === 'owner') expect(may).toEqual(common(held.scopes));
      }),
    );
  });

  test('a proof never takes away, a lower role never gives', () => {
    fc.assert(
      fc.property(scopes, fc.boolean(), (held, hasFactor) => {
        const of = (via: 'login' | 'approval', proven: boolean, person: Role) =>
          effectiveScopes({ scopes: held, via, proven }, person, hasFactor);
        for (const via of ['login', 'approval'] as const) {
          expect(isWithin(of(via, false, 'owner'), of(via, true, 'owner'))).toBe(true);
          expect(isWithin(of(via, true, 'approver'), of(via, true, 'owner'))).toBe(true);
          expect(of(via, true, 'user')).toEqual([]);
        }
      }),
    );
  });
});

test('D-14: what a yes gives stands in words, whole', () => {
  expect(inWords(['approvals', 'manage', 'pairing', 'read'])).toMatchInlineSnapshot(
    `"see people, devices, requests, settings and the audit; decide who may talk to the agent; approve or deny what the agent wants to run; change people, devices, policy and settings: as good as owning this gateway"`,
  );
  expect(inWords(['node'])).toMatchInlineSnapshot(`"run approved actions on its own machine"`);
});
