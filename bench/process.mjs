// Whole processes of the packed build: the command line, the start of the gateway, its memory at rest. Invariant: what
// was started here is ended here, by its own handle.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { median, ratio } from './figures.ts';

const STARTS = 7;
const LISTS = 15;
const REST_MS = 2_000;
const node = process.execPath;

export async function processRows(folder) {
  const bin = join(folder, 'node_modules/countersign/bin/countersign.js');
  const home = mkdtempSync(join(tmpdir(), 'cs-bench-'));
  const port = await freePort();
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    COUNTERSIGN_HOME: join(home, 'h'),
    COUNTERSIGN_PORT: String(port),
  };
  const place = { env, bin, ready: `http://localhost:${port}/readyz` };
  try {
    const first = await gateway(place); // Makes the home and warms the disk.
    await first.stop();
    return [...(await starts(place)), await lists(place), await execs(place)];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** The same build without the code of channels that nobody switched on. That it starts at all shows that it loads none. */
export async function unusedRows(folder) {
  const home = mkdtempSync(join(tmpdir(), 'cs-bench-'));
  const bare = join(home, 'bare');
  cpSync(folder, bare, { recursive: true });
  const channels = join(bare, 'node_modules/countersign/dist/channels');
  const folders = readdirSync(channels, { withFileTypes: true }).filter((one) => one.isDirectory());
  for (const { name } of folders) {
    if (name === 'webchat') continue;
    // What a channel can do is known of all of them.
    for (const file of readdirSync(join(channels, name)))
      if (!/^(traits|wire)\.js$/.test(file)) rmSync(join(channels, name, file), { recursive: true });
  }
  const port = await freePort();
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    COUNTERSIGN_HOME: join(home, 'h'),
    COUNTERSIGN_PORT: String(port),
  };
  const ready = `http://localhost:${port}/readyz`;
  const at = (where) => ({ env, ready, bin: join(where, 'node_modules/countersign/bin/countersign.js') });
  const started = [];
  const memory = [];
  try {
    for (let round = -1; round < STARTS; round++) {
      const [whole, less] = [await rested(at(folder)), await rested(at(bare))];
      if (round < 0) continue;
      started.push(whole.ms / less.ms);
      memory.push(whole.rss / less.rss);
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
  return [
    {
      what: 'what channels that are not switched on add: start (wall), memory at rest (RSS)',
      baseline: 'the packed build with their code deleted',
      budget: 'nothing: ≤ 1.05 ×, ≤ 1.02 ×',
      measured: `${ratio(started)}, ${ratio(memory)}`,
      met: median(started) <= 1.05 && median(memory) <= 1.02,
    },
  ];
}

async function rested(place) {
  const running = await gateway(place);
  try {
    await wait(REST_MS);
    return { ms: running.ms, rss: rssOf(running.pid) };
  } finally {
    await running.stop();
  }
}

async function starts(place) {
  const bare = [];
  const readyAfter = [];
  const ratios = [];
  const memory = [];
  const sizes = [];
  for (let round = 0; round < STARTS; round++) {
    bare.push(wall(['-e', '0'], place.env));
    const running = await gateway(place);
    const idle = spawn(node, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore', env: place.env });
    try {
      await wait(REST_MS);
      sizes.push(rssOf(running.pid));
      memory.push(sizes.at(-1) / rssOf(idle.pid));
    } finally {
      idle.kill();
      await running.stop();
    }
    readyAfter.push(running.ms);
    ratios.push(running.ms / bare.at(-1));
  }
  const seconds = median(readyAfter) / 1_000;
  return [
    {
      what: 'gateway start to `/readyz`, packed build, home exists (wall)',
      baseline: '`node -e 0`',
      budget: '≤ 14 × and under 0.6 s',
      measured: `${ratio(ratios, 1)}, ${seconds.toFixed(2)} s`,
      met: median(ratios) <= 14 && seconds < 0.6,
    },
    {
      what: `gateway at rest, packed build, web chat on (RSS after ${REST_MS / 1_000} s)`,
      baseline: 'a bare node process that waits',
      budget: '≤ 2.5 ×',
      measured: `${ratio(memory)}, ${Math.round(median(sizes) / 1024)} MB`,
      met: median(memory) <= 2.5,
    },
  ];
}

async function lists(place) {
  const running = await gateway(place);
  const ratios = [];
  try {
    for (let round = -1; round < LISTS; round++) {
      const bare = wall(['-e', '0'], place.env);
      const list = wall([place.bin, 'pairing', 'list'], place.env);
      if (round >= 0) ratios.push(list / bare);
    }
  } finally {
    await running.stop();
  }
  return {
    what: '`countersign pairing list`, gateway running, packed build (wall)',
    baseline: '`node -e 0`',
    budget: '≤ 3.5 ×, goal 2.0',
    measured: ratio(ratios),
    met: median(ratios) <= 3.5,
  };
}

/** From the words to the exit code, with request, grant, redemption and report, of a command that nobody is asked about. */
async function execs(place) {
  const running = await gateway(place);
  const ratios = [];
  try {
    for (let round = -1; round < LISTS; round++) {
      const bare = wall(['-e', '0'], place.env);
      const command = wallOf('ls', [], place.env);
      const asked = wall([place.bin, 'exec', '--', 'ls'], place.env);
      if (round >= 0) ratios.push((asked - command) / bare);
    }
  } finally {
    await running.stop();
  }
  return {
    what: '`countersign exec -- ls`, over the command itself, gateway running, packed build (wall)',
    baseline: '`node -e 0`',
    budget: '≤ 4 ×',
    measured: ratio(ratios),
    met: median(ratios) <= 4,
  };
}

async function gateway({ env, bin, ready }) {
  const from = performance.now();
  const child = spawn(node, [bin, 'gateway', 'run'], { env, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const stop = () => {
    child.kill('SIGTERM');
    return ended;
  };
  for (;;) {
    const answers = fetch(ready).then(
      (answer) => answer.ok,
      () => false,
    );
    if (await answers) break;
    if (child.exitCode !== null) throw new Error(`the gateway ended with ${child.exitCode}`);
    if (performance.now() - from > 30_000) {
      await stop();
      throw new Error('the gateway was not ready after 30 s');
    }
    await wait(3);
  }
  return { ms: performance.now() - from, pid: child.pid, stop };
}

function wall(args, env) {
  return wallOf(node, args, env);
}

function wallOf(program, args, env) {
  const from = performance.now();
  execFileSync(program, args, { env, stdio: 'ignore' });
  return performance.now() - from;
}

/** Kilobytes resident. */
function rssOf(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN);
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
