#!/usr/bin/env node
// The way in. Plain JavaScript that even Node 14 parses: with a Node too old for the program it runs the one that came
// with the project instead. Invariant: whoever started this process sees the same output, signals and exit code
// either way. NODE_OPTIONS is never touched, because the children we start would inherit it.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const RESTARTED = 'COUNTERSIGN_RESTARTED';
const [major, minor] = process.versions.node.split('.').map(Number);
const restarted = process.env[RESTARTED] === '1';
delete process.env[RESTARTED];

if (major > 24 || (major === 24 && minor >= 18)) {
  if (restarted) dieWithParent();
  void import('node:module').then(start);
} else if (restarted) {
  refuse(); // The Node beside the project is too old as well: say so instead of going round in circles.
} else {
  void import('node:child_process').then(restart);
}

// Compiled code is kept beside the code and nowhere else: whoever may write there may write the code itself, which is not
// so of a folder for temporary files. Where nobody may write, nothing is kept.
function start({ enableCompileCache }) {
  enableCompileCache(fileURLToPath(new URL('../.cache/compile', import.meta.url)));
  const source = new URL('../src/cli/main.ts', import.meta.url);
  return import(existsSync(source) ? source.href : '../dist/cli/main.js');
}

function refuse() {
  process.stderr.write(`error: countersign needs Node 24.18 or newer, this is ${process.versions.node}\n`);
  process.stderr.write('hint: run npm ci in the project, or install Node 24\n');
  process.exitCode = 1;
}

function findNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const file = process.platform === 'win32' ? 'node.exe' : 'node';
  const places = [`node-${platform}-${process.arch}/bin/${file}`, `.bin/${file}`];
  for (let folder = new URL('../', import.meta.url); ; folder = new URL('../', folder)) {
    for (const place of places) {
      const candidate = new URL(`node_modules/${place}`, folder);
      if (existsSync(candidate)) return candidate;
    }
    if (new URL('../', folder).href === folder.href) return undefined;
  }
}

function restart({ spawn }) {
  const node = findNode();
  if (!node) return refuse();
  const path = decodeURIComponent(node.pathname).replace(/^\/([A-Za-z]:)/, '$1');
  const child = spawn(path, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [RESTARTED]: '1' },
  });
  const typed = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  const forwarders = new Map();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2', 'SIGWINCH']) {
    // A terminal sends Ctrl-C and Ctrl-\ to the whole group, so the child has had its copy already.
    const delivered = typed && (signal === 'SIGINT' || signal === 'SIGQUIT' || signal === 'SIGWINCH');
    const forward = () => delivered || child.kill(signal);
    forwarders.set(signal, forward);
    try {
      process.on(signal, forward);
    } catch (_) {
      // A signal this platform does not have.
    }
  }
  child.on('error', (error) => {
    process.stderr.write(
      `error: the project's Node did not start: ${error.message}\nhint: run npm ci again\n`,
    );
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    for (const [name, forward] of forwarders) process.removeListener(name, forward);
    process.kill(process.pid, signal);
  });
}

// The parent forwards every signal but the one nobody can catch. When it is gone, so are we: no gateway outlives the
// process its owner killed.
function dieWithParent() {
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel.unref();
}
