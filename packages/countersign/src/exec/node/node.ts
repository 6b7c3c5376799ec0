// `countersign node run`: a machine that is paired, stays connected, and runs what it is granted and nothing else. Without
// its gateway it starts nothing; what runs goes on, and is told of once the gateway is back.
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from '@countersign/protocol/client';
import { visible } from '@countersign/protocol/display';
import type { NodePlace } from '@countersign/protocol/exec';
import { isProblemCode, Problem } from '@countersign/protocol/problem';
import { closeStray } from '../descriptors.ts';
import { anotherGateway, dial, type Hello, type Refusal } from './dial.ts';
import { NodeJobs } from './jobs.ts';
import { openNodeKey } from './key.ts';
import { readPlace, readSetupCode, writePlace } from './place.ts';
import { type Pass, provenFetch } from './proven-fetch.ts';

const ASK_AGAIN_MS = 3_000;
const FIRST_AGAIN_MS = 1_000;
const LAST_AGAIN_MS = 30_000;
/** Further off, and grants read as of the future or as run out. */
const SKEW_MS = 25_000;

export interface NodeRun {
  /** Its own, for key and place; of this user alone. */
  readonly folder: string;
  /** As it was shown; null for a machine that was let in before. */
  readonly setup: string | null;
  /** What it is called, until the owner calls it something else; null: as before, or as the machine is. */
  readonly name: string | null;
  readonly machine: string;
  /** Where commands run that name no folder, and what they get of the environment. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: { now(): number };
  /** A name for one proof, never used again. */
  id(): string;
  talk(line: string): void;
  /** Ends it: what runs gets SIGTERM, and its end is told. */
  readonly signal: AbortSignal;
}

/** Until `signal`. @throws Problem: it may not be here, or not any more. */
export async function runNode(how: NodeRun): Promise<void> {
  const { folder, setup, signal, clock, talk, id } = how;
  closeStray();
  let place = await named(how, await placeOf(folder, setup));
  const name = place.name ?? how.machine;
  const key = await openNodeKey(folder);
  if (process.getuid?.() === 0) talk('careful: commands run as root here; give the node a user of its own');
  let invitation = setup === null ? null : readSetupCode(setup).token;
  let pass: Pass | null = null;
  let send: ((frame: object) => boolean) | null = null;
  const fetch = provenFetch({
    ...{ key, id, url: place.url, now: () => clock.now() },
    pass: () => pass,
    renew: (nonce) => {
      if (pass !== null) pass = { ...pass, nonce };
    },
  });
  const jobs = new NodeJobs({
    ...{ clock, talk, env: how.env, cwd: how.cwd },
    place: () => place,
    send: (frame) => send?.(frame) ?? false,
    grants: createClient(fetch).grants,
  });
  let told = '';
  const say = (line: string) => {
    if (line !== told) talk(line);
    told = line;
  };
  const entered = (hello: Hello, gateway: string, sends: (frame: object) => boolean): void => {
    const next = pinned(place, hello, gateway);
    if (next !== place) {
      // Before anything is run by it: what is not kept is not pinned.
      place = next;
      jobs.pause(writePlace(folder, next));
      talk(`paired as ${next.device ?? ''} with ${visible(next.url)}`);
    }
    pass = hello;
    send = sends;
    say('connected: waiting for what it may run');
    jobs.back();
  };
  let again = FIRST_AGAIN_MS;
  try {
    while (!signal.aborted) {
      const isNew = place.device === undefined;
      const refusal = await dial({
        ...{ key, url: place.url, name, signal, entered },
        gateway: place.gateway === '' ? null : place.gateway,
        token: isNew ? invitation : null,
        clock: (theirs) => sayIfOff(theirs - clock.now(), say),
        renewed: (next) => {
          pass = { token: next.token, nonce: next.nonce };
        },
        hears: (frame) => jobs.hear(frame),
      });
      const was = send !== null;
      send = null;
      jobs.away();
      if (signal.aborted) break;
      if (refusal === null || isPassing(refusal)) say('the gateway is away: nothing runs until it is back');
      else if (refusal.code === 'pairing_required' && isNew) {
        // It is asked, and waits longer than a code lasts.
        invitation = null;
        say(`waiting for a yes. On the gateway: ${visible(refusal.command ?? 'countersign devices list')}`);
      } else {
        pass = null;
        throw ended(refusal);
      }
      again = was ? FIRST_AGAIN_MS : Math.min(again * 2, LAST_AGAIN_MS);
      const waits = refusal?.code === 'pairing_required' ? ASK_AGAIN_MS : again;
      await pause(waits, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    await jobs.stop();
  }
}

async function placeOf(folder: string, setup: string | null): Promise<NodePlace> {
  const before = await readPlace(folder);
  if (setup === null) {
    if (before !== null) return before;
    throw new Problem('usage', {
      detail: 'this machine is not paired yet',
      hint: 'on the gateway: countersign pair --role node; here: countersign node run --setup <code>',
    });
  }
  const { url } = readSetupCode(setup);
  // The same code once more, in a service file for instance: what was pinned then stays pinned.
  if (before?.url === url) return before;
  if (before === null) return { url, gateway: '' };
  throw new Problem('usage', {
    detail: `this machine is paired with ${visible(before.url)} already`,
    hint: 'leave --setup out; for another gateway, give it another folder with --folder',
  });
}

/** Ended by its owner, it asks anew by the name it was given. */
async function named({ folder, name }: NodeRun, place: NodePlace): Promise<NodePlace> {
  if (name === null || place.name === name) return place;
  const next = { ...place, name };
  // Before it is let in, nothing is kept.
  if (place.device !== undefined) await writePlace(folder, next);
  return next;
}

/** @throws Problem `auth_proof_invalid`: a key of grants that is not the one it was paired with. */
function pinned(place: NodePlace, { id, gatewayKey }: Hello, gateway: string): NodePlace {
  const { gatewayKey: before } = place;
  if (before !== undefined && (before.x !== gatewayKey.x || before.kid !== gatewayKey.kid))
    throw anotherGateway();
  if (before !== undefined && place.device === id && place.gateway === gateway) return place;
  const { kty, crv, x, kid } = gatewayKey;
  const called = place.name === undefined ? {} : { name: place.name };
  return { url: place.url, ...called, gateway, gatewayKey: { kty, crv, x, kid }, device: id };
}

/** Whatever it was, it may be over the next time. */
function isPassing({ code }: Refusal): boolean {
  return [
    'rate_limited',
    'gateway_stopping',
    'store_unavailable',
    'store_full',
    'internal',
    'auth_required',
  ].includes(code);
}

function ended({ code, hint, command, reason }: Refusal): Problem {
  const known = isProblemCode(code) ? code : 'auth_forbidden';
  const why = reason === 'was_ended' ? 'this machine was ended, and has asked anew' : undefined;
  return new Problem(known, {
    ...(why === undefined ? {} : { detail: why }),
    hint: visible(command ?? hint),
  });
}

function sayIfOff(ms: number, say: (line: string) => void): void {
  if (Math.abs(ms) > SKEW_MS)
    say(
      `the clock here is ${Math.round(Math.abs(ms) / 1_000)} s ${ms > 0 ? 'behind' : 'ahead of'} the gateway’s: grants are refused until they agree`,
    );
}
