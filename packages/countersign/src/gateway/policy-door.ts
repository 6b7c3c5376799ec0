// The policy as callers at the house's doors reach it: what is shown, tried and changed, in the words of the wire.
import type {
  PolicyChanged,
  policyTestAskSchema,
  PolicyTest as WireTest,
  PolicyView as WireView,
} from '@countersign/protocol/policy';
import { Problem } from '@countersign/protocol/problem';
import { isoTime } from '@countersign/protocol/time';
import type { z } from 'zod';
import { taken } from '../core/approval/policies.ts';
import { withValue } from '../core/approval/policy-set.ts';
import type { PolicyService } from '../core/approval/service.ts';
import type { Caller } from '../core/authorise.ts';
import type { Clock } from '../core/ports.ts';
import { actorOf } from './actor.ts';
import type { ApprovalDoor } from './approval-door.ts';
import { readDuration } from './duration.ts';
import { printPolicy, printPolicyTest } from './print-policy.ts';

interface Ports {
  readonly policies: PolicyService;
  readonly approvals: Pick<ApprovalDoor, 'find'>;
  readonly clock: Clock;
}

/** Only whoever asks knows its PATH, and the content of what it would start. */
const OF_A_LINE =
  'a line is looked at without the PATH of whoever asks, which may raise it, and without what it would start, so that no rule fits it';

type TestAsked = z.output<typeof policyTestAskSchema>;

export class PolicyDoor {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  async view(): Promise<WireView> {
    return printPolicy(await this.#ports.policies.current());
  }

  async test(asked: TestAsked): Promise<WireTest> {
    const { policies } = this.#ports;
    if ('action' in asked) return printPolicyTest(await policies.test(asked.action, asked.agent));
    const tested = await policies.testLine(asked.command, asked.agent, asked.cwd ?? null);
    return { ...printPolicyTest(tested), note: OF_A_LINE };
  }

  /** What a document would change; nothing is written. */
  async preview(document: string): Promise<PolicyChanged> {
    const { policy, changes, notes } = await this.#ports.policies.preview(document);
    const { version } = policy;
    return { version, changes: [...changes], notes: [...notes] };
  }

  async import(document: string, caller: Caller): Promise<PolicyChanged> {
    const { version, changes, notes } = await this.#ports.policies.import(document, actorOf(caller));
    return { version, changes: [...changes], notes: [...notes] };
  }

  async export(): Promise<{ readonly document: string }> {
    return { document: await this.#ports.policies.export() };
  }

  /** Before a proof is asked for or spent: a typing error costs no code. @throws Problem `config_invalid`. */
  async checkSet(path: string, value: string): Promise<void> {
    const { policies, clock } = this.#ports;
    taken(withValue(await policies.current(), path, value, clock.now()));
  }

  async set(path: string, value: string, caller: Caller): Promise<PolicyChanged> {
    const { version, changes } = await this.#ports.policies.set(path, value, actorOf(caller));
    return { version, changes: [...changes], notes: [] };
  }

  /** "Always allow" what a request asked; shown as a rule before it is kept. */
  async allow(caller: Caller, ref: string, asked: { readonly for: string; readonly preview: boolean }) {
    const { policies, approvals } = this.#ports;
    const id = await approvals.find(ref);
    const forMs = readDuration(asked.for);
    if (forMs === null) throw new Problem('request_malformed', { detail: 'for: how long it holds' });
    if (asked.preview) {
      const { text, until } = await policies.allowPreview(id, forMs);
      return { text, until: isoTime(until) };
    }
    const { rule, text, until } = await policies.allow(id, forMs, actorOf(caller));
    return { rule, text, until: isoTime(until) };
  }

  async revoke(rule: string, caller: Caller): Promise<{ readonly revoked: string }> {
    await this.#ports.policies.revoke(rule, actorOf(caller));
    return { revoked: rule };
  }
}
