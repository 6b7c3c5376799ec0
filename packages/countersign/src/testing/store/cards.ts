import { describe, expect, test } from 'vitest';
import type { CardVerb, NewCard } from '../../core/card-port.ts';
import type { OutboxDraft } from '../../core/outbound.ts';
import { HOUR, NOW, type StoreBench, times } from './bench.ts';

export function cardsSuite(bench: StoreBench): void {
  const card = (about: string = bench.word(), more: Partial<NewCard> = {}): NewCard => {
    const peer = more.peer ?? bench.peer();
    return {
      id: bench.id('card'),
      peer,
      conversation: { kind: 'direct', id: peer.native },
      about,
      text: 'Somebody asks to talk. "hello, it is Ana"',
      buttons: (['approve', 'deny', 'block'] as const).map((verb) => ({ verb, hash: bench.word() })),
      createdAt: NOW,
      expiresAt: NOW + HOUR,
      ...more,
    };
  };
  const opened = async (...args: Parameters<typeof card>) => {
    const made = card(...args);
    await bench.store.cards.open(made);
    return made;
  };
  const shown = ({ createdAt: _, buttons: __, ...made }: NewCard) => ({
    ...made,
    state: 'open',
    ref: null,
    deliveredAt: null,
  });
  const hashOf = ({ buttons }: NewCard, verb: CardVerb) =>
    buttons.find((button) => button.verb === verb)?.hash ?? '';
  const draft = ({ id, peer, conversation, text }: NewCard): OutboxDraft => ({
    peer,
    conversation,
    kind: 'card',
    text,
    deadline: NOW + HOUR,
    card: id,
    buttons: [{ label: 'Approve', value: `value of ${id}` }],
  });

  describe('cards', () => {
    test('a card comes back as it went in, and each of its buttons finds it', async () => {
      const made = await opened();
      const { cards } = bench.store;
      expect(await cards.get(made.id)).toEqual(shown(made));
      for (const verb of ['approve', 'deny', 'block'] as const)
        expect(await cards.byButton(hashOf(made, verb), made.peer)).toEqual({ card: shown(made), verb });
      expect(await cards.get(bench.id('card'))).toBeNull();
      expect(await cards.byButton(bench.word(), made.peer)).toBeNull();
    });

    test("R48: another peer's button is nobody's", async () => {
      const made = await opened();
      const { cards } = bench.store;
      const hash = hashOf(made, 'approve');
      expect(await cards.byButton(hash, { ...made.peer, account: bench.word() })).toBeNull();
      expect(await cards.byButton(hash, { ...made.peer, channel: 'webchat' })).toBeNull();
      expect(await cards.byButton(hash, bench.peer(made.peer.account))).toBeNull();
    });

    test('closing ends every card about the same thing and no other; a stale press still finds its card', async () => {
      const about = bench.word();
      const [one, two, other] = [await opened(about), await opened(about), await opened()];
      const { cards } = bench.store;
      const closed = await cards.close(about);
      expect(new Set(closed.map(({ id }) => id))).toEqual(new Set([one.id, two.id]));
      expect(closed.every(({ state, text }) => state === 'closed' && text === one.text)).toBe(true);
      expect(await cards.close(about)).toEqual([]);
      expect(await cards.byButton(hashOf(one, 'deny'), one.peer)).toMatchObject({
        card: { id: one.id, state: 'closed' },
        verb: 'deny',
      });
      expect(await cards.get(other.id)).toMatchObject({ state: 'open' });
    });

    test('of twenty who close at once each card is returned to exactly one', async () => {
      const about = bench.word();
      const made = await times(5, () => opened(about));
      const other = await bench.other();
      const closed = await times(20, (n) => (n % 2 === 0 ? bench.store : other).cards.close(about));
      const ids = closed.flat().map(({ id }) => id);
      expect(ids.toSorted()).toEqual(made.map(({ id }) => id).toSorted());
    });

    test('closing and expiring at once: each card is returned to exactly one', async () => {
      const about = bench.word();
      const made = await times(5, () => opened(about, { expiresAt: NOW - 5 * HOUR }));
      const other = await bench.other();
      const closed = await times(10, (n) =>
        n % 2 === 0 ? bench.store.cards.close(about) : other.cards.expire(NOW - 4 * HOUR, 100),
      );
      const ids = closed.flat().map(({ id }) => id);
      expect(ids.toSorted()).toEqual(made.map(({ id }) => id).toSorted());
    });

    test('a question that ended by itself closes its cards, so many at a time, soonest first', async () => {
      const about = bench.word();
      const end = NOW - 10 * HOUR;
      const made = [
        await opened(about, { expiresAt: end + 2 }),
        await opened(about, { expiresAt: end + 1 }),
        await opened(about, { expiresAt: end + 3 }),
      ];
      const { cards } = bench.store;
      const expire = async (now: number, limit: number) =>
        (await cards.expire(now, limit)).map(({ id }) => made.findIndex((one) => one.id === id));
      expect(await expire(end, 9)).toEqual([]);
      expect(await expire(end + 2, 1)).toEqual([1]);
      expect(await expire(end + 2, 9)).toEqual([0]);
      expect(await cards.close(about)).toMatchObject([{ id: made[2]?.id }]);
    });

    test('the name a platform gave to the message is kept', async () => {
      const made = await opened();
      await bench.store.cards.delivered(made.id, 'message 77', NOW);
      expect(await bench.store.cards.get(made.id)).toEqual({
        ...shown(made),
        ref: 'message 77',
        deliveredAt: NOW,
      });
      // A message that is sent again was there before; a channel that names none says so only once.
      await bench.store.cards.delivered(made.id, null, NOW + 9);
      expect(await bench.store.cards.get(made.id)).toMatchObject({ ref: 'message 77', deliveredAt: NOW });
    });

    test('E-09: all about one question are found, open and closed; one that never arrived is told again', async () => {
      const about = bench.word();
      const { cards } = bench.store;
      const made = [await opened(about), await opened(about)];
      await opened();
      await cards.close(about);
      made.push(await opened(about));
      expect((await cards.about(about)).map(({ id, state }) => [id, state])).toEqual(
        made.map(({ id }, index) => [id, index < 2 ? 'closed' : 'open']),
      );
      expect(await cards.about(bench.word())).toEqual([]);
      const id = made[0]?.id ?? bench.id('card');
      await cards.delivered(id, 'message 9', NOW);
      await cards.undelivered(id);
      expect(await cards.get(id)).toMatchObject({ ref: 'message 9', deliveredAt: null });
    });

    test('cards go when they are closed and their question is long over; open ones stay, and their buttons', async () => {
      const { cards } = bench.store;
      const end = NOW - 100 * HOUR;
      const [old, open, later] = [
        await opened(bench.word(), { expiresAt: end }),
        await opened(bench.word(), { expiresAt: end }),
        await opened(bench.word()),
      ];
      await cards.close(old.about);
      await cards.close(later.about);
      expect(await cards.prune(end)).toBe(0);
      expect(await cards.prune(end + 1)).toBe(1);
      expect(await cards.get(old.id)).toBeNull();
      expect(await cards.byButton(hashOf(old, 'approve'), old.peer)).toBeNull();
      // A value that is free again: its row went with the card.
      await opened(bench.word(), { buttons: old.buttons });
      expect(await cards.byButton(hashOf(open, 'approve'), open.peer)).not.toBeNull();
      expect(await cards.byButton(hashOf(later, 'approve'), later.peer)).not.toBeNull();
      await cards.close(open.about);
    });

    test('one button value cannot open two cards: the second card is not there at all', async () => {
      const made = await opened();
      const again = card(bench.word(), { buttons: made.buttons });
      await expect(bench.store.cards.open(again)).rejects.toThrow();
      expect(await bench.store.cards.get(again.id)).toBeNull();
    });
  });

  describe('cards on their way', () => {
    const claim = (account: string, now = NOW, by = bench.store) =>
      by.outbox.claim([{ channel: 'loopback', account }], by.writer, now + 100, now, 10);
    const queued = async () => {
      const made = await opened();
      await bench.store.outbox.put([draft(made)], NOW);
      return made;
    };

    test('a card is claimed with its buttons', async () => {
      const made = await queued();
      expect(await claim(made.peer.account)).toMatchObject([draft(made)]);
    });

    test('a card that nobody tried to send is withdrawn, once', async () => {
      const made = await queued();
      const { outbox } = bench.store;
      expect((await times(10, () => outbox.withdraw(made.id, NOW))).filter(Boolean)).toHaveLength(1);
      expect(await claim(made.peer.account)).toEqual([]);
      const row = (await outbox.recent({ limit: 500 })).find(({ account }) => account === made.peer.account);
      expect(row).toMatchObject({ fate: 'failed', reason: 'superseded', settledAt: NOW });
    });

    test('a card that is being sent, or was, is not withdrawn', async () => {
      const made = await queued();
      const { outbox } = bench.store;
      const [item] = await claim(made.peer.account);
      expect(await outbox.withdraw(made.id, NOW)).toBe(false);
      expect(await outbox.settle(item?.id ?? 'out_', 'sent', NOW)).toBe(true);
      expect(await outbox.withdraw(made.id, NOW)).toBe(false);
      expect(await outbox.withdraw(bench.id('card'), NOW)).toBe(false);
    });

    test('a card whose try failed may have arrived: it is not sent again, and still has to be told of', async () => {
      const made = await queued();
      const { outbox } = bench.store;
      const [item] = await claim(made.peer.account);
      await outbox.retry(item?.id ?? 'out_', NOW + 50, 'channel_unreachable');
      expect(await outbox.withdraw(made.id, NOW)).toBe(false);
      expect(await claim(made.peer.account, NOW + 60)).toEqual([]);
    });

    test('an update of a card is no card: withdrawing leaves it in line', async () => {
      const made = await opened();
      const update = { ...draft(made), kind: 'card-update' } as const;
      await bench.store.outbox.put([update], NOW);
      expect(await bench.store.outbox.withdraw(made.id, NOW)).toBe(false);
      expect(await claim(made.peer.account)).toMatchObject([{ kind: 'card-update', card: made.id }]);
    });

    test('withdrawn and claimed at once: it is one of the two, never both', async () => {
      const account = bench.word();
      const made = await times(20, () => opened(bench.word(), { peer: bench.peer(account) }));
      await bench.store.outbox.put(made.map(draft), NOW);
      const other = await bench.other();
      const [claimed, ...withdrawn] = await Promise.all([
        claim(account, NOW, other),
        ...made.map(({ id }) => bench.store.outbox.withdraw(id, NOW)),
      ]);
      const taken = new Set(claimed.map((item) => item.card));
      expect(made.map(({ id }, n) => taken.has(id) && withdrawn[n] === true)).not.toContain(true);
      const later = await claim(account, NOW, other);
      const all = [...taken, ...later.map((item) => item.card)].length + withdrawn.filter(Boolean).length;
      expect(all).toBe(20);
    });

    test('withdrawn in a transaction that fails, it is still in line', async () => {
      const made = await queued();
      const undone = bench.store.atomically(async (tx) => {
        expect(await tx.cards.close(made.about)).toHaveLength(1);
        expect(await tx.outbox.withdraw(made.id, NOW)).toBe(true);
        throw new Error('undone');
      });
      await expect(undone).rejects.toThrow('undone');
      expect(await bench.store.cards.get(made.id)).toMatchObject({ state: 'open' });
      expect(await claim(made.peer.account)).toHaveLength(1);
    });
  });
}
