// An ingress of the owner's own says who wrote.
import { ingressAnswerSchema, ingressAssertSchema } from '@countersign/protocol/service-token';
import { isoTime } from '@countersign/protocol/time';
import { readBody } from '../body.ts';
import { type Route, route } from '../route.ts';
import { holderOf } from '../token-services.ts';

const HOP_HEADER = 'x-countersign-hop';

export const ingressRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/v1/ingress/sessions',
    verb: 'ingress.assert',
    summary:
      'say who wrote on an account of your own ingress, in a signed call, and get the handle of their session',
    headers: { [HOP_HEADER]: 'v1.<ts>.<nonce>.<mac>, over this very call: docs/guides/own-ingress.md' },
    body: ingressAssertSchema,
    response: ingressAnswerSchema,
    example: { channel: 'telegram', account: 'own', sender: '555001', messageId: '4711' },
    handle: async ({ services, caller, body, request, url }) => {
      const holder = holderOf(caller);
      const bytes = await readBody(request);
      const { method, headers } = request;
      await services.ingress.proveHop(holder, headers.get(HOP_HEADER), {
        method,
        path: url.pathname,
        body: bytes,
      });
      const { sentAt, conversation, displayName, username, text, ...said } = body;
      const asserted = await services.ingress.assert(holder, {
        ...said,
        conversation: conversation ?? null,
        sentAt: sentAt === undefined ? null : Date.parse(sentAt),
        displayName: displayName ?? null,
        username: username ?? null,
        text: text ?? null,
      });
      switch (asserted.state) {
        case 'admitted':
          return { ...asserted, expiresAt: isoTime(asserted.expiresAt) };
        case 'pairing':
          return { state: 'pairing', ...(asserted.say === null ? {} : { say: asserted.say }) };
        case 'refused':
          return asserted;
        default:
          return asserted satisfies never;
      }
    },
  }),
];
