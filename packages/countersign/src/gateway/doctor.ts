// What is wrong here, and what to do about it. Looks and changes nothing; each check stands alone, so that one that
// cannot be made hides no other.
import { type Stats, statSync } from 'node:fs';
import type { DoctorCheck } from '@countersign/protocol/gateway';
import { Problem } from '@countersign/protocol/problem';
import type { Config } from '../config/config.ts';
import { isLoopback } from '../config/urls.ts';
import { peerLabel } from '../core/identity/name.ts';
import type { Millis } from '../core/ports.ts';
import type { Store } from '../core/store-port.ts';
import { checkElevations } from './doctor-elevations.ts';
import { checkIdentity } from './doctor-identity.ts';
import { checkIsolation } from './doctor-isolation.ts';
import { checkOpenClaw } from './doctor-openclaw.ts';
import { checkPolicy } from './doctor-policy.ts';
import { checkTokens } from './doctor-tokens.ts';
import type { HousePaths, HousePorts } from './house.ts';

type Level = DoctorCheck['level'];

/** Events proven at once: the whole chain is `audit verify`'s work. */
const MOST_EVENTS = 20_000;
/** Mistakes named one by one. */
const MOST_MISTAKES = 20;
const AGENT_PATIENCE_MS = 3_000;
/** 2026-01-01, before which this program did not exist. */
const EARLIEST = Date.UTC(2026, 0, 1);

export async function examine(ports: HousePorts): Promise<DoctorCheck[]> {
  const config = ports.config();
  const checks = [
    () => checkHome(ports.home, storeFile(config)),
    () => checkStore(ports, storeFile(config)),
    () => checkAudit(ports),
    () => checkPolicy(ports),
    () => checkConfig(ports),
    () => checkPending(ports),
    () => checkLists(ports),
    () => checkAgent(config, ports.agentDescribe()),
    () => checkAddresses(config),
    () => checkSessions(config),
    () => checkIdentity(ports),
    () => [...checkChannels(ports), ...checkTemplates(ports)],
    () => checkTokens(ports),
    () => checkOwner(ports),
    () => [
      ports.pages.built
        ? say('ok', 'pages', 'built')
        : say('warning', 'pages', 'not built', 'npm start builds them'),
    ],
    () => checkElevations(ports),
    async () => checkIsolation(ports.home, await ports.store.factors.anyOwnerHas()),
    () => checkOpenClaw(ports.openclaw()),
    () =>
      config.testEndpoints
        ? [
            say(
              'warning',
              'test endpoints',
              'plain endpoints are allowed',
              'unset COUNTERSIGN_TEST_ENDPOINTS',
            ),
          ]
        : [],
    () => checkClock(ports),
  ];
  return made(checks);
}

/** What a page may ask all the time: no chain is walked, nothing is written, nobody is called. Of it what is not well, but
 * for what the overview tells as a need of its own: channels that are down, changes that wait. */
export async function glance(ports: HousePorts): Promise<DoctorCheck[]> {
  const config = ports.config();
  const found = await made([
    () => checkHome(ports.home, storeFile(config)),
    () => ports.store.ping().then(() => []),
    () => checkConfig(ports),
    () => checkLists(ports),
    () => checkAddresses(config),
    () => checkSessions(config),
    () => checkPolicy(ports),
    () => checkElevations(ports),
    () => (ports.channels.list().some(({ enabled }) => enabled) ? [] : checkChannels(ports)),
    () => checkClock(ports),
  ]);
  return found.filter(({ level }) => level === 'error' || level === 'warning');
}

/** Each stands alone. */
async function made(
  checks: readonly (() => readonly DoctorCheck[] | Promise<readonly DoctorCheck[]>)[],
): Promise<DoctorCheck[]> {
  const found = await Promise.all(
    checks.map(async (check) => {
      try {
        return await check();
      } catch (cause) {
        return [say('error', 'doctor', `a check failed (${Problem.codeOf(cause)})`)];
      }
    }),
  );
  return found.flat();
}

function checkClock({ clock }: HousePorts): DoctorCheck[] {
  return [
    clock.now() < EARLIEST
      ? say('error', 'clock', 'the clock is wrong', 'set the time: every lifetime depends on it')
      : say('ok', 'clock', 'plausible'),
  ];
}

function say(level: Level, name: string, message: string, hint?: string): DoctorCheck {
  return { name, level, message, ...(hint === undefined ? {} : { hint }) };
}

/** The file of the store that is in use, which need not be the home's; null where there is none. */
function storeFile({ store }: Config): string | null {
  if (store.kind !== 'sqlite') return null;
  const path = store.url.reveal().slice('sqlite:'.length);
  return path === ':memory:' ? null : path;
}

function checkHome({ root, keys, run, agentGid }: HousePaths, store: string | null): DoctorCheck[] {
  if (process.platform === 'win32')
    return [say('note', 'home', 'permissions are not checked on this system')];
  const passable = agentGid === null ? 0o077 : 0o067;
  const wrong = [
    open(root, passable),
    open(run, passable),
    open(keys, 0o077),
    store === null ? null : open(store, 0o077),
  ].filter((flaw) => flaw !== null);
  return wrong.length === 0 ? [say('ok', 'home', `${root} is this user's alone`)] : wrong;
}

function open(path: string, forbidden: number): DoctorCheck | null {
  const stat: Stats | undefined = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || (stat.mode & forbidden) === 0) return null;
  const mode = (stat.mode & 0o777 & ~forbidden).toString(8);
  return say('error', 'home', `${path} is open to others`, `chmod ${mode} ${path}`);
}

async function checkStore({ store, clock }: HousePorts, file: string | null): Promise<DoctorCheck[]> {
  try {
    await store.ping();
    await writeNothing(store, clock.now());
  } catch (cause) {
    const code = Problem.codeOf(cause);
    return [
      say(
        'error',
        'store',
        `cannot be written (${code})`,
        code === 'store_full' ? 'free disk space' : 'is the disk there, and writable?',
      ),
    ];
  }
  const size = file === null ? undefined : statSync(file, { throwIfNoEntry: false })?.size;
  return [
    say(
      'ok',
      'store',
      `${store.dialect}, writable${size === undefined ? '' : `, ${Math.ceil(size / 1_048_576)} MiB`}`,
    ),
  ];
}

class Undone extends Error {}

/** A row is written and taken back before anybody sees it. */
async function writeNothing(store: Store, now: Millis): Promise<void> {
  try {
    await store.atomically(async (tx) => {
      await tx.nonces.take('doctor', String(now), now);
      throw new Undone();
    });
  } catch (cause) {
    if (!(cause instanceof Undone)) throw cause;
  }
}

async function checkAudit({ audit }: HousePorts): Promise<DoctorCheck[]> {
  const { ok, events, heads, broken } = await audit.verify(MOST_EVENTS);
  const all = heads.reduce((sum, { seq }) => sum + seq, 0);
  // What was not looked at is not called proven.
  if (ok && events < all)
    return [say('note', 'audit', `the first ${events} of ${all} events verify`, 'countersign audit verify')];
  if (ok) return [say('ok', 'audit', `${events} events verify`)];
  const where = broken === undefined ? '' : ` at ${broken.writer} ${broken.seq} (${broken.why})`;
  return [
    say(
      'error',
      'audit',
      `the chain breaks${where}`,
      'keep the file as it is, and compare it with an export or a backup',
    ),
  ];
}

function checkConfig({ configValid }: HousePorts): DoctorCheck[] {
  const { mistakes } = configValid();
  if (mistakes.length === 0) return [say('ok', 'config', 'valid')];
  const count = mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`;
  return [
    say(
      'warning',
      'config',
      `the file has ${count}; the one before is in force`,
      'countersign config validate',
    ),
    ...mistakes
      .slice(0, MOST_MISTAKES)
      .map(({ path, message, hint }) => say('warning', `config ${path}`.trim(), message, hint)),
  ];
}

/** The file asks for something that is not so. */
async function checkPending({ pending }: HousePorts): Promise<DoctorCheck[]> {
  return (await pending()).map(({ path, why, gone = [] }) =>
    say(
      'warning',
      `config ${path}`,
      why === 'guarded'
        ? 'was changed by hand and waits; the value before is in force'
        : `${gone.length} people are gone at once; nobody was put out`,
      `countersign config accept ${path}, if it was meant; countersign config pending shows it`,
    ),
  );
}

async function checkLists({ allow }: HousePorts): Promise<DoctorCheck[]> {
  const { count, why } = await allow.owed();
  const blocked = await allow.listedButBlocked();
  const owed =
    count === 0
      ? []
      : [
          say(
            'warning',
            'allowFrom',
            `${count === 1 ? '1 change' : `${count} changes`} to allowFrom ${count === 1 ? 'waits' : 'wait'}: ${why ?? 'it was not tried yet'}`,
            'what was decided holds all the same; make the file writable, and it is written by itself',
          ),
        ];
  return [
    ...owed,
    ...blocked.map((peer) =>
      say(
        'warning',
        'allowFrom',
        `${peerLabel(peer)} is listed and blocked: the entry grants nothing`,
        'take the entry out, or lift the block: countersign pairing unblock',
      ),
    ),
  ];
}

async function checkAgent(config: Config, describe: string): Promise<DoctorCheck[]> {
  const { kind, url } = config.agent;
  if (kind === 'echo' || url === null) {
    return [say('note', 'agent', describe, 'set agent.url to the OpenAI-compatible endpoint of your agent')];
  }
  try {
    // Any answer at all: whether it likes us is the next message's business. No credential goes along.
    const answer = await fetch(url, {
      method: 'GET',
      redirect: 'manual',
      signal: AbortSignal.timeout(AGENT_PATIENCE_MS),
    });
    await answer.body?.cancel();
    return [say('ok', 'agent', 'answers')];
  } catch {
    return [say('warning', 'agent', 'does not answer', 'is it running? see agent.url')];
  }
}

function checkAddresses({ gateway }: Config): DoctorCheck[] {
  const { listen, publicUrl, trustedProxies } = gateway;
  if (isLoopback(listen)) {
    return publicUrl !== null && trustedProxies.length === 0 && !isLoopback(new URL(publicUrl).hostname)
      ? [
          say(
            'note',
            'addresses',
            'publicUrl needs a proxy on this machine that leads to it',
            'name its address in gateway.trustedProxies, so that limits per address see its visitors',
          ),
        ]
      : [say('ok', 'addresses', 'this machine only')];
  }
  if (publicUrl !== null && trustedProxies.length === 0) {
    return [
      say(
        'warning',
        'addresses',
        `no proxy on another machine may bring requests for ${publicUrl}`,
        'name its address in gateway.trustedProxies (docs/remote-access.md)',
      ),
    ];
  }
  if (publicUrl !== null) return [say('ok', 'addresses', `open as ${publicUrl}`)];
  return [
    say(
      'warning',
      'addresses',
      `listens on ${listen}, and answers to no name but localhost`,
      'set gateway.publicUrl to the https address people use',
    ),
  ];
}

function checkSessions({ session }: Config): DoctorCheck[] {
  if (session.allowShared) {
    return [
      say(
        'warning',
        'sessions',
        'several people may share one conversation',
        'set session.allowShared to false',
      ),
    ];
  }
  if (session.dmScope === 'main') {
    return [
      say(
        'warning',
        'sessions',
        'dmScope "main" is one conversation: the second person is refused',
        'set session.dmScope to "per-account-channel-peer"',
      ),
    ];
  }
  return [say('ok', 'sessions', session.dmScope)];
}

/** What the 24 hours of WhatsApp take away from an account without templates. */
function checkTemplates({ config }: HousePorts): DoctorCheck[] {
  return config().channels.accounts.flatMap((one) => {
    if (!one.enabled || one.ingress) return [];
    const key =
      one.channel === 'whatsapp-cloud' && one.settings.loginTemplate === null
        ? 'loginTemplate'
        : one.channel === 'twilio' &&
            one.settings.from?.startsWith('whatsapp:') === true &&
            one.settings.loginContentSid === null
          ? 'loginContentSid'
          : null;
    if (key === null) return [];
    const name = `channel ${one.channel}${one.account === 'default' ? '' : `:${one.account}`}`;
    const message = 'login codes reach only who wrote within the last 24 hours';
    return [say('note', name, message, `set ${key} to an approved authentication template`)];
  });
}

function checkChannels({ channels, startedAt }: HousePorts): DoctorCheck[] {
  const rows = channels.list().filter(({ enabled }) => enabled);
  if (rows.length === 0)
    return [
      say('warning', 'channels', 'none is enabled', 'countersign config set channels.webchat.enabled true'),
    ];
  if (startedAt === null)
    return [say('note', 'channels', 'no gateway runs, so none is connected', 'countersign gateway start')];
  return rows.map(({ channel, account, state, detail, hint }) => {
    const name = `channel ${channel}${account === 'default' ? '' : `:${account}`}`;
    return state === 'connected'
      ? say('ok', name, 'connected')
      : say('warning', name, detail ?? state, hint ?? 'countersign logs');
  });
}

async function checkOwner({ claim }: HousePorts): Promise<DoctorCheck[]> {
  return (await claim.isOwned())
    ? [say('ok', 'owner', 'there is one')]
    : [say('note', 'owner', 'nobody owns this gateway yet', 'countersign claim prints the link')];
}
