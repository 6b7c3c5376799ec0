// What stands below an agent, built from the configuration in force and built anew only when that changes: the proxy, its
// way upstream, the verify links.
import type { Config } from '../config/config.ts';
import type { Denials } from '../core/audit/denials.ts';
import type { Caller, Verb } from '../core/authorise.ts';
import type { Bus } from '../core/bus.ts';
import type { Clock, Hasher, Log, Random } from '../core/ports.ts';
import { Scrubber } from '../core/scrub.ts';
import type { Identities } from '../core/session/identity.ts';
import type { Store } from '../core/store-port.ts';
import type { Counters } from './counters.ts';
import { CallTrail } from './proxy/call-trail.ts';
import { OpenCalls } from './proxy/open-calls.ts';
import { Upstream } from './proxy/upstream.ts';
import { V1, type V1Settings } from './proxy/v1.ts';
import { VerifyLinks } from './proxy/verify-links.ts';
import type { TokenDoor } from './token-door.ts';

interface Ports {
  readonly store: Pick<Store, 'audit'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly log: Log;
  readonly denials: Denials;
  readonly counters: Counters;
  readonly tokens: Pick<TokenDoor, 'authenticate'>;
  readonly identities: Pick<Identities, 'resolve' | 'resolveKey' | 'bearer' | 'of'>;
  readonly bus: Bus;
  config(): Config;
  /** Where people reach us, without a slash at the end. */
  home(): string;
  denied(caller: Caller, verb: Verb, reason: string): Promise<void>;
}

export interface ProxyServices {
  readonly v1: V1;
  readonly verifyLinks: VerifyLinks;
  /** Writes what waits, and ends what is still open upstream. */
  close(): Promise<void>;
}

export function createProxyServices(ports: Ports): ProxyServices {
  const { config } = ports;
  const trail = new CallTrail(ports);
  const verifyLinks = new VerifyLinks({ ...ports, isOn: () => config().proxy?.verifyLink === true });
  const behind = new Behind(config);
  const open = new OpenCalls(ports.identities);
  open.listen(ports.bus);
  const v1 = new V1({
    ...ports,
    trail,
    open,
    verify: verifyLinks,
    names: () => config().gateway,
    settings: () => behind.settings(),
  });
  return {
    v1,
    verifyLinks,
    async close() {
      await trail.flush();
      await behind.close();
    },
  };
}

/** The settings of the configuration in force, with the upstream they lead to. */
class Behind {
  readonly #config: () => Config;
  #built: { readonly of: Config; readonly settings: V1Settings | null } | null = null;
  #upstream: { readonly key: string; readonly upstream: Upstream } | null = null;

  constructor(config: () => Config) {
    this.#config = config;
  }

  settings(): V1Settings | null {
    const now = this.#config();
    if (this.#built?.of !== now) this.#built = { of: now, settings: this.#build(now) };
    return this.#built.settings;
  }

  async close(): Promise<void> {
    await this.#upstream?.upstream.close();
    this.#upstream = null;
    this.#built = null;
  }

  #build({ proxy, bearer, agent }: Config): V1Settings | null {
    if (proxy === null) return null;
    const upstream = this.#upstreamOf(proxy);
    // No audience, or an origin that it does not list: neither bearer nor handle goes there.
    const isListed =
      proxy.audience !== null &&
      bearer.audiences.get(proxy.audience)?.origins.includes(upstream.origin) === true;
    return {
      upstream,
      apiKey: proxy.apiKey,
      audience: isListed ? proxy.audience : null,
      rules: {
        headers: new Set([...proxy.stripHeaders, agent.bearerHeader]),
        scrubber: new Scrubber(proxy.scrub.mode, proxy.scrub.markers),
      },
      limits: proxy.limits,
    };
  }

  /** Another place, another pool; the calls that are under way at the old one end by themselves. */
  #upstreamOf(proxy: NonNullable<Config['proxy']>): Upstream {
    const key = JSON.stringify([proxy.upstream, proxy.timeoutMs]);
    if (this.#upstream?.key === key) return this.#upstream.upstream;
    this.#upstream?.upstream.retire();
    const upstream = new Upstream(proxy);
    this.#upstream = { key, upstream };
    return upstream;
  }
}
