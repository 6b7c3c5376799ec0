// Linking an account by a phone, as a page sees it: which account the address means, what to type, why it ended, and the
// steps one after the other. Pure but for what it is given. A step's picture or code lives in the view alone.
import type { LoginStepRow } from '@countersign/protocol/channel-login';
import type { AccountStatus } from '@countersign/protocol/gateway';
import type { Problem } from '@countersign/protocol/problem';
import { problemOf } from '../../shared/problem-of.ts';
import type { Text } from '../../text/say.ts';
import { ACCOUNT } from './words.ts';

export type Why = keyof Text['linking']['why'];
export type Target = Pick<AccountStatus, 'channel' | 'account'>;

/** The one channel that is linked by a phone. */
export const LINKED_CHANNEL = 'whatsapp';

export function isLinked({ channel }: Pick<AccountStatus, 'channel'>): boolean {
  return channel === LINKED_CHANNEL;
}

/** `whatsapp:support` of an address; null for whatever else stands there. */
export function targetOf(name: string | null): Target | null {
  const [channel = '', account = '', ...more] = (name ?? '').split(':');
  const isTarget = channel === LINKED_CHANNEL && ACCOUNT.test(account) && more.length === 0;
  return isTarget ? { channel, account } : null;
}

/** A number as people write it: with its country code. */
export function isPhone(typed: string): boolean {
  return /^\+[1-9]\d{6,14}$/.test(typed.replace(/[\s().-]/g, ''));
}

/** As WhatsApp shows it on the phone: four and four. */
export function grouped(code: string): string {
  return code.length === 8 ? `${code.slice(0, 4)}-${code.slice(4)}` : code;
}

export function isOver({ state }: Pick<LoginStepRow, 'state'>): boolean {
  return state === 'linked' || state === 'failed';
}

const REASONS: readonly (readonly [RegExp, Why])[] = [
  [/library .*not installed/i, 'library'],
  [/version of the library/i, 'version'],
  [/being linked/i, 'under'],
  [/linked already/i, 'linked'],
  [/web\.enabled/i, 'off'],
  [/linked a phone in time|timed? ?out/i, 'late'],
  [/given up/i, 'stopped'],
  [/country code/i, 'phone'],
  [/no code for that number/i, 'noCode'],
  [/shut this number out/i, 'banned'],
  [/is not WhatsApp/i, 'impostor'],
  [/no such linking/i, 'gone'],
  [/reach|closed the connection|connection was lost|not connected|connect again|network/i, 'network'],
];

/** Why it ended, by what the gateway's sentence is about. */
export function whyOf(detail: string): Why {
  return REASONS.find(([about]) => about.test(detail))?.[1] ?? 'other';
}

/** A phone is linked there, or somebody is at it: only by saying so it is begun anew. */
export function needsForce(why: Why): boolean {
  return why === 'linked' || why === 'under';
}

/** What to install, out of the gateway's hint; null when it names no command. */
export function installOf(hint: string | undefined): string | null {
  return /^npm install [a-z0-9@./-]+/i.exec(hint ?? '')?.[0].replace(/[.]$/, '') ?? null;
}

interface Following {
  readonly first: LoginStepRow;
  readonly signal: AbortSignal;
  step(id: string, after: number): Promise<LoginStepRow>;
  pause(): Promise<void>;
  onStep(step: LoginStepRow): void;
  /** While nobody answers. */
  onSlow(isSlow: boolean): void;
}

/**
 * Every step until the end or the signal. The gateway holds each question until there is something to say.
 * @throws Problem what ends it here, such as `not_found` after a restart of the gateway.
 */
export async function follow({ first, signal, step, pause, onStep, onSlow }: Following): Promise<void> {
  for (let row = first; !signal.aborted && !isOver(row); ) {
    const next = await step(row.id, row.step).catch((cause: unknown) => missed(problemOf(cause)));
    if (signal.aborted) return;
    onSlow(next === null);
    if (next === null) await pause();
    else if (next.step > row.step) {
      row = next;
      onStep(row);
    }
  }
}

/** A gateway that is away for a moment is asked again. */
function missed(problem: Problem): null {
  if (problem.code === 'gateway_down' || problem.code === 'rate_limited') return null;
  throw problem;
}
