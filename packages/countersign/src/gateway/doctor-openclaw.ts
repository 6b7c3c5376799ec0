// An OpenClaw beside us that runs commands without asking anybody: as it comes out of the box.
import type { DoctorCheck } from '@countersign/protocol/gateway';
import { z } from 'zod';
import { readJsonc } from '../config/jsonc.ts';

/** What of it was read; runtime/openclaw.ts reads it. */
export interface OpenClaw {
  readonly approvals: string;
  readonly where: string;
  readonly config: string | null;
  readonly configFile: string;
}

const words = { security: z.string().optional(), ask: z.string().optional() };
const documentSchema = z.looseObject({
  defaults: z.looseObject(words).optional(),
  agents: z.record(z.string(), z.looseObject(words)).optional(),
});
const toolsSchema = z.looseObject({
  exec: z.looseObject({ ...words, mode: z.string().optional() }).optional(),
});
const configSchema = z.looseObject({
  tools: toolsSchema.optional(),
  agents: z
    .looseObject({
      entries: z.record(z.string(), z.looseObject({ tools: toolsSchema.optional() })).optional(),
    })
    .optional(),
});

interface Words {
  readonly security?: string | undefined;
  readonly ask?: string | undefined;
  readonly mode?: string | undefined;
}
/** Does this document let this agent run everything unasked? `null`: one that it does not name. */
type Opens = (agent: string | null) => boolean;
interface Reading {
  readonly opens: Opens;
  readonly agents: readonly string[];
}

export function checkOpenClaw(found: OpenClaw | null): DoctorCheck[] {
  if (found === null) return [];
  const { approvals, where, config, configFile } = found;
  const document = readDocument(approvals);
  if (document === null)
    return [say('note', `${where} is there and cannot be understood`, 'openclaw approvals get')];
  const own = readConfig(config ?? '{}');
  // The stricter of the two holds there, for each agent.
  const opens: Opens = (agent) => document.opens(agent) && (own?.opens(agent) ?? true);
  const open = [...new Set([...document.agents, ...(own?.agents ?? [])])].filter(opens);
  if (!opens(null) && open.length === 0) {
    const by = document.opens(null) ? `tools.exec in ${configFile}` : where;
    return [say('ok', `asks before it runs a command (${by})`)];
  }
  const whose = opens(null) ? 'commands' : `commands of ${open.slice(0, 5).map(named).join(', ')}`;
  const byConfig = !opens(null) && own?.agents.some((name) => open.includes(name)) === true;
  const unless =
    own === null ? `, unless ${configFile}, which cannot be understood in full, says otherwise` : '';
  return [
    say(
      'warning',
      `runs ${whose} without asking: security=full, ask=off (${byConfig ? configFile : where})${unless}`,
      'put its commands through Countersign, or set ask to on-miss there',
    ),
  ];
}

/** What is not said is full and off there. */
const isOpen = ({ mode, security, ask }: Words): boolean =>
  mode === undefined ? (security ?? 'full') === 'full' && (ask ?? 'off') === 'off' : mode === 'full';

function readDocument(text: string): Reading | null {
  const parsed = documentSchema.safeParse(jsonOf(text));
  if (!parsed.success) return null;
  const { defaults = {}, agents = {} } = parsed.data;
  return {
    opens: (agent) => isOpen({ ...defaults, ...(agent === null ? {} : own(agents, agent)) }),
    agents: Object.keys(agents),
  };
}

function readConfig(text: string): Reading | null {
  // What other files say is not looked for.
  if (text.includes('$include')) return null;
  const parsed = configSchema.safeParse(jsonOf(text));
  if (!parsed.success) return null;
  const common = parsed.data.tools?.exec ?? {};
  const entries = parsed.data.agents?.entries ?? {};
  return {
    opens(agent) {
      const named = agent === null ? undefined : own(entries, agent)?.tools?.exec;
      return isOpen(
        named?.mode === undefined && named?.security === undefined ? { ...common, ...named } : named,
      );
    },
    agents: Object.keys(entries),
  };
}

const own = <T>(of: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(of, name) ? of[name] : undefined;

/** Comments and commas too many are usual in its files. */
function jsonOf(text: string): unknown {
  const read = readJsonc(text);
  return read.ok ? read.value : null;
}

/** A name out of somebody else's file. */
function named(name: string): string {
  return /^[\w.*-]{1,60}$/.test(name) ? name : '(an agent)';
}

function say(level: DoctorCheck['level'], message: string, hint?: string): DoctorCheck {
  return { name: 'openclaw', level, message, ...(hint === undefined ? {} : { hint }) };
}
