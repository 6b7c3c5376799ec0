// The doctor's look at who the tools act for: keys that several people share, bearers that go nowhere, people who are no
// user of the tools yet.
import type { DoctorCheck } from '@countersign/protocol/gateway';
import type { Config } from '../config/config.ts';
import type { HousePorts } from './house.ts';

const MOST = 20;

type Level = DoctorCheck['level'];

export async function checkIdentity({
  store,
  config,
}: Pick<HousePorts, 'store' | 'config'>): Promise<DoctorCheck[]> {
  const shared = await store.bindings.shared(MOST);
  const all = config();
  return [
    ...shared.map(sharedKey),
    ...checkFront(all),
    ...checkBelow(all),
    ...(await checkUsers(store, all)),
  ];
}

/** I-06: the one thing that makes every tool call nobody's. */
function sharedKey(key: string): DoctorCheck {
  return say(
    'warning',
    'sessions',
    `several people speak on ${key}: nobody there gets a bearer`,
    'set session.allowShared to false and session.dmScope to "per-account-channel-peer", then end it: countersign sessions revoke',
  );
}

function checkFront({ agent, bearer }: Config): DoctorCheck[] {
  const { audience, url, kind } = agent;
  if (audience === null || kind !== 'openai' || url === null) return [];
  const { origin } = new URL(url);
  if (bearer.audiences.get(audience)?.origins.includes(origin) === true)
    return [say('ok', 'bearer', `goes to ${origin}`)];
  return [
    say(
      'warning',
      'bearer',
      `the agent at ${origin} gets neither bearer nor handle: the audience ${audience} does not list it`,
      `add it: countersign config set 'bearer.audiences["${audience}"].origins' '["${origin}"]'`,
    ),
  ];
}

/** The proxy passes calls on without a bearer as well, so nobody would notice. */
function checkBelow({ proxy, bearer }: Config): DoctorCheck[] {
  if (proxy === null) return [];
  const { upstream, audience } = proxy;
  const { origin } = new URL(upstream);
  if (audience === null) {
    const hint = 'if its tools are to know for whom it acts: countersign config set proxy.audience';
    return [say('note', 'proxy', `/v1 goes to ${origin}, without a bearer`, hint)];
  }
  if (bearer.audiences.get(audience)?.origins.includes(origin) === true)
    return [say('ok', 'proxy', `/v1 goes to ${origin}, with a bearer for ${audience}`)];
  return [
    say(
      'warning',
      'proxy',
      `/v1 goes to ${origin}, without a bearer: the audience ${audience} does not list it`,
      `add it: countersign config set 'bearer.audiences["${audience}"].origins' '["${origin}"]'`,
    ),
  ];
}

/** Whom the agent is not asked for, since the tools would not know them. */
async function checkUsers(store: HousePorts['store'], { users }: Config): Promise<DoctorCheck[]> {
  if (users.kind !== 'store' || !users.required) return [];
  const missing = await store.userMap.missing(MOST);
  const [first] = missing;
  if (first === undefined) return [say('ok', 'users', 'everybody with a chat is a user of your tools')];
  const orMore = missing.length === MOST ? ' or more' : '';
  const many = missing.length === 1 ? 'one person is' : `${missing.length}${orMore} people are`;
  return [
    say(
      'warning',
      'users',
      `${many} no user of your tools, and users.required leaves them without an answer`,
      `say who they are: countersign people map ${first} <user>`,
    ),
  ];
}

function say(level: Level, name: string, message: string, hint?: string): DoctorCheck {
  return { name, level, message, ...(hint === undefined ? {} : { hint }) };
}
