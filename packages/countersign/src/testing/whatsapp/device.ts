// A device that was linked before: its credentials as we keep them, and what others know of it.
import { type AuthenticationCreds, BufferJSON, initAuthCreds } from 'baileys';

export function linkedDevice(id: string, lid: string) {
  const creds: AuthenticationCreds = initAuthCreds();
  creds.me = { id, lid, name: '~' };
  creds.account = { details: Buffer.alloc(4), accountSignatureKey: Buffer.alloc(32) };
  creds.registered = true;
  return { creds, entries: new Map([['creds', JSON.stringify(creds, BufferJSON.replacer)]]) };
}
