import { describe, expect, test } from 'vitest';
import { eventHash } from '../../core/audit/chain.ts';
import type { AuditQuery, EventDraft, StoredEvent } from '../../core/audit/event.ts';
import { HOST, HOUR, NOW, type StoreBench, times } from './bench.ts';

export function auditSuite(bench: StoreBench): void {
  const draft = (subject: EventDraft['subject'], more: Partial<EventDraft> = {}): EventDraft => ({
    type: 'person.added',
    at: NOW,
    actor: HOST,
    subject,
    outcome: 'ok',
    ...more,
  });

  const found = async (query: Omit<AuditQuery, 'limit'>) =>
    (await bench.store.audit.list({ ...query, limit: 9 })).map(({ body }) => body.at - NOW);

  describe('audit', () => {
    test('an event comes back as it was told, personal part and all', async () => {
      const principal = bench.id('principal');
      const personal = { identifier: '+15550001', name: 'Ana "A" Müller' };
      const told = draft(
        { principal, count: 3, nested: { a: [1, null, true] } },
        { personal, about: principal, reason: 'why' },
      );
      await bench.store.audit.append([told]);
      const [event] = await bench.store.audit.list({ subjects: [principal], limit: 5 });
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

    test('R40: what was told of something since then is read from the chain, filed or not, and without its index', async () => {
      const [principal, other] = [bench.id('principal'), bench.id('principal')];
      await bench.store.audit.append([
        draft({ principal }),
        draft({ principal }, { at: NOW + 2, type: 'person.blocked' }),
        draft({ principal, more: other }, { at: NOW + 2 }),
        draft({ other }, { at: NOW + 2, type: 'person.blocked' }),
      ]);
      const told = async (id: string, ...types: EventDraft['type'][]) =>
        (await bench.store.audit.told(id, types, NOW + 1)).map(({ body }) => body.type);
      for (const isFiled of [false, true]) {
        if (isFiled) await bench.store.audit.index();
        expect(await told(principal, 'person.blocked')).toEqual(['person.blocked']);
        expect((await told(principal, 'person.added', 'person.blocked')).toSorted()).toEqual([
          'person.added',
          'person.blocked',
        ]);
        expect(await told(other, 'person.added')).toEqual(['person.added']);
        expect(await told(principal.slice(0, -1), 'person.blocked')).toEqual([]);
      }
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
        (await bench.store.audit.list({ subjects: [subject], limit: 9 })).map(({ body }) => body.at - NOW);
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
      expect(await bench.store.audit.list({ subjects: [principal], limit: 1_000 })).toHaveLength(600);
    });

    test('a list goes on where it ended, newest first, and can be asked for types', async () => {
      const principal = bench.id('principal');
      const types = ['person.added', 'person.blocked', 'person.unblocked', 'person.suspended'] as const;
      await bench.store.audit.append(types.map((type, n) => draft({ principal }, { type, at: NOW + n })));
      for (const filed of [false, true]) {
        if (filed) await bench.store.audit.index();
        const page = await bench.store.audit.list({ subjects: [principal], limit: 2 });
        expect(page.map(({ body }) => body.type)).toEqual(['person.suspended', 'person.unblocked']);
        const last = page[1]?.body;
        const rest = await bench.store.audit.list({
          subjects: [principal],
          limit: 9,
          ...(last === undefined ? {} : { before: { at: last.at, id: last.id } }),
        });
        expect(rest.map(({ body }) => body.type)).toEqual(['person.blocked', 'person.added']);
        const some = await bench.store.audit.list({
          subjects: [principal],
          types: ['person.added'],
          limit: 9,
        });
        expect(some.map(({ body }) => body.type)).toEqual(['person.added']);
      }
      const newest = await bench.store.audit.list({ limit: 3 });
      const again = await bench.store.audit.list({
        limit: 2,
        before: { at: newest[0]?.body.at ?? 0, id: newest[0]?.body.id ?? 'evt_' },
      });
      expect(again).toEqual(newest.slice(1));
    });

    test('what somebody did is found by their id as well, and apart from what is about them', async () => {
      const owner = bench.id('principal');
      const [device, session] = [bench.id('factor'), bench.id('pairing')];
      const actor = { kind: 'principal', id: owner, surface: `device:${device}` } as const;
      await bench.store.audit.append([
        draft({ pairing: session }, { actor, at: NOW + 1 }),
        draft({ principal: owner }, { at: NOW + 2 }),
        draft({ principal: owner, pairing: session }, { actor: { kind: 'host', as: owner }, at: NOW + 3 }),
      ]);
      for (const filed of [false, true]) {
        if (filed) await bench.store.audit.index();
        expect(await found({ about: [owner] })).toEqual([3, 2, 1]);
        expect(await found({ subjects: [owner] })).toEqual([3, 2]);
        expect(await found({ about: [device] })).toEqual([1]);
        expect(await found({ about: [owner, session] })).toEqual([3, 1]);
        expect(await found({ about: [owner, device] })).toEqual([1]);
        expect(await found({ about: [owner, bench.id('pairing')] })).toEqual([]);
      }
    });

    test('a list narrowed by type, outcome and time is whole, and pages through it miss and repeat nothing', async () => {
      const far = NOW + 50 * HOUR;
      const types = ['push.ended', 'setup.refused', 'turn.failed', 'message.admitted'] as const;
      const outcomes = ['ok', 'denied', 'failed'] as const;
      const all = Array.from({ length: 60 }, (_, place) => ({
        at: far + Math.floor(place / 3),
        type: types[place % 4] ?? 'push.ended',
        outcome: outcomes[place % 3] ?? 'ok',
      }));
      const queries: Omit<AuditQuery, 'limit'>[] = [
        { types: ['push.ended'] },
        { types: ['push.ended', 'setup.refused'] },
        { types: ['message.admitted', 'push.ended'] },
        { outcome: 'denied' },
        { outcome: 'ok' },
        { types: ['turn.failed'], outcome: 'failed' },
        { since: far + 5, until: far + 11 },
        { types: ['push.ended', 'setup.refused'], outcome: 'denied', since: far + 3 },
      ];
      await bench.store.audit.append(all.slice(0, 30).map((one) => draft({}, one)));
      await bench.store.audit.index();
      await bench.store.audit.append(all.slice(30).map((one) => draft({}, one)));
      for (const filed of [false, true]) {
        if (filed) await bench.store.audit.index();
        for (const query of queries) {
          const asked = { since: far, until: far + 1_000, ...query };
          const { types: kinds, outcome, since, until } = asked;
          const wanted = all.filter(
            (one) =>
              one.at >= since &&
              one.at < until &&
              (kinds === undefined || kinds.some((type) => type === one.type)) &&
              (outcome === undefined || outcome === one.outcome),
          );
          const seen: StoredEvent[] = [];
          for (let page: readonly StoredEvent[]; ; ) {
            const last = seen.at(-1)?.body;
            const before = last === undefined ? {} : { before: { at: last.at, id: last.id } };
            page = await bench.store.audit.list({ ...asked, ...before, limit: 7 });
            seen.push(...page);
            if (page.length < 7) break;
          }
          expect(new Set(seen.map(({ body }) => body.id)).size).toBe(seen.length);
          expect(
            seen.map(({ body }) => body.at),
            JSON.stringify(query),
          ).toEqual(wanted.map(({ at }) => at).toSorted((a, b) => b - a));
        }
      }
    });

    test('an hour is tallied by type and outcome, what was only counted with it, filed once by twenty', async () => {
      const far = NOW + 500 * HOUR;
      const at = far + 1;
      const count = async (since: number) =>
        Object.fromEntries(
          (await bench.store.audit.tally(since)).items.map(({ type, outcome, count }) => [
            `${type} ${outcome}`,
            count,
          ]),
        );
      await bench.store.audit.append([
        ...Array.from({ length: 300 }, () => draft({}, { type: 'turn.answered', at })),
        draft({}, { type: 'call.denied', outcome: 'denied', at }),
        draft({ of: 'call.denied', more: 41 }, { type: 'denials.counted', outcome: 'denied', at }),
        draft({}, { type: 'turn.answered', at: far - 1 }),
      ]);
      const other = await bench.other();
      await times(20, (n) => (n % 2 === 0 ? bench.store : other).audit.index());
      const hour = { 'turn.answered ok': 300, 'call.denied denied': 42 };
      expect(await count(far)).toEqual(hour);
      expect(await count(far + HOUR / 2)).toEqual(hour);
      expect(await bench.store.audit.tally(far + HOUR / 2)).toMatchObject({ since: far });
      expect(await count(far - 1)).toMatchObject({ 'turn.answered ok': 301 });
      expect(await count(far + HOUR)).toEqual({});
    });

    test('what is rare among thousands is found whole, page by page, while others have their turn', async () => {
      const [principal, session] = [bench.id('principal'), bench.id('principal')];
      const at = (n: number) => NOW + n;
      const often = (n: number) => draft({ principal }, { type: 'message.admitted', at: at(n) });
      await bench.store.audit.append(Array.from({ length: 5_000 }, (_, n) => often(n)));
      const rare = [0, 1_999, 2_000, 4_999];
      await bench.store.audit.append(
        rare.map((n) => draft({ principal, session }, { type: 'turn.answered', at: at(n) })),
      );
      await bench.store.audit.index();
      let turns = 0;
      const count = () => {
        turns += 1;
        beat = setImmediate(count);
      };
      let beat = setImmediate(count);
      expect(await found({ about: [principal], types: ['turn.answered'] })).toEqual([...rare].reverse());
      expect(turns).toBeGreaterThan(1);
      clearImmediate(beat);
      expect(await found({ about: [principal, session] })).toEqual([...rare].reverse());
      expect(await found({ about: [session, principal], until: at(2_000) })).toEqual([1_999, 0]);
      expect(await found({ about: [principal], types: ['turn.failed'] })).toEqual([]);
      const pages: number[] = [];
      for (let before: AuditQuery['before']; pages.length < 9; ) {
        const [one] = await bench.store.audit.list({
          about: [principal],
          types: ['turn.answered'],
          limit: 1,
          ...(before === undefined ? {} : { before }),
        });
        if (one === undefined) break;
        pages.push(one.body.at - NOW);
        before = { at: one.body.at, id: one.body.id };
      }
      expect(pages).toEqual([...rare].reverse());
    });

    test('nothing is appended by nothing', async () => {
      const before = (await bench.chain()).length;
      await bench.store.audit.append([]);
      expect(await bench.chain()).toHaveLength(before);
    });
  });
}
