// What a browser may do with what we serve: scripts of this origin run and nothing else, and Trusted Types keep text from
// becoming markup. Pure, so that a test of a page serves the very policy that the gateway does.

/** What the build leaves where the nonce of an answer belongs (Vite's `html.cspNonce`). */
export const NONCE_PLACEHOLDER = '__NONCE__';

const COMMON = [
  "default-src 'none'",
  "script-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
];

/** Web chat and everything that is no page: no style but ours, no worker, no Trusted Types policy at all. */
export const STRICT_POLICY = [
  ...COMMON,
  "style-src 'self'",
  "worker-src 'none'",
  "trusted-types 'none'",
].join('; ');

/** The worker fetches hashed assets of this origin, and nothing else may come of it. */
export const WORKER_POLICY = "default-src 'none'; connect-src 'self'; require-trusted-types-for 'script'";

/** The Control UI: its component library makes style elements, which carry the nonce of this one answer. */
export function controlPolicy(nonce: string): string {
  return [...COMMON, `style-src 'self' 'nonce-${nonce}'`, "worker-src 'self'", 'trusted-types default'].join(
    '; ',
  );
}

/** @param html as it was built; without a placeholder it stays as it is. */
export function withNonce(html: string, nonce: string): string {
  return html.replaceAll(NONCE_PLACEHOLDER, nonce);
}
