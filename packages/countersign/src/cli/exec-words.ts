// `countersign exec ls -la` is meant as `countersign exec -- ls -la`: from the command's first word on, everything is the
// command's, whatever it begins with. Otherwise an option of the command would be taken for one of ours, and another
// command asked about than was typed.

/** Options of `exec` that are followed by a value. */
const WITH_VALUE: ReadonlySet<string> = new Set([
  ...['--client', '--cwd', '--env', '--host', '--shell', '--session'],
]);

/** The same words, with the `--` that was left out. */
export function execWords(words: readonly string[]): readonly string[] {
  const exec = words.findIndex((word) => !word.startsWith('-'));
  if (words[exec] !== 'exec') return words;
  for (let at = exec + 1; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '--') return words;
    if (WITH_VALUE.has(word)) at += 1;
    else if (!word.startsWith('-') || word === '-') return [...words.slice(0, at), '--', ...words.slice(at)];
  }
  return words;
}
