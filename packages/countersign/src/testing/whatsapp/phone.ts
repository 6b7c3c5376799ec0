// The phone that links us: what it signs when it has read the picture, and what it computes when somebody types the code.
// The library's own primitives, put together as WhatsApp's app does it.
import {
  aesDecryptCTR,
  aesDecryptGCM,
  aesEncryptCTR,
  type BinaryNode,
  Curve,
  derivePairingCodeKey,
  hkdf,
  hmacSign,
  proto as wa,
} from 'baileys';
import { childOf } from './directory.ts';

const NONE = Buffer.alloc(0);

/** What the phone says of a device that it has taken for its own. */
export function deviceIdentity(identity: Uint8Array, adv: Uint8Array, forged = false): Uint8Array {
  const account = Curve.generateKeyPair();
  const details = wa.ADVDeviceIdentity.encode({ rawId: 1, timestamp: 1, keyIndex: 1 }).finish();
  const said = Buffer.concat([Buffer.from([6, 0]), details, identity]);
  const accountSignature = Curve.sign(account.private, said);
  if (forged) accountSignature[10] = (accountSignature[10] ?? 0) ^ 1;
  const signed = { details, accountSignatureKey: account.public, accountSignature };
  const bytes = wa.ADVSignedDeviceIdentity.encode(signed).finish();
  return wa.ADVSignedDeviceIdentityHMAC.encode({ details: bytes, hmac: hmacSign(bytes, adv) }).finish();
}

/** A picture holds, among others, the device's identity and the secret that the phone answers under. */
export function readPicture(qr: string): { readonly identity: Uint8Array; readonly adv: Uint8Array } {
  const [, , identity = '', adv = ''] = (qr.split('#')[1] ?? '').split(',');
  return { identity: Buffer.from(identity, 'base64'), adv: Buffer.from(adv, 'base64') };
}

/** Somebody types the code: salt, vector and the sealed key of the one side, then of the other. */
export class TypedCode {
  readonly #identity = Curve.generateKeyPair();
  readonly #ephemeral = Curve.generateKeyPair();
  readonly #code: string;
  #companion: Uint8Array | null = null;

  constructor(code: string) {
    this.#code = code;
  }

  /** What the phone answers to the device's hello. */
  async answer(hello: BinaryNode, ref: Uint8Array): Promise<BinaryNode> {
    const wrapped = bytesOf(hello, 'link_code_pairing_wrapped_companion_ephemeral_pub');
    const theirs = await derivePairingCodeKey(this.#code, wrapped.subarray(0, 32));
    this.#companion = aesDecryptCTR(wrapped.subarray(48), theirs, wrapped.subarray(32, 48));
    const [salt, iv] = [Buffer.alloc(32, 7), Buffer.alloc(16, 9)];
    const key = await derivePairingCodeKey(this.#code, salt);
    const sealed = Buffer.concat([salt, iv, aesEncryptCTR(this.#ephemeral.public, key, iv)]);
    return {
      tag: 'link_code_companion_reg',
      attrs: { stage: 'primary_hello' },
      content: [
        { tag: 'link_code_pairing_ref', attrs: {}, content: ref },
        { tag: 'primary_identity_pub', attrs: {}, content: this.#identity.public },
        { tag: 'link_code_pairing_wrapped_primary_ephemeral_pub', attrs: {}, content: sealed },
      ],
    };
  }

  /** The secret both sides have now. @throws when the device has not used the same code. */
  secret(finish: BinaryNode): { readonly identity: Uint8Array; readonly adv: Uint8Array } {
    if (this.#companion === null) throw new Error('nothing was answered yet');
    const bundle = bytesOf(finish, 'link_code_pairing_wrapped_key_bundle');
    const identity = bytesOf(finish, 'companion_identity_public');
    const shared = Curve.sharedKey(this.#ephemeral.private, this.#companion);
    const info = 'link_code_pairing_key_bundle_encryption_key';
    const key = Buffer.from(hkdf(shared, 32, { salt: bundle.subarray(0, 32), info }));
    const opened = aesDecryptGCM(bundle.subarray(44), key, bundle.subarray(32, 44), NONE);
    const ours = Curve.sharedKey(this.#identity.private, identity);
    const all = Buffer.concat([shared, ours, opened.subarray(64)]);
    return { identity, adv: Buffer.from(hkdf(all, 32, { info: 'adv_secret' })) };
  }
}

function bytesOf(node: BinaryNode, tag: string): Buffer {
  const content = childOf(node, tag)?.content;
  if (!(content instanceof Uint8Array)) throw new Error(`no ${tag}`);
  return Buffer.from(content);
}
