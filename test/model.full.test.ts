// The model of an approval, and the code against it. Each promise (R40–R44) has machines with one mistake that it has to catch:
// a promise that no mistake breaks says nothing. What the simulator finds is played on the real store, the real services and
// real processes: where the model with its mistake goes wrong, the code must not; and a model without one must be what happens.
// A simulator looks at many lives, not at all of them.
import { expect, test } from 'vitest';
import { ModelWorld } from './model-world.ts';
import { explore, type Step } from './quint.ts';

const PROMISES = ['R40', 'R41', 'R42', 'R43', 'R44'];
/** Which promise catches which mistake. */
const MISTAKES = {
  twoSteps: 'R40',
  retry: 'R40',
  keepOpen: 'R41',
  keepYes: 'R41',
  failOpen: 'R42',
  late: 'R42',
  flag: 'R43',
  claimed: 'R43',
  tooFew: 'R43',
  byPath: 'R44',
} as const;
const POSSIBLE = [
  'canFinish',
  'canRunSwapped',
  'canLose',
  'canNeedTwo',
  'canSupersedeYes',
  'canExpireYes',
  'canRace',
  'canRefuse',
];
/** Found in this many lives with this seed; another seed may take longer, and a longer life finds less. */
const SEED = '0x25';
const SAMPLES = 1_500;
const REPLAYED = 80;

/** As the model says it; expiry is computed on read there, too. */
function told({ state: { request, now, runs } }: Step) {
  const { state, askedAt, approvedAt, redemptions } = request;
  const isOver =
    (state === 'Pending' && now >= askedAt + 2) || (state === 'Approved' && now >= approvedAt + 1);
  return {
    state: isOver ? 'Expired' : state,
    redemptions,
    runs: runs.map(({ by, content }) => ({ by, content })),
  };
}

test('the model keeps every promise, and everything that should be possible is', () => {
  const { isViolated, output } = explore('sound', PROMISES, {
    ...{ samples: SAMPLES, steps: 25, seed: SEED, witnesses: POSSIBLE },
  });
  expect([isViolated, output]).toEqual([false, expect.stringContaining('[ok]')]);
  for (const name of POSSIBLE) {
    const [, count = '0'] = new RegExp(`${name} was witnessed in (\\d+) trace`).exec(output) ?? [];
    expect([name, Number(count) > 10]).toEqual([name, true]);
  }
}, 600_000);

test.each(Object.entries(MISTAKES))(
  'a machine that is wrong in %s breaks %s, and the code, taken the same way, does not',
  async (mistake, promise) => {
    const { isViolated, traces } = explore(mistake, [promise], { samples: SAMPLES, steps: 14, seed: SEED });
    expect(isViolated).toBe(true);
    const [trace = []] = traces;
    await using world = await ModelWorld.open();
    let parted = -1;
    for (const [index, step] of trace.entries()) {
      await world.take(step);
      const seen = await world.seen();
      if (parted === -1 && JSON.stringify(seen) !== JSON.stringify(told(step))) parted = index;
      await promised(world);
    }
    // Somewhere on the way the code said no; a trace that it followed to its end would be a mistake of ours.
    expect(parted).toBeGreaterThan(0);
  },
  400_000,
);

/** R40–R44, of the real world. */
async function promised(world: ModelWorld): Promise<void> {
  const { state, redemptions, runs } = await world.seen();
  const { yes, no, quorum } = await world.words();
  const isUsed = ['Redeemed', 'Finished', 'Lost'].includes(state);
  expect(redemptions).toBeLessThanOrEqual(1);
  expect(runs.length).toBeLessThanOrEqual(redemptions);
  expect(redemptions === 1).toBe(isUsed);
  if (isUsed || state === 'Approved') expect([yes >= quorum, no]).toEqual([true, 0]);
  for (const { content } of runs) expect(content).toBe('kind');
}

test('what the model does, the code does: step by step, through death of either side', async () => {
  const { isViolated, traces } = explore('sound', PROMISES, {
    ...{ samples: REPLAYED, steps: 25, traces: REPLAYED, seed: SEED },
  });
  expect([isViolated, traces.length]).toEqual([false, REPLAYED]);
  const happened = new Set<string>();
  for (const trace of traces) {
    await using world = await ModelWorld.open();
    const way: string[] = [];
    for (const step of trace) {
      way.push(step.action);
      happened.add(step.action);
      await world.take(step);
      expect([way, await world.seen()]).toEqual([way, told(step)]);
    }
  }
  // Otherwise it proves less than it says.
  expect([...happened]).toEqual(
    expect.arrayContaining([
      'redeem',
      'answer',
      'start',
      'finish',
      'lose',
      'gatewayDies',
      'execDies',
      'swap',
    ]),
  );
}, 600_000);
