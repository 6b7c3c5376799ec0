// The official `openai` client, unchanged, with the proxy as its provider: what an agent runtime does.
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openProxyHouse, type ProxyHouse } from '../../testing/proxy-house.ts';

let open: ProxyHouse;
let client: OpenAI;
beforeAll(async () => {
  open = await openProxyHouse();
  client = new OpenAI({
    baseURL: `${open.base}/v1`,
    apiKey: open.token,
    defaultHeaders: { 'x-countersign-session': await open.handle('ana') },
    maxRetries: 0,
  });
});
afterAll(() => open[Symbol.asyncDispose]());

const messages = [{ role: 'user' as const, content: 'hi' }];
const asked = () => open.upstream.requests.at(-1)?.body ?? {};

const CALL = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bonn"}' } };
const TOOLS = [
  {
    type: 'function' as const,
    function: {
      name: 'weather',
      parameters: { type: 'object', properties: { user_id: { type: 'string' } } },
    },
  },
];

describe('chat completions', () => {
  test('streamed', async () => {
    open.upstream.next({ says: ['Good', ' day'] });
    const stream = await client.chat.completions.create({ model: 'm', messages, stream: true, user: 'bob' });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe('Good day');
    expect(asked()).not.toHaveProperty('user');
  });

  test('whole', async () => {
    open.upstream.next({ whole: 'Good day' });
    const made = await client.chat.completions.create({ model: 'm', messages });
    expect(made.choices[0]?.message.content).toBe('Good day');
  });

  test('tools: theirs arrive as they were written, the call comes back', async () => {
    const message = { role: 'assistant', content: null, tool_calls: [CALL] };
    const body = JSON.stringify({ id: 'x', choices: [{ index: 0, message, finish_reason: 'tool_calls' }] });
    open.upstream.next({ status: 200, body });
    const made = await client.chat.completions.create({ model: 'm', messages, tools: TOOLS });
    expect(made.choices[0]?.message.tool_calls?.[0]).toEqual(CALL);
    expect(asked()).toMatchObject({ tools: TOOLS });
    open.upstream.next({ whole: 'Sunny.' });
    const answer = { role: 'tool' as const, tool_call_id: 'call_1', content: '{"sky":"clear"}' };
    await client.chat.completions.create({ model: 'm', messages: [...messages, answer], tools: TOOLS });
    expect(asked().messages).toEqual([...messages, answer]);
  });

  test('a picture of eight megabytes arrives whole', async () => {
    const url = `data:image/png;base64,${Buffer.alloc(6 * 1024 * 1024, 7).toString('base64')}`;
    const content = [
      { type: 'text' as const, text: 'what is this?' },
      { type: 'image_url' as const, image_url: { url } },
    ];
    open.upstream.next({ whole: 'A picture.' });
    await client.chat.completions.create({ model: 'm', messages: [{ role: 'user', content }] });
    expect(asked().messages).toEqual([{ role: 'user', content }]);
  });

  test('an abort reaches the upstream', async () => {
    open.upstream.next({ bytes: ['data: {"choices":[{"delta":{"content":"a"}}]}\n\n'], end: 'open' });
    const stream = await client.chat.completions.create({ model: 'm', messages, stream: true });
    const request = open.upstream.requests.at(-1);
    for await (const _ of stream) stream.controller.abort();
    expect(await request?.cut).toBe(true);
  });
});

describe('responses', () => {
  test('streamed', async () => {
    const events = [
      { type: 'response.created', response: { id: 'resp_1', status: 'in_progress', output: [] } },
      {
        type: 'response.output_text.delta',
        item_id: 'i',
        output_index: 0,
        content_index: 0,
        delta: 'Good day',
      },
      { type: 'response.completed', response: { id: 'resp_1', status: 'completed', output: [] } },
    ];
    open.upstream.next({
      bytes: events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
    });
    const stream = await client.responses.create({ model: 'm', input: 'hi', stream: true });
    const types: string[] = [];
    for await (const event of stream) types.push(event.type);
    expect(types).toEqual(events.map(({ type }) => type));
  });

  test('whole, with a picture and a tool', async () => {
    const output = [
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Good day' }] },
    ];
    open.upstream.next({ status: 200, body: JSON.stringify({ id: 'resp_1', object: 'response', output }) });
    const input = [
      {
        role: 'user' as const,
        content: [
          { type: 'input_text' as const, text: 'hi' },
          { type: 'input_image' as const, image_url: 'data:image/png;base64,AAAA', detail: 'auto' as const },
        ],
      },
    ];
    const made = await client.responses.create({
      model: 'm',
      input,
      metadata: { user_id: 'bob', topic: 't' },
    });
    expect(made.output_text).toBe('Good day');
    expect(asked()).toEqual({ model: 'm', input, metadata: { topic: 't' } });
  });
});

test('models', async () => {
  open.upstream.next({ status: 200, body: '{"object":"list","data":[{"id":"m","object":"model"}]}' });
  const list = await client.models.list();
  expect(list.data.map(({ id }) => id)).toEqual(['m']);
});

describe('errors are of the client’s own kinds, and say what to change', () => {
  test('nobody', async () => {
    const nobody = new OpenAI({ baseURL: `${open.base}/v1`, apiKey: open.token, maxRetries: 0 });
    const failed = nobody.chat.completions.create({ model: 'm', messages });
    await expect(failed).rejects.toThrow(OpenAI.AuthenticationError);
    await expect(failed).rejects.toMatchObject({
      status: 401,
      code: 'handle_missing',
      type: 'authentication_error',
    });
    await expect(failed).rejects.toThrow(/x-countersign-session/);
  });

  test('a wrong key', async () => {
    const wrong = new OpenAI({ baseURL: `${open.base}/v1`, apiKey: 'sk-wrong', maxRetries: 0 });
    await expect(wrong.models.list()).rejects.toThrow(OpenAI.AuthenticationError);
  });

  test('an upstream that is away', async () => {
    await open.upstream.goesAway();
    const failed = client.chat.completions.create({ model: 'm', messages });
    await expect(failed).rejects.toThrow(OpenAI.InternalServerError);
    await expect(failed).rejects.toMatchObject({ status: 502, code: 'upstream_unreachable' });
    await open.upstream.comesBack();
  });

  test('what the upstream itself refuses is told as it told it', async () => {
    const error = {
      message: 'no such model',
      type: 'invalid_request_error',
      code: 'model_not_found',
      param: null,
    };
    open.upstream.next({ status: 404, body: JSON.stringify({ error }) });
    const failed = client.chat.completions.create({ model: 'nope', messages });
    await expect(failed).rejects.toThrow(OpenAI.NotFoundError);
    await expect(failed).rejects.toMatchObject({ code: 'model_not_found' });
  });
});
