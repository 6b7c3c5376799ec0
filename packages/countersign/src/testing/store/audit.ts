import { describe, expect, test } from 'vitest';
import { eventHash } from '../../core/audit/chain.ts';
import type { EventDraft } from '../../core/audit/event.ts';
import { HOST, NOW, type StoreBench, times } from './bench.ts';

export function auditSuite(bench: StoreBench): void {
  const draft = (subject: EventDraft['subject'], more: Partial<EventDraft> = {}): EventDraft => ({
    type: 'person.added',
    at: NOW,
    actor: HOST,
    subject,
    outcome: 'ok',
    ...more,
  });

  describe('audit', () => {
    test('an event comes back as it was told, personal part and all', async () => {
      const principal = bench.id('principal');
      const personal = { identifier: '+15550001', name: 'Ana "A" Müller' };
      const told = draft(
        { principal, count: 3, nested: { a: [1, null, true] } },
        { personal, about: principal, reason: 'why' },
      );
      await bench.store.audit.append([told]);
      const [event] = await bench.store.audit.list({ subject: principal, limit: 5 });
      expect(event?.body).toMatchObject({
        type: 'person.added',
        at: NOW,
        actor: 'host',
        subject: told.subject,
        outcome: 'ok',
        reason: 'why',
      });
      expect(event?.personal?.data).toEqual(personal);
      expect(JSON.stringify(event?.body)).not.toContain('Müller');
      expect(event === undefined ? null : eventHash(event.body)).toBe(event?.hash);
    });

    test('twenty transactions at once make one chain without a gap', async () => {
      const before = (await bench.chain()).length;
      const principals = Array.from({ length: 20 }, () => bench.id('principal'));
      const other = await bench.other();
      await times(20, (n) =>
        (n % 2 === 0 ? bench.store : other).atomically(async (tx) => {
          const principal = principals[n] ?? 'prn_';
          await tx.audit.append([draft({ principal }), draft({ principal }, { type: 'person.blocked' })]);
        }),
      );
      const events = await bench.chain();
      if (other.writer === bench.store.writer) expect(events).toHaveLength(before + 40);
      await bench.chain(other);
    });

    test('events are found by any id of their subject and by whom they are about, filed or not', async () => {
      const [principal, about, pairing] = [bench.id('principal'), bench.id('principal'), bench.id('pairing')];
      await bench.store.audit.append([
        draft({ principal }),
        draft({ pairing, principal }, { at: NOW + 1 }),
        draft({ note: principal }, { at: NOW + 2, type: 'person.blocked' }),
        draft({ text: `about ${principal}` }, { at: NOW + 3 }),
        draft({}, { at: NOW + 4, personal: { name: 'x' }, about }),
      ]);
      const ats = async (subject: string) =>
        (await bench.store.audit.list({ subject, limit: 9 })).map(({ body }) => body.at - NOW);
      const check = async () => {
        expect(await ats(principal)).toEqual([2, 1, 0]);
        expect(await ats(pairing)).toEqual([1]);
        expect(await ats(about)).toEqual([4]);
        expect(await ats(bench.id('principal'))).toEqual([]);
      };
      await check();
      expect(await bench.store.audit.index()).toBeGreaterThanOrEqual(5);
      expect(await bench.store.audit.index()).toBe(0);
      await check();
      await bench.store.audit.append([draft({ principal }, { at: NOW + 9 })]);
      expect(await ats(principal)).toEqual([9, 2, 1, 0]);
    });

    test('twenty at once file every event once', async () => {
      const principal = bench.id('principal');
      await bench.store.audit.append(
        Array.from({ length: 600 }, (_, n) => draft({ principal }, { at: NOW + n })),
      );
      const other = await bench.other();
      await times(20, (n) => (n % 2 === 0 ? bench.store : other).audit.index());
      expect(await bench.store.audit.list({ subject: principal, limit: 1_000 })).toHaveLength(600);
    });

    test('a list goes on where it ended, newest first, and can be asked for types', async () => {
      const principal = bench.id('principal');
      const types = ['person.added', 'person.blocked', 'person.unblocked', 'person.suspended'] as const;
      await bench.store.audit.append(types.map((type, n) => draft({ principal }, { type, at: NOW + n })));
      for (const filed of [false, true]) {
        if (filed) await bench.store.audit.index();
        const page = await bench.store.audit.list({ subject: principal, limit: 2 });
        expect(page.map(({ body }) => body.type)).toEqual(['person.suspended', 'person.unblocked']);
        const last = page[1]?.body;
        const rest = await bench.store.audit.list({
          subject: principal,
          limit: 9,
          ...(last === undefined ? {} : { before: { at: last.at, id: last.id } }),
        });
        expect(rest.map(({ body }) => body.type)).toEqual(['person.blocked', 'person.added']);
        const some = await bench.store.audit.list({ subject: principal, types: ['person.added'], limit: 9 });
        expect(some.map(({ body }) => body.type)).toEqual(['person.added']);
      }
      const newest = await bench.store.audit.list({ limit: 3 });
      const again = await bench.store.audit.list({
        limit: 2,
        before: { at: newest[0]?.body.at ?? 0, id: newest[0]?.body.id ?? 'evt_' },
      });
      expect(again).toEqual(newest.slice(1));
    });

    test('nothing is appended by nothing', async () => {
      const before = (await bench.chain()).length;
      await bench.store.audit.append([]);
      expect(await bench.chain()).toHaveLength(before);
    });
  });
}
