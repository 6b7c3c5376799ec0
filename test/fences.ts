// The commands a document promises: its ```sh fences, with what is said about running them.

export interface Fence {
  readonly line: number;
  readonly commands: readonly string[];
  /** From `<!-- test:skip reason -->` on the line before the fence: it needs an account, a phone, another machine. */
  readonly skip: string | undefined;
}

/** Every ```sh fence of a Markdown text. Comments go, continued lines are joined. */
export function shellFences(markdown: string): Fence[] {
  const lines = markdown.split('\n');
  const fences: Fence[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    if (!/^```sh\s*$/.test(lines[at] ?? '')) continue;
    const end = lines.indexOf('```', at + 1);
    if (end === -1) throw new Error(`the fence on line ${at + 1} is never closed`);
    const before = lines.slice(0, at).findLast((line) => line.trim() !== '') ?? '';
    fences.push({
      line: at + 1,
      commands: commandsOf(lines.slice(at + 1, end)),
      skip: /^<!-- test:skip (.+) -->$/.exec(before.trim())?.[1],
    });
    at = end;
  }
  return fences;
}

function commandsOf(lines: readonly string[]): string[] {
  return lines
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) =>
      line
        .replace(/^\$ /, '')
        .replace(/(^|\s)#\s.*$/, '')
        .trim(),
    )
    .filter((line) => line !== '');
}

/** The verbs of a `countersign …` command: the words before the first argument that looks like a value. */
export function verbOf(command: string): string[] | undefined {
  const words = /(?:^|&&\s*|npx\s+)countersign(?:\s+(.*))?$/.exec(command)?.[1]?.split(/\s+/) ?? [];
  const verb = words.slice(0, words.findIndex((word) => !/^[a-z][a-z-]*$/.test(word)) >>> 0);
  return /(^|\s)countersign(\s|$)/.test(command) ? verb.slice(0, 2) : undefined;
}
