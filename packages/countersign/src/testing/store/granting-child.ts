// A gateway of its own process, as far as requests, grants and runs go: the real services over the real store, behind a
// socket. It dies by SIGKILL before the write it was told, or with the answer it was told: done, and nobody hears of it.
// For grants.full.test.ts.
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { Problem } from '@countersign/protocol/problem';
import { LOOPBACK_TRAITS } from '../../channels/loopback/channel.ts';
import { ApprovalCards } from '../../core/approval/cards.ts';
import { storedNative } from '../../core/identity/peer.ts';
import { createGrantSigner } from '../../runtime/crypto/grant-signer.ts';
import { createHasher } from '../../runtime/crypto/hasher.ts';
import { StorageKey } from '../../runtime/keys.ts';
import { openSqlite } from '../../store/dialects/node-sqlite.ts';
import { overDatabase } from '../../store/open.ts';
import { ApprovalBench } from '../approval-bench.ts';
import { execAction } from '../approval-rows.ts';
import { addToken } from '../grant-holders.ts';
import { testGrants } from '../grants.ts';
import { Mortal } from './mortal.ts';
import { testPorts } from './open.ts';

const [folder = '', life = '', later = '0', dieAtWrite = '0', dieAtAnswer = '0'] = process.argv.slice(2);
const mortal = new Mortal(openSqlite(`${folder}/countersign.db`), Number(dieAtWrite));
const store = await overDatabase(mortal.database, testPorts());
/** The same program in every life of the house. */
const token = `tok_${'a'.repeat(24)}` as const;

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
const told: ApprovalCards[] = [];
const bench = ApprovalBench.over(store, life, (of) => {
  const { clock, random, bus } = of;
  const cards = new ApprovalCards({
    ...{ store, clock, random, bus, roster },
    hasher: createHasher(new StorageKey(new Uint8Array(32).fill(1))),
    settings: () => ({ notify: [] }),
    page: () => null,
    elsewhere: async () => false,
    approvals: () => bench.approvals,
  });
  told.push(cards);
  return cards;
});
bench.clock.advance(Number(later));
const { clock, bus, approvals } = bench;
const signer = createGrantSigner(createPrivateKey(readFileSync(`${folder}/grant.pem`)));
const [telling] = told;
if (telling === undefined) throw new Error('nobody is told');
const { grants } = testGrants({ store, clock, bus, approvals, telling, signer });
const me = { kind: 'token', token } as const;
if ((await store.tokens.get(token)) === null) await addToken(store, token, clock.now());

const owner = await (async () => {
  const [known] = await store.people.find('olga');
  if (known !== undefined) return known.id;
  const id = await bench.person('olga', 'owner');
  const peer = { channel: 'loopback', account: 'default', native: storedNative('olga') };
  const link = { principal: id, ceiling: 'owner', assurance: 'high', direct: true } as const;
  const more = { accessUntil: null, displayName: null, username: null, at: clock.now() };
  await store.people.link(peer, { ...link, ...more });
  return id;
})();

type Body = Record<string, string>;

async function answer(path: string, body: Body): Promise<object> {
  switch (path) {
    case '/ask': {
      const words = (body['words'] ?? '').split(' ');
      const view = await bench.ask(execAction(...words), { token, key: body['key'] ?? null });
      return { id: view.request.id, state: view.state };
    }
    case '/yes': {
      const view = await approvals.find(body['id'] ?? '');
      return { state: (await bench.says(owner, 'approve', view)).state };
    }
    case '/look': {
      const view = await approvals.find(body['id'] ?? '');
      const { actionDigest, requestDigest, host } = view.request;
      return { state: view.state, grant: await grants.grantOf(view), actionDigest, requestDigest, host };
    }
    case '/redeem':
      await grants.redeem(body['grant'] ?? '', me);
      return { redeemed: true };
    case '/started':
      await grants.report({ grant: body['id'] ?? '', what: 'started' }, me);
      return { reported: true };
    case '/finished':
      await grants.report({ grant: body['id'] ?? '', what: 'finished', exitCode: 0, signal: null }, me);
      return { reported: true };
    case '/later':
      clock.advance(Number(body['ms']));
      return { lost: await grants.lose(), writes: mortal.writes, answers };
    default:
      throw new Problem('not_found');
  }
}

async function bodyOf(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

let answers = 0;
const server = createServer((request, response) => {
  void (async () => {
    const said = await answer(request.url ?? '', await bodyOf(request)).catch((cause: unknown) => ({
      problem: Problem.codeOf(cause),
    }));
    answers += 1;
    if (answers === Number(dieAtAnswer)) process.kill(process.pid, 'SIGKILL');
    response.end(JSON.stringify(said));
  })();
});
server.listen(`${folder}/${life}.sock`, () => {
  mortal.begin();
  process.stdout.write('ready\n');
});
process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
  void store.close();
});
