// Deliveries: no caller is needed, since each carries the proof of its own channel.
import { type Context, type Route, route } from '../route.ts';

function receive({ services, request, bindings, param }: Context<unknown, unknown>): Promise<Response> {
  const { remote } = bindings;
  return services.webhooks.receive({ channel: param('channel'), account: param('account'), request, remote });
}

export const webhookRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/webhooks/:channel/:account',
    verb: 'webhooks.receive',
    summary: 'the handshake of a messenger that asks first whether the address is ours; it changes nothing',
    anyQuery: true,
    handle: receive,
  }),
  route({
    method: 'POST',
    path: '/webhooks/:channel/:account',
    verb: 'webhooks.receive',
    summary: 'a delivery of a messenger, as raw bytes; 200 once it is stored, 401 for what does not verify',
    anyQuery: true,
    handle: receive,
  }),
];
