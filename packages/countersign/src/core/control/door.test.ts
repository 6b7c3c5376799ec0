// Where orders and presses leave the agent's road: at the front door, and only for who may give them.
import { describe, expect, test } from 'vitest';
import { linked, message, NOW, policy, RULES, STRANGER, shown } from '../../testing/admission.ts';
import { type AccountPolicy, admit } from '../admission.ts';
import type { Standing } from '../identity/people-port.ts';
import type { Inbound } from '../message.ts';

describe('the control lane begins at the door', () => {
  const order = (more: Partial<Inbound> = {}) => message({ text: '/pairing approve ABCD2345', ...more });
  const owner = linked({ ceiling: 'owner', direct: true }, { role: 'owner' });
  const at = (inbound: Inbound, standing: Standing, more: Partial<AccountPolicy> = {}) =>
    shown(admit(inbound, standing, policy(more), RULES, NOW));

  test('an owner’s order is ours, under every policy that serves them, and however it arrived', () => {
    for (const dmPolicy of ['pairing', 'allowlist', 'open'] as const)
      expect(at(order(), owner, { dmPolicy })).toBe('control');
    expect(at(order(), owner, { dmPolicy: 'disabled' })).toBe('channel_disabled');
    expect(at(order({ arrived: 'backlog' }), owner)).toBe('control');
    expect(at(order({ arrived: 'history' }), owner)).toBe('not_live');
  });

  test('H58: not one that is forwarded, edited or quoted', () => {
    expect(at(order({ forwarded: true }), owner)).toBe('forwarded');
    expect(at(order({ kind: 'edit' }), owner)).toBe('not_a_message');
    expect(at(order({ quoted: true }), owner)).toBe('agent');
  });

  test('a lower ceiling, an access that ended, a user, a stranger: ordinary text', () => {
    expect(at(order(), linked({ ceiling: 'user' }, { role: 'owner' }))).toBe('agent');
    expect(at(order(), linked({ ceiling: 'owner', accessUntil: NOW }, { role: 'owner' }))).toBe('pairing');
    expect(at(order(), linked())).toBe('agent');
    expect(at(order(), STRANGER)).toBe('pairing');
  });

  test('H18, H40: a press is let on for who may decide, in their direct chat, now; from anybody else it is nobody', () => {
    const press = (more: Partial<Inbound> = {}) =>
      message({ kind: 'button', text: '', press: { value: 'x', handle: 'h' }, ...more });
    expect(at(press(), owner)).toBe('press');
    expect(at(press(), linked())).toBe('not_entitled');
    expect(at(press(), STRANGER)).toBe('not_entitled');
    expect(at(press(), STRANGER, { dmPolicy: 'open', allowFrom: ['*'] })).toBe('not_entitled');
    for (const kind of ['group', 'thread', 'unknown'] as const)
      expect(at(press({ conversation: { kind, id: '-1' } }), owner, { groupPolicy: 'open' })).toBe(
        'not_entitled',
      );
    expect(at(press({ arrived: 'backlog' }), owner)).toBe('backlog');
    expect(at(press({ press: null }), owner)).toBe('empty');
    expect(at(press({ actor: 'bot' }), owner)).toBe('not_a_person');
  });

  test('P-05: what waited while we were away begins no pairing, and reaches the agent from who may talk', () => {
    expect(at(message({ arrived: 'backlog' }), STRANGER)).toBe('backlog');
    expect(at(message({ arrived: 'backlog' }), linked())).toBe('agent');
  });
});
