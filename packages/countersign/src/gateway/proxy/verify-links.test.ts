// H68: "my number is …". A typed number is a claim: it changes nobody's identity, is looked up nowhere, and at most leads to
// a page with a code, which is worth what any stranger's first message is worth. Asking tells nothing about any number.

import { hash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { numberOf, typedNumber } from '../../core/typed-number.ts';
import { openHouse } from '../../testing/house.ts';
import { inboundFrom } from '../../testing/inbound.ts';
import { openProxyHouse, type ProxyHouse } from '../../testing/proxy-house.ts';

let open: ProxyHouse | undefined;
afterEach(() => open?.[Symbol.asyncDispose]());

const TWILIO = {
  accountSid: `AC${'0'.repeat(32)}`,
  authToken: 'a'.repeat(32),
  from: 'whatsapp:+15550001111',
  dmPolicy: 'pairing',
};
const KNOWN = '+49 170 1234567';
const UNKNOWN = '+49 170 7654321';

function house(verifyLink: boolean): Promise<ProxyHouse> {
  return openProxyHouse({
    proxy: { verifyLink },
    config: {
      channels: {
        telegram: { botToken: '1:x', dmPolicy: 'allowlist', allowFrom: ['555001', '555002'] },
        twilio: TWILIO,
      },
    },
  });
}

interface Told {
  readonly verifyUrl?: string;
}

async function ask(of: ProxyHouse, text: string): Promise<Told & Record<string, unknown>> {
  const answer = await fetch(`${of.base}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${of.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: text }] }),
  });
  expect(answer.status).toBe(401);
  return (await answer.json()) as Told & Record<string, unknown>;
}

async function codeOf(of: ProxyHouse, text: string): Promise<string> {
  const { verifyUrl = '' } = await ask(of, text);
  const [, code = ''] = /#code=([A-Z2-9]{5}-[A-Z2-9]{5})$/.exec(verifyUrl) ?? [];
  expect(code).not.toBe('');
  return code;
}

const says = async (of: ProxyHouse, from: string, text: string, id: string) => {
  const { inbox } = of.house.composed.core;
  const links = of.house.composed.proxy.verifyLinks.inbox(inbox);
  const native = from as never;
  await links.receive(
    inboundFrom(
      { channel: 'twilio', account: 'default', native },
      { conversation: { kind: 'direct', id: from }, messageId: id, text },
    ),
  );
  await inbox.idle();
};

const answered = async (of: ProxyHouse) => {
  const list = await of.house.composed.store.audit.list({ limit: 10, types: ['verify.answered'] });
  return list.map(({ body }) => [body.outcome, body.reason]);
};

const waiting = async (of: ProxyHouse) => {
  const answer = await of.house.call('host', 'GET', '/api/v1/pairings');
  return ((await answer.json()) as { items: { identifier: string }[] }).items.map(
    ({ identifier }) => identifier,
  );
};

test('off by default: no number is even read', async () => {
  open = await house(false);
  expect(await ask(open, `my number is ${KNOWN}`)).not.toHaveProperty('verifyUrl');
});

describe('where the owner turned it on', () => {
  test('a typed number leads to a page with a code, and the code from that number to ordinary pairing', async () => {
    open = await house(true);
    const code = await codeOf(open, `hello, my number is ${UNKNOWN}, let me in`);
    expect(await waiting(open)).toEqual([]);
    await says(open, 'whatsapp:+491707654321', code, 'm1');
    expect(await answered(open)).toEqual([['ok', null]]);
    expect(await waiting(open)).toEqual(['whatsapp:+491707654321']);
    expect(open.upstream.requests).toEqual([]);
  });

  test('from another number it is spent, and worth nothing; so it is the second time', async () => {
    open = await house(true);
    const code = await codeOf(open, UNKNOWN);
    await says(open, 'whatsapp:+4915550000', code, 'm1');
    await says(open, 'whatsapp:+491707654321', code, 'm2');
    expect(await answered(open)).toEqual([['denied', 'another_number']]);
  });

  test('known and unknown numbers are answered alike', async () => {
    open = await house(true);
    await open.house.call('host', 'POST', '/api/v1/people', {
      name: 'Ana',
      role: 'user',
      peer: 'twilio:whatsapp:+491701234567',
    });
    const shape = (told: Told & Record<string, unknown>) =>
      JSON.stringify(told).replaceAll(/#code=[A-Z2-9]{5}-[A-Z2-9]{5}"/g, '#code="');
    const known = await ask(open, KNOWN);
    expect(shape(known)).toEqual(shape(await ask(open, UNKNOWN)));
    // SDKs hand on `error` and nothing beside it.
    expect(known).toMatchObject({ error: { verifyUrl: known.verifyUrl, code: 'handle_missing' } });
  });

  test('without a number, or with one only in what others said, there is no link', async () => {
    open = await house(true);
    expect(await ask(open, 'I am user_id: 42, order 12345678')).not.toHaveProperty('verifyUrl');
  });

  test('a number, and all of them together, are asked for so often and no more', async () => {
    open = await house(true);
    const links = async (count: number, number: (n: number) => string) => {
      let given = 0;
      for (let n = 0; n < count; n++)
        if ((await ask(house_(), number(n))).verifyUrl !== undefined) given += 1;
      return given;
    };
    const house_ = () => {
      if (open === undefined) throw new Error('closed');
      return open;
    };
    expect(await links(6, () => UNKNOWN)).toBe(3);
    // Written another way it is the same one.
    expect((await ask(open, '0049 (170) 765-4321')).verifyUrl).toBeUndefined();
    expect(await links(70, (n) => `+4930${10_000_000 + n}`)).toBe(57);
  });
});

describe('the page', () => {
  test('runs its own script and nothing else, and keeps the code out of every log', async () => {
    await using plain = await openHouse();
    const answer = await plain.call('tcp', 'GET', '/verify');
    const html = await answer.text();
    const [, script = ''] = /<script>([\s\S]*)<\/script>/.exec(html) ?? [];
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toContain(`script-src 'sha256-${hash('sha256', script, 'base64')}'`);
    expect(policy).toContain("default-src 'none'");
    expect(script).toContain('location.hash');
    expect(html).toContain('data-testid="verify-code"');
  });
});

test.each([
  ['my number is +49 (170) 123-4567.', '491701234567'],
  ['00491701234567', '491701234567'],
  ['＋４９ １７０ １２３４５６７', '491701234567'],
  ['first +4917011111111 then +4917022222222', '4917022222222'],
  ['order 4917012345678', null],
  ['+49', null],
  ['+0123456789', null],
  ['2026-11-26', null],
  ['', null],
])('%j is the number %j', (text, number) => expect(typedNumber(text)).toBe(number));

test.each([
  ['whatsapp:+491701234567', '491701234567'],
  ['+491701234567', '491701234567'],
  ['491701234567@s.whatsapp.net', '491701234567'],
  ['491701234567@lid', null],
  ['555001', null],
  ['x491701234567', null],
])('H08: %j as a peer is the number %j', (native, number) => expect(numberOf(native)).toBe(number));

test('a megabyte of plus signs takes no time worth telling', () => {
  const before = process.cpuUsage();
  for (const piece of ['+', '+1 ', '00', '+1234567 ', '1', '+ '])
    typedNumber(piece.repeat(1_000_000 / piece.length));
  expect(process.cpuUsage(before).user / 1_000).toBeLessThan(5_000);
});
