// The policy as it is read, tried and changed. A change is a new version by compare-and-set; it voids what waits under the
// older, and stands in the audit old → new, value by value (E-18, H51).
import type { Action } from '@countersign/protocol/approval';
import { exact } from '@countersign/protocol/exact';
import type { ApprovalId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { isoTime } from '@countersign/protocol/time';
import type { Actor, EventDraft, EventType } from '../audit/event.ts';
import type { Bus } from '../bus.ts';
import { actorName } from '../factor/told.ts';
import type { Clock, Millis } from '../ports.ts';
import type { Store } from '../store-port.ts';
import { type AllowRule, alwaysUntil, mayKeep, ruleText } from './always.ts';
import { type ApprovalSettings, candidatesOf } from './candidates.ts';
import { consider } from './consider.ts';
import { closeProofs, elevationFor } from './elevating.ts';
import { supersedeEvery } from './ending.ts';
import { readReplacing } from './exec-approvals/looser.ts';
import type { Note, Read } from './exec-approvals/reading.ts';
import type { Entry, Policy } from './policy.ts';
import { changesBetween, effectiveFor, type PolicyChange } from './policy-changes.ts';
import { withValue } from './policy-set.ts';
import { classify } from './risk/classify.ts';
import type { RiskContext } from './risk/risk.ts';
import type { ApprovalTelling, PolicyService, PolicyTest, RiskFacts } from './service.ts';
import { policyText, replacedPolicy, storedPolicy } from './stored-policy.ts';
import { notThere } from './told.ts';
import { markedCandidates } from './unnamed.ts';
import { namesOf } from './views.ts';

/** Changes of one event: an import of ten thousand rules is many events, and none is cut. */
const CHANGES_AT_ONCE = 50;
/** Changes that owners are told in words; how many more there are is said. */
const CHANGES_TOLD = 5;
const RULE_ID = 16;
/** A longer command is looked at on the page. */
const LONGEST_TOLD = 2_000;

interface Ports {
  readonly store: Store;
  readonly clock: Clock;
  readonly bus: Bus;
  /** Open requests are told that they are void, owners that the policy changed. */
  telling(): ApprovalTelling;
  readonly facts: RiskFacts;
  settings(): ApprovalSettings;
}

interface Change {
  readonly type: Extract<EventType, `policy.${string}`>;
  readonly by: Actor;
  /** What owners read in place of the values. */
  readonly words?: string;
  /** Beside the values. */
  readonly subject?: EventDraft['subject'];
  /** A whole document: it stands where none can be read. */
  readonly isWhole?: boolean;
}

interface Changed {
  readonly version: number;
  readonly changes: readonly PolicyChange[];
}

export class PolicyBook implements PolicyService {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  current(): Promise<Policy> {
    const { store, settings } = this.#ports;
    return storedPolicy(store, settings());
  }

  async test(action: Action, agent: string): Promise<PolicyTest> {
    const { store, clock, facts, settings } = this.#ports;
    const policy = await this.current();
    const whose = { agent, requester: null };
    const candidates = await markedCandidates(
      store,
      await candidatesOf(store, settings()),
      whose,
      clock.now(),
    );
    const elevation = await elevationFor(store, { ...whose, session: null }, clock.now());
    const elevatedUntil = elevation?.until ?? null;
    const asked = { action, agent, requester: null, candidates, elevatedUntil };
    const considered = consider(policy, asked, facts(), clock.now());
    const { verdict } = considered;
    const people = verdict.outcome === 'require' ? verdict.need.people : [];
    const names = await namesOf(store, people);
    return { considered, agent, effective: effectiveFor(policy, agent), names };
  }

  testLine(line: string, agent: string, cwd: string | null): Promise<PolicyTest> {
    const facts = this.#ports.facts();
    return this.test(lineAction(line, cwd ?? facts.home ?? '/', facts), agent);
  }

  async preview(document: string): ReturnType<PolicyService['preview']> {
    const { store, settings } = this.#ports;
    const before = await replacedPolicy(store, settings());
    const { policy, notes } = taken(readReplacing(document, before, this.#ports.clock.now()));
    return { policy, changes: changesBetween(before, policy), notes: notes.map(noteText) };
  }

  async import(document: string, by: Actor): ReturnType<PolicyService['import']> {
    let notes: readonly Note[] = [];
    const changed = await this.#change({ type: 'policy.changed', by, isWhole: true }, (before, now) => {
      const read = taken(readReplacing(document, before, now));
      notes = read.notes;
      return read.policy;
    });
    return { ...changed, notes: notes.map(noteText) };
  }

  async export(): Promise<string> {
    return `${policyText(await this.current())}\n`;
  }

  set(path: string, value: string, by: Actor): ReturnType<PolicyService['set']> {
    return this.#change(
      { type: 'policy.changed', by },
      (before, now) => taken(withValue(before, path, value, now)).policy,
    );
  }

  async allowPreview(id: ApprovalId, forMs: Millis): ReturnType<PolicyService['allowPreview']> {
    const { text, until } = await this.#ruleOf(this.#ports.store, id, forMs);
    return { text, until };
  }

  async allow(id: ApprovalId, forMs: Millis, by: Actor): ReturnType<PolicyService['allow']> {
    const { agent, rule, text, until } = await this.#ruleOf(this.#ports.store, id, forMs);
    const subject = { rule: rule.id, approval: id, agent, until: isoTime(until) };
    const whole = text.length > LONGEST_TOLD ? `${exact(agent)}: the command is long` : text;
    const words = `Rule ${rule.id} until ${isoTime(until)}: ${whole}`;
    await this.#change({ type: 'policy.allowed', by, subject, words }, (before) =>
      withRule(before, agent, rule),
    );
    return { rule: rule.id, text, until };
  }

  async revoke(ref: string, by: Actor): Promise<void> {
    const id = ruleNamed(await this.current(), ref);
    await this.#change(
      { type: 'policy.revoked', by, subject: { rule: id }, words: `Rule ${exact(id)} is gone.` },
      (before) => {
        // By the name that was found: another rule may have come to fit the beginning.
        ruleNamed(before, id);
        return mapEntries(before, (entry) => ({
          ...entry,
          rules: entry.rules.filter((rule) => rule.id !== id),
        }));
      },
    );
  }

  async #change(
    { type, by, subject = {}, words, isWhole = false }: Change,
    next: (before: Policy, now: Millis) => Policy,
  ): Promise<Changed> {
    const { store, clock, bus, telling, settings } = this.#ports;
    const now = clock.now();
    const tell = telling();
    const done = await store.atomically(async (tx) => {
      const before = await (isWhole ? replacedPolicy : storedPolicy)(tx, settings());
      const after = next(before, now);
      const changes = changesBetween(before, after);
      if (changes.length === 0) return { version: before.version, changes, ended: [], elevations: [] };
      const version = before.version + 1;
      const to = { version, json: policyText({ ...after, version }), at: now };
      if (!(await tx.policies.replace(before.version, to)))
        throw new Problem('state_conflict', {
          detail: 'the policy was changed meanwhile',
          hint: 'look at it, and try again',
        });
      await tx.audit.append(eventsOf({ type, by, subject }, version, changes, now));
      const ended = await supersedeEvery(tx, tell, 'policy_changed', now);
      // What was proven or let run was under the older one.
      const elevations = await closeProofs(tx, null, { why: 'policy_changed', actor: by }, now);
      await tell.owners(tx, await toldOwners(tx, { by, words }, changes, version), `policy:${version}`, now);
      return { version, changes, ended, elevations };
    });
    const { version, changes, ended, elevations } = done;
    if (changes.length === 0) return { version, changes };
    bus.publish('policyChanged', { version });
    for (const id of ended) bus.publish('approvalChanged', id);
    for (const { agent } of elevations) bus.publish('elevationChanged', { agent });
    bus.publish('outboxPut', { count: 1 });
    return { version, changes };
  }

  async #ruleOf(store: Pick<Store, 'approvals'>, id: ApprovalId, forMs: Millis) {
    const request = await store.approvals.get(id);
    if (request === null) throw notThere();
    const { action, agent } = request;
    const { clock, facts } = this.#ports;
    const offer = mayKeep(action, agent, classify(action, facts()));
    if (offer.outcome === 'deny')
      throw new Problem('policy_denied', { detail: `no rule is kept for it: ${offer.reason}` });
    const until = alwaysUntil(forMs, clock.now());
    if (until === null)
      throw new Problem('request_malformed', {
        detail: 'a rule is kept for between a minute and ninety days',
      });
    const text = ruleText(action, agent);
    const rule: AllowRule = { kind: 'exact', id: offer.key.slice(0, RULE_ID), key: offer.key, text, until };
    return { agent, rule, text, until };
  }
}

/** As an executor would send it, with nothing looked up: for asking what would happen. */
export function lineAction(
  line: string,
  cwd: string,
  { home, host = 'nowhere' }: Pick<RiskContext, 'home' | 'host'>,
): Action {
  return {
    kind: 'exec',
    shell: line,
    cwd: { path: cwd, device: '0', inode: '0' },
    program: { path: '/bin/sh', sha256: '0'.repeat(64) },
    scripts: [],
    env: home === null ? {} : { HOME: home },
    stdin: { kind: 'none' },
    host,
  };
}

/** @throws Problem `config_invalid`, with every mistake. */
export function taken(read: Read): Extract<Read, { outcome: 'read' }> {
  if (read.outcome === 'read') return read;
  const { mistakes } = read;
  throw new Problem('config_invalid', {
    detail: mistakes.map(noteText).join('; '),
    hint: 'nothing was changed',
    members: { mistakes: mistakes.map(({ path, text }) => ({ path, text })) },
  });
}

function noteText({ path, text }: Note): string {
  return path === '' ? text : `${path}: ${text}`;
}

/** Into the list that answers for the agent: its own, else that of all. The key holds the agent's name. */
function withRule(policy: Policy, agent: string, rule: AllowRule): Policy {
  const added = (entry: Entry): Entry => ({
    ...entry,
    rules: [...entry.rules.filter(({ id }) => id !== rule.id), rule],
  });
  if (effectiveFor(policy, agent).source === 'defaults')
    return { ...policy, defaults: added(policy.defaults) };
  const agents = Object.entries(policy.agents).map(
    ([name, entry]) => [name, name === agent ? added(entry) : entry] as const,
  );
  return { ...policy, agents: Object.fromEntries(agents) };
}

function mapEntries(policy: Policy, of: (entry: Entry) => Entry): Policy {
  const agents = Object.entries(policy.agents).map(([name, entry]) => [name, of(entry)] as const);
  return { ...policy, defaults: of(policy.defaults), agents: Object.fromEntries(agents) };
}

/** @throws Problem `not_found`, `ambiguous`. */
function ruleNamed({ defaults, agents }: Policy, ref: string): string {
  const ids = new Set([defaults, ...Object.values(agents)].flatMap(({ rules }) => rules.map(({ id }) => id)));
  if (ids.has(ref)) return ref;
  const [id, other] = ref.length < 3 ? [] : [...ids].filter((one) => one.startsWith(ref));
  if (id === undefined)
    throw new Problem('not_found', { detail: 'there is no such rule', hint: 'countersign policy show' });
  if (other !== undefined)
    throw new Problem('ambiguous', { detail: 'that beginning fits more than one rule' });
  return id;
}

function eventsOf(
  { type, by, subject }: Required<Omit<Change, 'words' | 'isWhole'>>,
  version: number,
  changes: readonly PolicyChange[],
  at: Millis,
): EventDraft[] {
  const parts = Array.from({ length: Math.ceil(changes.length / CHANGES_AT_ONCE) }, (_, n) =>
    changes.slice(n * CHANGES_AT_ONCE, (n + 1) * CHANGES_AT_ONCE),
  );
  return parts.map((part) => ({
    type,
    at,
    actor: by,
    subject: {
      ...subject,
      version,
      changes: part.map(({ path, from, to }) => ({ path, from, to })),
    },
    outcome: 'ok',
  }));
}

/** H51: nobody widens a policy in secret, whoever they are. */
async function toldOwners(
  tx: Store,
  { by, words }: { readonly by: Actor; readonly words: string | undefined },
  changes: readonly PolicyChange[],
  version: number,
): Promise<string> {
  const values = changes.slice(0, CHANGES_TOLD).map(changeLine);
  const rest = changes.length > CHANGES_TOLD ? [`and ${changes.length - CHANGES_TOLD} more`] : [];
  const lines = words === undefined ? [...values, ...rest] : [words];
  const who = await actorName(tx, by);
  return [`The policy was changed by ${who} (version ${version}):`, ...lines, 'countersign policy show'].join(
    '\n',
  );
}

function changeLine({ path, from, to }: PolicyChange): string {
  const shown = (value: string | null) => (value === null ? 'nothing' : exact(value));
  return `${exact(path)}: ${shown(from)} → ${shown(to)}`;
}
