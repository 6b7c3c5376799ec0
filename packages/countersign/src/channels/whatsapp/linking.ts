// A phone links us: by a picture that it scans, or by a code that is typed into it. Whoever scans the picture gives us
// *their* number, so it is shown to the owner alone and gone in a minute; WhatsApp asks us to come back once, and then the
// keys are ours.
import { Problem } from '@countersign/protocol/problem';
import type { Credentials } from '../../core/credentials-port.ts';
import type { LoginRequest, LoginStep } from '../../core/linking-port.ts';
import type { Clock } from '../../core/ports.ts';
import { type Closing, CONSEQUENCES, LOGIN } from './closing.ts';
import { DeviceKeys } from './keys.ts';
import type { Mended } from './library.ts';
import { Session } from './session.ts';
import type { ChainCheck } from './trust.ts';
import { personOf } from './wire.ts';

interface Ports {
  readonly lib: Mended;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly url: string | null;
  readonly check?: ChainCheck;
}

/** The first picture lives a minute, those after it twenty seconds. */
const FIRST_PICTURE_MS = 60_000;
const PICTURE_MS = 20_000;
/** WhatsApp lets a code be typed for about this long. */
const CODE_MS = 160_000;
const MAX_RESTARTS = 3;

/** @returns who we are there. @throws Problem `already_linked`, `channel_*`. */
export async function linkPhone(
  { force, phone }: LoginRequest,
  ports: Ports,
  tell: (step: LoginStep) => void,
  signal: AbortSignal,
): Promise<string> {
  const { lib, credentials } = ports;
  const digits = phone === null ? null : digitsOf(phone);
  if (force) await credentials.clear();
  let keys = await DeviceKeys.open(lib.baileys, credentials);
  if (keys.linked) {
    throw new Problem('state_conflict', {
      detail: `this account is linked already, as ${whoOf(keys)}`,
      hint: 'start over with: countersign channels login whatsapp --force',
    });
  }
  // What an interrupted try has left would be shown to WhatsApp as a login of its own.
  await credentials.clear();
  keys = await DeviceKeys.open(lib.baileys, credentials);
  for (let round = 0; round <= MAX_RESTARTS; round++) {
    const end = await oneRound(keys, digits, ports, tell, signal);
    if (end === 'connected') return whoOf(keys);
    if (signal.aborted) throw new Problem('channel_unreachable', { detail: 'the linking was given up' });
    if (end !== 'restart') throw endOf(end);
  }
  throw new Problem('channel_unreachable', { detail: 'WhatsApp keeps asking to connect again' });
}

type End = 'connected' | Closing | Problem;

function oneRound(
  keys: DeviceKeys,
  digits: string | null,
  { lib, url, check, clock }: Ports,
  tell: (step: LoginStep) => void,
  signal: AbortSignal,
): Promise<End> {
  const { promise, resolve } = Promise.withResolvers<End>();
  let pictures = 0;
  let isAsked = false;
  // After the phone's yes WhatsApp asks us to come back, and shows no picture then.
  let wasReached = keys.linked;
  const finish = (end: End) => {
    signal.removeEventListener('abort', giveUp);
    resolve(end);
  };
  const session = new Session(lib, {
    keys,
    url,
    ...(check === undefined ? {} : { check }),
    refused: () => undefined,
    connected: () => {
      void keys.saveCreds().then(
        () => {
          session.end();
          finish('connected');
        },
        () => finish(new Problem('store_unavailable', { detail: 'the login could not be written' })),
      );
    },
    closed: (why, cause) => finish(cause ?? (why === 'lost' && !wasReached ? notReached() : why)),
    picture: (qr) => {
      wasReached = true;
      if (digits === null) {
        const life = pictures === 0 ? FIRST_PICTURE_MS : PICTURE_MS;
        pictures += 1;
        tell({ state: 'picture', text: qr, expiresAt: clock.now() + life });
        return;
      }
      if (isAsked) return;
      isAsked = true;
      session.socket.requestPairingCode(digits).then(
        (code) => tell({ state: 'code', text: code, expiresAt: clock.now() + CODE_MS }),
        () => finish(new Problem('channel_unreachable', { detail: 'WhatsApp gave no code for that number' })),
      );
    },
    linked: () => tell({ state: 'finishing' }),
  });
  const giveUp = () => {
    session.end();
    finish('lost');
  };
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  return promise;
}

function notReached(): Problem {
  return new Problem('channel_unreachable', {
    detail: 'WhatsApp could not be reached',
    hint: `is this machine on the internet? Then: ${LOGIN}`,
  });
}

function endOf(end: Exclude<End, 'connected'>): Problem {
  if (end instanceof Problem) return end;
  if (end === 'unlinked' || end === 'lost') {
    return new Problem('channel_unreachable', {
      detail: end === 'lost' ? 'WhatsApp closed the connection' : CONSEQUENCES.unlinked.detail,
      hint: `try again: ${LOGIN}`,
    });
  }
  const { detail, hint } = CONSEQUENCES[end];
  return new Problem('channel_refused', { detail, ...(hint === null ? {} : { hint }) });
}

function digitsOf(phone: string): string {
  const digits = phone.replace(/[\s().-]/g, '').replace(/^\+/, '');
  if (/^[1-9]\d{6,14}$/.test(digits)) return digits;
  throw new Problem('request_malformed', {
    detail: 'this is not a phone number with its country code',
    hint: 'write it as +15555550123',
  });
}

export function whoOf({ creds }: DeviceKeys): string {
  return personOf(creds.me?.id) ?? personOf(creds.me?.lid) ?? 'a number WhatsApp did not name';
}
