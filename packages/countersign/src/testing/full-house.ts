// A believable house for looking at and for trying: fills the home of a gateway that does not run yet. Names that attack,
// every state a thing can be in, a day of audit. Invariant: it writes into the given folder only, and reaches nothing.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PrincipalId } from '@countersign/protocol/ids';
import type { Agent } from '../core/agent-port.ts';
import { HouseDay } from './full-house/day.ts';
import { HousePlace } from './full-house/place.ts';

const MONTH_MS = 31 * 24 * 60 * 60_000;

/** Bots of the played Telegram. `old` is one whose token its service does not know any more. */
export const BOTS = {
  default: '700000001:house-token_AAAAAAAAAAAAAAAAAAAAAA',
  support: '700000002:support-token_AAAAAAAAAAAAAAAAAAAA',
  old: '700000003:revoked-token_AAAAAAAAAAAAAAAAAAAA',
} as const;

/** What the gateway of a full house needs in its environment. */
export const HOUSE_ENV: Readonly<Record<string, string>> = {
  COUNTERSIGN_TEST_ENDPOINTS: '1',
  HOUSE_BOT: BOTS.default,
  SUPPORT_BOT: BOTS.support,
  OLD_BOT: BOTS.old,
};

/** Chats of the owner, as Telegram names them. */
export const OWNER_CHAT = 555_009;

export interface FullHouseOptions {
  /** An empty folder, or one that does not exist: $COUNTERSIGN_HOME of the gateway to come. */
  readonly home: string;
  /** Where the played Telegram of each bot answers. */
  readonly telegram: { readonly default: string; readonly support: string };
  /** Where people open it: the owner's passkey was made there. */
  readonly origin?: string;
  /** When the last thing happened; now by default. */
  readonly until: number;
  readonly people?: number;
  /** At least so many audit events. */
  readonly events?: number;
}

export interface FullHouse {
  readonly owner: PrincipalId;
  /** The seed of the owner's authenticator app: `totpAt` makes codes of it. */
  readonly totpSeed: string;
  readonly recoveryCodes: readonly string[];
}

const agent: Agent = {
  kind: 'echo',
  describe: 'an agent that says what it heard',
  async ask({ text }, onText) {
    const answer = `I heard: ${text}`;
    onText(answer);
    return answer;
  },
};

/** @throws Error when there is something in the home already. */
export async function fillHouse(options: FullHouseOptions): Promise<FullHouse> {
  const { home, until, people = 30, events = 0, origin = 'http://localhost:8787' } = options;
  const crowd = Math.max(0, people - 30);
  const more = { env: HOUSE_ENV, seed: 'full house', from: until - MONTH_MS, agent };
  await using house = await HousePlace.open({ home, config: configOf(options, crowd, false), ...more });
  const day = new HouseDay(house, until);
  const { owner, totpSeed, recoveryCodes } = await day.month(origin);
  await day.crowd(crowd);
  // The last day tells of some hundred by itself.
  await day.chatter(events - 200);
  await day.lastDay(owner);
  // Changed by hand after an owner had a factor: it waits.
  writeFileSync(join(home, 'countersign.jsonc'), configOf(options, crowd, true), { mode: 0o600 });
  return { owner: owner.id, totpSeed, recoveryCodes };
}

/** @param isHeld with the lines that wait for somebody's word. */
function configOf({ telegram }: FullHouseOptions, crowd: number, isHeld: boolean): string {
  const held = isHeld ? '\n  // A proxy is to come.\n  "gateway": { "trustedProxies": ["192.0.2.10"] },' : '';
  const notify = isHeld ? `\n      "notifyOn": ["telegram:${OWNER_CHAT}"],` : '';
  return `{
  // A house for looking at: nothing in it reaches further than this machine.
  "agent": { "kind": "echo" },${held}
  "channels": {
    "pairing": {
      // Long enough to look at everything in peace.
      "tokenExpiry": "24h", "evictAfter": "1h",${notify}
      "writeConfig": ${crowd === 0}, "maxPending": 5
    },
    "telegram": {
      "botToken": { "env": "HOUSE_BOT" },
      "apiRoot": ${JSON.stringify(telegram.default)},
      "accounts": {
        "support": { "botToken": { "env": "SUPPORT_BOT" }, "apiRoot": ${JSON.stringify(telegram.support)} },
        // Its token was withdrawn; somebody has to see that.
        "old": { "botToken": { "env": "OLD_BOT" } }
      }
    }
  }
}
`;
}
