import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SoftwareAuthenticator } from '../../testing/software-authenticator.ts';
import { parseProof, readAttestation } from './proof.ts';

const ceremony = { challenge: 'AAAAAAAAAAAAAAAAAAAAAA', origin: 'http://localhost:8787' };
const packed = (value: unknown) => `passkey ${Buffer.from(JSON.stringify(value)).toString('base64url')}`;

test('a code travels by its kind and as it was typed', () => {
  expect(parseProof('totp 123 456')).toEqual({ kind: 'totp', value: '123 456' });
  expect(parseProof('recovery  A-BCDE-FGHJ')).toEqual({ kind: 'recovery', value: 'A-BCDE-FGHJ' });
});

test('a passkey travels as the JSON a browser makes of it', () => {
  const { id, ...response } = new SoftwareAuthenticator().get(ceremony);
  const browser = { id, rawId: id, type: 'public-key', clientExtensionResults: {}, response };
  const { challenge } = ceremony;
  const expected = { kind: 'passkey', challenge, response: { id, ...response, userHandle: null } };
  expect(parseProof(packed({ challenge, response: browser }))).toEqual(expected);
  const { userHandle: _, ...bare } = response;
  expect(parseProof(packed({ challenge, response: { ...browser, response: bare } }))).toEqual(expected);
});

test('anything else is no proof', () => {
  const bad = [
    '',
    'totp',
    'totp ',
    'TOTP 123456',
    'pin 1',
    '123456',
    'passkey {}',
    'passkey a.b',
    'totp\n123456',
  ];
  for (const header of bad) expect(parseProof(header), header).toBeNull();
  for (const value of [null, [], 1, {}, { challenge: 'A' }, { challenge: 1, response: {} }]) {
    expect(parseProof(packed(value))).toBeNull();
  }
  expect(parseProof(`recovery ${'A'.repeat(9_000)}`)).toBeNull();
  fc.assert(fc.property(fc.string(), (text) => void parseProof(`passkey ${text}`)));
  fc.assert(fc.property(fc.jsonValue(), (value) => void parseProof(packed(value))));
});

test('of an attestation only what is read is kept', () => {
  const { id, clientDataJSON, attestationObject } = new SoftwareAuthenticator().create(ceremony);
  const response = { clientDataJSON, attestationObject, transports: ['usb', 7, 'X<script>', 'hybrid'] };
  expect(readAttestation({ id, response, more: 1 })).toEqual({
    id,
    clientDataJSON,
    attestationObject,
    transports: ['usb', 'hybrid'],
  });
  fc.assert(fc.property(fc.jsonValue(), (value) => readAttestation(value) === null));
});
