// A certificate for a test, made by openssl: Node has no way to make one.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Debian keeps servers out of a user's PATH. */
export const PATHS = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/local/sbin` };

/** Signed by itself, so that it is also the authority to believe in; two files in `folder`, called after `file`. */
export function makeCertificate(folder: string, name: string, file = 'site'): Certificate {
  const [cert, key] = [join(folder, `${file}.crt`), join(folder, `${file}.key`)];
  const fresh = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const named = ['-days', '2', '-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
  execFileSync('openssl', [...fresh, ...named, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
    env: PATHS,
  });
  return { cert, key };
}
