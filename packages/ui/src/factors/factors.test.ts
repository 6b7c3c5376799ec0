import { Problem } from '@countersign/protocol/problem';
import { describe, expect, test } from 'vitest';
import { isAboutProof } from '../house/guarded.tsx';
import { creationByHand, faultOf, requestByHand, responseByHand } from './passkey.ts';
import { digitsOf, factorHeader, recoveryOf } from './proof.ts';

test('a code is read as people type and paste it', () => {
  expect(['123456', '123 456', ' 123-456\n', '1.2.3.4.5.6'].map(digitsOf)).toEqual(Array(4).fill('123456'));
  expect(['', '123', '12345a', '１２３４５６', '12345678901'].map(digitsOf)).toEqual(Array(5).fill(null));
  expect(recoveryOf(' a-abcd efgh jkmn pqrs ')).toBe('A-ABCDEFGHJKMNPQRS');
  expect(recoveryOf('short')).toBeNull();
});

test('a factor travels in one header, a passkey as base64url of its challenge and answer', () => {
  expect(factorHeader({ kind: 'totp', value: '123456' })).toBe('totp 123456');
  expect(factorHeader({ kind: 'recovery', value: 'A-BCDE' })).toBe('recovery A-BCDE');
  const header = factorHeader({ kind: 'passkey', challenge: 'c', response: { id: 'ü' } });
  const [kind, value] = header.split(' ');
  expect(kind).toBe('passkey');
  expect(value).toMatch(/^[\w-]+$/);
  expect(JSON.parse(Buffer.from(value ?? '', 'base64url').toString())).toEqual({
    challenge: 'c',
    response: { id: 'ü' },
  });
});

test('a proof is asked for when the gateway says so, and again when the one given did not fit', () => {
  expect(isAboutProof(new Problem('auth_factor_required'), false)).toBe(true);
  expect(isAboutProof(new Problem('challenge_failed'), true)).toBe(true);
  expect(isAboutProof(new Problem('challenge_failed'), false)).toBe(false);
  expect(isAboutProof(new Problem('auth_forbidden'), true)).toBe(false);
});

describe('where the browser has no JSON helpers for passkeys', () => {
  test('options are read by hand', () => {
    const made = creationByHand({
      rp: { id: 'gate.example', name: 'Gate' },
      user: { id: 'AQI', name: 'ana', displayName: 'Ana' },
      challenge: '_-8',
      pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
      excludeCredentials: [{ type: 'public-key', id: 'Aw' }],
      authenticatorSelection: { userVerification: 'required' },
    });
    expect(made).toMatchObject({
      challenge: new Uint8Array([255, 239]),
      user: { id: new Uint8Array([1, 2]) },
      excludeCredentials: [{ type: 'public-key', id: new Uint8Array([3]) }],
      authenticatorSelection: { userVerification: 'required' },
    });
    const asked = requestByHand({ challenge: '_-8', allowCredentials: [{ type: 'public-key', id: 'Aw' }] });
    expect(asked).toMatchObject({
      userVerification: 'required',
      allowCredentials: [{ id: new Uint8Array([3]) }],
    });
  });

  test('answers are written by hand, with the transports and without what is not there', () => {
    const answer = {
      clientDataJSON: new Uint8Array([1]).buffer,
      attestationObject: new Uint8Array([255]).buffer,
      getTransports: () => ['internal'],
      signature: null,
    };
    expect(responseByHand(answer)).toEqual({
      clientDataJSON: 'AQ',
      attestationObject: '_w',
      transports: ['internal'],
    });
    expect(responseByHand(null)).toEqual({});
  });
});

test('a closed passkey window is told apart from a passkey that is there already', () => {
  expect(faultOf(new DOMException('', 'NotAllowedError'))).toBe('cancelled');
  expect(faultOf(new DOMException('', 'InvalidStateError'))).toBe('exists');
  expect(faultOf(new TypeError())).toBe('failed');
});
