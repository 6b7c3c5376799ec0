// Browsers that are told of what needs a decision. Whether one is told is asked at each notification: of the device, its
// person and the table, as they are in that moment (R62). What is told is what waits then; what was decided meanwhile is not.
import type { DeviceId, PrincipalId, PushId } from '@countersign/protocol/ids';
import { ID_KINDS, makeId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { Actor, EventDraft } from '../audit/event.ts';
import type { DeviceTokenDesk } from '../device/tokens.ts';
import type { Clock, Log, Millis, Random } from '../ports.ts';
import type { LimitRule, Store } from '../store-port.ts';
import { mayDecide, type Notice, type NoticeKind } from './notice.ts';
import type { PushFate, PushKeyPair, PushLanguage, PushRow, PushSender, PushTarget } from './push-port.ts';

/** One browser has one subscription; a few more are what it left behind. */
const KEEP = 3;
/** A crowd at the door cannot ring a phone all day (R8), nor drown what is rarer: so many an hour of each kind. */
const PER_KIND = { burst: 12, refillMs: 5 * 60_000 };
const SUBSCRIBES = { burst: 10, refillMs: 60_000 };
const TESTS = { burst: 3, refillMs: 60_000 };
const TRIES = 4;
const AGAIN_MS = [5_000, 30_000, 120_000] as const;
const AGAIN_AT_MOST_MS = 30 * 60_000;

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly sender: PushSender;
  readonly tokens: Pick<DeviceTokenDesk, 'live'>;
  /** What of a kind waits for a decision of that person now, in words that may be told; null when nothing does. */
  waiting(kind: NoticeKind, person: PrincipalId): Promise<Notice | null>;
}

/** A service was busy: the same once more. */
export interface Again {
  readonly id: PushId;
  readonly kind: NoticeKind;
  readonly tries: number;
  readonly afterMs: Millis;
}

export class Pushes {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** What a browser subscribes with. Made on first use; whoever makes one at the same moment gets the same. */
  async keys(): Promise<PushKeyPair> {
    const { store, clock, sender } = this.#ports;
    return (await store.push.keys()) ?? store.push.putKeys(sender.makeKeys(), clock.now());
  }

  list(): Promise<readonly PushRow[]> {
    return this.#ports.store.push.list();
  }

  /** @throws Problem `request_malformed` for an endpoint that may not be asked, `state_conflict`, `rate_limited`. */
  async subscribe(
    device: DeviceId,
    asked: PushTarget & { readonly language: PushLanguage },
    by: Actor,
  ): Promise<PushRow> {
    const { store, clock, random, sender } = this.#ports;
    const why = sender.refuses(asked);
    if (why !== null)
      throw new Problem('request_malformed', { detail: `no notification can be sent there: ${why}` });
    await this.#bound(`push-subscribe:${device}`, SUBSCRIBES);
    const now = clock.now();
    const id = makeId('push', random.bytes(ID_KINDS.push.bytes));
    const { endpoint, p256dh, auth, language } = asked;
    const put = await store.atomically(async (tx) => {
      const done = await tx.push.put({ id, device, endpoint, p256dh, auth, language, createdAt: now }, KEEP);
      if (done?.as === 'added') await tx.audit.append([eventOf('push.subscribed', done.row, by, now)]);
      return done;
    });
    if (put === null) throw new Problem('state_conflict', { detail: 'that device is not paired any more' });
    return put.row;
  }

  /** @throws Problem `not_found`. */
  async end(id: PushId, by: Actor, reason?: string): Promise<void> {
    const { store, clock } = this.#ports;
    await store.atomically(async (tx) => {
      const row = await tx.push.get(id);
      if (row === null || !(await tx.push.remove(id))) throw unknown();
      await tx.audit.append([eventOf('push.ended', row, by, clock.now(), reason)]);
    });
  }

  /** Tells every browser that could decide it now. @returns who has to be told once more. */
  async tell(kind: NoticeKind): Promise<readonly Again[]> {
    const { store, log } = this.#ports;
    const told = (await store.push.list()).map(({ id }) =>
      this.#tellOne(id, kind, 1).catch((cause: unknown) => {
        // One row that cannot be read keeps nobody else from being told.
        log.error('push.broken', { push: id, reason: Problem.codeOf(cause) });
        return null;
      }),
    );
    return (await Promise.all(told)).filter((again) => again !== null);
  }

  /** One that was busy. @returns null when it is over, one way or the other. */
  again({ id, kind, tries }: Again): Promise<Again | null> {
    return this.#tellOne(id, kind, tries + 1);
  }

  /** At once, one try. @throws Problem `not_found`, `rate_limited`. */
  async test(id: PushId): Promise<PushFate> {
    const row = await this.#ports.store.push.get(id);
    if (row === null) throw unknown();
    await this.#bound(`push-test:${row.device}`, TESTS);
    const fate = await this.#send(row, { kind: 'test', channel: null });
    await this.#note(row, fate, true);
    return fate;
  }

  async #tellOne(id: PushId, kind: NoticeKind, tries: number): Promise<Again | null> {
    const { store, tokens, log, waiting } = this.#ports;
    const row = await store.push.get(id);
    if (row === null) return null;
    const live = await tokens.live(row.device);
    if (live === null) return null;
    const { device, role, scopes } = live;
    const caller = { door: 'device', device: device.id, principal: device.principal, role, scopes } as const;
    if (!mayDecide(caller, kind)) return null;
    const notice = await waiting(kind, device.principal);
    if (notice === null) return null;
    const isFirst = tries === 1;
    if (isFirst && (await this.#wait(`push:${row.device}:${kind}`, PER_KIND)) > 0) return null;
    const fate = await this.#send(row, notice);
    const afterMs = fate.as === 'later' ? (fate.afterMs ?? AGAIN_MS[tries - 1]) : undefined;
    // Asked to stay away for longer than a hint is worth, it is given up rather than asked too early.
    const again = afterMs === undefined || afterMs > AGAIN_AT_MOST_MS ? null : { id, kind, tries, afterMs };
    await this.#note(row, fate, again === null || tries >= TRIES);
    if (fate.as === 'delivered') return null;
    log.info('push.failed', { push: id, reason: fate.as === 'gone' ? 'gone' : fate.why, tries });
    return tries >= TRIES ? null : again;
  }

  /** @throws Problem `rate_limited`. */
  async #bound(key: string, rule: LimitRule): Promise<void> {
    const wait = await this.#wait(key, rule);
    if (wait > 0) throw new Problem('rate_limited', { members: { retryAfter: Math.ceil(wait / 1000) } });
  }

  #wait(key: string, rule: LimitRule): Promise<Millis> {
    return this.#ports.store.limits.take(key, rule, this.#ports.clock.now());
  }

  async #send(row: PushRow, notice: Notice): Promise<PushFate> {
    return this.#ports.sender.send(row, await this.keys(), { ...notice, language: row.language });
  }

  async #note(row: PushRow, fate: PushFate, isLast: boolean): Promise<void> {
    const { store, clock } = this.#ports;
    if (fate.as === 'gone') {
      await this.end(row.id, { kind: 'system' }, 'gone').catch((cause: unknown) => {
        // Somebody ended it in the same moment.
        if (Problem.codeOf(cause) !== 'not_found') throw cause;
      });
    } else if (fate.as === 'delivered') {
      await store.push.note(row.id, { okAt: clock.now() });
    } else if (isLast) {
      await store.push.note(row.id, { failing: fate.why });
    }
  }
}

function unknown(): Problem {
  return new Problem('not_found', { detail: 'there is no notification of that id' });
}

function eventOf(
  type: 'push.subscribed' | 'push.ended',
  { id, device }: PushRow,
  actor: Actor,
  at: Millis,
  reason?: string,
): EventDraft {
  const why = reason === undefined ? {} : { reason };
  return { type, at, actor, subject: { push: id, device }, outcome: 'ok', ...why };
}
