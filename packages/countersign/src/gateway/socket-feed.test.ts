// What changed in the house, as devices hear it on their socket: by the names of lists, by number, without a gap.
import { describe, expect, test } from 'vitest';
import { DeviceKey } from '../testing/device-key.ts';
import { DeviceSocket, type Frame, join } from '../testing/device-socket.ts';
import { HOST } from '../testing/device-world.ts';

test('operators that hold read hear what changed by the names of lists, in order; others hear nothing', async () => {
  await using at = await DeviceSocket.open();
  await at.world.person('Ana');
  const { client: reads } = await join(at, new DeviceKey());
  const { client: decides } = await join(at, new DeviceKey(), { scopes: ['pairing'] });
  const { client: runs } = await join(at, new DeviceKey('Ed25519'), { role: 'node', scopes: ['node'] });
  const stranger = await at.knock(new DeviceKey(), { name: 'a name of +15555550123' });
  const { requestId } = await stranger.next('error');
  const isRequest = ({ why }: Frame) => Array.isArray(why) && why.includes('device.requested');
  await at.world.devices.reject((await at.world.devices.findRequest(String(requestId))).id, HOST);
  await reads.next('event', ({ why }) => Array.isArray(why) && why.includes('device.rejected'));
  const events = reads.frames.filter(({ type }) => type === 'event');
  expect(events.some(isRequest)).toBe(true);
  for (const { of, event } of events)
    expect({ of, event }).toEqual({ of: ['audit', 'devices', 'overview'], event: 'changed' });
  const numbers = events.map(({ seq }) => Number(seq));
  expect(numbers).toEqual(numbers.map((_, n) => n + Number(numbers[0])));
  expect(JSON.stringify(events)).not.toMatch(/555|devreq_|dev_/);
  for (const other of [decides, runs]) expect(other.frames.some(({ type }) => type === 'event')).toBe(false);
  expect(decides.frames.find(({ type }) => type === 'hello')).not.toHaveProperty('feed');
  for (const client of [reads, decides, runs]) client.hangUp();
});

describe('a device that was away', () => {
  const isOf = (type: string) => (frame: Frame) => Array.isArray(frame['why']) && frame['why'].includes(type);

  /** Two changes, one heard and one missed. */
  async function interrupted(at: DeviceSocket) {
    await at.world.person('Ana');
    const key = new DeviceKey();
    const { client, hello } = await join(at, key);
    await at.knock(new DeviceKey());
    const heard = await client.next('event', isOf('device.requested'));
    client.hangUp();
    const place = JSON.parse(JSON.stringify(hello['feed']));
    await join(at, new DeviceKey());
    await expect.poll(() => at.world.feed.place.seq).toBeGreaterThan(Number(heard['seq']));
    return { key, place, heard: Number(heard['seq']) };
  }

  test('is told what it missed, in order, and nothing twice', async () => {
    await using at = await DeviceSocket.open();
    const { key, place, heard } = await interrupted(at);
    const again = await at.knock(key);
    const hello = await again.next('hello');
    const now = JSON.parse(JSON.stringify(hello['feed']));
    expect(now.epoch).toBe(place.epoch);
    expect(now.seq).toBeGreaterThan(heard);
    again.send({ type: 'resume', epoch: place.epoch, after: heard });
    await again.next('event', ({ seq }) => seq === now.seq);
    const told = again.frames.filter(({ type }) => type === 'event').map(({ seq }) => seq);
    expect(told).toEqual(Array.from({ length: now.seq - heard }, (_, n) => heard + n + 1));
    again.hangUp();
  });

  test.each([
    ['of another process', { epoch: 'another', after: 1 }],
    ['that is not reached yet', { after: 10_000 }],
  ])('and names a place %s, is told that everything may be old', async (_, named) => {
    await using at = await DeviceSocket.open();
    const { key, place } = await interrupted(at);
    const again = await at.knock(key);
    await again.next('hello');
    again.send({ type: 'resume', epoch: place.epoch, ...named });
    expect(await again.next('event')).toMatchObject({ event: 'reset' });
    again.hangUp();
  });

  test('asks as often as a page that comes back does, and no more', async () => {
    await using at = await DeviceSocket.open();
    await at.world.person('Ana');
    const { client, hello } = await join(at, new DeviceKey());
    const { epoch } = JSON.parse(JSON.stringify(hello['feed']));
    for (let n = 0; n < 30; n += 1) client.send({ type: 'resume', epoch, after: 0 });
    expect((await client.closed).code).toBe(1008);
  });

  test('a node, a device without read and a stranger are told nothing for it', async () => {
    await using at = await DeviceSocket.open();
    const { place } = await interrupted(at);
    const frame = { type: 'resume', epoch: place.epoch, after: 0 };
    const { client: node } = await join(at, new DeviceKey('Ed25519'), { role: 'node', scopes: ['node'] });
    const { client: door } = await join(at, new DeviceKey(), { scopes: ['pairing'] });
    for (const client of [node, door]) {
      client.send(frame);
      // What comes behind it is answered: a second connect is refused, so the frame before it was read.
      client.send({ type: 'hello' });
      await client.closed;
      expect(client.frames.some(({ type }) => type === 'event')).toBe(false);
    }
    const stranger = await at.dial();
    stranger.send(frame);
    expect(await stranger.next('error')).toMatchObject({ code: 'auth_required' });
  });
});
