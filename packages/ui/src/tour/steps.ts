// The first steps, ticked off by what is true in the house: nobody has to tell the page what they did. Pure, but for what
// this browser remembers: that the tour is over, that the first step was read, that somebody wants to see it again.
import type { PersonRow } from '@countersign/protocol/identity';

export const STEPS = ['look', 'chat', 'factor', 'people'] as const;
export type Step = (typeof STEPS)[number];

export interface House {
  readonly me: Pick<PersonRow, 'role' | 'peers'>;
  /** Of the first page: few are few. */
  readonly people: number;
  readonly hasFactor: boolean;
}

export interface Memory {
  readonly isOver: boolean;
  readonly isWanted: boolean;
  readonly hasLooked: boolean;
}

const FEW = 2;

export function readMemory(kept: string | null): Memory {
  const words = new Set((kept ?? '').split(' '));
  return { isOver: words.has('over'), isWanted: words.has('wanted'), hasLooked: words.has('looked') };
}

export function writeMemory({ isOver, isWanted, hasLooked }: Memory): string {
  return [isOver && 'over', isWanted && 'wanted', hasLooked && 'looked']
    .filter((word) => word !== false)
    .join(' ');
}

export function doneSteps({ me, people, hasFactor }: House, memory: Memory): ReadonlySet<Step> {
  const done = new Set<Step>();
  if (memory.hasLooked) done.add('look');
  // A web chat is this browser again: no code reaches its owner there.
  if (me.peers.some(({ channel, blocked }) => channel !== 'webchat' && !blocked)) done.add('chat');
  if (hasFactor) done.add('factor');
  if (people > 1) done.add('people');
  return done;
}

/** To an owner whose house is nearly empty, until they have had enough of it; and whenever they ask for it. */
export function isShown(house: House, memory: Memory): boolean {
  if (house.me.role !== 'owner' || memory.isOver) return false;
  if (memory.isWanted) return true;
  const done = doneSteps(house, memory);
  return house.people <= FEW && STEPS.some((step) => step !== 'look' && !done.has(step));
}
