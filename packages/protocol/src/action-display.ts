// What a person sees of an action before a yes: all of it, one text for one action and never one text for two (R47, H43,
// H46). Nothing is shortened here; what a place cannot hold whole is shown in parts, or not decided there (parts.ts).
import type { Action, ExecAction, MessageAction, ToolAction } from './approval.ts';
import { exact, exactLines, isComposedOtherwise, isMixedScript } from './exact.ts';
import { changeOf } from './file-change.ts';
import { isPassed, isUsual } from './passed-variables.ts';

export interface Shown {
  /** What kind of thing it is, in our words. */
  readonly title: 'run a program' | 'run a shell line' | 'use a tool' | 'change a file' | 'send a message';
  /** The thing itself, line by line. */
  readonly body: readonly string[];
  /** What it is done with: label and text, one line each. Everything that could surprise. */
  readonly facts: readonly Fact[];
  /** The rest of what the digest covers: for a page, or a second look. */
  readonly details: readonly Fact[];
  readonly warnings: readonly string[];
}

export interface Fact {
  readonly label: string;
  readonly text: string;
}

export function shown(action: Action): Shown {
  if (action.kind === 'exec') return shownExec(action);
  return action.kind === 'tool' ? shownTool(action) : shownMessage(action);
}

/** Words as a shell would read them back: each apart from its neighbours, an empty one visible, escapes within quotes. */
export function shownWords(words: readonly string[]): string {
  return words
    .map((word, at) => (at === 0 && NO_PROGRAM.test(word) ? quoted(word) : shownWord(word)))
    .join(' ');
}

// Letters and signs that no shell gives a meaning to, and that nobody confuses with another; and three words of signs that
// stand for themselves.
const PLAIN = /^(?:[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*|\[|\]|\{\})$/;
/** In front, a shell reads these as its own: `A=b ls` would be `ls` with a variable, and is a program of that name. */
const NO_PROGRAM =
  /^(?:[A-Za-z_]\w*\+?=.*|if|then|elif|else|fi|time|for|in|until|while|do|done|case|esac|coproc|select|function)$/s;

/** As a word of a command, whatever its place. */
export function shownWord(word: string): string {
  return PLAIN.test(word) ? word : quoted(word);
}

function quoted(word: string): string {
  return `'${exact(word).replaceAll("'", String.raw`'\''`)}'`;
}

function shownExec(action: ExecAction): Shown {
  const isLine = 'shell' in action;
  const body = isLine ? exactLines(action.shell) : [shownWords(action.argv)];
  const variables = Object.entries(action.env).map(([name, value]) => ({
    // Given to every command; a value that is usual is a detail.
    isDetail: isPassed(name) && isUsual(name, value),
    fact: { label: 'with', text: `${exact(name)}=${shownWord(value)}` },
  }));
  // Where the program begins with #!, this is what is started.
  const readers = action.interpreter === undefined ? [] : [action.interpreter];
  return {
    title: isLine ? 'run a shell line' : 'run a program',
    body,
    facts: [
      fact('in', action.cwd.path),
      fact(isLine ? 'shell' : 'program', action.program.path),
      ...readers.map(({ path }) => fact('read by', path)),
      ...action.scripts.map(({ path }) => fact('script', path)),
      ...variables.filter(({ isDetail }) => !isDetail).map((variable) => variable.fact),
      ...stdinFacts(action),
      fact('on', action.host),
    ],
    details: [
      fact('SHA-256 of the program', action.program.sha256),
      ...readers.map(({ sha256 }) => fact('SHA-256 of what reads it', sha256)),
      ...action.scripts.map(({ path, sha256 }) => fact(`SHA-256 of ${exact(path)}`, sha256)),
      ...(action.stdin.kind === 'bytes' ? [fact('SHA-256 of what it reads', action.stdin.sha256)] : []),
      fact('folder', `device ${action.cwd.device}, inode ${action.cwd.inode}`),
      ...variables.filter(({ isDetail }) => isDetail).map((variable) => variable.fact),
    ],
    warnings: warningsOf(isLine ? [action.shell] : action.argv, [
      action.cwd.path,
      action.program.path,
      ...readers.map(({ path }) => path),
    ]),
  };
}

function stdinFacts({ stdin }: ExecAction): Fact[] {
  if (stdin.kind === 'none') return [];
  return [
    fact(
      'reads',
      stdin.kind === 'terminal' ? 'what is typed at the terminal' : `${stdin.size} bytes given to it`,
    ),
  ];
}

function shownTool(action: ToolAction): Shown {
  const change = changeOf(action.arguments);
  const body = change?.body ?? exactLines(JSON.stringify(action.arguments, null, 2));
  return {
    title: change === null ? 'use a tool' : 'change a file',
    body,
    facts: [
      fact('tool', action.tool),
      ...(change === null ? [] : change.facts),
      ...(action.cwd === null ? [] : [fact('in', action.cwd.path)]),
      fact('on', action.host),
    ],
    details:
      action.cwd === null ? [] : [fact('folder', `device ${action.cwd.device}, inode ${action.cwd.inode}`)],
    warnings: warningsOf([action.tool, JSON.stringify(action.arguments)], []),
  };
}

function shownMessage(action: MessageAction): Shown {
  const { channel, account, identifier } = action.to;
  return {
    title: 'send a message',
    body: exactLines(action.text),
    facts: [
      fact('to', identifier),
      fact('channel', channel),
      fact('account', account),
      ...action.attachments.map(({ name, size }) => fact('attached', `${shownWord(name)}, ${size} bytes`)),
      fact('on', action.host),
    ],
    details: action.attachments.map(({ name, sha256 }) => fact(`SHA-256 of ${shownWord(name)}`, sha256)),
    warnings: warningsOf([action.text, identifier], []),
  };
}

function fact(label: string, text: string): Fact {
  return { label, text: exact(text) };
}

function warningsOf(texts: readonly string[], paths: readonly string[]): string[] {
  const all = [...texts, ...paths];
  return [
    ...(all.some(isMixedScript) ? ['mixed-script'] : []),
    ...(all.some(isComposedOtherwise) ? ['composed-otherwise'] : []),
  ];
}

/** A command as the gateway lists it, and what leads to it. */
export interface Inner {
  readonly text: string;
  readonly via?: readonly string[] | undefined;
}

/** What leads to it, before it: `sudo, sh -c: rm -rf /`. */
export function shownCommand({ text, via = [] }: Inner): string {
  return via.length === 0 ? text : `${via.map(exact).join(', ')}: ${text}`;
}

/** What would run inside. Empty where the thing itself says it all. */
export function innerOf<One extends Inner>(commands: readonly One[]): readonly One[] {
  return commands.length <= 1 && commands.every(({ via = [] }) => via.length === 0) ? [] : commands;
}

/** All of it as text: for a terminal, a chat, the log. `details` are left to whoever asks for them. */
export function shownText({ title, body, facts, warnings }: Shown, inner: readonly string[] = []): string {
  return [
    ...(warnings.length > 0 ? [`careful: ${warnings.join(', ')}`] : []),
    title,
    // A line of the thing itself always begins with a bar and a space: none can pass for one of ours.
    ...body.map((line) => `| ${line}`),
    ...(inner.length > 0 ? ['runs'] : []),
    ...inner.map((line) => `> ${line}`),
    ...facts.map(({ label, text }) => `${label}: ${text}`),
  ].join('\n');
}
