// A write to a file, shown as what goes and what comes. Only where the arguments of the tool are exactly the known ones:
// one more, and all of them are shown as they are, so that a diff never hides a member.
import type { ToolAction } from './approval.ts';
import { exact, exactLines } from './exact.ts';

interface Change {
  readonly body: readonly string[];
  readonly facts: readonly { readonly label: string; readonly text: string }[];
}

type Arguments = ToolAction['arguments'];

/** @returns null when it is no write of a known form. */
export function changeOf(args: Arguments): Change | null {
  const path = textOf(args, 'file_path') ?? textOf(args, 'path');
  if (path === null) return null;
  const pathName = textOf(args, 'file_path') === null ? 'path' : 'file_path';
  return editOf(args, path, pathName) ?? writeOf(args, path, pathName);
}

function editOf(args: Arguments, path: string, pathName: string): Change | null {
  const [old, fresh] = [textOf(args, 'old_string'), textOf(args, 'new_string')];
  if (old === null || fresh === null) return null;
  const all = Object.hasOwn(args, 'replace_all') ? args['replace_all'] : false;
  if (typeof all !== 'boolean' || !isExactly(args, [pathName, 'old_string', 'new_string'], ['replace_all']))
    return null;
  return {
    body: [...marked('-', old), ...marked('+', fresh)],
    facts: [
      { label: 'file', text: exact(path) },
      { label: 'changes', text: all ? 'every place where it stands' : 'the one place where it stands' },
    ],
  };
}

function writeOf(args: Arguments, path: string, pathName: string): Change | null {
  const content = textOf(args, 'content');
  if (content === null || !isExactly(args, [pathName, 'content'], [])) return null;
  return {
    body: marked('+', content),
    facts: [
      { label: 'file', text: exact(path) },
      { label: 'changes', text: 'the whole file, to what stands above' },
    ],
  };
}

function marked(mark: '-' | '+', text: string): string[] {
  const lines = exactLines(text);
  // What ends in a line feed ends there; what does not says so, as a patch does.
  if (lines.at(-1) === '') return lines.slice(0, -1).map((line) => `${mark} ${line}`);
  return [...lines.map((line) => `${mark} ${line}`), `\\ no line feed at the end of the ${mark} lines`];
}

function textOf(args: Arguments, name: string): string | null {
  const value = Object.hasOwn(args, name) ? args[name] : null;
  return typeof value === 'string' ? value : null;
}

function isExactly(args: Arguments, needed: readonly string[], optional: readonly string[]): boolean {
  const names = Object.keys(args);
  return (
    needed.every((name) => names.includes(name)) &&
    names.every((name) => needed.includes(name) || optional.includes(name))
  );
}
