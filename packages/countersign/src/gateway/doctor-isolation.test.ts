// R68: what an agent of our own user can do is said as it is: neither less, nor what a factor of an owner took from it.
import { expect, test } from 'vitest';
import { checkIsolation } from './doctor-isolation.ts';

const HOME = { agentGid: null, agentSocket: '/run/agent.sock' };

test.skipIf(process.platform === 'win32')(
  'R68: an owner with a factor is no more told that an agent says yes to what it asked itself',
  () => {
    const [bare, proven] = [checkIsolation(HOME, false), checkIsolation(HOME, true)];
    const door = (checks: typeof bare) => checks.find(({ name }) => name === 'isolation: door')?.message;
    expect(door(bare)).toBe('it can open the host socket and say yes to its own requests');
    expect(door(proven)).toBe('it can open the host socket, and say yes there to what needs no proof');
    const others = (checks: typeof bare) => checks.filter(({ name }) => name !== 'isolation: door');
    expect(others(proven)).toEqual(others(bare));
    expect(others(bare).length).toBeGreaterThan(5);
  },
);
