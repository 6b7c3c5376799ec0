// Programs in other languages: what a script that is named brings, and what can be seen in a text without understanding it.
import type { ListedWord } from '../shell/listing.ts';
import { onlyPrints } from './awk.ts';
import type { Operands } from './operands.ts';
import { isCountersign } from './own.ts';
import { judgePath, type Verdict } from './paths.ts';

/** A script that an interpreter is given by name. */
export function judgeCode(
  script: ListedWord,
  { row, listed, facts }: Operands,
): { verdicts: readonly Verdict[]; code: readonly string[] } {
  const name = script.value.slice(script.value.lastIndexOf('/') + 1);
  const verdicts: Verdict[] = [];
  if (isCountersign(name))
    verdicts.push({ rule: 'floor.countersign', tier: 'destructive', why: "uses Countersign's own program" });
  if (script.kind === 'pipe') {
    verdicts.push({
      rule: 'code.piped',
      tier: 'destructive',
      why: `${row.name} runs whatever the other program prints`,
    });
  } else if (script.kind !== 'exact' && script.kind !== 'among' && script.kind !== 'glob') {
    verdicts.push({
      rule: 'code.unknown',
      tier: 'elevated',
      why: `which script ${row.name} runs is only known when it runs`,
    });
  } else verdicts.push({ rule: 'code.script', tier: 'elevated', why: `${row.name} runs ${script.text}` });
  if (/^(https?|ftp):/i.test(script.value)) {
    verdicts.push({
      rule: 'code.fetched',
      tier: 'destructive',
      why: `${row.name} fetches a program and runs it`,
    });
  }
  const own = judgePath(script, 'names', listed, facts).filter(
    ({ rule }) => rule.startsWith('floor.') || rule === 'path.network',
  );
  return { verdicts: [...verdicts, ...own], code: [] };
}

/** The program text of sed, awk and their like: harmless only when it is plainly so. */
export function judgeScriptText(
  name: string,
  word: ListedWord,
): { verdicts: readonly Verdict[]; code: readonly string[] } {
  if (name === 'sed') return text(word, isPlainSed, 'sed can run programs and write files from its script');
  if (name === 'awk') return text(word, onlyPrints, 'awk can run programs and write files from its script');
  if (name === 'jq') return text(word, isPlainJq, 'jq shows variables of the environment');
  if (name === 'yq')
    return text(
      word,
      (script) => !YQ.test(script) && !namesAll(script),
      'yq reads files, and variables of the environment',
    );
  return { verdicts: [], code: [] };
}

function text(
  word: ListedWord,
  isHarmless: (script: string) => boolean,
  why: string,
): { verdicts: readonly Verdict[]; code: readonly string[] } {
  // A name of a file that the pattern fits is the script then.
  const readable = word.kind === 'exact' || word.kind === 'number' || isPlainPath(word);
  if (readable && isHarmless(word.value)) return { verdicts: [], code: [] };
  return { verdicts: [{ rule: 'code.script', tier: 'elevated', why }], code: [word.value] };
}

/** `.[0].name` without quotes: whatever file it fits, it asks for a part. */
const isPlainPath = ({ kind, value }: ListedWord): boolean => kind === 'glob' && /^\.[\w.[\]]*$/.test(value);

// Commands e, r, R, w, W, and the flags e and w of s: at the beginning, behind an address, a brace or a semicolon. The
// delimiter of s is any character, so a script of s is matched whole or not believed. Some seds let brackets hold the
// delimiter and some do not: brackets are closed before it, or the script is not believed.
const BRACKETS = String.raw`\[\^?(?:[^\]\\/\n]|\\[^\]\n])+\]`;
const EXPRESSION = String.raw`\/(?:${BRACKETS}|[^/\\\n[]|\\[^\n])*\/`;
const ADDRESS = String.raw`(?:\d+|\$|${EXPRESSION})(?:,(?:\+?\d+|\$|${EXPRESSION}))?\s*(?:!\s*)?`;
const SUBSTITUTION = String.raw`s([/|#,:@!])(?:\[\^?(?:(?!\1)[^\]\\\n]|\\[^\]\n])+\]|(?!\1)[^\\\n[]|\\.)*\1(?:(?!\1)[^\\\n]|\\.)*\1[gpiIm0-9]*`;
const SED = new RegExp(String.raw`^(?:(?:${ADDRESS})?(?:${SUBSTITUTION}|[pdDPnNgGhHx=]|[qQ]\d*)|;|\s)*$`);
const isPlainSed = (script: string): boolean => SED.test(script);
const JQ =
  /\benv\b|\$ENV|\$__|\binput_filename\b|\binclude\b|\bimport\b|\bload\b|\bmodulemeta\b|strenv|envsubst/;
const isPlainJq = (script: string): boolean => !JQ.test(script) && !namesAll(script);
/** `$ ENV`: jq takes spaces and comments behind the sign. */
const namesAll = (script: string): boolean => script.includes('$') && /\bENV\b|__/.test(script);
const YQ = /\b(env|strenv|envsubst|load\w*|eval|system|exec\w*|include|import|input_filename)\b|\$ENV|\$__/;

/** What removes or opens, in languages that are written on command lines. Seen, never understood: it only ever raises. */
export const DESTRUCTIVE_TEXT: readonly (readonly [RegExp, string])[] = [
  [
    /\b(rmtree|unlinkSync|rmSync|rmdirSync|removeSync|emptyDirSync|rimraf|removedirs|rm_rf|rm_r|remove_entry|remove_dir_all|RemoveAll|deltree|delete_all)\b/,
    'removes files',
  ],
  [
    /\b(os|fs|FileUtils|Path|File|Files|promises)\.(remove|unlink|rm|rmdir|delete|truncate)\w*\b|\bunlink\s*\(|\bunlink\s+["'$@]/,
    'removes files',
  ],
  [
    /\b(drop|truncate)\s+(table|database|schema|user|role|index|view|keyspace|tablespace|collection|owned)\b|\bdelete\s+from\b(?![^;]*\bwhere\b)/i,
    'removes data',
  ],
  [
    /\b(flushall|flushdb|dropDatabase|drop_database|deleteMany\s*\(\s*\{\s*\}|\.drop\s*\(\s*\))/i,
    'removes data',
  ],
  [
    /\b(exec|eval|system|popen|spawn|Popen|check_output|loads)\b[^\n]{0,200}\b(base64|b64decode|atob|fromhex|unhexlify|decode|urlopen|requests|fetch|urllib|curl|wget|marshal|zlib|pack)\b/i,
    'runs a text that it decodes or fetches',
  ],
  [/\bpty\.spawn\b|\/dev\/(tcp|udp)\/|\bdup2\s*\(/, 'opens a shell for somebody else'],
  [/with administrator privileges/, 'becomes somebody with more rights'],
  [/\bsetuid\s*\(|\bsetgid\s*\(|\bptrace\b/, 'changes rights'],
];
