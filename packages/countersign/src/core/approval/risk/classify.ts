// Facts of an action in, its tier and the reasons out. Pure: no file, no clock, no chance. What the action says of itself is
// never read (H53), and what cannot be read is taken for the worse: who hides something gains nothing by it.
import { isAtLeast, maxTier, TIERS, type Tier } from '@countersign/protocol/tier';
import { resolvePath } from '../shell/folders.ts';
import { MAX_MADE } from '../shell/limits.ts';
import { listLine, listWords } from '../shell/list.ts';
import { HOLE, type Listed, type Listing } from '../shell/listing.ts';
import { programName } from '../shell/names.ts';
import { exactWord } from '../shell/word.ts';
import { mayAlways } from './always.ts';
import { factsFor } from './brought.ts';
import { judgePassed } from './environment.ts';
import { fed } from './fed.ts';
import { matchesGlob } from './glob.ts';
import { contextOf } from './homes.ts';
import { judgeDoubt, judgeRedirects, judgeSecretVariables, judgeSetting, judgeVariables } from './line.ts';
import { judgeUrl, named } from './network.ts';
import { mayLower, pathRules, ruleFor, toolRule } from './owner-rules.ts';
import { judgeFolder, judgePath, type PathFacts, type Verdict } from './paths.ts';
import { judgeProgram } from './program.ts';
import type { ActionFacts, Reason, Risk, RiskContext } from './risk.ts';
import { judgeSearchPath } from './search-path.ts';
import { dangersBehind, SEEN, secondReading } from './second-reading.ts';
import { judgeStart } from './started.ts';
import { judgeTogether } from './together.ts';
import { findTool, textsIn } from './tools.ts';

/** How risky an action is. Never throws: what cannot be judged is not judged lower for it (R42). */
export function classify(action: ActionFacts, context: RiskContext): Risk {
  try {
    return judged(action, contextOf(action, context), context);
  } catch {
    // A text so deep that the stack ended, or a mistake of ours.
    return UNREADABLE;
  }
}

const UNREADABLE: Risk = {
  tier: 'destructive',
  reasons: [{ rule: 'unreadable', tier: 'destructive', why: 'could not be judged at all' }],
  commands: [],
  always: { ok: false, why: 'what could not be judged is asked about every time' },
};

/** @param house as it is for every action. */
function judged(action: ActionFacts, context: RiskContext, house: RiskContext): Risk {
  switch (action.kind) {
    case 'message':
      return risk(
        [
          {
            rule: 'message.unknown',
            tier: 'elevated',
            why: 'sends a message to somebody who is not known here',
          },
        ],
        EMPTY,
        { ok: false, why: 'a message is asked for every time' },
      );
    case 'tool':
      return classifyTool(action, context);
    case 'exec': {
      const options = { cwd: action.cwd.path, home: context.home };
      const listed = 'shell' in action ? listLine(action.shell, options) : listWords(action.argv, options);
      const listing = fed(listed, action);
      const source = 'shell' in action ? action.shell : action.argv.join(' ');
      const reasons = judgeListing(listing, source, { cwd: action.cwd.path, context });
      const unusual = judgePassed(action, house);
      reasons.push(
        ...unusual,
        ...judgeStart(action, context),
        ...judgeSearchPath(action.env?.['PATH'], listing, 'shell' in action),
        ...judgeOtherName(action, { cwd: action.cwd.path, context }),
      );
      const always = unusual.length === 0 ? mayAlways(listing, worst(reasons)) : UNUSUAL;
      return risk(reasons, listing, always);
    }
    default:
      action satisfies never;
      return UNREADABLE;
  }
}

/** A rule may leave these variables open, and would then cover what somebody else's settings make of the command. */
const UNUSUAL: Risk['always'] = { ok: false, why: 'its environment is not the usual one' };

const EMPTY: Listing = { commands: [], doubts: [] };

function judgeListing(listing: Listing, source: string, facts: PathFacts): Reason[] {
  const reasons: Reason[] = [];
  for (const doubt of listing.doubts) {
    reasons.push({
      ...judgeDoubt(doubt),
      ...(doubt.command === undefined ? {} : { command: doubt.command }),
    });
  }
  reasons.push(...judgeVariables(listing.sets ?? [], IDLE, facts));
  const wrapping = new Set<number | null>();
  if (listing.commands.length > 1) for (const { parent } of listing.commands) wrapping.add(parent);
  const dynamic = new Set<number>();
  for (const { kind, command } of listing.doubts)
    if (kind === 'name' && command !== undefined) dynamic.add(command);
  let looked = 0;
  const brings = dynamic.size > 0 && bringsNames(listing);
  const factsAt = factsFor(listing, source, facts);
  for (const [command, listed] of listing.commands.entries()) {
    for (const { rule, tier, why } of judgeCommand(listed, wrapping.has(command), factsAt(command)))
      reasons.push({ rule, tier, why, command });
    // A name that only the run knows is judged by what `rm` would do with the same words.
    if (dynamic.has(command) && listed.words[0]?.kind !== 'exact') {
      looked += 1;
      if (looked > MOST_NAMES || isWorst(listed, brings, facts))
        reasons.push({
          rule: 'line.name',
          tier: 'destructive',
          why: 'a program that only the run knows, with words that would be destructive to many',
          command,
        });
    }
  }
  // Where it runs is named as well as what it names.
  const elsewhere = new Set<string>();
  let last: readonly string[] | null = null;
  for (const { folders } of listing.commands) {
    if (folders === null || folders === last) continue;
    for (const folder of folders) elsewhere.add(folder);
    last = folders;
  }
  elsewhere.add(facts.cwd);
  for (const folder of elsewhere) reasons.push(...judgeFolder(folder, IDLE, facts));
  const calling = listing.commands.some(({ calls }) => calls !== undefined);
  for (const name of calling ? shadowed(listing) : [])
    reasons.push({ rule: 'line.shadow', tier: 'elevated', why: `gives ${name} another meaning` });
  if (listing.commands.length > 0) reasons.push(...judgeTogether(listing));
  reasons.push(...judgeSecretVariables(source));
  if (listing.doubts.length > 0) reasons.push(...secondReading(source, 'line', facts));
  return reasons;
}

/** More names that only the run knows than anybody writes. */
const MOST_NAMES = 64;

const IDLE: Listed = {
  words: [],
  assigns: [],
  redirects: [],
  via: [],
  place: 'here',
  input: { kind: 'inherited' },
  folders: ['/'],
  parent: null,
};

// What comes over the network, or out of a decoder, as a command of its own.
const FETCHING =
  /^(curl|wget|nc|ncat|netcat|socat|ssh|base64|base32|xxd|openssl|gpg|dig|nslookup|host|python|perl|tr|rev)$/;

/** A name that only the run knows: what the programs that it could be would make of the same words. */
function isWorst(listed: Listed, brings: boolean, facts: PathFacts): boolean {
  const [name] = listed.words;
  if (name === undefined) return false;
  const bases = (name.among ?? [name.value]).map((value) => value.slice(value.lastIndexOf('/') + 1));
  const could = [...SEEN].filter((one) =>
    name.kind === 'glob' ? bases.some((base) => matchesGlob(base, one)) : one === 'rm',
  );
  for (const one of could) {
    const as = { ...listed, words: [exactWord(one), ...listed.words.slice(1)] };
    if (judgeProgram(as, { ...facts, wraps: false }).verdicts.some(({ tier }) => tier === 'destructive'))
      return true;
  }
  return brings && name.splits === true && name.kind !== 'glob';
}

/** Somewhere in the line a name could come out of the network or a decoder, or be cut out of a word. */
function bringsNames(listing: Listing): boolean {
  return listing.commands.some(
    ({ words, assigns }) =>
      FETCHING.test(programName(words[0]?.value ?? '')) || assigns.some((one) => one.name === 'IFS'),
  );
}

/** Functions of the line that bear the name of a program. */
function shadowed(listing: Listing): readonly string[] {
  const names = new Set(listing.commands.flatMap(({ calls }) => (calls === undefined ? [] : [calls])));
  return [...names].filter((name) => judgeName(name));
}

const judgeName = (name: string): boolean => {
  const bare: Listed = {
    words: [exactWord(name)],
    assigns: [],
    redirects: [],
    via: [],
    place: 'here',
    input: { kind: 'inherited' },
    folders: null,
    parent: null,
  };
  return !judgeProgram(bare, { cwd: '/', context: NOBODY, wraps: false }).unknown;
};

const NOBODY: RiskContext = { home: null, guarded: { paths: [], ports: [], pids: [] }, rules: [], tools: {} };

/** One command: the line around it, its program, and the owner's rules on top. */
function judgeCommand(listed: Listed, wraps: boolean, facts: PathFacts): readonly Verdict[] {
  const verdicts: Verdict[] = [];
  if (listed.assigns.length > 0) verdicts.push(...judgeVariables(listed.assigns, listed, facts));
  verdicts.push(...judgeSetting(listed, facts));
  if (listed.redirects.length > 0) verdicts.push(...judgeRedirects(listed, facts));
  const program = judgeProgram(listed, { ...facts, wraps });
  verdicts.push(...program.verdicts);
  for (const text of program.code) verdicts.push(...secondReading(text, 'code', facts));
  for (const text of program.scripts) verdicts.push(...judgeScript(text.value, listed, facts));
  if (program.unknown) {
    verdicts.push(...dangersBehind(listed, facts));
    const written = listed.words.map(({ text }) => text).join(' ');
    const meant = listed.words.map(({ value }) => value).join(' ');
    verdicts.push(...secondReading(written, 'line', facts));
    if (meant !== written) verdicts.push(...secondReading(meant, 'line', facts));
  }
  for (const { value } of listed.assigns)
    if (value.value.includes(' ')) verdicts.push(...secondReading(value.value, 'line', facts));
  return withOwner(listed, verdicts, facts);
}

/** What such lines came to in one classification: each may hold others, and each is read for every folder. */
const MADE = new WeakMap<PathFacts, number>();
const SCRIPT = 1_024;

/** A line that an option of the command runs: as bad as if it stood alone, wherever that may be. */
function judgeScript(text: string, listed: Listed, facts: PathFacts): readonly Verdict[] {
  const folders = listed.folders ?? [null];
  const counted = facts.first ?? facts;
  const made = (MADE.get(counted) ?? 0) + folders.length * (text.length + SCRIPT);
  MADE.set(counted, made);
  if (made > MAX_MADE) return [judgeDoubt({ kind: 'size', about: text.slice(0, 200) })];
  return folders.flatMap((folder) => {
    const { commands, doubts } = listLine(text, { cwd: folder ?? facts.cwd, home: facts.context.home });
    const placed = folder === null ? commands.map((command) => ({ ...command, folders: null })) : commands;
    const reasons = judgeListing({ commands: placed, doubts }, text, facts);
    return reasons.map(({ rule, tier, why }) => ({ rule, tier, why }));
  });
}

function withOwner(listed: Listed, verdicts: readonly Verdict[], facts: PathFacts): readonly Verdict[] {
  const { rules } = facts.context;
  if (rules.length === 0) return verdicts;
  const base = listed.folders?.[0] ?? facts.cwd;
  const raising = pathRules(listed, rules, (value) => resolvePath(base, value)).map(
    (rule): Verdict => ({ rule: `owner.${rule.id}`, tier: rule.tier, why: rule.why }),
  );
  const rule = ruleFor(listed, rules);
  if (rule === null) return [...verdicts, ...raising];
  const own: Verdict = { rule: `owner.${rule.id}`, tier: rule.tier, why: rule.why };
  const kept = verdicts.filter(
    (verdict) =>
      !isAtLeast(verdict.tier, rule.tier) ||
      verdict.tier === rule.tier ||
      !mayLower(listed) ||
      !/^(program|option)\./.test(verdict.rule),
  );
  return [...kept, ...raising, own];
}

/** Programs that do what the name they are started by says. */
const BY_NAME = /^(busybox|toybox|coreutils)(\.exe)?$/;

/**
 * A link that is called like one program and leads to another is judged as both: what is started is the file, and what a
 * person reads is the name.
 */
function judgeOtherName(action: Extract<ActionFacts, { kind: 'exec' }>, facts: PathFacts): readonly Reason[] {
  if ('shell' in action || action.program === undefined) return [];
  const [typed = '', ...words] = action.argv;
  const real = programName(action.program.path);
  if (real === programName(typed) || BY_NAME.test(real)) return [];
  const { home } = facts.context;
  const listing = fed(listWords([real, ...words], { cwd: facts.cwd, home }), action);
  return judgeListing(listing, [real, ...words].join(' '), facts).map(({ rule, tier, why }) => ({
    rule,
    tier,
    why: `${typed} is ${action.program?.path}; ${why}`,
  }));
}

function classifyTool(action: Extract<ActionFacts, { kind: 'tool' }>, context: RiskContext): Risk {
  const never = { ok: false, why: 'only commands can be allowed once and for all' } as const;
  const cwd = action.cwd?.path ?? '/';
  const facts: PathFacts = { cwd, context };
  const rule = findTool(action.tool, context.tools);
  const owner = toolRule(action.tool, context.rules);
  const reasons: Reason[] = [];
  const texts = textsIn(action.arguments);
  const nowhere: Listed = {
    words: [],
    assigns: [],
    redirects: [],
    via: [],
    place: 'here',
    input: { kind: 'inherited' },
    folders: action.cwd === null ? null : [cwd],
    parent: null,
  };
  for (const text of texts) {
    reasons.push(...named(text, context).filter(() => text.length < 2_000));
    if (text.length > 4_096 || text.includes('\n')) continue;
    reasons.push(
      ...judgePath(
        exactWord(text.replace(/^~(?=\/|$)/, context.home ?? HOLE)),
        'names',
        nowhere,
        facts,
      ).filter(({ rule: fired }) => fired === 'floor.countersign'),
    );
  }
  if (rule === null) {
    const own: Reason =
      owner === null
        ? {
            rule: 'tool.unknown',
            tier: 'elevated',
            why: `no rule knows the tool ${JSON.stringify(action.tool)}`,
          }
        : { rule: `owner.${owner.id}`, tier: owner.tier, why: owner.why };
    return risk([...reasons, own], EMPTY, never);
  }
  reasons.push({ rule: `tool.${action.tool}`, tier: rule.tier, why: rule.why });
  let listing = EMPTY;
  for (const [name, value] of Object.entries(action.arguments)) {
    const values = (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string');
    if (rule.shell?.includes(name) === true) {
      const line = Array.isArray(value) ? null : String(value);
      const options = { cwd, home: context.home };
      const found = line === null ? listWords(values, options) : listLine(line, options);
      reasons.push(...judgeListing(found, line ?? values.join(' '), facts));
      listing = found;
      continue;
    }
    for (const one of values) {
      const word = exactWord(one.replace(/^~(?=\/|$)/, context.home ?? HOLE));
      if (rule.reads?.includes(name) === true) reasons.push(...judgePath(word, 'reads', nowhere, facts));
      if (rule.writes?.includes(name) === true) reasons.push(...judgePath(word, 'writes', nowhere, facts));
      if (rule.urls?.includes(name) === true) reasons.push(...judgeUrl(word, context, nowhere, facts));
    }
  }
  const wanted = rule.shell !== undefined && listing.commands.length === 0;
  if (wanted)
    reasons.push({
      rule: 'tool.empty',
      tier: 'elevated',
      why: 'the line it runs was not found in its arguments',
    });
  if (owner !== null && isAtLeast(owner.tier, rule.tier))
    reasons.push({ rule: `owner.${owner.id}`, tier: owner.tier, why: owner.why });
  return risk(reasons, listing, never);
}

const worst = (reasons: readonly Verdict[]): Tier =>
  reasons.reduce<Tier>((tier, reason) => maxTier(tier, reason.tier), 'read');

const HARMLESS: Reason = {
  rule: 'nothing',
  tier: 'read',
  why: 'looks, inside the working folder or at public facts',
};

function distinct(reasons: readonly Reason[]): Reason[] {
  if (reasons.length <= FEW)
    return reasons.filter((one, at) => reasons.findIndex((other) => isSame(one, other)) === at);
  const seen = new Set<string>();
  return reasons.filter(({ rule, why, command }) => {
    const key = `${rule}\n${why}\n${command ?? ''}`;
    return !seen.has(key) && seen.add(key);
  });
}

const FEW = 8;
const isSame = (one: Reason, other: Reason): boolean =>
  one === other || (one.command === other.command && one.rule === other.rule && one.why === other.why);

/** Sorted, each said once; a harmless action says why it is harmless. */
function risk(reasons: readonly Reason[], listing: Listing, always: Risk['always']): Risk {
  const once = reasons.length < 2 ? [...reasons] : distinct(reasons);
  if (once.length === 0) once.push(HARMLESS);
  if (once.length > 1) once.sort((one, other) => TIERS.indexOf(other.tier) - TIERS.indexOf(one.tier));
  return { tier: worst(once), reasons: once, commands: listing.commands, always };
}
