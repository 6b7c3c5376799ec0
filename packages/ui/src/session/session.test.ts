// Who this browser is to the gateway: what the socket says, what the page does about it.
import { describe, expect, test } from 'vitest';
import { FakeTime } from '../testing/world.ts';
import type { Change, Scope } from './frames.ts';
import { Session } from './session.ts';
import type { SessionState } from './state.ts';

const HELLO = {
  type: 'hello',
  device: 'dev_1',
  role: 'operator',
  scopes: ['read', 'pairing', 'a scope of the future'],
  token: 'cdt_1',
  nonce: 'n1',
  expiresAt: '2026-01-01T00:00:00.000Z',
};
const ASK = {
  type: 'error',
  code: 'pairing_required',
  hint: 'an owner has to approve this device',
  requestId: 'devreq_1',
  command: 'countersign devices approve devreq_1',
  expiresAt: '2026-01-01T00:15:00.000Z',
};

/** One gateway that says what the test chooses. */
class Stage {
  readonly time = new FakeTime();
  readonly sent: Record<string, unknown>[] = [];
  readonly remembered: (readonly Scope[])[] = [];
  readonly session: Session;
  dials = 0;
  isDown = false;
  #wire: { message(data: unknown): void; closed(): void } | null = null;

  constructor(recalled: readonly Scope[] | null = null) {
    this.session = new Session({
      key: {
        jwk: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' },
        device: 'thumb',
        sign: (domain, value) => Promise.resolve(`${domain} ${JSON.stringify(value)}`),
      },
      name: 'Firefox on Linux',
      scopes: { recall: () => recalled, remember: (scopes) => this.remembered.push(scopes) },
      dial: (on) => {
        this.dials += 1;
        if (this.isDown) throw new TypeError('refused');
        this.#wire = on;
        return {
          send: (text) => this.sent.push(JSON.parse(text)),
          close: () => {
            this.#wire = null;
          },
        };
      },
      later: (ms, run) => this.time.later(ms, run),
      chance: () => 0.5,
    });
  }

  get state(): SessionState {
    return this.session.snapshot();
  }

  says(frame: object): void {
    this.#wire?.message(JSON.stringify(frame));
  }

  hangsUp(): void {
    this.#wire?.closed();
  }

  /** A whole handshake, answered with `frame`. */
  async meets(frame: { readonly type: string; readonly [field: string]: unknown }): Promise<void> {
    const wire = this.#wire;
    this.says({ type: 'connect.challenge', gateway: 'g', nonce: 'c', ts: 7 });
    // The signature is a promise of its own.
    await new Promise((resolve) => setImmediate(resolve));
    wire?.message(JSON.stringify(frame));
    if (frame.type === 'error') wire?.closed();
  }
}

describe('a browser that is known', () => {
  test('signs what it asks for, and is in with what the gateway says', async () => {
    const stage = new Stage();
    stage.session.start();
    expect(stage.state).toEqual({ is: 'connecting' });
    await stage.meets(HELLO);
    expect(stage.sent).toEqual([
      {
        type: 'connect',
        key: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' },
        role: 'operator',
        scopes: ['approvals', 'manage', 'pairing', 'read'],
        ts: 7,
        nonce: 'c',
        name: 'Firefox on Linux',
        signature:
          'countersign.connect.v1 {"device":"thumb","gateway":"g","nonce":"c","role":"operator","scopes":["approvals","manage","pairing","read"],"ts":7}',
      },
    ]);
    expect(stage.state).toEqual({
      is: 'in',
      isOnline: true,
      hello: { device: 'dev_1', role: 'operator', scopes: ['pairing', 'read'] },
    });
    expect(await stage.session.pass()).toEqual({ token: 'cdt_1', nonce: 'n1' });
  });

  test('takes each new token and nonce, and keeps its page while the gateway restarts', async () => {
    const stage = new Stage();
    stage.session.start();
    await stage.meets(HELLO);
    stage.says({ type: 'token', token: 'cdt_2', nonce: 'n2', expiresAt: HELLO.expiresAt });
    stage.session.renewed('n3');
    expect(await stage.session.pass()).toEqual({ token: 'cdt_2', nonce: 'n3' });
    await stage.meets({ type: 'error', code: 'gateway_stopping', hint: '' });
    expect(stage.state).toMatchObject({ is: 'in', isOnline: false });
    stage.time.advance(60_000);
    await stage.meets(HELLO);
    expect(stage.state).toMatchObject({ is: 'in', isOnline: true });
  });

  test('R62: revoked, it is out at once, says so, and does not ask again by itself', async () => {
    const stage = new Stage();
    stage.session.start();
    await stage.meets(HELLO);
    stage.says({ type: 'error', code: 'auth_forbidden', hint: 'this device was revoked' });
    stage.hangsUp();
    expect(stage.state).toMatchObject({ is: 'out', ended: { hint: 'this device was revoked' } });
    await expect(stage.session.pass()).rejects.toMatchObject({ code: 'auth_required' });
    stage.time.advance(3_600_000);
    expect(stage.dials).toBe(1);
    stage.session.reconnect();
    await stage.meets(ASK);
    expect(stage.state).toMatchObject({ is: 'out', refused: { requestId: 'devreq_1' }, ended: {} });
  });

  test('a token the gateway refuses is replaced by a new handshake; who waits gets the new one', async () => {
    const stage = new Stage();
    stage.session.start();
    await stage.meets(HELLO);
    stage.session.rejected('cdt_0');
    expect(stage.dials).toBe(1);
    stage.session.rejected('cdt_1');
    const waiting = stage.session.pass();
    await stage.meets({ ...HELLO, token: 'cdt_9' });
    expect(await waiting).toMatchObject({ token: 'cdt_9' });
  });

  test('who waits for a token is told when none comes', async () => {
    const stage = new Stage();
    stage.isDown = true;
    stage.session.start();
    const waiting = stage.session.pass();
    stage.time.advance(10_000);
    await expect(waiting).rejects.toMatchObject({ code: 'gateway_down' });
    expect(stage.state).toEqual({ is: 'offline' });
  });
});

describe('a browser that is not known', () => {
  test('shows its request, asks again every few seconds, and goes on by itself once it is approved', async () => {
    const stage = new Stage();
    stage.session.start();
    await stage.meets(ASK);
    expect(stage.state).toEqual({
      is: 'out',
      ended: null,
      refused: {
        code: 'pairing_required',
        hint: ASK.hint,
        requestId: 'devreq_1',
        command: ASK.command,
        expiresAt: Date.parse(ASK.expiresAt),
        held: [],
      },
    });
    stage.time.advance(5_000);
    expect(stage.dials).toBe(2);
    await stage.meets(HELLO);
    expect(stage.state).toMatchObject({ is: 'in' });
  });

  test('one let in for less than it asked connects with that at once, and remembers it', async () => {
    const stage = new Stage();
    stage.session.start();
    await stage.meets({ ...ASK, held: ['read', 'approvals'] });
    expect(stage.dials).toBe(2);
    await stage.meets({ ...HELLO, scopes: ['approvals', 'read'] });
    expect(stage.sent[1]).toMatchObject({ scopes: ['approvals', 'read'] });
    expect(stage.remembered).toEqual([['approvals', 'read']]);
    expect(stage.state).toMatchObject({ is: 'in' });
    const later = new Stage(['approvals', 'read']);
    later.session.start();
    await later.meets(HELLO);
    expect(later.sent[0]).toMatchObject({ scopes: ['approvals', 'read'] });
  });

  test('sees the other ways in although too many strangers are asking', async () => {
    const stage = new Stage();
    stage.session.start();
    await stage.meets({ type: 'error', code: 'rate_limited', hint: 'countersign pair' });
    expect(stage.state).toMatchObject({ is: 'out', refused: { hint: 'countersign pair', requestId: null } });
  });

  test('a setup code goes along until it was refused', async () => {
    const stage = new Stage();
    stage.session.start();
    await stage.meets(ASK);
    stage.session.invite('c2V0dXA=');
    await stage.meets(ASK);
    stage.time.advance(5_000);
    await stage.meets({ type: 'error', code: 'setup_code_used', hint: 'used' });
    stage.time.advance(30_000);
    await stage.meets(ASK);
    expect(stage.sent.map(({ token }) => token)).toEqual([undefined, 'c2V0dXA=', 'c2V0dXA=', undefined]);
  });
});

describe('what changed in the house', () => {
  const FEED = { epoch: 'e1', seq: 4 };
  const changed = (seq: number) => ({
    type: 'event',
    event: 'changed',
    seq,
    of: ['people'],
    why: ['person.added'],
  });

  function listening(stage: Stage): Change[] {
    const heard: Change[] = [];
    stage.session.onEvent((change) => heard.push(change));
    return heard;
  }

  test('is passed on by lists; what this page has no words for makes everything old; what is no frame does nothing', async () => {
    const stage = new Stage();
    const heard = listening(stage);
    stage.session.start();
    await stage.meets({ ...HELLO, feed: FEED });
    stage.says(changed(5));
    stage.says({ type: 'event', event: 'a thing of the future', seq: 6 });
    stage.says({ type: 'something else' });
    stage.says({ no: 'type' });
    stage.says([]);
    expect(heard).toEqual([
      { what: 'lists', of: ['people'], why: ['person.added'] },
      { what: 'everything' },
      { what: 'everything' },
    ]);
  });

  test('while the line was cut is asked for by number, from the last one that was heard', async () => {
    const stage = new Stage();
    const heard = listening(stage);
    stage.session.start();
    await stage.meets({ ...HELLO, feed: FEED });
    stage.says(changed(5));
    stage.says(changed(6));
    stage.hangsUp();
    stage.time.advance(60_000);
    await stage.meets({ ...HELLO, feed: { epoch: 'e1', seq: 9 } });
    expect(stage.sent.filter(({ type }) => type === 'resume')).toEqual([
      { type: 'resume', epoch: 'e1', after: 6 },
    ]);
    expect(heard).toHaveLength(2);
  });

  test('is nothing when nothing happened meanwhile', async () => {
    const stage = new Stage();
    const heard = listening(stage);
    stage.session.start();
    await stage.meets({ ...HELLO, feed: FEED });
    stage.hangsUp();
    stage.time.advance(60_000);
    await stage.meets({ ...HELLO, feed: FEED });
    expect(stage.sent.some(({ type }) => type === 'resume')).toBe(false);
    expect(heard).toEqual([]);
  });

  test('is everything when another process answers, or one that has no feed', async () => {
    for (const feed of [{ epoch: 'e2', seq: 40 }, { epoch: 'e1', seq: 2 }, undefined]) {
      const stage = new Stage();
      const heard = listening(stage);
      stage.session.start();
      await stage.meets({ ...HELLO, feed: FEED });
      stage.hangsUp();
      stage.time.advance(60_000);
      await stage.meets({ ...HELLO, feed });
      expect(heard).toEqual([{ what: 'everything' }]);
      expect(stage.sent.some(({ type }) => type === 'resume')).toBe(false);
    }
  });

  test('is also what this browser may do: the page stops offering what would be refused', async () => {
    const stage = new Stage();
    stage.session.start();
    await stage.meets({ ...HELLO, feed: FEED });
    stage.says({ type: 'event', event: 'device.changed', device: 'dev_1', scopes: ['read'] });
    expect(stage.state).toMatchObject({ is: 'in', hello: { scopes: ['read'] } });
  });
});
