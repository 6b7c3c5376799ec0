// D-11: a phone keeps no keys for a page over plain HTTP. Whoever asks for a code gets the recipe, not a page that fails.
import { expect, test } from 'vitest';
import { pairUrl, remoteReady, requireRemote } from './remote-ready.ts';

const at = (publicUrl: string | null) => ({ gateway: { publicUrl } });

test('with an https name people can come from elsewhere', () => {
  expect(remoteReady(at('https://assistant.example'))).toEqual({
    ok: true,
    url: 'https://assistant.example',
  });
  expect(pairUrl(at('https://assistant.example:8443'))).toBe('https://assistant.example:8443');
  expect(requireRemote(at('https://192.0.2.7'))).toBe('https://192.0.2.7');
});

test.each([null, 'http://localhost:8787', 'https://localhost', 'https://127.0.0.1:8443', 'https://[::1]'])(
  'with %s nobody can, and the recipe says what to do',
  (publicUrl) => {
    const ready = remoteReady(at(publicUrl));
    expect(ready).toMatchObject({ ok: false, recipe: expect.stringContaining('docs/remote-access.md') });
    expect(pairUrl(at(publicUrl))).toBeNull();
    expect(() => requireRemote(at(publicUrl))).toThrow(expect.objectContaining({ code: 'state_conflict' }));
  },
);
