// Pages for people, made from the tables: no script, no style, nothing of a table becomes markup.
import { PROBLEMS } from '@countersign/protocol/problem';
import { expect, test } from 'vitest';
import { apiPage, errorsPage } from './docs.ts';
import { route } from './route.ts';
import { ROUTES } from './routes.ts';

test('the page of the API names every route, and nothing may run on it', async () => {
  const answer = apiPage(ROUTES);
  const html = await answer.text();
  for (const { method, path } of ROUTES) expect(html).toContain(`<code>${method} ${path}</code>`);
  expect(html).not.toMatch(/<script|<style|\son\w+=|style=/i);
  expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
});

test('a summary or an example is text, whatever is in it', async () => {
  const hostile = '"><script>alert(1)</script>';
  const page = apiPage([
    route({
      method: 'GET',
      path: '/x',
      verb: 'health.read',
      summary: hostile,
      example: { hostile },
      handle: () => ({}),
    }),
  ]);
  expect(await page.text()).not.toContain('<script');
});

test('every problem has the anchor that its type names', async () => {
  const html = await errorsPage().text();
  for (const code of Object.keys(PROBLEMS)) expect(html).toContain(`id="${code}"`);
});
