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
  proofBegunSchema,
} from '@countersign/protocol/approval';
import { isId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { isoTime } from '@countersign/protocol/time';
import { idempotencyKey } from '../idempotency-key.ts';
import { printApproval, printProof, readerOf } from '../print-approvals.ts';
import { givenProof, type Route, route } from '../route.ts';

const AS = {
  'x-countersign-as':
    'at the host’s socket: whose word it is, percent-encoded; the only owner’s where there is one',
};

export const approvalRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/approvals',
    verb: 'approvals.list',
    summary: 'requests for approval, newest first',
    query: approvalListQuerySchema,
    response: approvalListSchema,
    handle: async ({ services, caller, query }) => {
      const { show, agent, asked, after, limit } = query;
      if (after !== undefined && !isId('approval', after))
        throw new Problem('request_malformed', { detail: 'after is the `next` of the page before' });
      const views = await services.approvals.list({
        show,
        limit,
        ...(agent === undefined ? {} : { agent }),
        ...(asked === undefined ? {} : { asked }),
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
    note: 'The answer is the request whatever came of it: `approved` or `denied` at once, or `pending`. Who asks, and how risky it is, is never read from the body. An action has at most 256 KiB; a program that asks too often, or too much, is told when it may again.',
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
      return printApproval(view, readerOf(caller), await services.grants.grantOf(caller, view));
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
    handle: async ({ services, caller, body, request }) => {
      const { as } = givenProof(request);
      const { denied, paused } = await services.approvals.denyAll(caller, body.reason ?? null, as);
      return { denied, paused: paused.map(({ until, ...one }) => ({ ...one, until: isoTime(until) })) };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/approvals/:id',
    verb: {
      of: ['approvals.await', 'approvals.show'],
      by: (_body, { caller }) => (caller.door === 'token' ? 'approvals.await' : 'approvals.show'),
    },
    summary: 'one request, by its id or, for people, by a beginning of it or of the short digest',
    note: 'With `wait`, the answer comes once it changed, or after so many seconds. A program sees what it asked itself, and once it is approved its `grant`: to be verified offline with the pinned key, redeemed, and only then used.',
    query: approvalWaitQuerySchema,
    response: approvalRowSchema,
    handle: async ({ services, caller, query, param, request }) => {
      const how = { ms: query.wait * 1_000, stays: query.stays === 'true', for: query.for };
      const view = await services.approvals.wait(caller, param('id'), how, request.signal);
      const row = printApproval(view, readerOf(caller), await services.grants.grantOf(caller, view));
      const proof = await services.approvals.proofOf(caller, view);
      return proof === null ? row : { ...row, proof: printProof(proof) };
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
    note: 'A proof comes in `factor`, or in the header; the body goes first. It is spent for this decision alone, and only where one is asked for: `auth_factor_required` says which. A code counts once for all actions; a passkey answers a challenge of `prove`, made for this request.',
    headers: {
      ...AS,
      'x-countersign-factor': 'instead of `factor`: `totp <code>`, `recovery <code>`, `passkey <base64url>`',
    },
    body: decideSchema,
    response: approvalRowSchema,
    example: { decision: 'deny', reason: 'not on a Friday' },
    handle: async ({ services, caller, body, param, request }) => {
      const said = { decision: body.decision, reason: body.reason ?? null };
      const came = { ...givenProof(request), body: body.factor };
      const view = await services.approvals.decide(caller, param('id'), said, came);
      return printApproval(view, readerOf(caller));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/approvals/:id/prove',
    verb: 'approvals.prove',
    summary: 'a challenge for a passkey, good for this request and no other',
    note: 'What the browser answers goes as `factor` into the decision: `{kind: "passkey", value: {challenge, response}}`.',
    response: proofBegunSchema,
    handle: async ({ services, caller, param, request }) => {
      const begun = await services.approvals.beginProof(caller, param('id'), request.headers.get('origin'));
      return { challenge: begun.challenge, options: { ...begun.options } };
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/approvals/:id/cancel',
    verb: 'approvals.cancel',
    summary: 'the program that asked takes it back',
    body: approvalCancelSchema,
    response: approvalRowSchema,
    handle: async ({ services, caller, param, body: { changed } }) =>
      printApproval(await services.approvals.cancel(caller, param('id'), changed), readerOf(caller)),
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
