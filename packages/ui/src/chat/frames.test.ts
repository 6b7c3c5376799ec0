import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFrame } from './frames.ts';

const parse = (frame: unknown): unknown => parseFrame(JSON.stringify(frame));

describe('a frame of the gateway', () => {
  test('is taken in its known form', () => {
    expect(parse({ type: 'connect.challenge', gateway: 'g', nonce: 'n', ts: 1 })).toEqual({
      type: 'connect.challenge',
      gateway: 'g',
      nonce: 'n',
      ts: 1,
    });
    expect(
      parse({ type: 'chat.message', seq: 1, id: 'i', from: 'agent', text: 't', at: 2, more: true }),
    ).toEqual({
      type: 'chat.message',
      seq: 1,
      id: 'i',
      from: 'agent',
      text: 't',
      at: 2,
    });
    expect(parse({ type: 'chat.state', state: 'pending', code: 'C', expiresAt: 9 })).toEqual({
      type: 'chat.state',
      state: 'pending',
      code: 'C',
      expiresAt: 9,
    });
    expect(parse({ type: 'chat.refused', id: 'i' })).toEqual({
      type: 'chat.refused',
      id: 'i',
      reason: '',
      hint: '',
    });
  });

  test('understands ISO-8601 where a time is expected', () => {
    expect(parse({ type: 'chat.state', state: 'pending', expiresAt: '1970-01-01T00:00:01Z' })).toMatchObject({
      expiresAt: 1000,
    });
  });

  test.each([
    { type: 'chat.message', seq: -1, id: 'i', from: 'agent', text: 't' },
    { type: 'chat.message', seq: 1.5, id: 'i', from: 'agent', text: 't' },
    { type: 'chat.message', seq: 1, id: 'i', from: 'owner', text: 't' },
    { type: 'chat.message', seq: 1, id: 'i', from: 'agent' },
    { type: 'chat.state', state: 'constructor' },
    { type: 'chat.delta', turn: 't', index: '0', text: '' },
    { type: 'toString' },
    { type: 'unheard.of' },
    [],
    null,
    'text',
  ])('of no known form is dropped: %j', (frame) => {
    expect(parse(frame)).toBeNull();
  });

  test('never throws, whatever comes', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), fc.anything()), (data) => void parseFrame(data)));
  });
});
