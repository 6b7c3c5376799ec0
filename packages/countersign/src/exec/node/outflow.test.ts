// What a command prints comes once, whole and in order, whatever the connection does; and a reader that is slow or gone never
// makes the machine keep more than a little.
import { MAX_OUTPUT_BYTES, MAX_UNACKED, type NodeSays } from '@countersign/protocol/exec';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Outflow } from './outflow.ts';

const END = { exitCode: 0, signal: null };

/** What arrived at the other side, each number once. */
function heard(frames: readonly NodeSays[]): { out: string; err: string; ended: boolean } {
  const got = { out: '', err: '', ended: false };
  let last = 0;
  for (const frame of frames) {
    if (frame.type !== 'exec.output' && frame.type !== 'exec.ended') continue;
    if (frame.seq <= last) continue;
    expect(frame.seq).toBe(last + 1);
    last = frame.seq;
    if (frame.type === 'exec.ended') got.ended = true;
    else got[frame.stream] += Buffer.from(frame.data, 'base64').toString('latin1');
  }
  return got;
}

test('whatever is written, acknowledged and sent again, it arrives whole and in order, and ends last', async () => {
  const step = fc.oneof(
    fc.record({
      write: fc.constantFrom('out', 'err'),
      size: fc.integer({ min: 1, max: 3 * MAX_OUTPUT_BYTES }),
    }),
    fc.constant('ack' as const),
    fc.constant('again' as const),
  );
  await fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const frames: NodeSays[] = [];
      const flow = new Outflow('job_x', (frame) => frames.push(frame));
      const written = { out: '', err: '' };
      const newest = () => Math.max(0, ...frames.map((frame) => ('seq' in frame ? frame.seq : 0)));
      for (const [index, one] of steps.entries()) {
        if (one === 'ack') flow.acknowledge(newest());
        else if (one === 'again') flow.again();
        else {
          const text = String.fromCharCode(97 + (index % 26)).repeat(one.size);
          written[one.write === 'out' ? 'out' : 'err'] += text;
          void flow.write(one.write === 'out' ? 'out' : 'err', Buffer.from(text));
        }
      }
      flow.end(END);
      while (!flow.isDone) flow.acknowledge(newest());
      expect(heard(frames)).toEqual({ ...written, ended: true });
      for (const frame of frames)
        if (frame.type === 'exec.output')
          expect(frame.data.length).toBeLessThanOrEqual((MAX_OUTPUT_BYTES / 3) * 4);
    }),
  );
});

test('without acknowledgements only a few frames go, and whoever writes more waits until somebody takes them', async () => {
  const frames: NodeSays[] = [];
  const flow = new Outflow('job_x', (frame) => frames.push(frame));
  let isRoomy = false;
  const bytes = Buffer.alloc(MAX_OUTPUT_BYTES * (MAX_UNACKED + 6));
  const room = flow.write('out', bytes).then(() => {
    isRoomy = true;
  });
  await Promise.resolve();
  expect(frames).toHaveLength(MAX_UNACKED);
  expect(isRoomy).toBe(false);
  flow.acknowledge(MAX_UNACKED);
  await room;
  expect(frames.length).toBeGreaterThan(MAX_UNACKED);
});

test('where nobody takes it any more, nothing is kept, and the command goes on', async () => {
  const frames: NodeSays[] = [];
  const flow = new Outflow('job_x', (frame) => frames.push(frame));
  const room = flow.write('out', Buffer.alloc(MAX_OUTPUT_BYTES * 20));
  flow.drop();
  await room;
  const before = frames.length;
  await flow.write('err', Buffer.alloc(MAX_OUTPUT_BYTES * 20));
  flow.end(END);
  flow.again();
  expect(frames).toHaveLength(before);
  expect(flow.isDone).toBe(true);
});
