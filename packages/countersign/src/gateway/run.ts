// The gateway in the foreground: take the home, open the doors, take up what was left, tell the terminal, and stop in
// order. The claim link goes to the starting terminal only.
import { Problem } from '@countersign/protocol/problem';
import { isoTime } from '@countersign/protocol/time';
import type { Config } from '../config/config.ts';
import { isLoopback } from '../config/urls.ts';
import { systemClock } from '../runtime/clock.ts';
import { writeWhole } from '../runtime/files.ts';
import { removeGatewayFile, writeGatewayFile } from '../runtime/gateway-file.ts';
import { openHome, protectAgentSocket } from '../runtime/home.ts';
import { holdHome } from '../runtime/lock.ts';
import { systemRandom } from '../runtime/random.ts';
import type { Stage } from './channel-factory.ts';
import { ensureClientFile } from './client-file.ts';
import { type Composed, compose } from './compose.ts';
import { readConfig } from './config-house.ts';
import { ATTACKS, isolationLevel } from './isolation.ts';
import { type Listeners, listen } from './listeners.ts';
import { createSocket, type Socket } from './socket.ts';
import { type Sweeper, startSweeper } from './sweeper.ts';
import { ensureUi, uiPlace } from './ui-build.ts';
import { VERSION } from './version.ts';

/** Answers in flight get this long at a stop. */
const GRACE_MS = 10_000;
const HTTP_GRACE_MS = 2_000;
const SEND_GRACE_MS = 5_000;

interface Terminal {
  out(line: string): void;
  err(line: string): void;
  readonly isTTY: boolean;
}

interface Place {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
  /** For a program around it that brings its own pages: called once everything is up. */
  readonly around?: { started(composed: Composed, url: string): void };
  readonly stage?: Stage;
}

/** Runs until it is told to stop. @throws Problem `config_invalid`, `gateway_busy`, `gateway_port_taken`, `store_*`. */
export async function runGateway({ home: root, env, terminal, around, stage }: Place): Promise<void> {
  const { agentGroup, agentSocket } = readConfig({ home: root, env }).config.gateway;
  const home = openHome(root, { agentGroup, agentSocket });
  const held = holdHome(home);
  try {
    if (around === undefined) await buildPages(terminal);
    const stopping = Promise.withResolvers<void>();
    const startedAt = systemClock.now();
    let port = 0;
    const running = { startedAt, port: () => port, stop: () => setImmediate(stopping.resolve) };
    const composed = await compose({ home: root, env, running, ...(stage === undefined ? {} : { stage }) });
    const { app, config, core, proofs, signer, log } = composed;
    const socket = createSocket({
      clock: systemClock,
      random: systemRandom,
      signer,
      keys: composed.keys,
      log,
      webchat: composed.webchat,
      devices: {
        devices: core.devices,
        bus: core.bus,
        feed: composed.feed,
        presence: composed.presence,
        hosts: composed.services.execHosts,
        nonce: () => proofs.nonce(),
      },
    });
    const names = () => ({
      publicUrl: config.current.gateway.publicUrl,
      chatUrl: config.current.gateway.chatUrl,
    });
    try {
      const local = { ...home, protectAgentSocket: () => protectAgentSocket(home) };
      const { hosts, port: wanted } = config.current.gateway;
      const trustedProxies = () => config.current.gateway.trustedProxies;
      const doors = await listen(
        { app, socket, v1: composed.proxy.v1, names, trustedProxies },
        { hosts, port: wanted, local },
      );
      port = doors.port;
      const url = `http://localhost:${port}/`;
      writeGatewayFile(home.gatewayFile, {
        pid: process.pid,
        url,
        startedAt: isoTime(startedAt),
        version: VERSION,
      });
      const forget = onSignals(stopping.resolve);
      const sweeper = await takeUp(composed);
      await greet(composed, doors, url, terminal);
      around?.started(composed, url);
      await stopping.promise;
      await sweeper.stop();
      await windDown(composed, doors, socket);
      forget();
    } finally {
      removeGatewayFile(home.gatewayFile, process.pid);
      await composed.close();
    }
  } finally {
    held.release();
  }
}

/** What a dead process left is taken up before anybody new is heard. */
async function takeUp(composed: Composed): Promise<Sweeper> {
  const { store, core, channels, config, log } = composed;
  await store.turns.abandon(store.writer);
  await store.outbox.abandon(store.writer);
  await core.desk.recover();
  await channels.follow();
  const isAsked = askedOthers(config.current);
  config.follow((now) => {
    void channels.follow();
    if (isAsked(now)) void voidAsked(composed);
  });
  await tellAudit(composed, 'gateway.started');
  const { clientPlace: place, tokens } = composed.services;
  const agent = config.current.agent.id;
  const { clientFile: file } = composed.home;
  await ensureClientFile({ store, tokens, log, file, write: writeWhole, place, agent });
  log.info('gateway.started', { pid: process.pid, version: VERSION });
  const sweeper = startSweeper({
    store,
    clock: systemClock,
    log,
    services: core,
    granting: composed.services.granting,
    tidyConfig: composed.tidyConfig,
    keepHeads: () => composed.services.audit.keep(),
    lookAfterAskers: (now) => composed.services.approvals.lookAfterAskers(now),
    tellRenewals: composed.tellRenewals,
    denyCooldownMs: () => config.current.channels.pairing.denyCooldownMs,
  });
  await core.turns.sweep();
  void core.dispatcher.dispatch();
  return sweeper;
}

/** R41: whom the configuration names to decide is part of what a request rests on. */
function askedOthers(before: Config): (now: Config) => boolean {
  let known = JSON.stringify(before.approvals.approvers);
  return ({ approvals }) => {
    const named = JSON.stringify(approvals.approvers);
    const isOther = named !== known;
    known = named;
    return isOther;
  };
}

async function voidAsked({ core, log }: Composed): Promise<void> {
  await core.approvals
    .supersede('approvers_changed')
    .catch((cause: unknown) => log.error('approvals.failed', { reason: Problem.codeOf(cause) }));
}

/** New work ends first, then what is under way gets its time, then the store closes behind everybody. */
async function windDown(composed: Composed, doors: Listeners, socket: Socket): Promise<void> {
  const { channels, core, log, services } = composed;
  services.approvals.close();
  services.execHosts.close();
  const closed = doors.close(HTTP_GRACE_MS);
  await core.inbox.idle();
  await core.aliases.idle();
  await core.turns.stop(after(GRACE_MS));
  // What hangs in somebody's server stays in the outbox and goes out at the next start.
  await Promise.race([core.dispatcher.dispatch(), after(SEND_GRACE_MS)]);
  await socket.close();
  channels.stop();
  await closed;
  await tellAudit(composed, 'gateway.stopped');
  // A full disk keeps nobody from stopping.
  await composed.services.audit.keep().catch(() => log.error('audit.failed', { event: 'heads' }));
  log.info('gateway.stopped', { pid: process.pid });
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}

function tellAudit({ store }: Composed, type: 'gateway.started' | 'gateway.stopped'): Promise<void> {
  const at = systemClock.now();
  return store.audit.append([
    { type, at, actor: { kind: 'system' }, subject: { version: VERSION }, outcome: 'ok' },
  ]);
}

async function greet(composed: Composed, doors: Listeners, url: string, terminal: Terminal): Promise<void> {
  const { services, agentDescribe, config, home } = composed;
  terminal.out(`countersign ${VERSION}`);
  terminal.out(`  ${url.padEnd(30)} Control UI`);
  terminal.out(`  ${`${url}chat`.padEnd(30)} web chat`);
  terminal.out(`  agent: ${agentDescribe()}`);
  for (const host of doors.missing)
    terminal.err(`note: this machine has no ${host}; only the other loopback is open`);
  if (config.current.testEndpoints)
    terminal.err('warning: COUNTERSIGN_TEST_ENDPOINTS is on; plain endpoints are allowed');
  const { listen: listenAt, publicUrl } = config.current.gateway;
  if (!isLoopback(listenAt) && publicUrl === null) {
    terminal.err(
      `warning: listens on ${listenAt} and answers to no name but localhost; set gateway.publicUrl`,
    );
  }
  terminal.out(
    isolationLevel(home) === 0
      ? `  isolation level 0: an agent that runs as this user can do ${ATTACKS.length} things no rule stops (countersign doctor)`
      : '  isolation level 1: no agent may run as this user (LIMITATIONS.md)',
  );
  if (await services.claim.isOwned()) {
    terminal.out('who waits: countersign pairing list');
    return;
  }
  const { url: link } = await services.claim.link({ kind: 'host' });
  terminal.out('');
  terminal.out('nobody owns this gateway yet. Within ten minutes, once, open this to make it yours:');
  terminal.out(`  ${link}`);
  terminal.out(`then open ${url}chat in another browser, write something, and let it in:`);
  terminal.out('  npx countersign pairing list');
}

/** The first signal stops in order, the second at once. */
function onSignals(stop: () => void): () => void {
  let asked = false;
  const onSignal = () => {
    if (asked) process.exit(130);
    asked = true;
    stop();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.on('SIGHUP', onSignal);
  return () => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
    process.off('SIGHUP', onSignal);
  };
}

/** Failing is told, not fatal: the API and every other channel work without pages. */
async function buildPages(terminal: Terminal): Promise<void> {
  const wrong = await ensureUi(uiPlace(), (line) => terminal.err(line));
  if (wrong !== null) terminal.err(`warning: there are no pages: ${wrong}`);
}
