// Why a connection ended, and what follows from it. Pure: a code of WhatsApp's in, one of our words out. What is not known
// is a lost connection: it is tried again, slower and slower, and never taken for the end of the login.
import { Problem } from '@countersign/protocol/problem';

export type Closing =
  /** Tried again. */
  | 'lost'
  /** WhatsApp asks for it right after linking: at once, on the same login. */
  | 'restart'
  /** The login is over: it is cleared, and the owner is told. Trying again would be noise, and is never done. */
  | 'logged-out'
  /** Another program uses the same login: whoever comes back takes it from the other, for ever. */
  | 'replaced'
  /** WhatsApp has shut the number out for now. */
  | 'banned'
  /** It wants a newer library. */
  | 'outdated'
  /** Nobody scanned the picture. */
  | 'unlinked';

const CLOSINGS: Readonly<Record<number, Closing>> = {
  401: 'logged-out',
  // The phone's own version of linked devices has ended, or the login is of another kind: a new one is needed.
  411: 'logged-out',
  402: 'banned',
  403: 'banned',
  405: 'outdated',
  409: 'outdated',
  440: 'replaced',
  515: 'restart',
};

export function closingOf(code: number | null): Closing {
  return (code === null ? undefined : CLOSINGS[code]) ?? 'lost';
}

export interface Consequence {
  /** What the status says. */
  readonly detail: string;
  /** What somebody can do about it; null: nothing, it is tried again. */
  readonly hint: string | null;
  /** `rarely`: whoever knocks every minute at a door that is shut for hours is shut out for longer. */
  readonly again: 'now' | 'later' | 'rarely' | 'never';
}

export const LOGIN = 'countersign channels login whatsapp';

/** As it is typed for that account. */
export function hintFor(hint: string | null, account: string): string | null {
  if (hint === null || account === 'default') return hint;
  return hint.replace(LOGIN, `${LOGIN} --account ${account}`);
}

export const CONSEQUENCES: Readonly<Record<Closing, Consequence>> = {
  lost: { detail: 'the connection was lost', hint: null, again: 'later' },
  restart: { detail: 'WhatsApp asked to connect again', hint: null, again: 'now' },
  'logged-out': { detail: 'WhatsApp ended this login', hint: `link it again with: ${LOGIN}`, again: 'never' },
  replaced: {
    detail: 'another program uses this login',
    hint: 'stop that one, then restart the gateway',
    again: 'never',
  },
  banned: {
    detail: 'WhatsApp has shut this number out for now',
    hint: 'open WhatsApp on the phone: it says for how long',
    again: 'rarely',
  },
  outdated: {
    detail: 'WhatsApp wants a newer version of the library',
    hint: 'docs/channels/whatsapp.md names the version that was checked; until there is a newer one take another channel',
    again: 'rarely',
  },
  unlinked: { detail: 'nobody linked a phone in time', hint: `try again: ${LOGIN}`, again: 'never' },
};

export function notLinked(): Problem {
  return new Problem('channel_refused', {
    detail: 'no phone is linked yet',
    hint: LOGIN,
  });
}

export function lost(detail: string | null = null): Problem {
  return new Problem('channel_unreachable', {
    detail: detail === null ? 'WhatsApp is not connected' : `WhatsApp is not connected: ${detail}`,
  });
}
