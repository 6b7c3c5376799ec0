// What programs look up before anything else: the keys that bearers, grants and receipts are verified with.
import { bearerKeysSchema } from '@countersign/protocol/token';
import { type Route, route } from '../route.ts';

/** Shorter than a key is published before it signs. */
const KEPT = 'public, max-age=300';

export const wellKnownRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/.well-known/jwks.json',
    verb: 'oauth.jwks',
    summary:
      'the keys that bearers are signed with now, next, and until the last one ended; and those of grants and of the gateway',
    note: 'A bearer, a grant and what the gateway says of its audit are told apart by their `typ`, and name their key by `kid`. An executor takes grants by the key that it pinned, and not by what it finds here.',
    response: bearerKeysSchema,
    answerTypes: ['application/jwk-set+json'],
    handle: ({ services }) =>
      new Response(JSON.stringify(services.jwks()), {
        headers: {
          'content-type': 'application/jwk-set+json',
          'cache-control': KEPT,
          'x-content-type-options': 'nosniff',
          // Public keys: a page of another origin may read them.
          'access-control-allow-origin': '*',
        },
      }),
  }),
];
