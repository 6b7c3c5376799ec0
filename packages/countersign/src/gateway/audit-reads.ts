// Reading the audit: a page for people, the whole for a verifier. Long walks go page by page and give the event loop
// back in between, so that proving the past never stops the present.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AuditVerdict } from '@countersign/protocol/gateway';
import { isId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import {
  EVENT_TYPES,
  type EventBody,
  type EventType,
  type Head,
  type StoredEvent,
} from '../core/audit/event.ts';
import type { Directory } from '../core/identity/directory.ts';
import type { Store } from '../core/store-port.ts';
import type { AuditHeads } from './audit-heads.ts';
import { PAGE, proveChain } from './audit-proof.ts';
import type { Page } from './print.ts';

interface Ports {
  readonly store: Pick<Store, 'audit' | 'sessions'>;
  readonly people: Pick<Directory, 'find'>;
  readonly heads: Pick<AuditHeads, 'signed' | 'contradiction' | 'keep'>;
}

interface Query {
  readonly session?: string | undefined;
  readonly person?: string | undefined;
  readonly type?: string | undefined;
  /** With commas between them; one that ends in a dot means every type that begins so. */
  readonly types?: string | undefined;
  /** Ids that the event is about, or was done by. */
  readonly about?: readonly string[] | undefined;
  readonly outcome?: EventBody['outcome'] | undefined;
  /** ISO 8601: at that moment or later, and before that moment. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

export class AuditReads {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Newest first. */
  async list(query: Query): Promise<Page<StoredEvent>> {
    const { session, person, about, outcome, since, until, after, limit } = query;
    const subjects = [await this.#session(session), await this.#person(person)].filter((id) => id !== null);
    const types = readTypes(query);
    const rows = await this.#ports.store.audit.list({
      ...(after === undefined ? {} : { before: readCursor(after) }),
      ...(types === null ? {} : { types }),
      subjects,
      about: readIds(about),
      ...(outcome === undefined ? {} : { outcome }),
      ...(since === undefined ? {} : { since: Date.parse(since) }),
      ...(until === undefined ? {} : { until: Date.parse(until) }),
      limit,
    });
    const last = rows.at(-1);
    return {
      items: rows,
      next: rows.length < limit || last === undefined ? null : `${last.body.at}.${last.body.id}`,
    };
  }

  /** Proves every chain, or as much of each as `atMost` events, from the beginning to its head as it is now. */
  async verify(atMost = Number.POSITIVE_INFINITY): Promise<AuditVerdict> {
    const heads = await this.#ports.store.audit.heads();
    let events = 0;
    for (const head of heads) {
      const chain = await proveChain(this.#ports.store.audit, head, { atMost });
      events += chain.events;
      if (chain.broken !== null) {
        return {
          ok: false,
          events,
          heads: heads.map(copy),
          broken: { writer: head.writer, ...chain.broken },
        };
      }
    }
    const wrong = await this.#ports.heads.contradiction();
    if (wrong !== null) return { ok: false, events, heads: heads.map(copy), broken: wrong };
    return { ok: true, events, heads: heads.map(copy), signed: [...(await this.#ports.heads.signed())] };
  }

  /** Notes how far the chains have come, where whoever changes the store does not reach it. */
  keep(): Promise<void> {
    return this.#ports.heads.keep();
  }

  /** One JSON document a line: the heads, then every event as it is hashed, writer by writer. */
  async *export(): AsyncGenerator<string> {
    const heads = await this.#ports.store.audit.heads();
    const signed = await this.#ports.heads.signed();
    yield `${JSON.stringify({ format: 'countersign.audit.export.v1', heads: heads.map(copy), signed })}\n`;
    for (const head of heads) {
      for (let seq = 0; seq < head.seq; ) {
        const page = await this.#ports.store.audit.walk(head.writer, seq, Math.min(PAGE, head.seq - seq));
        const last = page.at(-1);
        if (last === undefined)
          throw new Problem('audit_broken', { detail: 'events are missing at the end of a chain' });
        yield page
          .map(({ body, hash, personal }) => `${JSON.stringify({ body, hash, personal })}\n`)
          .join('');
        seq = last.body.seq;
        await nextTurn();
      }
    }
  }

  async #person(ref: string | undefined): Promise<string | null> {
    return ref === undefined ? null : (await this.#ports.people.find(ref)).id;
  }

  async #session(ref: string | undefined): Promise<string | null> {
    if (ref === undefined) return null;
    const [one, another] = await this.#ports.store.sessions.find(ref);
    if (one === undefined)
      throw new Problem('not_found', {
        detail: 'there is no such session',
        hint: 'countersign sessions list shows them',
      });
    if (another !== undefined) throw new Problem('ambiguous');
    return one.id;
  }
}

function copy({ writer, seq, hash }: Head): { writer: string; seq: number; hash: string } {
  return { writer, seq, hash };
}

/** Null: all of them. */
function readTypes({ type, types }: Pick<Query, 'type' | 'types'>): readonly EventType[] | null {
  const wanted = [type, ...(types?.split(',') ?? [])].filter(
    (one): one is string => one !== undefined && one !== '',
  );
  if (wanted.length === 0) return null;
  const found = wanted.flatMap((one) => {
    const named = EVENT_TYPES.filter((known) => (one.endsWith('.') ? known.startsWith(one) : known === one));
    if (named.length > 0) return named;
    throw new Problem('request_malformed', {
      detail: 'there is no event of that type',
      hint: 'such as pairing.approved, or pairing. for all that begin so',
    });
  });
  return [...new Set(found)];
}

function readIds(ids: readonly string[] = []): readonly string[] {
  if (ids.every((id) => SUBJECT.test(id))) return ids;
  throw new Problem('request_malformed', {
    detail: 'about takes whole ids',
    hint: 'such as prn_…, ses_…, pair_…; the beginning of one is for --person and --session',
  });
}

/** The form of an id, of whatever kind: one that nothing names finds nothing. */
const SUBJECT = /^[a-z]{2,10}_[a-z0-9]{1,64}$/;

function readCursor(after: string): { readonly at: number; readonly id: `evt_${string}` } {
  const [at = '', id = ''] = after.split('.');
  if (/^\d{1,15}$/.test(at) && isId('event', id)) return { at: Number(at), id };
  throw new Problem('request_malformed', { detail: 'after is the `next` of the page before' });
}
