// What a service token of each scope may name, and must. Pure. A field that means nothing for a scope is refused rather
// than kept: a token must never look as if it were narrower, or wider, than it is.
import { Problem } from '@countersign/protocol/problem';
import type { Millis } from '../ports.ts';
import type { Holder, TokenScope } from './holder.ts';

/** As somebody asks for it. */
export interface TokenAsked {
  readonly scope: TokenScope;
  readonly agent?: string | undefined;
  readonly accounts?: readonly string[] | undefined;
  readonly audiences?: readonly string[] | undefined;
}

/** What exists here, as configured now. */
export interface TokenHouse {
  readonly audiences: readonly string[];
  /** Whether senders of that channel have ids that another program could prove. */
  isAssertable(channel: string): boolean;
}

export type TokenRights = Pick<Holder, 'scope' | 'agent' | 'accounts' | 'audiences'>;

type Need = 'must' | 'may' | 'never';
const NEEDS: Readonly<Record<TokenScope, Readonly<Record<'agent' | 'accounts' | 'audiences', Need>>>> = {
  request: { agent: 'must', accounts: 'never', audiences: 'never' },
  runtime: { agent: 'must', accounts: 'never', audiences: 'may' },
  ingress: { agent: 'may', accounts: 'must', audiences: 'never' },
  backend: { agent: 'never', accounts: 'never', audiences: 'must' },
  read: { agent: 'never', accounts: 'never', audiences: 'never' },
};

const FLAGS = { agent: '--for', accounts: '--account', audiences: '--audience' } as const;
/** As in the configuration: agents and accounts are parts of session keys and hold no colon. */
const WORD = /^[a-z0-9][a-z0-9_-]{0,31}$/;
const CHANNEL = /^[a-z][a-z0-9-]{0,31}$/;

/** @throws Problem `request_malformed`, `unknown_channel`. */
export function readRights(asked: TokenAsked, house: TokenHouse): TokenRights {
  const { scope, agent = null } = asked;
  const accounts = distinct((asked.accounts ?? []).map((one) => readAccount(one, house)));
  const audiences = distinct(asked.audiences ?? []);
  const given = { agent: agent !== null, accounts: accounts.length > 0, audiences: audiences.length > 0 };
  for (const field of ['agent', 'accounts', 'audiences'] as const) {
    const need = NEEDS[scope][field];
    if (need === 'must' && !given[field]) throw malformed(`${named(scope)} token needs ${FLAGS[field]}`);
    if (need === 'never' && given[field]) throw malformed(`${named(scope)} token takes no ${FLAGS[field]}`);
  }
  if (agent !== null && !WORD.test(agent))
    throw malformed('an agent is named in lower case letters, digits, - and _');
  const unknown = audiences.find((one) => !house.audiences.includes(one));
  if (unknown !== undefined)
    throw malformed('that audience is not in bearer.audiences', 'countersign config get bearer.audiences');
  return { scope, agent, accounts, audiences };
}

/** `channel` means its account `default`. */
function readAccount(text: string, house: TokenHouse): string {
  const [channel = '', account = 'default', ...more] = text.split(':');
  if (more.length > 0 || !CHANNEL.test(channel) || !WORD.test(account))
    throw malformed('an account is written as "<channel>:<account>", such as "telegram:default"');
  if (!house.isAssertable(channel)) {
    throw new Problem('unknown_channel', {
      detail: 'nobody can prove senders of that channel for us',
      hint: 'channels whose ids another program can prove: telegram, whatsapp, whatsapp-cloud, twilio',
    });
  }
  return `${channel}:${account}`;
}

/** False once it was ended or has run out; computed on read, never trusted to a timer. */
export function isLive(
  { revokedAt, expiresAt }: { readonly revokedAt: Millis | null; readonly expiresAt: Millis | null },
  now: Millis,
): boolean {
  return revokedAt === null && (expiresAt === null || expiresAt > now);
}

function named(scope: TokenScope): string {
  return scope === 'ingress' ? 'an ingress' : `a ${scope}`;
}

function distinct(list: readonly string[]): readonly string[] {
  return [...new Set(list)];
}

function malformed(detail: string, hint?: string): Problem {
  return new Problem('request_malformed', { detail, ...(hint === undefined ? {} : { hint }) });
}
