// docs/errors.md is printed from the problem table, so that the page a problem's `type` points to cannot lie.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './node.mjs';

export const ERRORS_DOC = join(root, 'docs/errors.md');

/**
 * The page, as it should be.
 * @param {Record<string, {status: number, exit: number, retryable: boolean, exposed: boolean, title: string, hint?: string}>} problems
 * @returns {string}
 */
export function errorsDoc(problems) {
  const entries = Object.entries(problems);
  const summary = entries.map(
    ([code, { status, exit, title }]) => `| [\`${code}\`](#${code}) | ${status} | ${exit} | ${title} |`,
  );
  return [
    '<!-- Generated from packages/protocol/src/problem.ts by `node scripts/errors-doc.mjs`. Do not edit. -->',
    '# Problems',
    '',
    'Everything that fails, fails with one of these codes. Over HTTP a problem is an RFC 9457 document',
    '(`application/problem+json`) whose `code` is the name below and whose `type` points here; the CLI prints',
    '`error:` and `hint:` to stderr and ends with the exit code; with `--json` it prints the same document.',
    '',
    '| code | HTTP | exit | means |',
    '| --- | --- | --- | --- |',
    ...summary,
    '',
    ...entries.flatMap(([code, problem]) => section(code, problem)),
  ].join('\n');
}

function section(code, { status, exit, retryable, exposed, title, hint }) {
  const retry = retryable
    ? 'The same call may succeed later, unchanged.'
    : 'The same call fails again until something changes.';
  return [
    `## ${code}`,
    '',
    `${title}. HTTP ${status}, exit code ${exit}. ${retry}`,
    ...(exposed ? [] : ['Outside the process only the code and an event id are shown, never what happened.']),
    ...(hint === undefined ? [] : ['', `What to do: ${hint}.`]),
    '',
  ];
}

/** @returns {Promise<{mistakes: string[]}>} */
export async function errorsDocMistakes() {
  const { PROBLEMS } = await import('../../packages/protocol/src/problem.ts');
  const current = existsSync(ERRORS_DOC) ? readFileSync(ERRORS_DOC, 'utf8') : '';
  const stale = current !== errorsDoc(PROBLEMS);
  return {
    mistakes: stale
      ? ['docs/errors.md does not match the problem table: run node scripts/errors-doc.mjs']
      : [],
  };
}
