// What happened, and the proof of it.
import { auditListQuerySchema, auditListSchema, auditVerifySchema } from '@countersign/protocol/gateway';
import { receiptSchema } from '@countersign/protocol/receipt';
import { streamAnswer } from '../answers.ts';
import { printEvent, printList } from '../print.ts';
import { type Route, route } from '../route.ts';

export const auditRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/audit',
    verb: 'audit.list',
    summary: 'events, newest first',
    query: auditListQuerySchema,
    several: ['about'],
    response: auditListSchema,
    handle: async ({ services, query }) => printList(await services.audit.list(query), printEvent),
  }),
  route({
    method: 'GET',
    path: '/api/v1/audit/verify',
    verb: 'audit.verify',
    summary: 'check every link of every chain',
    response: auditVerifySchema,
    handle: ({ services }) => services.audit.verify(),
  }),
  route({
    method: 'GET',
    path: '/api/v1/approvals/:id/receipt',
    verb: 'audit.export',
    summary: 'one request as a signed document that is checked offline: countersign verify-receipt',
    note: 'It holds the whole action and the names of the people in it.',
    response: receiptSchema,
    handle: ({ services, param }) => services.receipts.of(param('id')),
  }),
  route({
    method: 'GET',
    path: '/api/v1/audit/export',
    verb: 'audit.export',
    summary: 'the heads, then every event as it is hashed, one JSON document a line',
    handle: ({ services }) => streamAnswer(services.audit.export(), 'application/x-ndjson'),
  }),
];
