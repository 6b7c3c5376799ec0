// From the asking to the spent grant, without the person: a request with its card, a yes, the grant signed, the grant
// redeemed, against four transactions of one row on the same disk with the same promises.
import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LOOPBACK_TRAITS } from '../packages/countersign/src/channels/loopback/channel.ts';
import { Approvals } from '../packages/countersign/src/core/approval/approvals.ts';
import { BARE_APPROVALS } from '../packages/countersign/src/core/approval/bare.ts';
import { ApprovalCards } from '../packages/countersign/src/core/approval/cards.ts';
import { Grants } from '../packages/countersign/src/core/approval/grants.ts';
import { Denials } from '../packages/countersign/src/core/audit/denials.ts';
import { Bus } from '../packages/countersign/src/core/bus.ts';
import { Factors } from '../packages/countersign/src/core/factor/factors.ts';
import { createGrantSigner } from '../packages/countersign/src/runtime/crypto/grant-signer.ts';
import { createPasskeys } from '../packages/countersign/src/runtime/crypto/passkeys.ts';
import { createPasswords } from '../packages/countersign/src/runtime/crypto/passwords.ts';
import { execAction } from '../packages/countersign/src/testing/approval-rows.ts';
import { MemoryLog } from '../packages/countersign/src/testing/fakes.ts';
import { addToken } from '../packages/countersign/src/testing/grant-holders.ts';
import { ID_KINDS, makeId } from '../packages/protocol/src/ids.ts';
import { median, ratio } from './figures.ts';
import { cost, open, POLICY, peer, ports, type Row, temporary } from './house.ts';

const ROUNDS = 9;
const REQUESTS = 60;
const BASELINE = 'four one-insert transactions, WAL, synchronous=FULL, node:sqlite, same disk';

const place = temporary();
try {
  const store = await open('sqlite:countersign.db', place.folder);
  const { clock, random, hasher } = ports;
  const bus = new Bus();
  const denials = new Denials(store);
  const log = new MemoryLog();
  const { facts, settings } = BARE_APPROVALS;
  const cards: ApprovalCards = new ApprovalCards({
    ...{ store, clock, random, hasher, bus, settings },
    roster: { policy: () => POLICY, traits: () => LOOPBACK_TRAITS },
    page: () => null,
    elsewhere: async () => false,
    approvals: () => approvals,
  });
  const judging = { store, clock, bus, telling: () => cards, facts, settings };
  const deadline = (afterMs: number) => AbortSignal.timeout(afterMs);
  const proofs = { passwords: createPasswords(random), passkeys: createPasskeys() };
  const factors = new Factors({ store, clock, random, hasher, denials, bus, ...proofs });
  const approvals = new Approvals({ ...judging, random, hasher, log, denials, factors, deadline });
  const signer = createGrantSigner(generateKeyPairSync('ed25519').privateKey);
  const issuer = () => 'urn:countersign:bench';
  const granting = { store, clock, hasher, bus, log, denials, approvals, signer, telling: cards };
  const grants = new Grants({ ...granting, settings, issuer, keepsOutput: () => false });

  const owner = makeId('principal', random.bytes(ID_KINDS.principal.bytes));
  const now = clock.now();
  await store.people.add({ id: owner, name: 'Olga', role: 'owner', state: 'active', createdAt: now });
  const linked = { principal: owner, ceiling: 'owner', assurance: 'high', direct: true } as const;
  await store.people.link(peer(0), {
    ...linked,
    accessUntil: null,
    displayName: null,
    username: null,
    at: now,
  });
  const token = makeId('token', random.bytes(ID_KINDS.token.bytes));
  await addToken(store, token, now);

  let asked = 0;
  const whole = async () => {
    asked += 1;
    // Each of another agent: whoever asks faster than anybody reads is slowed down.
    const ask = { agent: `agent-${asked}`, token, session: null, idempotencyKey: null };
    const { request } = await approvals.ask({ ...ask, action: execAction('git', 'push', `b${asked}`) });
    const decider = {
      principal: owner,
      connection: 'device:dev_a',
      surface: 'page',
      assurance: 'high',
    } as const;
    const proof = { factor: null, provenUntil: null, enrolled: [], deliveredAt: null, again: false } as const;
    const actor = { kind: 'principal', id: owner, surface: 'device:dev_a' } as const;
    const said = { decision: 'approve', reason: null } as const;
    const view = await approvals.decide(request.id, { ...decider, ...proof }, said, actor);
    const grant = await grants.grantOf(view);
    if (grant === null) throw new Error('a yes without a grant');
    await grants.redeem(grant, { kind: 'token', token });
  };

  const db = new DatabaseSync(join(place.folder, 'baseline.db'));
  db.exec('pragma journal_mode = wal; pragma synchronous = full');
  db.exec('create table t (id integer primary key, text text)');
  const insert = db.prepare('insert into t (text) values (?)');
  const walls: number[] = [];
  const cpus: number[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const rows = await cost(() => {
      for (let n = 0; n < 4 * REQUESTS; n++) insert.run('x'.repeat(200));
    });
    const requests = await cost(async () => {
      for (let n = 0; n < REQUESTS; n++) await whole();
    });
    if (round < 0) continue; // Warm-up.
    walls.push(requests.wall / rows.wall);
    cpus.push(requests.cpu / rows.cpu);
  }
  db.close();
  await store.close();
  const results: Row[] = [
    {
      what: 'request with its card, decision, grant, redemption, without the person (wall)',
      baseline: BASELINE,
      budget: '≤ 3 ×',
      measured: `${ratio(walls)}; CPU ${ratio(cpus)}`,
      met: median(walls) <= 3,
    },
  ];
  console.log(JSON.stringify(results));
} finally {
  place.remove();
}
