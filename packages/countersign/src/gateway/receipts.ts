// Receipts: one request as a document that others check without us. What is signed is looked at first: a key that signed
// whatever a changed database says would prove the change.

import { type Json, signedBytes } from '@countersign/protocol/canonical';
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
  readonly heads: Pick<AuditHeads, 'signed'>;
  /** The gateway's own key. */
  readonly signer: Pick<Signer, 'sign' | 'thumbprint'>;
  readonly grantSigner: Pick<GrantSigner, 'sign'>;
  issuer(): string;
  jwks(): BearerKeys;
}

/** More than any request has: what is cut off would be missing. */
const MOST_EVENTS = 1_000;
const TRIES = 3;

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
    const all = await store.audit.list({ subjects: [view.request.id], limit: MOST_EVENTS });
    const about = all.filter(({ body }) => body.subject['approval'] === view.request.id);
    const events = [...about, ...(await this.#elevationOf(about))].toSorted(inOrder);
    const signed = await this.#proven(events, await heads.signed());
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

  /** The event of the elevation by which it ran; none for anything else. */
  async #elevationOf(events: readonly StoredEvent[]): Promise<readonly StoredEvent[]> {
    const named = events.find(({ body }) => body.type === 'approval.allowed')?.body.subject['elevation'];
    if (typeof named !== 'string') return [];
    return this.#ports.store.audit.list({ subjects: [named], types: ['elevation.begun'], limit: 1 });
  }

  /** The heads of the chains that these stand on, each proven from the first of them on. */
  async #proven(
    events: readonly StoredEvent[],
    heads: readonly SignedHead[],
  ): Promise<readonly SignedHead[]> {
    const { audit } = this.#ports.store;
    const needed: SignedHead[] = [];
    for (const head of heads) {
      const first = events.find(({ body }) => body.writer === head.writer)?.body;
      if (first === undefined) continue;
      const { writer } = first;
      const from = { seq: first.seq - 1, hash: first.prev };
      const { broken } = await proveChain(audit, { writer, seq: head.seq, hash: head.hash }, { from });
      if (broken !== null)
        throw new Problem('audit_broken', {
          detail: `the chain breaks at ${writer} ${broken.seq}: ${broken.why}`,
          hint: 'countersign audit verify',
        });
      needed.push(head);
    }
    return needed;
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

function inOrder({ body: a }: StoredEvent, { body: b }: StoredEvent): number {
  return a.writer === b.writer ? a.seq - b.seq : a.writer < b.writer ? -1 : 1;
}

/** As it goes over the wire: what is undefined is not there. */
function plain(value: object): Json {
  const json: Json = JSON.parse(JSON.stringify(value));
  return json;
}
