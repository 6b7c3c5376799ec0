// I-13, H12: identity headers are trusted from nobody; RFC 9110 7.6.1: what belongs to one connection stays with it.
import { describe, expect, test } from 'vitest';
import { forCaller, forUpstream, isClaim, single } from './claimed-headers.ts';

const NONE = new Set<string>();
const sent = (...names: string[]) => names.flatMap((name) => [name, 'v']);

describe('headers on the way up', () => {
  test.each([
    'x-countersign-session',
    'X-Countersign-Bearer',
    'x_countersign_bearer',
    'x-countersign-anything',
    'X-Phone',
    'x_phone',
    'X-User-Id',
    'x-user',
    'x-user-anything',
    'Remote-User',
    'X-Forwarded-User',
    'X-Auth-Request-Email',
    'Remote-Groups',
    'X-Remote-Email',
    'X-UserId',
    'X-Username',
    'X-Email',
    'X-Forwarded-Client-Cert',
    'Client-Cert',
    'X-SSL-Client-S-DN',
    'X-Goog-IAP-JWT-Assertion',
    'authorization',
    'Cookie',
    'x-openclaw-session-key',
    'Connection',
    'Keep-Alive',
    'TE',
    'Trailer',
    'Transfer-Encoding',
    'Upgrade',
    'Proxy-Authorization',
    'Host',
    'Content-Length',
    'Expect',
  ])('%s ends here', (name) => {
    expect(forUpstream(sent(name), NONE).list).toEqual([]);
  });

  test('everything else passes, with its case, its order and its copies', () => {
    const list = [
      'OpenAI-Organization',
      'o',
      'x-stainless-lang',
      'js',
      'Accept',
      'a',
      'Accept',
      'b',
      'User-Agent',
      'u',
    ];
    expect(forUpstream(list, NONE).list).toEqual(list);
  });

  test('claims are counted; a handle is none', () => {
    expect(forUpstream(sent('x-user-id', 'X-Phone', 'x-countersign-user', 'cookie'), NONE).claims).toBe(3);
    expect(forUpstream(sent('x-countersign-session', 'x-countersign-turn'), NONE).claims).toBe(0);
  });

  test('what Connection names goes too', () => {
    expect(forUpstream(['Connection', 'close, X-Odd', 'x-odd', '1', 'x-even', '2'], NONE).list).toEqual([
      'x-even',
      '2',
    ]);
  });

  test('names of the configuration are claims in either spelling', () => {
    const configured = new Set(['x-employee']);
    expect(isClaim('X_Employee', configured)).toBe(true);
    expect(forUpstream(sent('x-employee', 'x-other'), configured).list).toEqual(sent('x-other'));
  });
});

describe('headers on the way down', () => {
  test('no identity header, no cookie and nothing of the connection comes from an upstream', () => {
    expect(
      forCaller(sent('Connection', 'Transfer-Encoding', 'Set-Cookie', 'Alt-Svc', 'X-Countersign-User')),
    ).toEqual([]);
    const list = [
      'Content-Type',
      'text/event-stream',
      'x-request-id',
      'r',
      'openai-processing-ms',
      '4',
      'location',
      '/l',
    ];
    expect(forCaller(list)).toEqual(list);
  });
});

test('what an upstream names in Connection stays between the two of us', () => {
  expect(forCaller(['Connection', 'close, X-Hop', 'x-hop', '1', 'x-end', '2'])).toEqual(['x-end', '2']);
});

test('a header that stands there twice names nobody', () => {
  expect(single(['X-Countersign-Session', 'a'], 'x-countersign-session')).toBe('a');
  expect(
    single(['x-countersign-session', 'a', 'X-Countersign-Session', 'a'], 'x-countersign-session'),
  ).toBeNull();
  expect(single([], 'x-countersign-session')).toBeNull();
});
