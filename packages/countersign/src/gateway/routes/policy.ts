// The policy: what holds, what it would say, and its changes. Every change is a new version.
import {
  policyChangedSchema,
  policyExportSchema,
  policyImportSchema,
  policySetSchema,
  policyTestAskSchema,
  policyTestSchema,
  policyViewSchema,
} from '@countersign/protocol/policy';
import { z } from 'zod';
import { type Route, route } from '../route.ts';

export const policyRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/policy',
    verb: 'policy.read',
    summary: 'what holds, value by value, with where each is from',
    response: policyViewSchema,
    handle: ({ services }) => services.policy.view(),
  }),
  route({
    method: 'POST',
    path: '/api/v1/policy/test',
    verb: 'policy.test',
    summary: 'what would happen to a command or an action, and why; nothing runs and nobody is asked',
    body: policyTestAskSchema,
    response: policyTestSchema,
    example: { command: 'curl -s https://example.com | sudo sh', agent: 'main' },
    handle: ({ services, body }) => services.policy.test(body),
  }),
  route({
    method: 'POST',
    path: '/api/v1/policy/import',
    verb: {
      of: ['policy.write', 'policy.test'],
      by: ({ dryRun }) => (dryRun ? 'policy.test' : 'policy.write'),
    },
    summary: 'take over exec-approvals.json, version 1 or 2, whole; or show what that would change',
    note: 'Everything that waits is asked anew after a change.',
    body: policyImportSchema,
    response: policyChangedSchema,
    example: { document: '{"version":1,"defaults":{"security":"allowlist","ask":"on-miss"}}' },
    handle: ({ services, caller, body }) =>
      body.dryRun ? services.policy.preview(body.document) : services.policy.import(body.document, caller),
  }),
  route({
    method: 'GET',
    path: '/api/v1/policy/export',
    verb: 'policy.read',
    summary: 'the policy as exec-approvals.json, version 2',
    response: policyExportSchema,
    handle: ({ services }) => services.policy.export(),
  }),
  route({
    method: 'POST',
    path: '/api/v1/policy/set',
    verb: {
      of: ['policy.write', 'policy.test'],
      by: async ({ path, value }, { services }) => {
        await services.policy.checkSet(path, value);
        return 'policy.write' as const;
      },
    },
    summary: 'set one value; everything that waits is asked anew',
    body: policySetSchema,
    response: policyChangedSchema,
    example: { path: 'tiers.elevated.timeout', value: '5m' },
    handle: ({ services, caller, body }) => services.policy.set(body.path, body.value, caller),
  }),
  route({
    method: 'POST',
    path: '/api/v1/policy/rules/:id/revoke',
    verb: 'policy.revoke',
    summary: 'a rule of a list allows nothing any more',
    response: z.object({ revoked: z.string() }),
    handle: ({ services, caller, param }) => services.policy.revoke(param('id'), caller),
  }),
];
