// A full house with its gateway in this process, for `npm run ui:dev`: a home of its own in the temporary folder, a played
// Telegram, a free port on loopback. Invariants: no account of anybody is used, no home but its own is opened, and when it
// ends nothing of it is left.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runGateway } from '../../gateway/run.ts';
import { systemClock } from '../../runtime/clock.ts';
import { totpAt } from '../factor-stage.ts';
import { freePort } from '../free-port.ts';
import { BOTS, fillHouse, HOUSE_ENV } from '../full-house.ts';
import { TelegramStub } from '../telegram-stub.ts';
import { beginLife, letBrowsersIn } from './life.ts';

export interface RunningOptions {
  readonly people?: number;
  readonly events?: number;
  /** Nothing happens by itself. */
  readonly still?: boolean;
  /** Where the pages will be opened. */
  readonly origin?: string;
  readonly say: (line: string) => void;
  /** Called once it is up. */
  readonly up: (house: { readonly url: string; readonly code: () => string }) => Promise<void> | void;
}

/** Runs until a signal ends it. */
export async function runFullHouse({ still = false, say, up, ...more }: RunningOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-dev-'));
  const home = join(folder, 'home');
  const bots = {
    default: await TelegramStub.start({ token: BOTS.default }),
    support: await TelegramStub.start({ token: BOTS.support, username: 'support_bot' }),
  };
  const ends: (() => void)[] = [];
  try {
    const telegram = { default: bots.default.url, support: bots.support.url };
    const house = await fillHouse({ home, telegram, until: systemClock.now(), ...more });
    const port = await freePort();
    const env = { ...HOUSE_ENV, COUNTERSIGN_HOME: home, COUNTERSIGN_PORT: String(port) };
    const quiet = { out: () => undefined, err: () => undefined, isTTY: false };
    const code = () => totpAt(house.totpSeed, systemClock.now());
    const failures: unknown[] = [];
    await runGateway({
      home,
      env,
      terminal: quiet,
      around: {
        started: (composed, url) => {
          ends.push(letBrowsersIn(composed, house, say));
          if (!still) ends.push(beginLife(bots, composed));
          Promise.resolve(up({ url, code })).catch((cause: unknown) => {
            failures.push(cause);
            composed.services.house.stop();
          });
        },
      },
    });
    if (failures.length > 0) throw failures[0];
  } finally {
    for (const end of ends) end();
    await Promise.all([bots.default[Symbol.asyncDispose](), bots.support[Symbol.asyncDispose]()]);
    rmSync(folder, { recursive: true, force: true });
  }
}
