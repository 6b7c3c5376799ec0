// H25-H29, R20: the same hole came back four times through another path that gives rights. Whatever was asked, by whatever
// road, approved by whomever: what a device holds afterwards is within what it asked for, what its setup code says, what
// whoever approved holds, and what its person may.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DeviceWorld, HOST } from '../../testing/device-world.ts';
import type { DeviceScope } from '../authorise.ts';
import type { Role } from '../identity/people-port.ts';
import { ALL_SCOPES, common, isWithin, joined, scopesOfPerson } from './scopes.ts';

const OPERATOR: DeviceScope[] = ['approvals', 'manage', 'pairing', 'read'];
const some = fc.subarray(OPERATOR, { minLength: 1 });
const maybe = fc.subarray([...ALL_SCOPES]);
const roles = fc.constantFrom<Role>('owner', 'approver', 'user');

const scene = fc.record({
  /** Held before, as approved by the host; null: a new key. */
  held: fc.option(some),
  asked: some,
  setup: fc.option(some),
  approver: fc.option(fc.record({ role: roles, scopes: maybe })),
  /** Whose device it becomes, when the host says so. */
  person: roles,
});

test('H26, H27: no road gives more than was asked, invited, held by the approver and allowed to the person', async () => {
  await fc.assert(
    fc.asyncProperty(scene, async ({ held, asked, setup, approver, person }) => {
      await using world = await DeviceWorld.open();
      const { devices, store } = world;
      const ana = await world.person('Ana');
      if (held !== null) await world.paired('key', { scopes: held });
      const ben = await world.person('Ben', approver?.role ?? 'user');
      const cy = await world.person('Cy', person);
      const token =
        setup === null
          ? null
          : (await devices.issueSetup(HOST, { role: 'operator', scopes: setup, makerScopes: ALL_SCOPES }))
              .token;
      const outcome = await world.connect('key', { scopes: asked, token });
      if (outcome.as === 'connected') {
        // H25: it gets what it holds, whatever it declares.
        expect(isWithin(outcome.scopes, common(asked, held ?? []))).toBe(true);
        return;
      }
      if (outcome.as === 'refused') {
        expect(common(asked, setup ?? asked)).toEqual([]);
        return;
      }
      const by = approver === null ? HOST : ({ kind: 'principal', id: ben.id, surface: 'device' } as const);
      const approverScopes = approver?.scopes ?? ALL_SCOPES;
      const forWhom = approver === null && held === null ? cy.id : null;
      const given = await devices
        .approve(outcome.requestId, by, { for: forWhom, approverScopes })
        .catch(() => null);
      const row = await store.devices.byThumbprint('key'.padEnd(43, '-'));
      if (given === null) {
        expect(row?.scopes ?? null).toEqual(held?.toSorted() ?? null);
        return;
      }
      const whose = given.device.principal === cy.id ? person : 'owner';
      expect(given.device.principal === cy.id || given.device.principal === ana.id || approver !== null).toBe(
        true,
      );
      const bound = common(
        asked,
        setup ?? asked,
        approverScopes,
        scopesOfPerson(approver?.role ?? 'owner'),
        scopesOfPerson(whose),
      );
      expect(isWithin(given.granted, bound)).toBe(true);
      expect(row?.scopes).toEqual(joined(held ?? [], given.granted));

      // H28: to come back asking for more, by any way, changes nothing.
      for (const scopes of [OPERATOR, asked]) await world.connect('key', { scopes, token });
      expect((await store.devices.get(given.device.id))?.scopes).toEqual(row?.scopes);
      const entered = await world.connect('key', { scopes: row?.scopes ?? [] });
      if (entered.as !== 'connected') return;
      const used = await devices.tokens.use(entered.token, given.device.thumbprint);
      const renewed = await devices.tokens.renew(given.device.id, entered.token);
      const later = await devices.tokens.use(renewed?.token ?? '', given.device.thumbprint);
      for (const scopes of [entered.scopes, used?.scopes ?? [], later?.scopes ?? []])
        expect(isWithin(scopes, row?.scopes ?? [])).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test('a setup code made by somebody who holds less is worth less', async () => {
  await fc.assert(
    fc.asyncProperty(some, maybe, async (scopes, makerScopes) => {
      await using world = await DeviceWorld.open();
      const ana = await world.person('Ana');
      const by = { kind: 'principal', id: ana.id, surface: 'device' } as const;
      const made = await world.devices
        .issueSetup(by, { role: 'operator', scopes, makerScopes })
        .catch(() => null);
      expect(made?.scopes ?? []).toEqual(common(scopes, makerScopes));
    }),
    { numRuns: 30 },
  );
});
