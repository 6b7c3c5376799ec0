// The smallest agent: it speaks the OpenAI interface, and its model is three regular expressions. What it shows is the way
// of the bearer: from the header of the question to the header of each call, and never through the model.
import { createServer, type IncomingMessage } from 'node:http';
import { text as textOf } from 'node:stream/consumers';

const BACKEND = process.env['BACKEND_URL'] ?? 'http://127.0.0.1:8790';

interface Wish {
  readonly order: string | undefined;
  readonly user: string | undefined;
}

/** What a model makes of a text: a wish. Anybody can talk it into another user, and nothing comes of it. */
function think(said: string): Wish | undefined {
  if (!/\b(orders?|refund)\b/i.test(said)) return undefined;
  return { order: /\brefund (o-\d+)/i.exec(said)?.[1], user: /\b(?:of|for) (u-\d+)/i.exec(said)?.[1] };
}

async function reply(said: string, bearer: string | undefined): Promise<string> {
  const wish = think(said);
  if (wish === undefined) return 'Ask me for your orders, or say “refund o-1001”.';
  if (bearer === undefined) return 'Nobody told me who you are.';
  // Read, not verified: it fills in a path, and the backend compares the two.
  const user = encodeURIComponent(wish.user ?? subjectOf(bearer));
  const call = wish.order === undefined ? 'orders' : 'refunds';
  const answer = await fetch(`${BACKEND}/users/${user}/${call}`, {
    redirect: 'error',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    ...(wish.order === undefined ? {} : { method: 'POST', body: JSON.stringify({ order: wish.order }) }),
  });
  const body = Object(await answer.json());
  if (!answer.ok) return `The backend refused (${answer.status}): ${body.detail ?? body.title}`;
  return (body.items ?? [body]).map(lineOf).join('\n') || 'There are no orders.';
}

function lineOf({ id, item, cents, state }: Record<string, string | number>): string {
  return `${id}: ${item}, ${(Number(cents) / 100).toFixed(2)}, ${state}`;
}

function subjectOf(bearer: string): string {
  return String(JSON.parse(Buffer.from(bearer.split('.')[1] ?? '', 'base64url').toString()).sub);
}

async function completion(request: IncomingMessage): Promise<object> {
  const { messages, model } = JSON.parse(await textOf(request));
  const bearer = request.headers['x-countersign-bearer']?.toString();
  // For trying things out with curl. A bearer is a secret for as long as it lives: keep it out of your own logs.
  if (process.env['SHOW_BEARER'] === '1')
    console.log(`BEARER=${bearer}\nHANDLE=${request.headers['x-countersign-session']}`);
  const content = await reply(messages.at(-1).content, bearer);
  const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }];
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model,
    choices,
  };
}

const server = createServer(async (request, response) => {
  try {
    const body = JSON.stringify(await completion(request));
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  } catch (cause) {
    console.error(cause);
    response
      .writeHead(500, { 'content-type': 'application/json' })
      .end('{"error":{"message":"the agent broke"}}');
  }
});

server.listen(Number(process.env['PORT'] ?? 18789), '127.0.0.1', () => {
  const address = server.address();
  console.log(`agent: http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/v1`);
});
