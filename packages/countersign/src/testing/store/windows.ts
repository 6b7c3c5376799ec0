// Windows of proof: for what they count, how long, and what ends them before.
import type { PrincipalId } from '@countersign/protocol/ids';
import { describe, expect, test } from 'vitest';
import type { NewFactor } from '../../core/factor/factors-port.ts';
import type { NewLink } from '../../core/identity/people-port.ts';
import { addMachine } from '../grant-holders.ts';
import { NOW, type StoreBench } from './bench.ts';

const END = NOW + 120_000;

export function windowsSuite(bench: StoreBench): void {
  describe('windows of proof', () => {
    test('R30: count for that person, agent, tier, machine and session alone, until they end', async () => {
      const { windows } = bench.store;
      const of = {
        principal: bench.id('principal'),
        agent: 'main',
        tier: 'elevated',
        host: bench.word(),
        session: null,
      } as const;
      await windows.open(of, END);
      expect(await windows.until(of, NOW)).toBe(END);
      expect(await windows.until(of, END)).toBeNull();
      for (const other of [
        { ...of, principal: bench.id('principal') },
        { ...of, agent: 'other' },
        { ...of, tier: 'write' as const },
        { ...of, host: bench.word() },
        { ...of, session: bench.id('session') },
      ])
        expect(await windows.until(other, NOW)).toBeNull();
      await windows.open(of, NOW + 1);
      expect(await windows.until(of, NOW)).toBe(END);
      await windows.open(of, END + 1);
      expect(await windows.until(of, NOW)).toBe(END + 1);
    });

    test('are closed for one person or for everybody, pruned when over, and forgotten with their person', async () => {
      const { windows, people } = bench.store;
      const host = bench.word();
      const of = (principal: (typeof ids)[number]) =>
        ({ principal, agent: 'main', tier: 'write', host, session: null }) as const;
      const ids = [(await bench.person()).id, (await bench.person()).id, (await bench.person()).id] as const;
      for (const id of ids) await windows.open(of(id), END);
      expect(await windows.close(ids[0])).toBe(1);
      expect(await windows.until(of(ids[0]), NOW)).toBeNull();
      expect(await windows.until(of(ids[1]), NOW)).toBe(END);
      await people.forget(ids[1]);
      expect(await windows.until(of(ids[1]), NOW)).toBeNull();
      await windows.prune(END - 1);
      expect(await windows.until(of(ids[2]), NOW)).toBe(END);
      expect(await windows.prune(END)).toBeGreaterThanOrEqual(1);
      await windows.open(of(ids[2]), END);
      expect(await windows.close(null)).toBeGreaterThanOrEqual(1);
      expect(await windows.until(of(ids[2]), NOW)).toBeNull();
    });

    test('approval 6.6: end with what they rest on: state, role, factors, chats and devices of that person', async () => {
      const { windows, people, factors, devices } = bench.store;
      const [{ id: principal }, { id: other }] = [
        await bench.person({ role: 'approver' }),
        await bench.person(),
      ];
      const host = bench.word();
      const of = (who: PrincipalId) =>
        ({ principal: who, agent: 'main', tier: 'elevated', host, session: null }) as const;
      const [peer, more] = [bench.peer(), bench.peer()];
      const linked: NewLink = {
        ...{ principal, ceiling: 'approver', assurance: 'high', direct: true, accessUntil: null },
        ...{ displayName: null, username: null, at: NOW },
      };
      await people.link(peer, linked);
      const totp = (state: NewFactor['state']): NewFactor => ({
        ...{ id: bench.id('factor'), principal, label: 'phone', secret: 'SEED', passkey: null },
        ...{ kind: 'totp', state, createdAt: NOW },
      });
      const [gained, begun] = [totp('active'), totp('pending')];
      await factors.add(begun);
      const machine = `dev_${bench.word().padEnd(24, 'a')}` as const;
      await addMachine(bench.store, machine, principal, NOW);
      const causes: readonly (readonly [string, () => Promise<unknown>])[] = [
        ['suspended', () => people.setState(principal, ['active'], 'suspended')],
        ['back again', () => people.setState(principal, ['suspended'], 'active')],
        ['raised', () => people.setRole(principal, 'approver', 'owner')],
        ['a factor gained', () => factors.add(gained)],
        ['a factor confirmed', () => factors.confirm(begun.id, 1, NOW)],
        ['new recovery codes', () => factors.setRecovery(principal, ['hash'], NOW)],
        ['less in a chat', () => people.setCeiling(peer, 'user', principal)],
        ['a chat blocked', () => people.setBlocked(peer, true, NOW)],
        ['a chat let in again', () => people.setBlocked(peer, false, NOW)],
        ['a chat more', () => people.link(more, linked)],
        ['a chat less', () => people.unlink(peer)],
        ['a device less', () => devices.end(machine, 'revoked', 'revoked', NOW)],
      ];
      for (const [name, cause] of causes) {
        for (const who of [principal, other]) await windows.open(of(who), END);
        await cause();
        expect([name, await windows.until(of(principal), NOW)]).toEqual([name, null]);
        expect([name, await windows.until(of(other), NOW)]).toEqual([name, END]);
      }
      // What changed nothing ends nothing.
      await windows.open(of(principal), END);
      expect(await people.setRole(principal, 'approver', 'user')).toBe(false);
      expect(await people.setState(principal, ['blocked'], 'active')).toBe(false);
      expect(await factors.confirm(begun.id, 2, NOW)).toBe(false);
      expect(await people.link(more, linked)).toBe('taken');
      expect(await people.setBlocked(more, false, NOW)).toBe(false);
      await factors.acceptStep(begun.id, 3, NOW);
      await people.rename(principal, 'Another');
      expect(await windows.until(of(principal), NOW)).toBe(END);
    });
  });
}
