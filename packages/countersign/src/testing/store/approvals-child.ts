// A process in which programs ask and people decide, and that dies by SIGKILL before the write it was told. What it was told
// is done it prints, line by line, before it goes on; at the end the number of its writes. For approvals.full.test.ts.
import { writeSync } from 'node:fs';
import type { PrincipalId } from '@countersign/protocol/ids';
import { LOOPBACK_TRAITS } from '../../channels/loopback/channel.ts';
import { ApprovalCards } from '../../core/approval/cards.ts';
import type { ApprovalView } from '../../core/approval/service.ts';
import { storedNative } from '../../core/identity/peer.ts';
import { createHasher } from '../../runtime/crypto/hasher.ts';
import { StorageKey } from '../../runtime/keys.ts';
import { openSqlite } from '../../store/dialects/node-sqlite.ts';
import { overDatabase } from '../../store/open.ts';
import { ApprovalBench, LOOK } from '../approval-bench.ts';
import { execAction } from '../approval-rows.ts';
import { Mortal } from './mortal.ts';
import { testPorts } from './open.ts';

const [file = '', life = '', dieAt = '0'] = process.argv.slice(2);
const mortal = new Mortal(openSqlite(file), Number(dieAt));
const store = await overDatabase(mortal.database, testPorts());

const ACCOUNT = {
  enabled: true,
  dmPolicy: 'pairing',
  allowFrom: [],
  groupPolicy: 'disabled',
  groupAllowFrom: [],
  requireMention: true,
  personalNumber: false,
} as const;
const roster = {
  policy: () => ACCOUNT,
  traits: () => ({ ...LOOPBACK_TRAITS, buttons: true, edits: true }),
};
const bench = ApprovalBench.over(
  store,
  life,
  ({ clock, random, bus }) =>
    // As it is: a card, its buttons and its message come and go with the request.
    new ApprovalCards({
      store,
      clock,
      random,
      hasher: createHasher(new StorageKey(new Uint8Array(32).fill(1))),
      bus,
      roster,
      settings: () => ({ notify: [] }),
      page: () => null,
      elsewhere: async () => false,
      approvals: () => bench.approvals,
    }),
);

const promised = (what: string, { request }: Pick<ApprovalView, 'request'>) =>
  writeSync(1, `${what} ${request.id}\n`);

/** The same two in every life of this home, whatever the last one did to them. */
async function owner(name: string): Promise<PrincipalId> {
  const [known] = await store.people.find(name);
  if (known !== undefined) {
    await store.people.setState(known.id, ['suspended'], 'active');
    return known.id;
  }
  const id = await bench.person(name, 'owner');
  const peer = { channel: 'loopback', account: 'default', native: storedNative(name) };
  const link = { principal: id, ceiling: 'owner', assurance: 'high', direct: true } as const;
  const more = { accessUntil: null, displayName: null, username: null, at: bench.clock.now() };
  await store.people.link(peer, { ...link, ...more });
  return id;
}
const [one, two] = [await owner('one'), await owner('two')];
let asked = 0;
const ask = async () => {
  asked += 1;
  const request = await bench.ask(execAction('git', 'push', `${life}-${asked}`), {
    agent: life,
    key: `${asked}`,
  });
  promised('pending', request);
  return request;
};

/** By as many as it takes: an earlier life may have left another policy. */
async function approved(view: ApprovalView): Promise<void> {
  for (const person of view.request.need?.quorum === 2 ? [one, two] : [two]) {
    const { state } = await bench.says(person, 'approve', view);
    promised(state === 'approved' ? 'approved' : 'said', view);
  }
}

mortal.begin();
promised('approved', await bench.ask(LOOK, { agent: life }));
const [yes, no, taken, nobody] = [await ask(), await ask(), await ask(), await ask()];
await approved(yes);
await bench.says(one, 'deny', no, { reason: 'no' });
promised('denied', no);
await bench.approvals.cancel(taken.request.id, bench.token);
promised('cancelled', taken);
await bench.approvals.unreachable(nobody.request.id);
promised('denied', nobody);
const late = await ask();
bench.clock.advance('1h');
await bench.approvals.expire();
promised('expired', late);
const void_ = await ask();
const quorum = ((await bench.policies.current()).tiers.elevated.quorum % 2) + 1;
await bench.policies.set('tiers.elevated.quorum', String(quorum), { kind: 'host' });
promised('superseded', void_);
const both = await ask();
await approved(both);
await bench.directory.setState(one, 'suspend', { kind: 'host' });
await bench.approvals.settled();
promised('superseded', both);
await bench.directory.setState(one, 'resume', { kind: 'host' });
await store.close();
writeSync(1, `writes ${mortal.writes}\n`);
