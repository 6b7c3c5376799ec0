// Deciding a message when the house knows a million people, against a thousand: dedupe, admission, identity, session
// key, audit event, durable. Every sender has a session already, so that both do the same work.
import { median, ratio } from './figures.ts';
import { accept, type Cost, cost, type Row, temporary } from './house.ts';
import { type Seeded, seeded } from './seed.ts';

const ROUNDS = 9;
const FEW = 1_000;
const MANY = 1_000_000;
const GROUP = 64;
const GROUPS = 16;
const LONE = 150;

const inGroups = ({ store, people }: Seeded) =>
  cost(async () => {
    for (let n = 0; n < GROUPS; n++) await accept(store, GROUP, people);
  });
const alone = ({ store, people }: Seeded) =>
  cost(async () => {
    for (let n = 0; n < LONE; n++) await accept(store, 1, people);
  });

interface Ratios {
  readonly cpu: readonly number[];
  readonly wall: readonly number[];
}

async function compare(few: Seeded, many: Seeded, work: (house: Seeded) => Promise<Cost>): Promise<Ratios> {
  const cpu: number[] = [];
  const wall: number[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    // Each goes first as often as the other.
    const first = round % 2 === 0 ? await work(few) : null;
    const of = await work(many);
    const against = first ?? (await work(few));
    if (round < 0) continue; // Warm-up.
    cpu.push(of.cpu / against.cpu);
    wall.push(of.wall / against.wall);
  }
  return { cpu, wall };
}

function row(how: string, { cpu, wall }: Ratios, limit: number): Row {
  return {
    what: `deciding one inbound message with 1,000,000 known peers, ${how} (CPU)`,
    baseline: 'the same with 1,000',
    budget: `≤ ${limit} ×`,
    measured: `${ratio(cpu)}; wall ${ratio(wall)}`,
    met: median(cpu) <= limit,
  };
}

const place = temporary();
try {
  console.error('  1,000,000 people move in …');
  const few = await seeded(place.folder, FEW);
  const many = await seeded(place.folder, MANY);
  console.error('  measuring …');
  const rows = [
    row('one per transaction', await compare(few, many, alone), 1.2),
    row('in groups of 64', await compare(few, many, inGroups), 1.5),
  ];
  await few.store.close();
  await many.store.close();
  console.log(JSON.stringify(rows));
} finally {
  place.remove();
}
