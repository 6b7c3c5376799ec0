// Grants: spent before anything starts, and what became of the run. One row of the table of `authorise` for each.
import { redeemedSchema, redeemSchema, reportedSchema, reportSchema } from '@countersign/protocol/grant';
import { type Route, route } from '../route.ts';

export const grantRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/v1/grants/redeem',
    verb: 'grants.redeem',
    summary: 'spend a grant, before anything starts: once, ever',
    note: 'A repeat is 403 `grant_redeemed`, also with the same `Idempotency-Key`. An answer that was lost means *not run*: whoever did not read `redeemed` starts nothing. A program spends what it asked for itself; a paired machine what names it.',
    body: redeemSchema,
    response: redeemedSchema,
    example: { grant: 'eyJhbGciOiJFZERTQSIsInR5cCI6ImNvdW50ZXJzaWduLWdyYW50K2p3dCJ9.e30.c2ln' },
    handle: async ({ services, caller, body }) => {
      await services.grants.redeem(caller, body.grant);
      return { redeemed: true };
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/grants/report',
    verb: 'grants.report',
    summary: 'tell of a run: started, still running, finished, or not started though redeemed',
    note: 'Counts from whoever redeemed that grant, and from nobody else. `running` is said every half minute: after two minutes without a word the request is `lost`, and a later `finished` still mends that. The same report again changes nothing.',
    body: reportSchema,
    response: reportedSchema,
    example: { grant: 'grant_aaaaaaaaaaaaaaaaaaaaaaaa', what: 'finished', exitCode: 0, signal: null },
    handle: async ({ services, caller, body }) => {
      await services.grants.report(caller, body);
      return { reported: true };
    },
  }),
];
