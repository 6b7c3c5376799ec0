// A bearer for a session that lives: handed out again, and made for the first time, against the one thing that cannot be
// saved, a signature. And who a handle names, asked of the store, which every call does before.
import { generateKeyPairSync, sign } from 'node:crypto';
import type { BearerSettings } from '../packages/countersign/src/core/session/bearer-port.ts';
import { Bearers } from '../packages/countersign/src/core/session/bearers.ts';
import { SessionIdentities } from '../packages/countersign/src/core/session/identities.ts';
import { type Bound, isDenied } from '../packages/countersign/src/core/session/identity.ts';
import { MintLog } from '../packages/countersign/src/core/session/mint-log.ts';
import { STORED_USERS } from '../packages/countersign/src/core/session/user.ts';
import { createBearerSigner } from '../packages/countersign/src/runtime/crypto/bearer-signer.ts';
import { median, ratio } from './figures.ts';
import { type Cost, cost, POLICY, ports, type Row, RULES, temporary } from './house.ts';
import { seeded } from './seed.ts';

const ROUNDS = 9;
const SIGNATURES = 4_000;
const CACHED = 40_000;
const MINTS = 4_000;
const PEOPLE = 1_000;

const keys = generateKeyPairSync('ed25519');
const signer = createBearerSigner({ current: { kid: 'k'.repeat(43), key: keys.privateKey } });
const settings: BearerSettings = {
  issuer: 'https://gate.example',
  ttlMs: 300_000,
  idleMs: 604_800_000,
  header: 'x-countersign-bearer',
  audiences: new Map([['tools.example', { alg: 'EdDSA', secret: null, origins: [] }]]),
  claims: new Map(),
  mappedOnly: false,
  front: { agent: 'main', origin: null, audience: null },
};
const QUIET = { debug() {}, info() {}, warn() {}, error() {} };
const UNWRITTEN = { minted() {}, idle: async () => undefined };

const place = temporary();
try {
  const { store } = await seeded(place.folder, PEOPLE);
  const sessions = await store.sessions.list({ limit: 500 });
  const roster = {
    policy: () => ({ ...POLICY, allowFrom: [] }),
    traits: () => null,
    channels: ['bench'],
    admission: () => RULES,
    pairing: () => never(),
    waiting: () => never(),
    history: () => never(),
    agentTimeoutMs: () => 0,
    login: () => never(),
  };
  const common = { ...ports, signer, users: STORED_USERS, settings: () => settings };
  const house = (log: ConstructorParameters<typeof Bearers>[0]['log']) =>
    new SessionIdentities({
      ...ports,
      store,
      roster,
      settings: () => settings,
      bearers: new Bearers({ ...common, log }),
    });
  const mints = new MintLog(store, QUIET);
  const people: Bound[] = [];
  const handles: string[] = [];
  const first = house(mints);
  for (const { id } of sessions) {
    const bound = await first.of(id);
    const handle = await first.handleOf(id, 'main');
    if (isDenied(bound) || handle === null) throw new Error('nobody');
    people.push(bound);
    handles.push(handle);
    await first.bearer(bound, 'tools.example');
  }
  await first.written();
  const input = Buffer.alloc(640, 'x');
  const each = async (count: number, work: (n: number) => Promise<unknown> | unknown): Promise<number> => {
    const { cpu }: Cost = await cost(async () => {
      for (let n = 0; n < count; n++) await work(n);
    });
    return cpu / count;
  };
  const person = (n: number) => people[n % people.length] ?? never();
  const token = async (identities: SessionIdentities, n: number) => {
    if (isDenied(await identities.bearer(person(n), 'tools.example'))) never();
  };

  const [again, made, written, asked]: [number[], number[], number[], number[]] = [[], [], [], []];
  for (let round = -1; round < ROUNDS; round++) {
    const signature = await each(SIGNATURES, () => sign(null, input, keys.privateKey));
    const cached = await each(CACHED, (n) => token(first, n));
    // A house of its own each time: none of them has made one for that session before.
    const fresh = Array.from({ length: MINTS / people.length }, () => house(UNWRITTEN));
    const mint = await each(MINTS, (n) => token(fresh[Math.floor(n / people.length)] ?? never(), n));
    const logging = Array.from({ length: MINTS / people.length }, () => house(mints));
    const whole = await each(1, async () => {
      for (let n = 0; n < MINTS; n++) await token(logging[Math.floor(n / people.length)] ?? never(), n);
      await mints.idle();
    });
    const resolved = await each(SIGNATURES, async (n) => {
      const bound = await first.resolve(handles[n % handles.length] ?? '', 'main');
      if (isDenied(bound) || isDenied(await first.bearer(bound, 'tools.example'))) never();
    });
    if (round < 0) continue; // Warm-up.
    again.push(cached / signature);
    made.push(mint / signature);
    written.push(whole / MINTS / signature);
    asked.push(resolved / signature);
  }
  await store.close();
  const baseline = 'one Ed25519 signature with node:crypto';
  const rows: Row[] = [
    {
      what: 'a bearer for a live session, second call (CPU)',
      baseline,
      budget: '≤ 0.05 ×',
      measured: `${ratio(again, 3)}; with the handle asked of the store before, ${ratio(asked)}`,
      met: median(again) <= 0.05,
    },
    {
      what: 'the same, first mint (CPU)',
      baseline,
      budget: '≤ 1.5 ×',
      measured: `${ratio(made)}; with its row and its audit event, which follow in a group, ${ratio(written)}`,
      met: median(made) <= 1.5,
    },
  ];
  console.log(JSON.stringify(rows));
} finally {
  place.remove();
}

function never(): never {
  throw new Error('nothing asks for that here');
}
