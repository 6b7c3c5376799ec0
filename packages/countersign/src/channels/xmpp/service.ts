// Where the account lives. Outside this machine nothing is said before TLS: `xmpps:` begins with it, `xmpp:` has to come
// to it (STARTTLS). Whether we are on this machine is asked of the socket, not of a name, which anybody could answer.
import { isIP } from 'node:net';
import { Problem } from '@countersign/protocol/problem';

export interface Service {
  readonly direct: boolean;
  readonly host: string;
  readonly port: number;
}

/** @throws Problem `channel_refused`. */
export function readService(text: string): Service {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isOurs = url !== null && /^xmpps?:$/.test(url.protocol) && url.hostname !== '';
  if (url === null || !isOurs || url.username !== '' || url.password !== '') {
    throw new Problem('channel_refused', {
      detail: 'service is no address of an XMPP server',
      hint: 'write it as "xmpps://example.org:5223", or "xmpp://example.org:5222"',
    });
  }
  const direct = url.protocol === 'xmpps:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return { direct, host, port: url.port === '' ? (direct ? 5223 : 5222) : Number(url.port) };
}

export function isLoopbackAddress(address: string | undefined): boolean {
  if (address === undefined || isIP(address) === 0) return false;
  return address === '::1' || /^(?:::ffff:)?127\./i.test(address);
}
