// The first steps: to whom they are shown, and what ticks them off.
import { describe, expect, test } from 'vitest';
import { doneSteps, type House, isShown, type Memory, readMemory, writeMemory } from './steps.ts';

const FRESH: Memory = { isOver: false, isWanted: false, hasLooked: false };
const peer = (channel: string, blocked = false): House['me']['peers'][number] => ({
  channel,
  account: 'default',
  identifier: '1',
  ceiling: 'owner',
  assurance: 'medium',
  blocked,
});
const house = (more: Partial<House> = {}): House => ({
  me: { role: 'owner', peers: [] },
  people: 1,
  hasFactor: false,
  ...more,
});

describe('a step', () => {
  test('is done when it is true in the house, not when somebody says so', () => {
    expect([...doneSteps(house(), FRESH)]).toEqual([]);
    expect([...doneSteps(house({ hasFactor: true, people: 2 }), FRESH)]).toEqual(['factor', 'people']);
    expect([...doneSteps(house(), { ...FRESH, hasLooked: true })]).toEqual(['look']);
  });

  test('of linking a chat is not done by the web chat, where no code reaches its owner, nor by a blocked one', () => {
    const peers = [peer('webchat'), peer('telegram', true)];
    expect(doneSteps(house({ me: { role: 'owner', peers } }), FRESH).has('chat')).toBe(false);
    expect(doneSteps(house({ me: { role: 'owner', peers: [peer('telegram')] } }), FRESH).has('chat')).toBe(
      true,
    );
  });
});

describe('the tour', () => {
  test('is shown to an owner whose house is nearly empty, until they had enough of it', () => {
    expect(isShown(house(), FRESH)).toBe(true);
    expect(isShown(house(), { ...FRESH, isOver: true })).toBe(false);
    expect(isShown(house({ people: 5 }), FRESH)).toBe(false);
    expect(isShown(house({ me: { role: 'approver', peers: [] } }), { ...FRESH, isWanted: true })).toBe(false);
  });

  test('is not begun where everything is there already, and shown all the same to who asks for it', () => {
    const full = house({ me: { role: 'owner', peers: [peer('telegram')] }, people: 2, hasFactor: true });
    expect(isShown(full, FRESH)).toBe(false);
    expect(isShown(house({ people: 50 }), { ...FRESH, isWanted: true })).toBe(true);
  });

  test('is remembered as it was, and what nobody wrote means nothing', () => {
    for (const memory of [
      FRESH,
      { isOver: true, isWanted: false, hasLooked: true },
      { ...FRESH, isWanted: true },
    ])
      expect(readMemory(writeMemory(memory))).toEqual(memory);
    expect(readMemory('nonsense')).toEqual(FRESH);
    expect(readMemory(null)).toEqual(FRESH);
  });
});
