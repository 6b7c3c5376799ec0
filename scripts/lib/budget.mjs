// The size of a file is the size of a thought: the median source stays at 120 lines, none passes 400, tests included.
import { isSource, read, typescriptFiles } from './files.mjs';

const MEDIAN_LINES = 120;
const MOST_LINES = 400;

/**
 * Every mistake, and a summary for the line that reports the check.
 * @returns {{mistakes: string[], summary: string}}
 */
export function fileBudget(root) {
  const sizes = typescriptFiles(root).map((path) => ({ path, lines: countLines(read(root, path)) }));
  const mistakes = sizes
    .filter(({ lines }) => lines > MOST_LINES)
    .map(({ path, lines }) => `${path}: ${lines} lines, more than ${MOST_LINES}: split it by noun`);
  const sources = sizes.filter(({ path }) => isSource(path));
  if (sources.length === 0) mistakes.push('no source file was found: the check looks in the wrong place');
  const median = middle(sources.map(({ lines }) => lines));
  if (median > MEDIAN_LINES)
    mistakes.push(`the median source has ${median} lines, more than ${MEDIAN_LINES}`);
  const largest = Math.max(0, ...sizes.map(({ lines }) => lines));
  return { mistakes, summary: `${sources.length} sources, median ${median} lines, largest file ${largest}` };
}

function countLines(text) {
  return text === '' ? 0 : text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

function middle(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)] ?? 0;
}
