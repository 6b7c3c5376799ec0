// A passkey that a test can use: Chromium's own virtual authenticator, which answers as one that was touched at once.
import type { CDPSession, Page } from 'playwright-core';

export interface VirtualKey {
  readonly cdp: CDPSession;
  readonly id: string;
}

/** An authenticator with nothing in it. */
export async function authenticatorOn(page: Page): Promise<VirtualKey> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId: id } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return { cdp, id };
}

/** One that holds a passkey of `localhost`, made elsewhere. */
export async function passkeyOn(page: Page): Promise<void> {
  const { cdp, id: authenticatorId } = await authenticatorOn(page);
  const { privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
  ]);
  await cdp.send('WebAuthn.addCredential', {
    authenticatorId,
    credential: {
      credentialId: Buffer.from('a passkey of a test').toString('base64'),
      isResidentCredential: true,
      rpId: 'localhost',
      privateKey: Buffer.from(await crypto.subtle.exportKey('pkcs8', privateKey)).toString('base64'),
      userHandle: Buffer.from('prn_olga').toString('base64'),
      signCount: 1,
    },
  });
}
