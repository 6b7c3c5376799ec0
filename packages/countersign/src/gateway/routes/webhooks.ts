// Deliveries: no caller is needed, since each carries the proof of its own channel.
import { type Route, route } from '../route.ts';

export const webhookRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/webhooks/:channel/:account',
    verb: 'webhooks.receive',
    summary: 'a delivery of a messenger, as raw bytes; 200 once it is stored, 401 for what does not verify',
    anyQuery: true,
    handle: ({ services, request, bindings, param }) =>
      services.webhooks.receive({
        channel: param('channel'),
        account: param('account'),
        request,
        remote: bindings.remote,
      }),
  }),
];
