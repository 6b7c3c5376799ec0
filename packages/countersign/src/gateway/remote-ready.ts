// Whether people can open this gateway from elsewhere. A phone keeps no keys for a page over plain HTTP and makes no
// passkey there, so without an https name a setup code, a login and a passkey would end in a page that cannot work
// (D-11): whoever asks for one gets the recipe at once. On the host everything works at http://localhost.
import { Problem } from '@countersign/protocol/problem';
import { isLoopback } from '../config/urls.ts';

interface Configured {
  readonly gateway: { readonly publicUrl: string | null };
}

export type RemoteReady =
  | { readonly ok: true; readonly url: string }
  | { readonly ok: false; readonly recipe: string };

const RECIPE =
  'this gateway has no https address yet: put Tailscale Serve, Caddy or nginx in front of it (docs/remote-access.md), ' +
  'then countersign config set gateway.publicUrl \'"https://assistant.example"\'; on the host itself http://localhost works';

/** `url` is an origin: no slash at its end. */
export function remoteReady({ gateway: { publicUrl } }: Configured): RemoteReady {
  if (publicUrl === null || !isOpenElsewhere(publicUrl)) return { ok: false, recipe: RECIPE };
  return { ok: true, url: publicUrl };
}

function isOpenElsewhere(publicUrl: string): boolean {
  const { protocol, hostname } = new URL(publicUrl);
  return protocol === 'https:' && !isLoopback(hostname);
}

/** The address that a setup code for a phone holds; null: answer with the recipe instead. */
export function pairUrl(config: Configured): string | null {
  const ready = remoteReady(config);
  return ready.ok ? ready.url : null;
}

/** @throws Problem `state_conflict` with the recipe. @returns the address to open. */
export function requireRemote(config: Configured): string {
  const ready = remoteReady(config);
  if (ready.ok) return ready.url;
  throw new Problem('state_conflict', { detail: 'nobody can open this from elsewhere', hint: ready.recipe });
}
