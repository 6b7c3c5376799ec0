// A real nginx or Caddy with a recipe out of our own documents, its ports put in. Where the program is missing the tests
// that need it are skipped, and say so.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

const GUIDE = new URL('../../../../docs/guides/forward-auth.md', import.meta.url);

export interface WebServer extends AsyncDisposable {
  readonly base: string;
}

interface Ports {
  readonly countersign: number;
  readonly tools: number;
}

export function hasProgram(name: 'nginx' | 'caddy'): boolean {
  try {
    execFileSync(name, name === 'nginx' ? ['-v'] : ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    console.warn(`SKIPPED: ${name} is not installed (apt-get install ${name}); its recipe is not tested`);
    return false;
  }
}

/** The block of that language in the guide. */
function recipe(language: string, { countersign, tools }: Ports, own: number): string {
  const text = readFileSync(GUIDE, 'utf8');
  const [, block] = new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(text) ?? [];
  if (block === undefined) throw new Error(`the guide has no ${language}`);
  return block
    .replaceAll(':8787', `:${countersign}`)
    .replaceAll(':9000', `:${tools}`)
    .replaceAll(':8080', `:${own}`);
}

export async function startNginx(ports: Ports): Promise<WebServer> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'cs-nginx-'));
  const file = join(folder, 'nginx.conf');
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const http = `http { access_log off; ${temp.join(' ')}\n${recipe('nginx', ports, port)}}`;
  const head = `daemon off; master_process off; worker_processes 1; pid ${folder}/pid; error_log stderr crit;`;
  writeFileSync(file, `${head}\nevents {}\n${http}\n`);
  return running(spawn('nginx', ['-c', file, '-p', folder], { stdio: 'ignore' }), port, folder);
}

export async function startCaddy(ports: Ports): Promise<WebServer> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'cs-caddy-'));
  const file = join(folder, 'Caddyfile');
  const text = recipe('caddyfile', ports, port).replace(`:${port} {`, `http://127.0.0.1:${port} {`);
  writeFileSync(file, `{\n\tadmin off\n\tauto_https off\n\tstorage file_system ${folder}\n}\n${text}`);
  const env = {
    PATH: '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin',
    HOME: folder,
    XDG_DATA_HOME: folder,
    XDG_CONFIG_HOME: folder,
  };
  const child = spawn('caddy', ['run', '--config', file, '--adapter', 'caddyfile'], { stdio: 'ignore', env });
  return running(child, port, folder);
}

async function running(child: ChildProcess, port: number, folder: string): Promise<WebServer> {
  const base = `http://127.0.0.1:${port}`;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  for (let tries = 0; tries < 1_600; tries++) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    if (await answers(base)) return { base, [Symbol.asyncDispose]: stop };
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  await stop();
  throw new Error('it does not answer');
}

async function answers(base: string): Promise<boolean> {
  try {
    await (await fetch(base)).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
