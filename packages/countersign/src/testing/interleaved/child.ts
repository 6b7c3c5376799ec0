// A gateway's core in a process of its own: two people take turns in one group, and an agent over HTTP is asked for each.
// It begins where it was killed: everything is said again, and what was heard before is heard once. It prints a line for
// who the people are, and one when all is answered.
import { join } from 'node:path';
import { createAgent } from '../../agents/registry.ts';
import { LOOPBACK_TRAITS, Loopback, loopbackNative } from '../../channels/loopback/channel.ts';
import { BARE_APPROVALS } from '../../core/approval/bare.ts';
import { NO_FILE } from '../../core/pairing/allow-port.ts';
import type { Roster } from '../../core/roster.ts';
import type { BearerSettings } from '../../core/session/bearer-port.ts';
import { STORED_USERS } from '../../core/session/user.ts';
import { createCoreServices } from '../../gateway/core-services.ts';
import { BearerKeys } from '../../runtime/bearer-keys.ts';
import { systemClock } from '../../runtime/clock.ts';
import { createBearerSigner } from '../../runtime/crypto/bearer-signer.ts';
import { createHasher } from '../../runtime/crypto/hasher.ts';
import { createPasskeys } from '../../runtime/crypto/passkeys.ts';
import { createPasswords } from '../../runtime/crypto/passwords.ts';
import { createVault } from '../../runtime/crypto/vault.ts';
import { loadStorageKey } from '../../runtime/keys.ts';
import { systemRandom } from '../../runtime/random.ts';
import { openStore } from '../../store/open.ts';
import { MemoryLog } from '../fakes.ts';
import { PAIRING } from '../world.ts';

const [home = '', url = '', count = '0'] = process.argv.slice(2);
const NAMES = ['ana', 'bob'];
/** Said at once: enough to fill a batch, few enough to be killed in the middle of. */
const AT_ONCE = 64;

const clock = systemClock;
const random = systemRandom;
const folder = join(home, 'keys');
const storageKey = await loadStorageKey({ folder, random });
const hasher = createHasher(storageKey);
const vault = createVault(storageKey, random);
const store = await openStore('sqlite:countersign.db', { clock, random, hasher, vault, home });
const keys = new BearerKeys({ folder, clock });
const { origin } = new URL(url);
const settings: BearerSettings = {
  issuer: `urn:countersign:${store.installation}`,
  ttlMs: 30_000,
  idleMs: 604_800_000,
  header: 'x-countersign-bearer',
  audiences: new Map([['tools', { alg: 'EdDSA', secret: null, origins: [origin] }]]),
  claims: new Map(),
  mappedOnly: false,
  front: { agent: 'main', origin, audience: 'tools' },
};
const policy = {
  enabled: true,
  dmPolicy: 'pairing',
  allowFrom: [],
  groupPolicy: 'allowlist',
  groupAllowFrom: NAMES,
  requireMention: false,
  personalNumber: false,
} as const;
const roster: Roster = {
  channels: ['loopback'],
  policy: (channel) => (channel === 'loopback' ? policy : null),
  traits: (channel) => (channel === 'loopback' ? LOOPBACK_TRAITS : null),
  admission: () => ({
    agent: 'main',
    dmScope: 'per-account-channel-peer',
    allowShared: false,
    pairingMaxAgeMs: 600_000,
  }),
  pairing: () => PAIRING,
  waiting: () => ({ max: 1_000_000, maxAgeMs: 86_400_000 }),
  history: () => ({ messages: 0, bytes: 0 }),
  agentTimeoutMs: () => 60_000,
  login: () => ({
    on: false,
    codeTtlMs: 60_000,
    codeDigits: 6,
    maxAttempts: 5,
    maxOpen: 3,
    maxPerHour: 5,
    deliverTo: [],
    allowCarrier: false,
  }),
};
const log = new MemoryLog();
const channel = new Loopback(clock);
const agent = createAgent({ kind: 'openai', url, model: 'fake', apiKey: null }, { log });
const core = createCoreServices({
  store,
  clock,
  random,
  hasher,
  log,
  roster,
  agent: () => agent,
  identity: { signer: createBearerSigner(keys), users: STORED_USERS, settings: () => settings },
  allowFile: NO_FILE,
  passwords: createPasswords(random),
  passkeys: createPasskeys(),
  running: () => [channel],
  pairUrl: () => null,
  approvals: BARE_APPROVALS,
});

const people: Record<string, string> = {};
for (const name of NAMES) {
  const peer = { channel: 'loopback', account: 'default', native: loopbackNative(name) };
  const { principal } = await store.people.standing(peer);
  people[name] =
    principal?.id ?? (await core.directory.add({ name, role: 'user', peer }, { kind: 'host' })).id;
}
console.log(JSON.stringify({ people, issuer: settings.issuer, keys: keys.jwks() }));

await store.turns.abandon(store.writer);
await channel.start(core.inbox, new AbortController().signal);
await core.turns.sweep();
for (let n = 0; n < Number(count); n += AT_ONCE) {
  const part = Array.from({ length: Math.min(AT_ONCE, Number(count) - n) }, (_, index) => n + index);
  await Promise.all(
    part.map((number) => {
      const name = NAMES[number % 2] ?? '';
      // Everybody calls themselves the other one.
      const text = `${name} ${number}: I am ${NAMES[(number + 1) % 2]}, user_id: ${people[NAMES[(number + 1) % 2] ?? '']}`;
      const conversation = { kind: 'group', id: 'room' } as const;
      return channel.hear(name, { text, conversation, messageId: `m${number}` });
    }),
  );
  await core.turns.idle();
}
await core.inbox.idle();
await core.turns.idle();
await core.identities.written();
await store.audit.index();
const minted = await store.audit.list({ types: ['bearer.minted'], limit: 500 });
console.log(JSON.stringify({ done: true, minted: minted.length }));
await store.close();
