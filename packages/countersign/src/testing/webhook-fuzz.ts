// Deliveries as nobody's platform sends them, at the real door of a channel: changed after they were signed, and changed
// before. Nothing of the first kind is believed; nothing of the second is more than its own verified fields say.
import assert from 'node:assert/strict';
import type { Channel } from '../core/channel-port.ts';
import type { Inbound } from '../core/message.ts';
import { SeededRandom } from './fakes.ts';
import { Mutator } from './mutate.ts';

export interface FuzzedDoor {
  readonly channel: Channel;
  /** Genuine bodies, of every kind the platform has. */
  readonly bodies: readonly string[];
  /** A delivery of these bytes; signed over `signed`, which are others when it is a forgery. */
  request(body: Uint8Array, signed: Uint8Array): Request;
  /** Whether both are one delivery, written in two ways that the proof cannot tell apart, nor anybody else. */
  isSame(one: Uint8Array, other: Uint8Array): boolean;
  /** Whether a sender may come out of these verified bytes. */
  mayBe(inbound: Inbound, body: Uint8Array): boolean;
}

export async function fuzzDoor(door: FuzzedDoor, runs: number): Promise<{ taken: number; refused: number }> {
  const mutator = new Mutator(new SeededRandom('webhook fuzz'));
  const stop = new AbortController();
  const received: Inbound[] = [];
  await door.channel.start(
    {
      receive: async (inbound) => {
        received.push(inbound);
        return { as: 'repeated', first: 'nobody' };
      },
      fate: async () => undefined,
      moved: async () => undefined,
    },
    stop.signal,
  );
  let [taken, refused] = [0, 0];
  for (let run = 0; run < runs; run++) {
    const genuine = Buffer.from(mutator.one(door.bodies));
    const changed = mutator.bytes(genuine);
    const isForged = run % 2 === 0;
    const isSame = door.isSame(genuine, changed);
    received.length = 0;
    const answer = await door.channel.webhook?.(door.request(changed, isForged ? genuine : changed));
    assert.ok(answer !== undefined && [200, 400, 401, 413].includes(answer.status), `run ${run}`);
    if (isForged && !isSame) {
      assert.notEqual(
        answer.status,
        200,
        `run ${run}: a forgery was acknowledged: ${Buffer.from(changed).toString()}`,
      );
      assert.deepEqual(received, [], `run ${run}: a forgery was heard`);
    }
    for (const inbound of received)
      assert.ok(door.mayBe(inbound, changed), `run ${run}: ${inbound.peer.native} stands nowhere`);
    if (answer.status === 200) taken += 1;
    else refused += 1;
  }
  stop.abort();
  return { taken, refused };
}
