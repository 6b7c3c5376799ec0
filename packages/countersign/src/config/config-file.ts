// The bytes of the configuration file, and what must hold before they are read as one.
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { errorCode } from '../runtime/files.ts';
import type { Mistake } from './mistakes.ts';

export const MAX_BYTES = 1024 * 1024;

export interface ReadFile {
  readonly text: string;
  /** Null when there is no file. */
  readonly mode: number | null;
}

/** The file's text through one descriptor, so that what is checked is what is read. */
export function readConfigFile(path: string): ReadFile | { readonly mistake: Mistake } {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { text: '', mode: null };
    return { mistake: { path: '', message: 'the configuration cannot be read', hint: `look at ${path}` } };
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile())
      return { mistake: { path: '', message: 'the configuration is not a file', hint: path } };
    if (stat.size > MAX_BYTES) return { mistake: tooLarge };
    if (process.platform !== 'win32' && (stat.mode & 0o002) !== 0) {
      return {
        mistake: { path: '', message: 'anybody may write the configuration', hint: `chmod 600 ${path}` },
      };
    }
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(descriptor));
    return { text, mode: stat.mode & 0o777 };
  } catch {
    return { mistake: { path: '', message: 'the configuration is not UTF-8 text', hint: `look at ${path}` } };
  } finally {
    closeSync(descriptor);
  }
}

export const tooLarge: Mistake = {
  path: '',
  message: 'the configuration is larger than 1 MiB',
  hint: 'people belong in the store',
};
