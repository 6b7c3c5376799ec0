// The real Caddy and nginx in front of a gateway, with the very configuration that docs/remote-access.md prints. Only what
// belongs to a machine is put in its place: ports, the upstream's port, and the paths of a certificate made for the test.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request as plainRequest } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import type { LookupFunction } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClientOptions } from 'ws';
import { freePort } from '../packages/countersign/src/testing/free-port.ts';
import { type Certificate, makeCertificate, PATHS } from './certificate.ts';

/** The name in the document. It resolves nowhere: the test's own look-up leads it here. */
export const NAME = 'assistant.example';
const DOCUMENT = fileURLToPath(new URL('../docs/remote-access.md', import.meta.url));

const PATIENCE_MS = 30_000;

export type ProxyName = 'caddy' | 'nginx';

export interface Places {
  /** Where TLS and plain HTTP are listened for. */
  readonly tls: number;
  readonly plain: number;
  readonly upstream: number;
}

interface Files extends Certificate {
  readonly folder: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Both programs and openssl are there, or the reason why this cannot be tested. */
export function whyNot(name: ProxyName): string | null {
  for (const program of [name, 'openssl']) {
    try {
      execFileSync(program, [program === 'nginx' ? '-v' : 'version'], { stdio: 'ignore', env: PATHS });
    } catch {
      return `${program} is not installed (Debian: apt-get install ${program}): the recipe for ${name} was NOT tested`;
    }
  }
  return null;
}

/** An address of this machine that is not loopback, so that a visitor can come from "outside"; null where there is none. */
export function outsideAddress(): string | null {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? null;
}

/** The one ```caddyfile or ```nginx fence of the document. */
export function recipe(name: ProxyName): string {
  const fence = name === 'caddy' ? 'caddyfile' : 'nginx';
  const found = [
    ...readFileSync(DOCUMENT, 'utf8').matchAll(new RegExp(`^\`\`\`${fence}\n(.*?)^\`\`\``, 'gms')),
  ];
  const [, block] = found[0] ?? [];
  if (block === undefined || found.length !== 1)
    throw new Error(`the document has ${found.length} ${fence} fences`);
  return block;
}

export class RealProxy implements AsyncDisposable {
  readonly places: Places;
  readonly certificate: Buffer;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, places: Places, { folder, cert }: Files) {
    this.#child = child;
    this.#folder = folder;
    this.places = places;
    this.certificate = readFileSync(cert);
  }

  static async places(upstream: number): Promise<Places> {
    return { tls: await freePort(), plain: await freePort(), upstream };
  }

  /** Starts the program and waits until it says that it serves. */
  static async start(name: ProxyName, places: Places, block = recipe(name)): Promise<RealProxy> {
    const files = makeFiles();
    const child = name === 'caddy' ? startCaddy(block, places, files) : startNginx(block, places, files);
    // A run that is cut short leaves nothing behind.
    const end = () => child.kill('SIGTERM');
    process.once('exit', end);
    child.once('exit', () => process.off('exit', end));
    const ready = name === 'caddy' ? /serving initial configuration/ : /start worker process /;
    await new Promise<void>((resolve, reject) => {
      let said = '';
      child.stderr?.on('data', (chunk: Buffer) => {
        said = `${said}${chunk.toString()}`.slice(-8_000);
        if (ready.test(said)) resolve();
      });
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`${name} ended with ${code}: ${said}`)));
    });
    return new RealProxy(child, places, files);
  }

  /** As people write it. */
  get url(): string {
    return `https://${NAME}:${this.places.tls}`;
  }

  /** How a client finds and believes it, coming from `from`. */
  options(from = '127.0.0.1'): ClientOptions & RequestOptions {
    const lookup: LookupFunction = (_name, { all }, done) =>
      all === true ? done(null, [{ address: from, family: 4 }]) : done(null, from, 4);
    return { ca: this.certificate, lookup, localAddress: from, family: 4 };
  }

  /** One request over TLS; `onData` sees pieces as they come. */
  ask(
    method: string,
    path: string,
    more: {
      readonly headers?: Record<string, string>;
      readonly body?: string | Buffer;
      readonly from?: string;
      onData?(text: string): void;
    } = {},
  ): Promise<Answer> {
    const { headers = {}, body, from, onData } = more;
    return new Promise((resolve, reject) => {
      const asked = request(
        `${this.url}${path}`,
        { ...this.options(from), method, headers, agent: false, servername: NAME },
        (answer) => {
          let text = '';
          answer.on('data', (chunk: Buffer) => {
            text += chunk.toString();
            onData?.(text);
          });
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
          answer.on('error', reject);
        },
      );
      asked.on('error', reject);
      // A proxy that keeps an answer back fails a test; it does not hang it, and so it is ended with it.
      asked.setTimeout(PATIENCE_MS, () => asked.destroy(new Error(`nothing came for ${PATIENCE_MS} ms`)));
      asked.end(body);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.#child.exitCode === null && this.#child.kill('SIGTERM')) await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** One request in the clear to 127.0.0.1. */
export function askPlain(port: number, headers: Record<string, string>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = plainRequest({ host: '127.0.0.1', port, headers, agent: false }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

function makeFiles(): Files {
  const folder = mkdtempSync(join(tmpdir(), 'cs-proxy-'));
  return { folder, ...makeCertificate(folder, NAME) };
}

function startCaddy(
  block: string,
  { tls, plain, upstream }: Places,
  { folder, cert, key }: Files,
): ChildProcess {
  // Automatic certificates need the internet: in the test the site brings its own.
  const site = block
    .replace(`${NAME} {\n`, `${NAME} {\n\ttls ${cert} ${key}\n`)
    .replaceAll('127.0.0.1:8787', `127.0.0.1:${upstream}`);
  const config = `{\n\tadmin off\n\thttp_port ${plain}\n\thttps_port ${tls}\n}\n${site}`;
  const file = join(folder, 'Caddyfile');
  writeFileSync(file, config);
  const env = { PATH: PATHS.PATH, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  return spawn('caddy', ['run', '--adapter', 'caddyfile', '--config', file], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

function startNginx(
  block: string,
  { tls, plain, upstream }: Places,
  { folder, cert, key }: Files,
): ChildProcess {
  const site = block
    .replaceAll('listen 443 ', `listen ${tls} `)
    .replaceAll('listen 80;', `listen ${plain};`)
    .replace(/\S+\/fullchain\.pem/, cert)
    .replace(/\S+\/privkey\.pem/, key)
    .replaceAll('127.0.0.1:8787', `127.0.0.1:${upstream}`);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => {
    mkdirSync(join(folder, kind));
    return `${kind}_temp_path ${join(folder, kind)};`;
  });
  // Debian's own user could not enter the test's folder.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const config = `daemon off; worker_processes 1; pid ${join(folder, 'nginx.pid')}; error_log stderr notice; ${user}
events { worker_connections 512; }
http { access_log off; ${temporary.join(' ')}
${site}}\n`;
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, config);
  return spawn('nginx', ['-e', 'stderr', '-p', folder, '-c', file], {
    env: PATHS,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}
