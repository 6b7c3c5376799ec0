// Whole processes, packed as people install them: the command line, the start of the gateway, its memory at rest.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installed } from './packed.mjs';

const ROUNDS = 7;
const node = process.execPath;
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const wall = (args, env) => {
  const from = process.hrtime.bigint();
  execFileSync(node, args, { env, stdio: 'ignore' });
  return Number(process.hrtime.bigint() - from) / 1e6;
};

const place = installed();
const bin = join(place.folder, 'node_modules/countersign/bin/countersign.js');
const home = mkdtempSync(join(tmpdir(), 'cs-bench-'));
const port = await freePort();
const env = {
  PATH: process.env.PATH,
  HOME: home,
  COUNTERSIGN_HOME: join(home, 'h'),
  COUNTERSIGN_PORT: String(port),
};
try {
  await (await start()).stop(); // makes the home
  const starts = [];
  const bare = [];
  let rss = 0;
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(wall(['-e', '0'], env));
    const gateway = await start();
    starts.push(gateway.ms);
    if (round === ROUNDS - 1) {
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      rss = rssOf(gateway.pid);
    }
    await gateway.stop();
  }
  const gateway = await start();
  const lists = [];
  const bareToo = [];
  for (let round = 0; round < ROUNDS + 2; round++) {
    bareToo.push(wall(['-e', '0'], env));
    lists.push(wall([bin, 'pairing', 'list'], env));
  }
  await gateway.stop();
  const idle = spawn(node, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const bareRss = rssOf(idle.pid);
  idle.kill();
  const list = median(lists) / median(bareToo);
  const ready = median(starts) / median(bare);
  const memory = rss / bareRss;
  console.log(
    JSON.stringify([
      {
        what: '`countersign pairing list`, gateway running, packed (wall)',
        baseline: '`node -e 0`',
        budget: '≤ 3.5 ×, goal 2.0',
        measured: `${list.toFixed(2)} ×`,
        met: list <= 3.5,
      },
      {
        what: 'gateway start to `/readyz`, packed (wall)',
        baseline: '`node -e 0`',
        budget: '≤ 14 × and under 0.6 s',
        measured: `${ready.toFixed(1)} ×, ${(median(starts) / 1000).toFixed(2)} s`,
        met: ready <= 14 && median(starts) < 600,
      },
      {
        what: 'gateway memory at rest, web chat on (RSS)',
        baseline: 'a bare node process',
        budget: '≤ 2.5 ×',
        measured: `${memory.toFixed(2)} ×, ${Math.round(rss / 1024)} MB`,
        met: memory <= 2.5,
      },
    ]),
  );
} finally {
  place.remove();
  rmSync(home, { recursive: true, force: true });
}

async function start() {
  const from = process.hrtime.bigint();
  const child = spawn(node, [bin, 'gateway', 'run'], { env, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  for (;;) {
    const ready = await fetch(`http://localhost:${port}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) break;
    if (child.exitCode !== null) throw new Error(`the gateway ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const ms = Number(process.hrtime.bigint() - from) / 1e6;
  const stop = () => {
    child.kill('SIGTERM');
    return ended;
  };
  return { ms, pid: child.pid, stop };
}

/** Kilobytes resident. */
function rssOf(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port: free } = server.address();
      server.close(() => resolve(free));
    });
  });
}
