// The Store as seen from outside a transaction, and from inside one: the same verbs over another connection.
import { Problem } from '@countersign/protocol/problem';
import type { Store } from '../core/store-port.ts';
import { acceptedConfig } from './accepted-config.ts';
import { aliases } from './aliases.ts';
import { allowLists } from './allow-lists.ts';
import { approvals } from './approvals.ts';
import { audit } from './audit.ts';
import { bindings } from './bindings.ts';
import { cards } from './cards.ts';
import { challenges, deaf, tickets } from './challenges.ts';
import { type Context, transact } from './context.ts';
import { devices } from './devices.ts';
import { elevations } from './elevations.ts';
import { factors, recoveries } from './factors.ts';
import { linkOffers } from './link-offers.ts';
import { messages } from './messages.ts';
import { outbox } from './outbox.ts';
import { pairings } from './pairings.ts';
import { people } from './people.ts';
import { policies } from './policies.ts';
import { pushSubscriptions } from './push.ts';
import { runs } from './runs.ts';
import { sessions } from './sessions.ts';
import { deviceTokens, setups } from './setups.ts';
import { claims, limits, nonces } from './single-use.ts';
import { bearers, tokens } from './tokens.ts';
import { transcripts } from './transcripts.ts';
import { turns } from './turns.ts';
import { userMap } from './user-map.ts';
import { windows } from './windows.ts';

export function storeView(context: Context): Store {
  const { database } = context;
  return {
    installation: context.installation,
    writer: context.writer,
    dialect: database.dialect,
    people: people(context),
    pairings: pairings(context),
    messages: messages(context),
    turns: turns(context),
    sessions: sessions(context),
    bindings: bindings(context),
    userMap: userMap(context),
    outbox: outbox(context),
    transcripts: transcripts(context),
    cards: cards(context),
    allowLists: allowLists(context),
    linkOffers: linkOffers(context),
    aliases: aliases(context),
    acceptedConfig: acceptedConfig(context),
    devices: devices(context),
    setups: setups(context),
    deviceTokens: deviceTokens(context),
    challenges: challenges(context),
    tickets: tickets(context),
    deaf: deaf(context),
    factors: factors(context),
    recoveries: recoveries(context),
    push: pushSubscriptions(context),
    tokens: tokens(context),
    bearers: bearers(context),
    approvals: approvals(context),
    policies: policies(context),
    runs: runs(context),
    windows: windows(context),
    elevations: elevations(context),
    claims: claims(context),
    nonces: nonces(context),
    limits: limits(context),
    audit: audit(context),

    atomically(work) {
      if (context.inside)
        return Promise.reject(new Problem('internal', { detail: 'a transaction cannot be nested' }));
      return transact(context, (inside) => work(storeView(inside)));
    },

    async ping() {
      await context.connection.all('select 1');
    },

    async close() {
      if (context.inside) throw new Problem('internal', { detail: 'a transaction cannot close its store' });
      await database.close();
    },
  };
}
