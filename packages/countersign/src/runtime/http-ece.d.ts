// What we use of http_ece, which brings no types.
declare module 'http_ece' {
  import type { ECDH } from 'node:crypto';

  interface Parameters {
    readonly version: 'aes128gcm';
    /** The browser's public key, base64url of the uncompressed point. */
    readonly dh: string;
    readonly privateKey: ECDH;
    /** base64url of 16 bytes. */
    readonly salt: string;
    /** base64url. */
    readonly authSecret: string;
  }
  const ece: { encrypt(plain: Uint8Array, parameters: Parameters): Buffer };
  // biome-ignore lint/style/noDefaultExport: it is the package's form, not ours
  export default ece;
}
