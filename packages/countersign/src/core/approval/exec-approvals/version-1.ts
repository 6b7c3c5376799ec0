// OpenClaw's document, never weaker. What it says of an agent is the agent's own word, else that of `*`, else of
// `defaults`, as there. What it does not say its other file may have said, so the strictest of what it could mean is taken.
import type { ExecApprovalsV1 } from '@countersign/protocol/policy';
import type { AllowRule } from '../always.ts';
import type { Ask, Entry, Policy, Security } from '../policy.ts';
import type { Note, Read } from './reading.ts';

type Stated = NonNullable<ExecApprovalsV1['defaults']>;
type AgentV1 = NonNullable<ExecApprovalsV1['agents']>[string];

/** Their name for the agent that is meant when none is. */
const MAIN = 'main';
/** A name of theirs for the same, from an older time. */
const OLD_MAIN = 'default';
const EVERY = '*';

export function policyOfV1(document: ExecApprovalsV1, current: Policy): Read {
  const notes: Note[] = [];
  const agents = withoutOldMain(document.agents ?? {}, notes);
  const every = ownOf(agents, EVERY);
  const rulesOfEvery = every === undefined ? [] : rulesOf(every, `agents.${EVERY}`, notes);
  const entryFor = (name: string): Entry => {
    const agent = name === EVERY ? undefined : ownOf(agents, name);
    const own = agent === undefined ? [] : rulesOf(agent, `agents.${name}`, notes);
    const levels = [agent, every, document.defaults].filter((level) => level !== undefined);
    return { ...terms(levels, current.defaults), rules: [...rulesOfEvery, ...own] };
  };
  for (const [path, level] of [
    ['defaults', document.defaults] as const,
    ...Object.entries(agents).map(([name, agent]) => [`agents.${name}`, agent] as const),
  ])
    if (level !== undefined) noteSilence(level, path, notes);
  const named = Object.keys(agents).filter((name) => name !== EVERY);
  const policy: Policy = {
    ...current,
    defaults: entryFor(EVERY),
    agents: Object.fromEntries(named.map((name) => [name, entryFor(name)])),
  };
  return { outcome: 'read', policy, notes };
}

/** The first level that says something of it. */
function terms(levels: readonly Stated[], ours: Entry): Omit<Entry, 'rules'> {
  const security = first<Security>(levels.map((level) => level.security));
  const ask = first<Ask>(levels.map((level) => level.ask));
  // Nothing said: ours holds, as if there were no document.
  if (security === undefined && ask === undefined)
    return { security: ours.security, ask: ours.ask, free: ours.free };
  // Their lists know no tiers: what is on none is asked about, or refused, also when it only reads.
  if (security === undefined)
    return {
      security: ours.security,
      ask: ask === 'always' ? 'always' : stricterAsk(ours.ask),
      free: 'none',
    };
  if (security === 'full') return { security, ask: ask ?? ours.ask, free: 'none' };
  // A list and no word on asking means "never" there: what is on none is refused.
  return { security, ask: ask ?? 'off', free: 'none' };
}

/** "Never ask" without a word on what may run: whoever said it had a list or a full leave in mind, and we cannot know. */
function stricterAsk(ask: Ask): Ask {
  return ask === 'off' ? 'on-miss' : ask;
}

function first<T>(values: readonly (T | undefined)[]): T | undefined {
  return values.find((value) => value !== undefined);
}

function withoutOldMain(agents: Readonly<Record<string, AgentV1>>, notes: Note[]): Record<string, AgentV1> {
  const old = ownOf(agents, OLD_MAIN);
  if (old === undefined) return { ...agents };
  notes.push({ path: `agents.${OLD_MAIN}`, text: `an older name of "${MAIN}": read as that` });
  const { [OLD_MAIN]: _old, ...rest } = agents;
  const main = ownOf(agents, MAIN);
  const both = { ...old, ...main, allowlist: [...(main?.allowlist ?? []), ...(old.allowlist ?? [])] };
  return { ...rest, [MAIN]: both };
}

function ownOf(agents: Readonly<Record<string, AgentV1>>, name: string): AgentV1 | undefined {
  return Object.hasOwn(agents, name) ? agents[name] : undefined;
}

function noteSilence(level: Stated, path: string, notes: Note[]): void {
  if (level.askFallback !== undefined && level.askFallback !== 'deny')
    notes.push({ path: `${path}.askFallback`, text: 'not taken over: silence is a no here' });
  if (level.autoAllowSkills === true)
    notes.push({
      path: `${path}.autoAllowSkills`,
      text: 'not taken over: what brings its own code is asked about',
    });
}

function rulesOf(agent: AgentV1, path: string, notes: Note[]): AllowRule[] {
  const programs = (agent.allowlist ?? []).map((entry, place): AllowRule => {
    const where = `${path}.allowlist.${place}`;
    const [pattern, argPattern] =
      typeof entry === 'string' ? [entry, undefined] : [entry.pattern, entry.argPattern];
    const id = where;
    const why = argPattern === undefined ? deadProgram(pattern.trim()) : 'a pattern of arguments is not read';
    if (why === null) return { kind: 'program', id, pattern: pattern.trim() };
    notes.push({ path: where, text: `allows nothing here: ${why}` });
    return { kind: 'dead', id, pattern, why };
  });
  const tools = (agent.mcpTools ?? []).map(({ server, tool }, place): AllowRule => {
    const where = `${path}.mcpTools.${place}`;
    // Joined, `a__b` and `c` would be `a` and `b__c`.
    if (!`${server}${tool}`.includes('__') && !server.endsWith('_') && !tool.startsWith('_') && server !== '')
      return { kind: 'tool', id: where, server, tool };
    const why = 'a name with two underlines may be another tool’s';
    notes.push({ path: where, text: `allows nothing here: ${why}` });
    return { kind: 'dead', id: where, pattern: `${server} ${tool}`, why };
  });
  return [...programs, ...tools];
}

/** E-13: why a pattern never fits, said when it is read and not when somebody wonders. */
function deadProgram(pattern: string): string | null {
  if (pattern === '*' || pattern === '**' || pattern === '/**') return 'any program at all is no list';
  if (!/^(?:~?\/)/.test(pattern)) return 'not a whole path: write where the program is';
  if (/(?:^|\/)\.\.?(?:\/|$)/.test(pattern)) return 'a path with . or .. in it';
  if ((pattern.match(/\*+/g) ?? []).length > 4) return 'more than four stars';
  return null;
}
