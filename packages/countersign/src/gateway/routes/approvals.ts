// Requests for approval: asked by programs, awaited by them, decided by people. One row of the table of `authorise` for each.
import {
  approvalAllowAnswerSchema,
  approvalAllowSchema,
  approvalAskSchema,
  approvalCancelSchema,
  approvalDenyAllAnswerSchema,
  approvalDenyAllSchema,
  approvalListQuerySchema,
  approvalListSchema,
  approvalRowSchema,
  approvalWaitQuerySchema,
  decideSchema,
} from '@countersign/protocol/approval';
import { isId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { printApproval, readerOf } from '../print-approvals.ts';
import { givenProof, type Route, route } from '../route.ts';

const AS = {
  'x-countersign-as':
    'at the host’s socket: whose word it is, percent-encoded; the only owner’s where there is one',
};

/** What one asking may be called; it is kept as a keyed hash. */
const KEY = /^[\x21-\x7e]{1,200}$/;

export const approvalRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/approvals',
    verb: 'approvals.list',
    summary: 'requests for approval, newest first',
    query: approvalListQuerySchema,
    response: approvalListSchema,
    handle: async ({ services, caller, query }) => {
      const { show, agent, after, limit } = query;
      if (after !== undefined && !isId('approval', after))
        throw new Problem('request_malformed', { detail: 'after is the `next` of the page before' });
      const views = await services.approvals.list({
        show,
        limit,
        ...(agent === undefined ? {} : { agent }),
        ...(after === undefined ? {} : { before: after }),
      });
      const next = views.length < limit ? undefined : views.at(-1)?.request.id;
      const reader = readerOf(caller);
      return {
        items: views.map((view) => printApproval(view, reader)),
        ...(next === undefined ? {} : { next }),
      };
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/approvals',
    verb: 'approvals.request',
    summary: 'ask for an action: what the policy says to it, and who is asked',
    note: 'The answer is the request whatever came of it: `approved` or `denied` at once, or `pending`. Who asks, and how risky it is, is never read from the body.',
    headers: {
      'Idempotency-Key':
        'the same for every try of one asking: the same key and action answer the same request',
    },
    body: approvalAskSchema,
    response: approvalRowSchema,
    status: 201,
    example: {
      action: {
        kind: 'exec',
        argv: ['git', 'push', 'origin', 'main'],
        cwd: { path: '/home/ana/work', device: '2049', inode: '131074' },
        program: { path: '/usr/bin/git', sha256: 'a'.repeat(64) },
        scripts: [],
        env: { PATH: '/usr/bin:/bin' },
        stdin: { kind: 'none' },
        host: 'ins_thismachine',
      },
    },
    handle: async ({ services, caller, body, request }) => {
      const view = await services.approvals.ask(caller, body, idempotencyKey(request));
      return printApproval(view, readerOf(caller));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/approvals/deny-all',
    verb: 'approvals.deny',
    summary: 'say no to everything that waits and that you may answer',
    headers: AS,
    body: approvalDenyAllSchema,
    response: approvalDenyAllAnswerSchema,
    example: { reason: 'not today' },
    handle: async ({ services, caller, body, request }) => ({
      denied: await services.approvals.denyAll(caller, body.reason ?? null, givenProof(request).as),
    }),
  }),
  route({
    method: 'GET',
    path: '/api/v1/approvals/:id',
    verb: {
      of: ['approvals.await', 'approvals.show'],
      by: (_body, { caller }) => (caller.door === 'token' ? 'approvals.await' : 'approvals.show'),
    },
    summary: 'one request, by its id or, for people, by a beginning of it or of the short digest',
    note: 'With `wait`, the answer comes once it changed, or after so many seconds. A program sees what it asked itself.',
    query: approvalWaitQuerySchema,
    response: approvalRowSchema,
    handle: async ({ services, caller, query, param, request }) => {
      const view = await services.approvals.wait(caller, param('id'), query.wait * 1_000, request.signal);
      return printApproval(view, readerOf(caller));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/approvals/:id/decision',
    verb: {
      of: ['approvals.approve', 'approvals.deny'],
      by: ({ decision }) => (decision === 'approve' ? 'approvals.approve' : 'approvals.deny'),
    },
    summary: 'a yes or a no of whoever calls; stored before it is answered',
    note: 'Until grants exist, what needs a factor can be denied and not approved: `auth_factor_required`. A factor that comes along is not spent for it.',
    headers: AS,
    body: decideSchema,
    response: approvalRowSchema,
    example: { decision: 'deny', reason: 'not on a Friday' },
    handle: async ({ services, caller, body, param, request }) => {
      const said = { decision: body.decision, reason: body.reason ?? null };
      const view = await services.approvals.decide(caller, param('id'), said, givenProof(request).as);
      return printApproval(view, readerOf(caller));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/approvals/:id/cancel',
    verb: 'approvals.cancel',
    summary: 'the program that asked takes it back',
    body: approvalCancelSchema,
    response: approvalRowSchema,
    handle: async ({ services, caller, param }) =>
      printApproval(await services.approvals.cancel(caller, param('id')), readerOf(caller)),
  }),
  route({
    method: 'POST',
    path: '/api/v1/approvals/:id/allow',
    verb: {
      of: ['policy.write', 'policy.test'],
      by: ({ preview }) => (preview ? 'policy.test' : 'policy.write'),
    },
    summary: 'allow exactly this command of this agent from now on, until a day; or show that rule',
    body: approvalAllowSchema,
    response: approvalAllowAnswerSchema,
    example: { for: '30d', preview: true },
    handle: ({ services, caller, body, param }) => services.policy.allow(caller, param('id'), body),
  }),
];

function idempotencyKey({ headers }: Request): string | null {
  const key = headers.get('idempotency-key');
  if (key === null || KEY.test(key)) return key;
  throw new Problem('request_malformed', {
    detail: 'an Idempotency-Key is 1 to 200 visible characters of ASCII',
  });
}
