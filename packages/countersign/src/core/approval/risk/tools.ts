// Tools of agent runtimes, by the names they give them. What a tool may do is looked up here and in the owner's registry,
// never in what the caller says of it (H53); an unknown tool is elevated.
import type { ToolRule } from './risk.ts';

const shell = (...names: string[]): ToolRule => ({ tier: 'read', why: 'runs a shell line', shell: names });
const reads = (...names: string[]): ToolRule => ({ tier: 'read', why: 'looks at files', reads: names });
const writes = (...names: string[]): ToolRule => ({ tier: 'write', why: 'changes files', writes: names });

const TOOLS: Readonly<Record<string, ToolRule>> = {
  Bash: shell('command'),
  bash: shell('command'),
  shell: shell('command', 'cmd'),
  exec: shell('command', 'cmd'),
  exec_command: shell('cmd', 'command'),
  run_shell_command: shell('command'),
  run_terminal_cmd: shell('command'),
  execute_command: shell('command'),
  Read: reads('file_path', 'path'),
  read: reads('path', 'file_path'),
  read_file: reads('path', 'file_path', 'absolute_path'),
  read_many_files: reads('paths', 'include'),
  view: reads('path'),
  Glob: reads('path'),
  glob: reads('path', 'dir_path'),
  Grep: reads('path'),
  grep: reads('path'),
  search_file_content: reads('path', 'dir_path'),
  LS: reads('path'),
  list_directory: reads('path', 'dir_path'),
  NotebookRead: reads('notebook_path'),
  Write: writes('file_path', 'path'),
  write: writes('path', 'file_path'),
  write_file: writes('path', 'file_path'),
  create: writes('path'),
  Edit: writes('file_path', 'path'),
  edit: writes('path', 'file_path'),
  MultiEdit: writes('file_path'),
  replace: writes('file_path', 'path'),
  str_replace: writes('path'),
  NotebookEdit: writes('notebook_path'),
  WebFetch: { tier: 'read', why: 'fetches', urls: ['url'] },
  web_fetch: { tier: 'read', why: 'fetches', urls: ['url'] },
  WebSearch: { tier: 'read', why: 'searches the web' },
  web_search: { tier: 'read', why: 'searches the web' },
  google_web_search: { tier: 'read', why: 'searches the web' },
  TodoWrite: { tier: 'read', why: 'keeps a list' },
};

/** The owner's registry first; null when nobody knows the tool. */
export function findTool(name: string, registry: Readonly<Record<string, ToolRule>>): ToolRule | null {
  if (Object.hasOwn(registry, name)) return registry[name] ?? null;
  return Object.hasOwn(TOOLS, name) ? (TOOLS[name] ?? null) : null;
}

/** Every text in a value, at any depth. */
export function textsIn(value: unknown, found: string[] = []): readonly string[] {
  if (typeof value === 'string') found.push(value);
  else if (Array.isArray(value)) for (const one of value) textsIn(one, found);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, one] of Object.entries(value)) {
      found.push(key);
      textsIn(one, found);
    }
  }
  return found;
}
