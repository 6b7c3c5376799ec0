// Passkeys (R31): what a browser's authenticator makes is accepted once, at the address it was made for, from a person it
// verified, for what its challenge was made for; everything bent is refused.
import type { PrincipalId } from '@countersign/protocol/ids';
import { describe, expect, test } from 'vitest';
import { codeOf, type FactorStage, HOST, openFactorStage } from '../../testing/factor-stage.ts';
import { type Ceremony, SoftwareAuthenticator } from '../../testing/software-authenticator.ts';

const ORIGIN = 'http://localhost:8787';

/** Begins with the house, makes with the authenticator, finishes with the house. */
async function enrols(
  stage: FactorStage,
  principal: PrincipalId,
  key = new SoftwareAuthenticator(),
  bent: Partial<Ceremony> = {},
  origin = ORIGIN,
) {
  const { challenge } = await stage.factors.beginPasskey(principal, origin);
  const attestation = key.create({ challenge, origin, ...bent });
  const made = { origin, challenge, attestation, label: 'laptop' };
  return { key, made, done: await codeOf(stage.factors.finishPasskey(principal, made, HOST)) };
}

async function proves(
  stage: FactorStage,
  principal: PrincipalId,
  key: SoftwareAuthenticator,
  bent: Partial<Ceremony> = {},
  { origin = ORIGIN, surface = 'page', made = '', used = '' } = {},
) {
  const { challenge } = await stage.factors.beginProof(principal, origin, made);
  const response = key.get({ challenge, origin, userHandle: principal, ...bent });
  return stage.factors.prove(principal, { kind: 'passkey', challenge, response }, surface, stage.now, used);
}

test('a passkey is enrolled and proven; each challenge counts once', async () => {
  await using stage = await openFactorStage();
  const olga = await stage.person('Olga');
  const begun = await stage.factors.beginPasskey(olga.id, ORIGIN);
  expect(begun.options).toMatchObject({
    challenge: begun.challenge,
    rp: { id: 'localhost', name: 'Countersign' },
    user: { name: 'Olga' },
    authenticatorSelection: { userVerification: 'required' },
    attestation: 'none',
    timeout: 300_000,
  });
  expect(Buffer.from(begun.challenge, 'base64url').length).toBeGreaterThanOrEqual(16);
  // Without a counter: the challenge alone has to stop a replay.
  const { key, made, done } = await enrols(stage, olga.id, new SoftwareAuthenticator({ counts: false }));
  expect(done).toBe('ok');
  expect(await stage.factors.list(olga.id)).toMatchObject([
    { kind: 'passkey', state: 'active', origin: ORIGIN },
  ]);
  expect(await codeOf(stage.factors.finishPasskey(olga.id, made, HOST))).toBe('challenge_failed');

  const { challenge, options } = await stage.factors.beginProof(olga.id, ORIGIN);
  expect(options).toMatchObject({
    rpId: 'localhost',
    userVerification: 'required',
    allowCredentials: [{ id: key.id, type: 'public-key' }],
  });
  const response = key.get({ challenge, origin: ORIGIN, userHandle: olga.id });
  const proof = { kind: 'passkey', challenge, response } as const;
  const many = await Promise.all(
    Array.from({ length: 5 }, () => stage.factors.prove(olga.id, proof, 'page', stage.now)),
  );
  expect(many.filter(({ ok }) => ok)).toHaveLength(1);
  expect(await stage.factors.prove(olga.id, proof, 'cli', stage.now)).toMatchObject({ ok: false });
  expect(await proves(stage, olga.id, key, {}, { surface: 'again' })).toMatchObject({ ok: true });
});

describe('an enrolment is refused', () => {
  const bent: Readonly<Record<string, Partial<Ceremony>>> = {
    'from another port': { origin: 'http://localhost:8788' },
    'from another scheme': { origin: 'https://localhost:8787' },
    'for another host': { rpId: 'evil.example' },
    'with another challenge': { challenge: 'AAAAAAAAAAAAAAAAAAAAAA' },
    'of another type': { type: 'webauthn.get' },
    'without user verification': { userVerified: false },
    'without anybody there': { userPresent: false, userVerified: false },
    'in a frame of another origin': { client: { crossOrigin: true } },
    'in a frame that says where it is': { client: { crossOrigin: true, topOrigin: 'https://evil.example' } },
  };
  test.each(Object.entries(bent))('%s', async (_, ceremony) => {
    await using stage = await openFactorStage();
    const olga = await stage.person('Olga');
    expect((await enrols(stage, olga.id, undefined, ceremony)).done).toBe('challenge_failed');
    expect(await stage.factors.has(olga.id)).toBe(false);
  });
});

describe('a proof is refused', () => {
  const bent: Readonly<Record<string, Partial<Ceremony>>> = {
    'from another port': { origin: 'http://localhost:8788' },
    'from another host': { origin: 'http://evil.localhost:8787' },
    'for another host': { rpId: 'evil.example' },
    'with another challenge': { challenge: 'AAAAAAAAAAAAAAAAAAAAAA' },
    'of another type': { type: 'webauthn.create' },
    'without user verification': { userVerified: false },
    'in a frame of another origin': { client: { crossOrigin: true } },
    'with a counter that went back': { counter: 1 },
    'with the counter it had': { counter: 5 },
    'of another person’s account': { userHandle: 'prn_somebodyelse' },
  };
  test.each(Object.entries(bent))('%s', async (_, ceremony) => {
    await using stage = await openFactorStage();
    const olga = await stage.person('Olga');
    const { key } = await enrols(stage, olga.id);
    expect(await proves(stage, olga.id, key, { counter: 5 })).toMatchObject({ ok: true });
    expect(await proves(stage, olga.id, key, { counter: 6, ...ceremony })).toMatchObject({ ok: false });
    expect(await proves(stage, olga.id, key, { counter: 7 })).toMatchObject({ ok: true });
  });
});

test('a passkey without a counter stays at zero, and a signature of another key is refused', async () => {
  await using stage = await openFactorStage();
  const olga = await stage.person('Olga');
  const { key } = await enrols(stage, olga.id, new SoftwareAuthenticator({ counts: false }));
  expect(await proves(stage, olga.id, key)).toMatchObject({ ok: true });
  expect(await proves(stage, olga.id, key)).toMatchObject({ ok: true });
  const { challenge } = await stage.factors.beginProof(olga.id, ORIGIN);
  const forged = { ...new SoftwareAuthenticator().get({ challenge, origin: ORIGIN }), id: key.id };
  const proof = { kind: 'passkey', challenge, response: forged } as const;
  expect(await stage.factors.prove(olga.id, proof, 'page', stage.now)).toMatchObject({ ok: false });
});

test('a challenge ends after five minutes, and is for one person, one origin and one thing', async () => {
  await using stage = await openFactorStage();
  const { factors, clock } = stage;
  const [olga, otto] = [await stage.person('Olga'), await stage.person('Otto')];
  const { key } = await enrols(stage, olga.id);
  const other = await enrols(stage, otto.id);
  const answer = (challenge: string, by = key, of = olga.id, binding = '') =>
    factors.prove(
      of,
      { kind: 'passkey', challenge, response: by.get({ challenge, origin: ORIGIN }) },
      `s${stage.now}${challenge}`,
      stage.now,
      binding,
    );

  const begun = async (binding = '') => (await factors.beginProof(olga.id, ORIGIN, binding)).challenge;
  const late = await begun();
  clock.advance('5m');
  expect(await answer(late)).toMatchObject({ ok: false });
  expect(await answer(await begun(), other.key, otto.id)).toMatchObject({ ok: false });
  // One that begins an enrolment proves nothing.
  expect(await answer((await factors.beginPasskey(olga.id, ORIGIN)).challenge)).toMatchObject({ ok: false });
  // R32: bound to a digest it is for that digest.
  expect(await answer(await begun('digest A'), key, olga.id, 'digest B')).toMatchObject({ ok: false });
  expect(await answer(await begun('digest A'))).toMatchObject({ ok: false });
  expect(await answer(await begun('digest A'), key, olga.id, 'digest A')).toMatchObject({ ok: true });
  // The same bytes spelled otherwise are not another challenge.
  const spelled = await begun();
  expect(await answer(`${spelled}=`)).toMatchObject({ ok: false });
  // Another person's passkey, with another person's own challenge, is not this person's factor.
  const theirs = (await factors.beginProof(otto.id, ORIGIN)).challenge;
  expect(await answer(theirs, other.key, olga.id)).toMatchObject({ ok: false });
});

test('passkeys are one set per origin, and only where browsers offer them', async () => {
  await using stage = await openFactorStage();
  const olga = await stage.person('Olga');
  const { key } = await enrols(stage, olga.id);
  const far = 'https://gate.example';
  expect(await codeOf(stage.factors.beginProof(olga.id, far))).toBe('state_conflict');
  expect((await enrols(stage, olga.id, undefined, {}, far)).done).toBe('ok');
  // The known ones of this origin alone are named, so that the same key is not enrolled twice.
  expect((await stage.factors.beginPasskey(olga.id, ORIGIN)).options).toMatchObject({
    excludeCredentials: [{ id: key.id }],
  });
  expect((await enrols(stage, olga.id, key)).done).toBe('state_conflict');
  for (const origin of ['http://gate.example', 'https://192.0.2.1', 'https://[::1]', 'null', `${far}/`, '']) {
    expect(await codeOf(stage.factors.beginPasskey(olga.id, origin))).toBe('request_malformed');
  }
});

test('a removed passkey proves nothing, and may be enrolled again', async () => {
  await using stage = await openFactorStage();
  const olga = await stage.person('Olga');
  const { key } = await enrols(stage, olga.id);
  await stage.totp(olga.id);
  const passkey = (await stage.factors.list(olga.id)).find(({ kind }) => kind === 'passkey');
  const { challenge } = await stage.factors.beginProof(olga.id, ORIGIN);
  await stage.factors.remove(passkey?.id ?? 'fac_', HOST);
  const proof = { kind: 'passkey', challenge, response: key.get({ challenge, origin: ORIGIN }) } as const;
  expect(await stage.factors.prove(olga.id, proof, 'page', stage.now)).toMatchObject({ ok: false });
  expect((await enrols(stage, olga.id, key)).done).toBe('ok');
});

test('bytes that are no attestation are refused like a wrong one', async () => {
  await using stage = await openFactorStage();
  const olga = await stage.person('Olga');
  const { key } = await enrols(stage, olga.id);
  for (const bad of ['A', 'AAAA', 'oA', Buffer.from('{}').toString('base64url')]) {
    const { challenge } = await stage.factors.beginPasskey(olga.id, ORIGIN);
    const good = new SoftwareAuthenticator().create({ challenge, origin: ORIGIN });
    for (const attestation of [
      { ...good, attestationObject: bad },
      { ...good, clientDataJSON: bad },
    ]) {
      const made = { origin: ORIGIN, challenge, attestation, label: 'x' };
      expect(await codeOf(stage.factors.finishPasskey(olga.id, made, HOST))).toBe('challenge_failed');
    }
    const asked = (await stage.factors.beginProof(olga.id, ORIGIN)).challenge;
    const response = { ...key.get({ challenge: asked, origin: ORIGIN }), authenticatorData: bad };
    const proof = { kind: 'passkey', challenge: asked, response } as const;
    expect(await stage.factors.prove(olga.id, proof, bad, stage.now)).toMatchObject({ ok: false });
  }
});

test('the library is used without the experiments that Node warns of', async () => {
  const warnings: string[] = [];
  const listen = (warning: Error) => warnings.push(warning.message);
  process.on('warning', listen);
  await using stage = await openFactorStage();
  const olga = await stage.person('Olga');
  const { key } = await enrols(stage, olga.id);
  expect(await proves(stage, olga.id, key)).toMatchObject({ ok: true });
  // Warnings come with the next turn of the loop.
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', listen);
  expect(warnings.filter((text) => /Web Crypto/.test(text))).toEqual([]);
});
