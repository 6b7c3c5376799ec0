// A real XMPP server for a test: Debian's prosody in a folder of its own, on ports of its own on loopback, with a
// certificate made for the test. It is started, stopped and started again by its own process, and keeps what it stored.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../packages/countersign/src/testing/free-port.ts';
import { makeCertificate, PATHS } from './certificate.ts';

/** Where everybody has an account. None of these names resolves. */
export const DOMAIN = 'chat.test';
export const ROOMS = `rooms.${DOMAIN}`;
/** A service of somebody else, beside the server and not of it: it may say anything below its own name. */
export const FOREIGN = `foreign.${DOMAIN}`;
export const FOREIGN_SECRET = 'of-the-foreign-service';
/** Presents a certificate that nobody vouches for, the certificate of another name, and none at all. */
export const UNTRUSTED = 'untrusted.test';
export const MISNAMED = 'misnamed.test';
export const PLAIN = 'plain.test';

/** It is there, or the reason why this cannot be tested. */
export function whyNoProsody(): string | null {
  for (const [program, flag, from] of [
    ['prosodyctl', '--version', 'prosody'],
    ['openssl', 'version', 'openssl'],
  ] as const) {
    try {
      execFileSync(program, [flag], { stdio: 'ignore', env: PATHS, timeout: 20_000 });
    } catch {
      return `${program} is not installed (Debian: apt-get install ${from}): XMPP was NOT tested against a real server`;
    }
  }
  return null;
}

interface Places {
  /** Begins in the clear and offers TLS. */
  readonly starttls: number;
  /** TLS from the first byte. */
  readonly direct: number;
  readonly component: number;
}

export class Prosody implements AsyncDisposable {
  readonly places: Places;
  /** The one certificate to believe in: of DOMAIN, and of a name that is none of the server's. */
  readonly authority: string;
  readonly #folder: string;
  #child: ChildProcess | null = null;
  #said = '';

  private constructor(folder: string, places: Places) {
    this.#folder = folder;
    this.places = places;
    const known = [makeCertificate(folder, DOMAIN, DOMAIN), makeCertificate(folder, 'other.test', MISNAMED)];
    makeCertificate(folder, UNTRUSTED, UNTRUSTED);
    this.authority = join(folder, 'authority.pem');
    writeFileSync(this.authority, known.map(({ cert }) => readFileSync(cert, 'utf8')).join(''));
    mkdirSync(join(folder, 'data'));
    writeFileSync(this.#config, settings(folder, places));
  }

  static async start(): Promise<Prosody> {
    const folder = mkdtempSync(join(tmpdir(), 'cs-prosody-'));
    const [starttls, direct, component] = await Promise.all([freePort(), freePort(), freePort()]);
    const server = new Prosody(folder, { starttls, direct, component });
    await server.start();
    return server;
  }

  /** What it wrote about itself since the test began. */
  get certificate(): Buffer {
    return readFileSync(this.authority);
  }

  get log(): string {
    return this.#said;
  }

  get #config(): string {
    return join(this.#folder, 'prosody.cfg.lua');
  }

  /** Resolves when it takes connections; again after a stop, with the same ports and all it had stored. */
  async start(): Promise<void> {
    const child = spawn('prosody', ['--config', this.#config, '-F'], {
      env: { ...PATHS, HOME: this.#folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    // A run that is cut short leaves nothing behind.
    const end = () => child.kill('SIGKILL');
    process.once('exit', end);
    child.once('exit', () => process.off('exit', end));
    let heard = '';
    await new Promise<void>((resolve, reject) => {
      const hear = (chunk: Buffer) => {
        heard += chunk.toString();
        this.#said += chunk.toString();
        const all = ['c2s', 'c2s_direct_tls', 'component'].every((service) =>
          heard.includes(`Activated service '${service}' on`),
        );
        if (all) resolve();
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`prosody ended with ${code}: ${heard.slice(-4_000)}`)));
    });
  }

  /** Ends it, as an administrator does or as a power cut does. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  /** An account as its administrator makes it. */
  register(name: string, password: string, host = DOMAIN): void {
    execFileSync('prosodyctl', ['--config', this.#config, 'register', name, host, password], {
      env: { ...PATHS, HOME: this.#folder },
      stdio: 'ignore',
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function settings(folder: string, { starttls, direct, component }: Places): string {
  const ssl = (name: string) =>
    `ssl = { certificate = "${join(folder, `${name}.crt`)}"; key = "${join(folder, `${name}.key`)}" }`;
  return `-- as a small household runs it, with what the tests need beside it
daemonize = false
run_as_root = ${process.getuid?.() === 0}
pidfile = "${join(folder, 'prosody.pid')}"
data_path = "${join(folder, 'data')}"
log = { info = "*console" }
plugin_paths = {}
interfaces = { "127.0.0.1" }
c2s_ports = { ${starttls} }
c2s_direct_tls_ports = { ${direct} }
component_ports = { ${component} }
component_interfaces = { "127.0.0.1" }
modules_enabled = {
  "roster"; "saslauth"; "tls"; "disco"; "ping"; "posix"; "carbons"; "offline"; "mam"; "smacks"; "blocklist";
  "register_ibr"; "vcard_legacy"; "pep";
}
modules_disabled = { "s2s" }
-- In the test people come and go within seconds, and one of them says thousands of things at once.
allow_registration = true
smacks_hibernation_time = 1
authentication = "internal_hashed"
storage = { archive = "memory" }
c2s_require_encryption = true
${ssl(DOMAIN)}

VirtualHost "${DOMAIN}"
VirtualHost "${UNTRUSTED}"
  ${ssl(UNTRUSTED)}
VirtualHost "${MISNAMED}"
  ${ssl(MISNAMED)}
VirtualHost "${PLAIN}"
  modules_disabled = { "tls" }
  c2s_require_encryption = false
  allow_unencrypted_plain_auth = true

Component "${ROOMS}" "muc"
Component "${FOREIGN}"
  component_secret = "${FOREIGN_SECRET}"
`;
}
