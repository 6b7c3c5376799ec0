// Receipts: one request as a document that others check without us. What is signed is looked at first: a key that signed
// whatever a changed database says would prove the change.

import { type Json, signedBytes } from '@countersign/protocol/canonical';
import { type ApprovalId, isId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { eventBodySchema, RECEIPT_KIND, type Receipt, type SignedHead } from '@countersign/protocol/receipt';
import { isoTime } from '@countersign/protocol/time';
import type { BearerKeys } from '@countersign/protocol/token';
import { verifyReceipt } from '@countersign/protocol/verify-receipt';
import { grantClaims } from '../core/approval/grant-claims.ts';
import type { GrantSigner } from '../core/approval/grants-port.ts';
import type { ApprovalsService, ApprovalView } from '../core/approval/service.ts';
import type { StoredEvent } from '../core/audit/event.ts';
import type { Clock, Signer } from '../core/ports.ts';
import type { Store } from '../core/store-port.ts';
import type { AuditHeads } from './audit-heads.ts';
import { proveChain } from './audit-proof.ts';
import { printApproval } from './print-approvals.ts';

interface Ports {
  readonly store: Pick<Store, 'audit' | 'installation'>;
  readonly clock: Clock;
  readonly approvals: Pick<ApprovalsService, 'find'>;
  readonly heads: Pick<AuditHeads, 'signed' | 'contradiction'>;
  /** The gateway's own key. */
  readonly signer: Pick<Signer, 'sign' | 'thumbprint'>;
  readonly grantSigner: Pick<GrantSigner, 'sign'>;
  issuer(): string;
  jwks(): BearerKeys;
}

/** More than any request has of its own: what is cut off would be missing. */
const MOST_EVENTS = 1_000;
/** Of each kind of what anybody can add to without end, for as long as they like: so much of it is shown (7.1). A count of them is
 * one more, and comes as often. */
const MOST_OF_EACH = 100;
const ENDLESS: ReadonlySet<string> = new Set(['grant.refused', 'denials.counted']);
const ASKED = ['approval.requested', 'approval.allowed', 'approval.refused'] as const;
const TRIES = 3;

interface Proven {
  readonly events: readonly StoredEvent[];
  /** Of the chains that they stand on. */
  readonly heads: readonly SignedHead[];
}

export class Receipts {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /**
   * Of a request, by whatever finds one. Ended or not: it says how far it has come.
   * @throws Problem `not_found`, `audit_broken`: the part of the audit that it stands on does not verify, or what is stored says
   * something else than the audit.
   */
  async of(ref: string): Promise<Receipt> {
    const keys = this.#ports.jwks().keys;
    for (let tries = 1; ; tries += 1) {
      const receipt = await this.#write(ref);
      const { checks } = await verifyReceipt(plain(receipt), keys);
      const wrong = checks.find(({ fault }) => fault !== null);
      if (wrong === undefined) return receipt;
      // It may have gone on while it was read.
      if (tries === TRIES)
        throw new Problem('audit_broken', {
          detail: `what is stored of it is not what happened: ${wrong.fault}`,
          hint: 'keep the store as it is, and compare it with an export or a backup',
        });
    }
  }

  async #write(ref: string): Promise<Receipt> {
    const { store, clock, approvals, heads, signer, grantSigner, issuer, jwks } = this.#ports;
    const view = await approvals.find(ref);
    const { run } = view;
    if ((await heads.contradiction()) !== null)
      throw new Problem('audit_broken', {
        detail: 'the audit is not the one whose heads were kept',
        hint: 'countersign audit verify',
      });
    const { events, heads: signed } = await this.#proven(view.request.id, await heads.signed());
    const told = story(view, events);
    const words = view.request.words.map((word, index) => ({
      ...word,
      surface: told.decisions[index]?.surface ?? word.surface,
    }));
    const said = {
      kind: RECEIPT_KIND,
      gateway: store.installation,
      issuer: issuer(),
      at: isoTime(clock.now()),
      ...told,
      grant: run === null ? null : grantSigner.sign(grantClaims({ ...view.request, words }, run, issuer())),
      events: events.map(({ body, hash }) => ({ body: eventBodySchema.parse(body), hash })),
      heads: [...signed],
      people: Object.fromEntries(view.names),
      keys: jwks().keys.filter(({ kty }) => kty === 'OKP'),
    } satisfies Omit<Receipt, 'signature'>;
    const bytes = signer.sign(signedBytes('countersign.receipt.v1', plain(said)));
    const value = Buffer.from(bytes).toString('base64url');
    return { ...said, signature: { kid: signer.thumbprint, value } };
  }

  /**
   * Everything about it, taken from the chains while they are proven. The index says no more than where to begin: it is held by
   * nothing, and what it leaves out would be missing.
   */
  async #proven(id: ApprovalId, heads: readonly SignedHead[]): Promise<Proven> {
    const { audit } = this.#ports.store;
    const filed = await this.#filed(id);
    const events: StoredEvent[] = [];
    const needed: SignedHead[] = [];
    for (const head of heads) {
      const { writer, seq, hash } = head;
      if (!isId('writer', writer)) throw new Problem('internal', { detail: 'a chain without a writer' });
      const before = events.length;
      const [first] = filed.filter(({ body }) => body.writer === writer).toSorted(inOrder);
      const each = (event: StoredEvent) => {
        if (isAbout(event, id) || filed.some(({ body }) => body.id === event.body.id)) events.push(event);
      };
      // Of several gateways one may have had a word in it that the index hides: a whole chain tells.
      const from = first === undefined ? {} : { from: { seq: first.body.seq - 1, hash: first.body.prev } };
      const { broken } = await proveChain(audit, { writer, seq, hash }, { ...from, each });
      if (broken !== null)
        throw new Problem('audit_broken', {
          detail: `the chain breaks at ${writer} ${broken.seq}: ${broken.why}`,
          hint: 'countersign audit verify',
        });
      if (events.length > before) needed.push(head);
    }
    return { events: shown(events), heads: needed };
  }

  /** Where the index files its asking, and the elevation by which it ran. */
  async #filed(id: ApprovalId): Promise<readonly StoredEvent[]> {
    const { audit } = this.#ports.store;
    const asked = await audit.list({ subjects: [id], types: ASKED, limit: MOST_EVENTS });
    const about = asked.filter((event) => isAbout(event, id));
    const named = about.find(({ body }) => body.type === 'approval.allowed')?.body.subject['elevation'];
    if (typeof named !== 'string') return about;
    return [...about, ...(await audit.list({ subjects: [named], types: ['elevation.begun'], limit: 1 }))];
  }
}

/** What people said, where, comes from the events: a person may have been forgotten since. */
function story(
  view: ApprovalView,
  events: readonly StoredEvent[],
): Pick<Receipt, 'request' | 'decisions' | 'elevation' | 'run'> {
  const { request } = view;
  const row = printApproval(view, 'decider');
  const { actionDigest, requester, agent, session, tier, policy, nonce, expiresAt } = request;
  const kindOf = (by: string, at: number) =>
    events.find(({ body }) => body.subject['by'] === by && body.at === at)?.body.subject['surface'];
  const begun = events.find(({ body }) => body.type === 'elevation.begun')?.body;
  const { output: _, ...run } = row.run ?? { grant: '' };
  return {
    request: {
      id: request.id,
      state: view.state,
      tier,
      short: request.short,
      action: request.action,
      facts: { actionDigest, requester, agent, session, tier, policy, nonce, expiresAt },
      actionDigest,
      requestDigest: request.requestDigest,
      requester,
      agent,
      host: request.host,
      ...(row.need === undefined ? {} : { need: row.need }),
      ...(row.because === undefined ? {} : { because: row.because }),
      createdAt: row.createdAt,
      expiresAt: row.expiresAt,
    },
    decisions: row.decisions.map((word, index) => {
      const surface = kindOf(word.by, request.words[index]?.at ?? 0);
      return { ...word, surface: typeof surface === 'string' ? surface : word.surface };
    }),
    ...(begun === undefined ? {} : { elevation: elevationIn(begun) }),
    run: row.run === undefined ? null : run,
  };
}

function elevationIn({ subject, at }: StoredEvent['body']): NonNullable<Receipt['elevation']> {
  const { elevation, principal, surface, factors } = subject;
  const proven = Array.isArray(factors) ? factors.map(String) : [];
  return {
    id: String(elevation),
    by: String(principal),
    surface: String(surface),
    factors: proven,
    at: isoTime(at),
  };
}

function isAbout({ body }: StoredEvent, id: ApprovalId): boolean {
  return body.subject['approval'] === id;
}

/** Chain by chain, in order. */
function shown(events: readonly StoredEvent[]): readonly StoredEvent[] {
  const counts = new Map<string, number>();
  return events.toSorted(inOrder).filter(({ body: { type } }) => {
    if (!ENDLESS.has(type)) return true;
    const count = (counts.get(type) ?? 0) + 1;
    counts.set(type, count);
    return count <= MOST_OF_EACH;
  });
}

function inOrder({ body: a }: StoredEvent, { body: b }: StoredEvent): number {
  return a.writer === b.writer ? a.seq - b.seq : a.writer < b.writer ? -1 : 1;
}

/** As it goes over the wire: what is undefined is not there. */
function plain(value: object): Json {
  const json: Json = JSON.parse(JSON.stringify(value));
  return json;
}
