// Where an interpreter or a shell gets its program from: a file, its words, or standard input.
import type { ListedWord } from '../shell/listing.ts';
import { SHELLS } from '../shell/wrappers.ts';
import { judgeCode } from './code.ts';
import type { Operands } from './operands.ts';
import type { Verdict } from './paths.ts';

interface Found {
  readonly verdicts: readonly Verdict[];
  readonly code: readonly string[];
}

const saying = (verdicts: readonly Verdict[]): Found => ({ verdicts, code: [] });

/** An interpreter: a script by name, or on standard input. */
export function judgeInterpreter(asked: Operands): Found {
  const { row, given, listed } = asked;
  const shell = SHELLS.has(row.name);
  const [script] = shell ? shellScript(listed.words) : given.operands;
  const rc = listed.words.findIndex((word) => /^--(rcfile|init-file)$/.test(word.value));
  const startup = rc === -1 ? undefined : listed.words[rc + 1];
  if (shell && startup !== undefined) return judgeCode(startup, asked);
  const inline =
    given.options.some((option) => option.kind === 'code') ||
    (shell && listed.words.some((word) => /^-[a-zA-Z]*c[a-zA-Z]*$|^\/[ck]$|^-command$/i.test(word.value)));
  if (!shell || !inline) {
    if (script !== undefined && script.value !== '-' && !inline) return judgeCode(script, asked);
  }
  if (inline) return { verdicts: [], code: [] };
  const quiet = shell || listed.input.kind === 'inherited';
  if (quiet && listed.words.length === 2 && /^--(version|help)$/.test(listed.words[1]?.value ?? ''))
    return { verdicts: [], code: [] };
  const { input } = listed;
  if (input.kind === 'text')
    return {
      verdicts: shell
        ? []
        : [{ rule: 'code.input', tier: 'elevated', why: `${row.name} runs the text it is given` }],
      code: shell ? [] : [input.text],
    };
  if (input.kind === 'pipe' && input.text !== undefined)
    return { verdicts: [], code: shell ? [] : [input.text] };
  if (input.kind === 'pipe')
    return saying([
      { rule: 'code.piped', tier: 'destructive', why: `${row.name} runs whatever comes out of the pipe` },
    ]);
  if (input.kind === 'file')
    return {
      verdicts: [{ rule: 'code.file', tier: 'elevated', why: `${row.name} runs ${input.word.text}` }],
      code: [],
    };
  return saying([{ rule: 'code.open', tier: 'elevated', why: `${row.name} waits for commands` }]);
}

function shellScript(words: readonly ListedWord[]): readonly ListedWord[] {
  for (let at = 1; at < words.length; at += 1) {
    const word = words[at];
    if (word === undefined) break;
    if (/^--(rcfile|init-file)$/.test(word.value) || /^[-+][a-zA-Z]*[oO]$/.test(word.value)) at += 1;
    else if (/^-[a-z]*s$/.test(word.value)) return [];
    else if (!/^[-+]/.test(word.value)) return [word];
  }
  return [];
}
