// The API and its problems as pages without a script, made from the tables when somebody asks.
import { PROBLEMS } from '@countersign/protocol/problem';
import { doorsOf, tagOf } from './openapi.ts';
import type { Route } from './route.ts';

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

export function apiPage(routes: readonly Route[]): Response {
  const groups = [...Map.groupBy(routes, ({ path }) => tagOf(path))];
  const links = groups.map(([tag]) => `<a href="#${escaped(tag)}">${escaped(tag)}</a>`);
  return page(
    'The API of Countersign',
    `<p>Machine-readable: <a href="/openapi.json">/openapi.json</a>. Problems: <a href="/docs/errors">/docs/errors</a>.</p>`,
    `<p>${links.join(' · ')}</p>`,
    ...groups.map(
      ([tag, those]) =>
        `<h2 id="${escaped(tag)}">${escaped(tag)}</h2>${table(['Route', 'What', 'Verb', 'Doors', 'Example'], those.map(row))}`,
    ),
  );
}

function row(route: Route): string[] {
  const { summary, note, headers = {}, answerHeaders = {} } = route;
  const named = (title: string, list: Readonly<Record<string, string>>) =>
    Object.entries(list).map(
      ([name, what]) => `<br>${title} <code>${escaped(name)}</code>: ${escaped(what)}`,
    );
  return [
    `<code>${escaped(route.method)} ${escaped(route.path)}</code>`,
    [
      escaped(summary),
      ...(note === undefined ? [] : [`<br>${escaped(note)}`]),
      ...named('takes', headers),
      ...named('answers with', answerHeaders),
    ].join(''),
    escaped(route.verbs.join(', ')),
    escaped([...new Set(route.verbs.flatMap(doorsOf))].join(', ')),
    route.example === undefined ? '' : `<code>${escaped(JSON.stringify(route.example))}</code>`,
  ];
}

export function errorsPage(): Response {
  const rows = Object.entries(PROBLEMS).map(([code, row]) => [
    `<code id="${escaped(code)}">${escaped(code)}</code>`,
    String(row.status),
    String(row.exit),
    escaped(row.title),
    escaped('hint' in row && row.hint !== undefined ? row.hint : ''),
  ]);
  return page(
    'Problems of Countersign',
    '<p><a href="/docs">the API</a></p>',
    table(['Code', 'HTTP', 'Exit', 'Means', 'Do'], rows),
  );
}

function page(title: string, ...parts: readonly string[]): Response {
  const html = `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title></head>
<body><h1>${escaped(title)}</h1>${parts.join('\n')}</body></html>\n`;
  return new Response(html, { headers: HEADERS });
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: 'th' | 'td', row: readonly string[]) =>
    row.map((cell) => `<${tag}>${cell}</${tag}>`).join('');
  return `<table border="1" cellpadding="6"><thead><tr>${cells('th', head)}</tr></thead><tbody>
${rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('\n')}</tbody></table>`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
