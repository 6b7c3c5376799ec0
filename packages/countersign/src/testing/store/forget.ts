// A person who asks to be forgotten is: the chain stays whole, and nothing in the database still names them.

import type { PairingId } from '@countersign/protocol/ids';
import { describe, expect, test } from 'vitest';
import type { Peer } from '../../core/identity/peer.ts';
import type { OutboxDraft } from '../../core/outbound.ts';
import { HOST, HOUR, NOW, SLOTS, type StoreBench, toAgent, toDesk } from './bench.ts';

export function forgetSuite(bench: StoreBench): void {
  const lived = async () => {
    const { store } = bench;
    const { peer, person } = await bench.known();
    const request = bench.request(peer);
    await store.pairings.open(request, SLOTS);
    const { session } = await bench.admit(peer, person.id, 'answered');
    const turn = await store.turns.claim(session, store.writer, NOW + 9, NOW);
    await store.turns.answer(turn?.id ?? 'turn_', store.writer, 'answer', NOW);
    await bench.admit(peer, person.id, 'waiting');
    const knocked = bench.says(peer, 'at the desk');
    await store.messages.accept([knocked], toDesk, NOW);
    await store.transcripts.append(peer, { id: '1', from: 'you', text: 'hello', at: NOW });
    const conversation = { kind: 'direct', id: peer.native } as const;
    await store.outbox.put([{ peer, conversation, kind: 'notice', text: 'for you', deadline: NOW + 9 }], NOW);
    const { channel, account, native: identifier } = peer;
    await store.audit.append([
      // While the peer was nobody's yet, no event could say whom it is about.
      {
        type: 'pairing.requested',
        at: NOW,
        actor: { kind: 'sender' },
        subject: { pairing: request.id },
        outcome: 'ok',
        personal: { identifier },
      },
      {
        type: 'message.shared_refused',
        at: NOW,
        actor: { kind: 'sender' },
        subject: { channel, account },
        outcome: 'denied',
        personal: { identifier },
      },
      {
        type: 'person.enrolled',
        at: NOW,
        actor: HOST,
        subject: { principal: person.id },
        outcome: 'ok',
        personal: { identifier },
        about: person.id,
      },
    ]);
    return { peer, person, session, request, knocked };
  };

  /** Somebody is shown, with buttons, that `about` asks; the card is on its way. */
  const card = async (to: Peer, about: PairingId) => {
    const { store } = bench;
    const id = bench.id('card');
    const hash = bench.word();
    const conversation = { kind: 'direct', id: to.native } as const;
    const text = 'Ana asks. "hello, it is Ana"';
    const buttons = [{ verb: 'approve', hash } as const];
    await store.cards.open({
      id,
      peer: to,
      conversation,
      about,
      text,
      buttons,
      createdAt: NOW,
      expiresAt: NOW + HOUR,
    });
    const shown: OutboxDraft = { peer: to, conversation, kind: 'card', text, deadline: NOW + HOUR, card: id };
    await store.outbox.put([shown, { ...shown, kind: 'card-update' }], NOW);
    const left = async () => ({
      card: await store.cards.get(id),
      button: await store.cards.byButton(hash, to),
      sent: await store.outbox.claim([to], store.writer, NOW + 9, NOW, 9),
    });
    return { id, left };
  };
  const GONE = { card: null, button: null, sent: [] };

  describe('forgetting a person', () => {
    test("cards about them go from everybody's chats, with buttons and what is on its way", async () => {
      const { store } = bench;
      const { person, request } = await lived();
      const owner = await bench.known();
      const about = await card(owner.peer, request.id);
      await store.people.forget(person.id);
      expect(await about.left()).toEqual(GONE);
      expect((await store.people.standing(owner.peer)).principal?.id).toBe(owner.person.id);
    });

    test('cards about a request of a peer that was theirs once go as well', async () => {
      const { store } = bench;
      const { peer, person, request } = await lived();
      await store.pairings.settle(request.id, ['pending'], 'approved', HOST, NOW, { principal: person.id });
      await store.people.unlink(peer);
      const about = await card((await bench.known()).peer, request.id);
      await store.people.forget(person.id);
      expect(await store.pairings.get(request.id)).toBeNull();
      expect(await about.left()).toEqual(GONE);
      const told = await store.audit.list({ subjects: [request.id], limit: 9 });
      expect(told.map(({ personal }) => personal)).toEqual(told.map(() => null));
      expect(told.length).toBeGreaterThan(0);
    });

    test('an owner who is forgotten takes the cards in their own chats along; cards of others stay', async () => {
      const { store } = bench;
      const [owner, other] = [await bench.known(), await bench.known()];
      const asked = bench.id('pairing');
      const [theirs, stays] = [await card(owner.peer, asked), await card(other.peer, asked)];
      await store.people.forget(owner.person.id);
      expect(await theirs.left()).toEqual(GONE);
      expect(await stays.left()).toMatchObject({
        card: { id: stays.id },
        button: { verb: 'approve' },
        sent: [{ kind: 'card' }, { kind: 'card-update' }],
      });
    });

    test('offers to link a chat to theirs, or theirs to another, are gone', async () => {
      const { store } = bench;
      const [gone, stays] = [await bench.known(), await bench.known()];
      const offer = {
        knownHash: 'known',
        addedHash: 'added',
        expiresAt: NOW + 9,
        known: gone.peer,
        principal: gone.person.id,
      };
      const stranger = bench.peer();
      await store.linkOffers.open({ ...offer, id: bench.id('linkOffer'), added: stranger });
      const byOther = { ...offer, principal: stays.person.id, known: stays.peer };
      await store.linkOffers.open({ ...byOther, id: bench.id('linkOffer'), added: gone.peer });
      const kept = bench.id('linkOffer');
      await store.linkOffers.open({ ...byOther, id: kept, added: bench.peer() });
      await store.people.forget(gone.person.id);
      expect(await store.linkOffers.tryOnce(gone.person.id, stranger, NOW, 5)).toBeNull();
      expect(await store.linkOffers.tryOnce(stays.person.id, gone.peer, NOW, 5)).toBeNull();
      expect(await store.linkOffers.take(kept)).toBe(true);
    });

    test('everything of theirs is gone, and the chain still verifies', async () => {
      const { store } = bench;
      const { peer, person, session, request, knocked } = await lived();
      expect(await store.people.forget(person.id)).toBe(true);

      expect(await store.people.get(person.id)).toBeNull();
      expect(await store.people.find(person.name)).toEqual([]);
      expect(await store.people.standing(peer)).toEqual({ peer: null, principal: null });
      expect(await store.pairings.get(request.id)).toBeNull();
      expect(await store.sessions.list({ principal: person.id, limit: 5 })).toEqual([]);
      expect(await store.turns.claim(session, store.writer, NOW + 99, NOW + 50)).toBeNull();
      expect(await store.turns.history(session, { messages: 10, bytes: 1_000 })).toEqual([]);
      expect((await store.messages.desk(1_000)).map(({ inbound }) => inbound.messageId)).not.toContain(
        knocked.messageId,
      );
      expect(await store.transcripts.after(peer, 0, 9)).toEqual([]);
      expect(await store.outbox.claim([peer], store.writer, NOW + 9, NOW, 9)).toEqual([]);
      const events = await bench.chain();
      expect(JSON.stringify(events)).not.toContain(`"${peer.native}"`);
    });

    test('their messages stay counted', async () => {
      const { person, knocked } = await lived();
      await bench.store.people.forget(person.id);
      expect(await bench.store.messages.accept([knocked], toDesk, NOW)).toEqual([
        { as: 'repeated', first: 'desk' },
      ]);
    });

    test('others are left alone', async () => {
      const [gone, stays] = [await lived(), await lived()];
      await bench.store.people.forget(gone.person.id);
      expect((await bench.store.people.standing(stays.peer)).principal?.id).toBe(stays.person.id);
      expect(await bench.store.pairings.get(stays.request.id)).not.toBeNull();
      expect(await bench.store.turns.history(stays.session, { messages: 9, bytes: 999 })).toHaveLength(1);
      const about = await bench.store.audit.list({
        subjects: [stays.person.id],
        types: ['person.enrolled'],
        limit: 9,
      });
      expect(about.map(({ personal }) => personal?.data)).toEqual([{ identifier: stays.peer.native }]);
    });

    test('nobody is forgotten twice, and the peer may be somebody again', async () => {
      const { peer, person } = await lived();
      expect(await bench.store.people.forget(person.id)).toBe(true);
      expect(await bench.store.people.forget(person.id)).toBe(false);
      const again = await bench.person();
      expect(await bench.link(peer, again.id)).toBe('linked');
      const inbound = bench.says(peer, 'hello again');
      expect(await bench.store.messages.accept([inbound], toAgent(again.id), NOW)).toMatchObject([
        { as: 'agent' },
      ]);
    });
  });
}
