// A full house goes on living while somebody looks at it: strangers come, people talk, a node asks, a channel comes and
// goes. And whoever opens it is let in: their browser's request is answered with yes, as the owner's, so that a newcomer
// needs nothing but the page. Only a house of its own making is ever answered for (running.ts).
import { createHash } from 'node:crypto';
import type { DeviceRequestId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { ALL_SCOPES } from '../../core/device/scopes.ts';
import type { Composed } from '../../gateway/compose.ts';
import { DeviceKey } from '../device-key.ts';
import type { FullHouse } from '../full-house.ts';
import type { TelegramStub } from '../telegram-stub.ts';
import { anybody, PEOPLE, telegramId, WAITING } from './names.ts';

const STRANGER_EVERY_MS = 20_000;
const TALK_EVERY_MS = 7_000;
const FLAP_EVERY_MS = 60_000;
const AWAY_MS = 15_000;
const NODE_EVERY_MS = 180_000;

interface Bots {
  readonly default: TelegramStub;
  readonly support: TelegramStub;
}

/** Lets every browser in that asks from this machine. @returns how to stop that. */
export function letBrowsersIn(
  { core, store }: Composed,
  { owner }: Pick<FullHouse, 'owner'>,
  say: (line: string) => void,
): () => void {
  const own = { kind: 'principal', id: owner, surface: 'device' } as const;
  const answer = async (id: DeviceRequestId): Promise<void> => {
    const asked = await store.devices.getRequest(id);
    if (asked?.role !== 'operator' || asked.state !== 'pending' || !isHere(asked.address)) return;
    const { device } = await core.devices.approve(
      id,
      { kind: 'host' },
      { for: owner, approverScopes: ALL_SCOPES },
    );
    await store.atomically((tx) => core.devices.prove(tx, device.id, own));
    core.bus.publish('deviceChanged', device.id);
    say(`let a browser in as Olga, the owner of this house: ${device.id}`);
  };
  return core.bus.subscribe('deviceRequested', (id) => {
    answer(id).catch((cause: unknown) => say(`did not let ${id} in: ${Problem.codeOf(cause)}`));
  });
}

function isHere(address: string | null): boolean {
  return address === '127.0.0.1' || address === '::1';
}

/** @returns how to end it. */
export function beginLife(bots: Bots, { core }: Pick<Composed, 'core'>): () => void {
  const timers = new Set<NodeJS.Timeout>();
  let came = 0;
  const every = (ms: number, work: () => Promise<unknown> | unknown) => {
    timers.add(setInterval(() => void Promise.resolve(work()).catch(() => undefined), ms));
  };
  every(STRANGER_EVERY_MS, () => {
    const who = came % 3 === 0 ? WAITING[came % WAITING.length] : anybody(came * 7);
    came += 1;
    if (who === undefined) return;
    const bot = came % 2 === 0 ? bots.default : bots.support;
    const username = who.username === null ? {} : { username: who.username };
    void bot.say({ id: telegramId(300 + came), is_bot: false, first_name: who.name, ...username }, who.words);
  });
  every(TALK_EVERY_MS, () => {
    const n = Math.floor(performance.now() / TALK_EVERY_MS) % PEOPLE.length;
    const who = PEOPLE[n];
    if (who === undefined || n % 4 === 3) return;
    const bot = n % 4 === 2 ? bots.support : bots.default;
    void bot.say({ id: telegramId(n), is_bot: false, first_name: who.name }, who.words);
  });
  every(FLAP_EVERY_MS, () => {
    bots.support.disconnect();
    timers.add(setTimeout(() => bots.support.reconnect(), AWAY_MS));
  });
  every(NODE_EVERY_MS, () => {
    const key = new DeviceKey('Ed25519');
    const name = `node-${createHash('sha256').update(key.thumbprint).digest('hex').slice(0, 4)}`;
    const asking = { key: key.jwk, thumbprint: key.thumbprint, role: 'node', scopes: ['node'] } as const;
    return core.devices.connect({ ...asking, token: null, name, address: '192.0.2.40' });
  });
  return () => {
    for (const timer of timers) clearTimeout(timer);
  };
}
