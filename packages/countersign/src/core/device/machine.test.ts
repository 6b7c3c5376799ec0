import { expect, test } from 'vitest';
import {
  DEVICE_REQUEST_TABLE,
  DEVICE_TABLE,
  type DeviceRequestEvent,
  type DeviceRequestState,
  deviceStateAt,
  requestStateAt,
} from './machine.ts';

const NOW = Date.UTC(2026, 10, 25);

test('every state of a request × every event: what is decided stays decided', () => {
  const cells = Object.entries(DEVICE_REQUEST_TABLE).flatMap(([state, row]) =>
    Object.entries(row).map(
      ([event, step]) => `${state} ${event}: ${'to' in step ? step.to : `no, ${step.refused}`}`,
    ),
  );
  expect(cells).toMatchInlineSnapshot(`
    [
      "pending approve: approved",
      "pending reject: rejected",
      "pending expire: expired",
      "pending supersede: superseded",
      "approved approve: no, already_decided",
      "approved reject: no, already_decided",
      "approved expire: no, state_conflict",
      "approved supersede: no, state_conflict",
      "rejected approve: no, already_decided",
      "rejected reject: no, already_decided",
      "rejected expire: no, state_conflict",
      "rejected supersede: no, state_conflict",
      "expired approve: no, expired",
      "expired reject: no, expired",
      "expired expire: no, state_conflict",
      "expired supersede: no, state_conflict",
      "superseded approve: no, expired",
      "superseded reject: no, expired",
      "superseded expire: no, state_conflict",
      "superseded supersede: no, state_conflict",
    ]
  `);
  expect(cells).toHaveLength(20);
  const over: DeviceRequestState[] = ['approved', 'rejected', 'expired', 'superseded'];
  const events: DeviceRequestEvent[] = ['approve', 'reject', 'expire', 'supersede'];
  for (const state of over)
    for (const event of events) expect(DEVICE_REQUEST_TABLE[state][event]).toHaveProperty('refused');
});

test('every state of a device × every event: nothing brings a revoked one back', () => {
  const cells = Object.entries(DEVICE_TABLE).flatMap(([state, row]) =>
    Object.entries(row).map(
      ([event, step]) => `${state} ${event}: ${'to' in step ? step.to : `no, ${step.refused}`}`,
    ),
  );
  expect(cells).toMatchInlineSnapshot(`
    [
      "paired renew: paired",
      "paired prove: paired",
      "paired expire: expired",
      "paired revoke: revoked",
      "expired renew: no, expired",
      "expired prove: no, expired",
      "expired expire: no, state_conflict",
      "expired revoke: revoked",
      "revoked renew: no, state_conflict",
      "revoked prove: no, state_conflict",
      "revoked expire: no, state_conflict",
      "revoked revoke: no, already_decided",
    ]
  `);
  expect(cells).toHaveLength(12);
  for (const step of Object.values(DEVICE_TABLE.revoked)) expect(step).toHaveProperty('refused');
});

test('expiry is computed on read, on the millisecond', () => {
  const request = { state: 'pending', expiresAt: NOW } as const;
  expect([requestStateAt(request, NOW - 1), requestStateAt(request, NOW)]).toEqual(['pending', 'expired']);
  expect(requestStateAt({ ...request, state: 'approved' }, NOW + 1)).toBe('approved');
});

test('R63: a device ends by being idle and by its age, whichever comes first', () => {
  const limits = { idleMs: 100, absoluteMs: 1_000 };
  const device = { state: 'paired', createdAt: NOW, lastSeenAt: NOW + 500 } as const;
  const at = (ms: number) => deviceStateAt(device, limits, NOW + ms);
  expect([at(599), at(600)]).toEqual(['paired', 'expired']);
  const busy = { ...device, lastSeenAt: NOW + 999 };
  expect(deviceStateAt(busy, limits, NOW + 999)).toBe('paired');
  expect(deviceStateAt(busy, limits, NOW + 1_000)).toBe('expired');
  expect(deviceStateAt({ ...device, state: 'revoked' }, limits, NOW)).toBe('revoked');
});
