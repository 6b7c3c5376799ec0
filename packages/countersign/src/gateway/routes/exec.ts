// Commands on another machine: asked by a program, awaited by it, and what they print. What they may do is decided as for any
// other request: there is no road to a machine beside the one through people and policy.
import { execAskSchema, execJobSchema, execQuerySchema, execSignalSchema } from '@countersign/protocol/exec';
import { idempotencyKey } from '../idempotency-key.ts';
import { printJob } from '../print-jobs.ts';
import { type Route, route } from '../route.ts';

export const execRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/v1/exec',
    verb: 'approvals.request',
    summary: 'ask for a command on a paired machine that is connected',
    note: 'The machine derives the action itself: its own folder, program, hashes and environment. That is what people are asked about, and what its grant is for; the answer comes once it is asked. A machine that is away and one that does not exist read alike. Whoever does not look for a minute before it runs has taken it back.',
    headers: {
      'Idempotency-Key': 'the same for every try of one asking: the same key and command answer the same job',
    },
    body: execAskSchema,
    response: execJobSchema,
    status: 201,
    example: { host: 'workshop', argv: ['git', 'status'], cwd: '/home/ana/work' },
    handle: async ({ services, caller, body, request }) =>
      printJob(await services.execHosts.ask(caller, body, idempotencyKey(request)), caller),
  }),
  route({
    method: 'GET',
    path: '/api/v1/exec/:id',
    verb: 'approvals.await',
    summary: 'how far a command on another machine is, and what it printed',
    note: 'With `wait`, the answer comes once there is something newer than `seen`. What was taken (`after`) is not kept; what nobody takes makes the command wait, and after a minute it is dropped and counted.',
    query: execQuerySchema,
    response: execJobSchema,
    handle: async ({ services, caller, query, param, request }) => {
      const { after, seen, wait } = query;
      const how = { after, seen, ms: wait * 1_000 };
      return printJob(await services.execHosts.show(caller, param('id'), how, request.signal), caller);
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/exec/:id/signal',
    verb: 'approvals.cancel',
    summary: 'a signal for what runs; before it runs, that takes it back',
    body: execSignalSchema,
    response: execJobSchema,
    example: { signal: 'SIGINT' },
    handle: async ({ services, caller, body, param }) =>
      printJob(await services.execHosts.signal(caller, param('id'), body.signal), caller),
  }),
];
