// How the house names people to tools: settings as configured now, the keys that sign, and the directory that is asked.
// Built on first use, for most calls in this process sign nothing.
import type { BearerKeys } from '@countersign/protocol/token';
import type { Config } from '../config/config.ts';
import type { BearerSettings, BearerSigner, Users } from '../core/session/bearer-port.ts';
import { STORED_USERS } from '../core/session/user.ts';

/** The keys of bearers, and what signs with them. */
export interface Signing {
  readonly signer: BearerSigner;
  jwks(): BearerKeys;
  tidy(): void;
}

type Directory = Config['users'] & { readonly url: string };

interface Ports {
  readonly installation: string;
  config(): Config;
  openSigning(): Signing;
  openDirectory(settings: Directory): Users;
}

export interface IdentityServices extends Signing {
  readonly users: Users;
  settings(): BearerSettings;
}

export function createIdentityServices(ports: Ports): IdentityServices {
  const { installation, config, openSigning, openDirectory } = ports;
  let opened: Signing | null = null;
  const signing = () => {
    opened ??= openSigning();
    return opened;
  };
  const settings = per(config, (now) => settingsOf(now, installation));
  const users = per(
    () => config().users,
    ({ url, ...rest }): Users =>
      rest.kind === 'http' && url !== null ? openDirectory({ ...rest, url }) : STORED_USERS,
  );
  return {
    settings,
    signer: {
      get kid() {
        return signing().signer.kid;
      },
      sign: (...claims) => signing().signer.sign(...claims),
    },
    users: { find: (asked, mapped) => users().find(asked, mapped) },
    jwks: () => signing().jwks(),
    tidy: () => signing().tidy(),
  };
}

function settingsOf({ gateway, bearer, users, agent }: Config, installation: string): BearerSettings {
  const { ttlMs, idleMs, audiences } = bearer;
  return {
    issuer: gateway.publicUrl ?? `urn:countersign:${installation}`,
    ttlMs,
    idleMs,
    header: agent.bearerHeader,
    audiences,
    claims: users.claims,
    mappedOnly: users.required || users.kind === 'http',
    front: {
      agent: agent.id,
      origin: agent.kind === 'openai' && agent.url !== null ? new URL(agent.url).origin : null,
      audience: agent.audience,
    },
  };
}

/** What was built of the value in force: anew only when that is another one. */
export function per<S, T>(value: () => S, build: (value: S) => T): () => T {
  let built: { readonly of: S; readonly made: T } | null = null;
  return () => {
    const now = value();
    if (built === null || built.of !== now) built = { of: now, made: build(now) };
    return built.made;
  };
}
