// H12, H68, I-05: a body that says who somebody is must not be believed by anybody behind us, whatever its spelling.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Scrubber } from '../../core/scrub.ts';
import { cleanBody, lastUserText } from './claimed-body.ts';

const OFF = { headers: new Set<string>(), scrubber: new Scrubber('off') };
const clean = (text: string, rules = OFF) => cleanBody(Buffer.from(text), rules).bytes.toString('utf8');

describe('claims in a body', () => {
  test.each([
    ['{"model":"m","user":"ana"}', '{"model":"m"}'],
    ['{"user":"ana","model":"m"}', '{"model":"m"}'],
    ['{ "user" : "a" , "model":"m" , "user": "b" }', '{ "model":"m" }'],
    ['{"user":"a","user":"b"}', '{}'],
    ['{"\\u0075ser":"a","m":1}', '{"m":1}'],
    ['{"USER":"a","uſer":"b","ｕｓｅｒ":"c","m":1}', '{"m":1}'],
    ['{"safety_identifier":"a","prompt_cache_key":"k"}', '{"prompt_cache_key":"k"}'],
    ['{"x-phone":"+49","user_id":4,"whatsapp_phone":"+49","tenant":"t","m":1}', '{"m":1}'],
    ['{"metadata":{"user_id":"a","topic":"x","Tenant-ID":"t"}}', '{"metadata":{"topic":"x"}}'],
    [
      '{"metadata":{"phone":"1"},"metadata":{"topic":"x","sub":"y"}}',
      '{"metadata":{},"metadata":{"topic":"x"}}',
    ],
    [
      '{"metadata":{"deep":{"userId":"a","n":[{"email":"e","k":1}]}}}',
      '{"metadata":{"deep":{"n":[{"k":1}]}}}',
    ],
    ['{"litellm_metadata":{"trace_user_id":"a","n":1}}', '{"litellm_metadata":{"n":1}}'],
    ['{"metadata":"{\\"user_id\\":1}","m":1}', '{"m":1}'],
    [
      '{"extra_headers":{"X-Countersign-Bearer":"a","x_user_id":"b","x-trace":"c"}}',
      '{"extra_headers":{"x-trace":"c"}}',
    ],
    ['{"headers":{"Cookie":"a","AUTHORIZATION":"b","x-trace":"c"}}', '{"headers":{"x-trace":"c"}}'],
    ['{"extra_body":{"user":"a","top_k":1}}', '{"extra_body":{"top_k":1}}'],
    ['{"user\\u0000":"a","us\\ud800er":"b","u\u200bser":"c","m":1}', '{"m":1}'],
    ['{"__proto__":{"user":"a"},"constructor":1}', '{"__proto__":{"user":"a"},"constructor":1}'],
  ])('%s goes on as %s', (body, expected) => {
    expect(clean(body)).toBe(expected);
  });

  test.each([
    '{"model":"m","messages":[{"role":"user","name":"ana","content":"user: bob"}]}',
    '{ "tools":[{"type":"function","function":{"name":"f","parameters":{"properties":{"user_id":{}}}}}] }',
    '{"input":[{"role":"user","content":[{"type":"input_image","image_url":"data:image/png;base64,AAAA"}]}]}',
    '{"store":true,"metadata":{"topic":"x","run":"7"},"instructions":"user_id: 4","seed":1e2,"n":  1.0}\n',
    '{"web_search_options":{"user_location":{"type":"approximate"}},"metadata":null}',
  ])('%s goes on as it came', (body) => {
    expect(clean(body)).toBe(body);
  });

  test('nesting in metadata that nobody needs is not read again and again', () => {
    const body = `{"metadata":${'{"a":'.repeat(200)}${JSON.stringify('x'.repeat(1_000_000))}${'}'.repeat(200)}}`;
    expect(clean(body)).toBe('{"metadata":{"a":{"a":{"a":{"a":null}}}}}');
  });

  test('H63: names by the megabyte, and letters that fold into many, are refused before anybody waits for them', () => {
    const many = (count: number, name: string) => Array.from({ length: count }, () => `"${name}":1`).join();
    const object = `{${many(9_000, 'a')}}`;
    for (const body of [
      `{"metadata":{"${'é'.repeat(2_000_000)}":1}}`,
      `{"${'\u{FDFA}'.repeat(2_000_000)}":1}`,
      `{"metadata":[${Array.from({ length: 40 }, () => object).join()}]}`,
      `{${Array.from({ length: 40 }, () => `"extra_body":${object}`).join()}}`,
    ])
      expect(() => clean(body)).toThrow(expect.objectContaining({ code: 'request_malformed' }));
    expect(clean(`{"metadata":{"${'é'.repeat(1_000)}":1,"user":2}}`)).toBe(
      `{"metadata":{"${'é'.repeat(1_000)}":1}}`,
    );
  });

  test.each(['', 'x', '[]', '"user"', '{"a":1,}', '\u{FEFF}{}', '{"a":1}{}', '{user:"a"}'])(
    '%j is refused',
    (body) => {
      expect(() => clean(body)).toThrow(expect.objectContaining({ code: 'request_malformed' }));
    },
  );

  test('more members than any request has are refused before they are listed', () => {
    const body = `{${'"a":1,'.repeat(20_000)}"b":2}`;
    expect(() => clean(body)).toThrow(expect.objectContaining({ code: 'request_malformed' }));
  });

  test('whatever else is in the body stays, byte for byte, and no claim does', () => {
    const name = fc.constantFrom(
      'user',
      'User',
      'safety_identifier',
      'user_id',
      'x_phone',
      'model',
      'n',
      'tools',
      'seed',
    );
    const claims = new Set(['user', 'user', 'safetyidentifier', 'userid', 'xphone']);
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.jsonValue({ maxDepth: 3 })), { maxLength: 8 }), (entries) => {
        const parts = entries.map(([key, value]) => [key, `"${key}": ${JSON.stringify(value)}`] as const);
        const isClaim = (key: string) => claims.has(key.toLowerCase().replaceAll('_', ''));
        const kept = parts.filter(([key]) => !isClaim(key)).map(([, source]) => source);
        expect(clean(`{${parts.map(([, source]) => source).join(', ')}}`)).toBe(`{${kept.join(', ')}}`);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the scrubber in a body', () => {
  const rules = { headers: new Set<string>(), scrubber: new Scrubber('remove') };

  test('it reads what people wrote: strings and parts, of chat and of responses, and nothing else', () => {
    const said = (content: unknown, role = 'user') => ({ role, content });
    const dirty = 'hi user_id: 42 there';
    const body = {
      messages: [
        said(dirty),
        said([{ type: 'text', text: dirty }]),
        said(dirty, 'assistant'),
        said(dirty, 'system'),
      ],
    };
    const neat = 'hi  there';
    expect(JSON.parse(clean(JSON.stringify(body), rules))).toEqual({
      messages: [
        said(neat),
        said([{ type: 'text', text: neat }]),
        said(dirty, 'assistant'),
        said(dirty, 'system'),
      ],
    });
    expect(JSON.parse(clean(JSON.stringify({ input: dirty, instructions: dirty }), rules))).toEqual({
      input: neat,
      instructions: dirty,
    });
    const parts = { input: [said([{ type: 'input_text', text: dirty }])] };
    expect(JSON.parse(clean(JSON.stringify(parts), rules))).toEqual({
      input: [said([{ type: 'input_text', text: neat }])],
    });
  });
});

describe('H63: what the scrubber would read for too long', () => {
  const rules = { headers: new Set<string>(), scrubber: new Scrubber('remove') };
  const refused = expect.objectContaining({ code: 'request_malformed' });

  test('members of messages by the hundred thousand, and text by the megabyte, are refused', () => {
    const part = `{${Array.from({ length: 9_000 }, () => '"a":1').join()}}`;
    const message = `{"role":"user","content":[${Array.from({ length: 23 }, () => part).join()}]}`;
    expect(() => clean(`{"messages":[${message}]}`, rules)).toThrow(refused);
    expect(() => clean(`{"messages":[${message}]}`)).not.toThrow();
    expect(() => clean(`{"input":"${'a: '.repeat(3_000_000)}"}`, rules)).toThrow(refused);
  });
});

describe('what was said last', () => {
  test('is the last text of the user, in either form', () => {
    const user = (content: unknown) => ({ role: 'user', content });
    const last = (body: unknown) => lastUserText(Buffer.from(JSON.stringify(body)));
    expect(last({ messages: [user('one'), user('two'), { role: 'assistant', content: 'three' }] })).toBe(
      'two',
    );
    expect(
      last({
        messages: [
          user([
            { type: 'text', text: 'a' },
            { type: 'image_url', image_url: {} },
          ]),
        ],
      }),
    ).toBe('a');
    expect(last({ input: 'b' })).toBe('b');
    expect(last({ model: 'm' })).toBe('');
  });
});
