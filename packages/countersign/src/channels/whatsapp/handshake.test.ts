// Whoever ends the TLS could be any sender at all: Baileys 7.0.0-rc14 calls its signature check and ignores the answer,
// and never compares the key of the certificate with the key that was used. These tests fail when our mending does, and
// the last of them when the library has changed so that the mending has to be looked at again.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startWhatsAppServer } from '@openclaw/crabline';
import { Curve, proto } from 'baileys';
import { describe, expect, test } from 'vitest';
import { MemoryCredentials } from '../../testing/whatsapp/credentials.ts';
import { chainFor, chainOf, newAuthority } from '../../testing/whatsapp/noise-server.ts';
import { WhatsAppStub } from '../../testing/whatsapp/stub.ts';
import { DeviceKeys } from './keys.ts';
import { loadBaileys } from './library.ts';
import { Session } from './session.ts';
import { type ChainCheck, checkChain, verifyXEd, WHATSAPP_ROOT } from './trust.ts';

/** How one connection ends: `connected`, or why not. */
async function connect(url: string, entries: Map<string, string>, check?: ChainCheck): Promise<string> {
  const lib = await loadBaileys();
  const keys = await DeviceKeys.open(lib.baileys, new MemoryCredentials(entries));
  const { promise, resolve } = Promise.withResolvers<string>();
  const session = new Session(lib, {
    keys,
    url,
    ...(check === undefined ? {} : { check }),
    take: async () => undefined,
    refused: () => undefined,
    connected: () => resolve('connected'),
    closed: (why, cause) => resolve(cause?.message ?? why),
  });
  const end = await promise;
  session.end();
  return end;
}

describe('the other end of the handshake', () => {
  test('is believed when its chain leads to the root, and names the key that it holds', async () => {
    await using stub = await WhatsAppStub.start();
    const check: ChainCheck = (chain, key) => checkChain(chain, key, stub.root);
    expect(await connect(stub.url, stub.linked(), check)).toBe('connected');
  });

  test('is refused when nobody we know has signed its chain: a junk root', async () => {
    await using stub = await WhatsAppStub.start();
    // The stub signs with a root of its own; the check is the one of everyday, under the root of WhatsApp.
    expect(await connect(stub.url, stub.linked())).toMatch(
      /is not WhatsApp: its certificate is signed by nobody/,
    );
  });

  test('is refused when a genuine chain is played back by somebody without its key', async () => {
    await using stub = await WhatsAppStub.start();
    const genuine = chainFor(stub.authority, Curve.generateKeyPair().public);
    stub.certify = () => genuine;
    const check: ChainCheck = (chain, key) => checkChain(chain, key, stub.root);
    expect(await connect(stub.url, stub.linked(), check)).toMatch(/a certificate of somebody else/);
  });

  test.each([
    ['the leaf is of another intermediate', 'leaf'],
    ['a signature has one bit too many', 'bit'],
    ['there is no leaf at all', 'none'],
  ])('is refused when %s', async (_, how) => {
    await using stub = await WhatsAppStub.start();
    stub.certify = (key) => {
      const chain = chainOf(stub.authority, key);
      const { signature } = chain.intermediate;
      if (how === 'bit') signature[40] = (signature[40] ?? 0) ^ 1;
      const leaf = how === 'leaf' ? chainOf(newAuthority(), key).leaf : how === 'none' ? null : chain.leaf;
      return proto.CertChain.encode({ ...chain, leaf }).finish();
    };
    const check: ChainCheck = (chain, key) => checkChain(chain, key, stub.root);
    expect(await connect(stub.url, stub.linked(), check)).toMatch(/is not WhatsApp/);
  });

  test('is refused by an independent emulator’s example: it plays a recorded chain of WhatsApp’s own', async () => {
    await using stub = await WhatsAppStub.start();
    const server = await startWhatsAppServer({
      recorderPath: join(mkdtempSync(join(tmpdir(), 'crabline-')), 'events.jsonl'),
    });
    try {
      const { endpoints } = server.manifest;
      const url = String(Object.entries(endpoints).find(([, value]) => String(value).startsWith('ws'))?.[1]);
      expect(await connect(url, stub.linked())).toMatch(/a certificate of somebody else/);
      // With that one check left out it gets in, and with it only.
      const lenient: ChainCheck = (chain) => checkChain(chain, chain.leaf.key);
      expect(await connect(url, stub.linked(), lenient)).toBe('connected');
    } finally {
      await server.close();
    }
  });
});

describe('signatures', () => {
  test('are those of the library that makes them, and nothing else', async () => {
    await loadBaileys();
    for (let n = 0; n < 20; n++) {
      const pair = Curve.generateKeyPair();
      const message = Buffer.from(`message ${n}`);
      const signature = Curve.sign(pair.private, message);
      assert.ok(verifyXEd(pair.public, message, signature));
      assert.ok(verifyXEd(Buffer.concat([Buffer.from([5]), pair.public]), message, signature));
      for (const at of [0, 31, 32, 50, 63]) {
        const wrong = Buffer.from(signature);
        wrong[at] = (wrong[at] ?? 0) ^ (at === 63 ? 0x80 : 1);
        assert.ok(!verifyXEd(pair.public, message, wrong), `a changed byte ${at} was accepted`);
      }
      assert.ok(!verifyXEd(pair.public, Buffer.from('another'), signature));
      assert.ok(!verifyXEd(Curve.generateKeyPair().public, message, signature));
    }
  });

  test.each([0, 31, 33, 64])('a key of %i bytes signs nothing', (length) => {
    assert.ok(!verifyXEd(Buffer.alloc(length, 9), Buffer.from('x'), Buffer.alloc(64)));
  });

  test('H17: the library’s own check, which says yes to everything, says what is so', async () => {
    await loadBaileys();
    assert.equal(Curve.verify(Curve.generateKeyPair().public, Buffer.from('x'), Buffer.alloc(64, 7)), false);
  });
});

test('the root is the one that the library knows', async () => {
  const { baileys } = await loadBaileys();
  assert.deepEqual(Buffer.from(WHATSAPP_ROOT.publicKey), baileys.WA_CERT_DETAILS.PUBLIC_KEY);
  assert.equal(WHATSAPP_ROOT.serial, baileys.WA_CERT_DETAILS.SERIAL);
});

test('the library is still the one that was looked at: a mended one needs no mending of ours', () => {
  const require = createRequire(import.meta.url);
  const folder = join(require.resolve('baileys'), '..');
  const crypto = readFileSync(join(folder, 'Utils/crypto.js'), 'utf8');
  const noise = readFileSync(join(folder, 'Utils/noise-handler.js'), 'utf8');
  assert.match(crypto, /curve\.verifySignature\([^;]+\);\s+return true;/);
  assert.doesNotMatch(noise, /leaf\.details\.key|leafDetails/);
});
