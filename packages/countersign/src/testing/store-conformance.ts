// The one suite every store passes, whatever its dialect: round trips, races, replays, caps, rollback, the chain. A store is
// opened once and shared; each test works on an account of its own.
import type { WriterId } from '@countersign/protocol/ids';
import { afterAll, beforeAll, describe } from 'vitest';
import type { Store } from '../core/store-port.ts';
import { acceptSuite } from './store/accept.ts';
import { aliasesSuite } from './store/aliases.ts';
import { allowListsSuite } from './store/allow-lists.ts';
import { approvalsSuite } from './store/approvals.ts';
import { atomicallySuite } from './store/atomically.ts';
import { auditSuite } from './store/audit.ts';
import { StoreBench } from './store/bench.ts';
import { bindingsSuite } from './store/bindings.ts';
import { cardsSuite } from './store/cards.ts';
import { challengesSuite } from './store/challenges.ts';
import { deskSuite } from './store/desk.ts';
import { devicesSuite } from './store/devices.ts';
import { factorsSuite } from './store/factors.ts';
import { forgetSuite } from './store/forget.ts';
import { linkOffersSuite } from './store/link-offers.ts';
import { outboxSuite } from './store/outbox.ts';
import { pairingsSuite } from './store/pairings.ts';
import { peopleSuite } from './store/people.ts';
import { pushSuite } from './store/push.ts';
import { runsSuite } from './store/runs.ts';
import { sessionsSuite } from './store/sessions.ts';
import { singleUseSuite } from './store/single-use.ts';
import { slotsSuite } from './store/slots.ts';
import { tokensSuite } from './store/tokens.ts';
import { transcriptsSuite } from './store/transcripts.ts';
import { turnsSuite } from './store/turns.ts';

export interface OpenedStore {
  readonly store: Store;
  /** The same data through another handle, for stores that more than one process may open. */
  readonly reopen?: () => Promise<Store>;
  /** The same data as another gateway sees it. Closed with the store. */
  readonly asWriter: (writer: WriterId) => Promise<Store>;
  readonly close: () => Promise<void>;
}

export function storeConformance(name: string, open: () => Promise<OpenedStore>): void {
  describe(`store: ${name}`, () => {
    const bench = new StoreBench();
    let opened: OpenedStore | undefined;

    beforeAll(async () => {
      opened = await open();
      bench.begin(opened.store, opened.reopen, opened.asWriter);
    }, 60_000);
    afterAll(async () => {
      await bench.end();
      await opened?.close();
    });

    peopleSuite(bench);
    pairingsSuite(bench);
    slotsSuite(bench);
    acceptSuite(bench);
    deskSuite(bench);
    turnsSuite(bench);
    sessionsSuite(bench);
    bindingsSuite(bench);
    outboxSuite(bench);
    cardsSuite(bench);
    allowListsSuite(bench);
    linkOffersSuite(bench);
    aliasesSuite(bench);
    tokensSuite(bench);
    transcriptsSuite(bench);
    singleUseSuite(bench);
    auditSuite(bench);
    atomicallySuite(bench);
    forgetSuite(bench);
    devicesSuite(bench);
    factorsSuite(bench);
    challengesSuite(bench);
    pushSuite(bench);
    approvalsSuite(bench);
    runsSuite(bench);
  });
}
