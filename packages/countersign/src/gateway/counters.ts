// What the process has counted since it started, for /metrics. Numbers only: no label is ever a person's or a stranger's
// text.

import { Problem } from '@countersign/protocol/problem';
import type { Agent } from '../core/agent-port.ts';
import type { Inbox } from '../core/channel-port.ts';

interface Proxied {
  readonly status: number;
  /** Bytes. */
  readonly sent: number;
  readonly received: number;
  readonly usage: { readonly input: number; readonly output: number } | null;
}

export class Counters {
  readonly #counts = new Map<string, Map<string, number>>();

  http(status: number): void {
    this.#add('countersign_http_requests_total', `status="${status}"`);
  }

  /** Every series, in the order it first counted. */
  series(): ReadonlyMap<string, ReadonlyMap<string, number>> {
    return this.#counts;
  }

  /** The inbox, counted by what became of each message. */
  inbox(inbox: Inbox): Inbox {
    return {
      receive: async (message) => {
        const accepted = await inbox.receive(message);
        this.#add('countersign_messages_total', `verdict="${accepted.as}"`);
        return accepted;
      },
      fate: async (report) => {
        await inbox.fate?.(report);
        this.#add('countersign_deliveries_total', `fate="${report.fate}"`);
      },
      moved: async (moved) => inbox.moved?.(moved),
    };
  }

  agent(agent: Agent): Agent {
    return {
      kind: agent.kind,
      describe: agent.describe,
      ask: async (question, onText, signal) => {
        try {
          const answer = await agent.ask(question, onText, signal);
          this.#add('countersign_turns_total', 'outcome="answered"');
          return answer;
        } catch (cause) {
          this.#add(
            'countersign_turns_total',
            `outcome="${signal.aborted ? 'aborted' : Problem.codeOf(cause)}"`,
          );
          throw cause;
        }
      },
    };
  }

  /** A call that the proxy passed on, and what came back. */
  proxied({ status, sent, received, usage }: Proxied): void {
    this.#add('countersign_proxy_requests_total', `status="${status}"`);
    this.#add('countersign_proxy_bytes_total', 'direction="sent"', sent);
    this.#add('countersign_proxy_bytes_total', 'direction="received"', received);
    if (usage === null) return;
    this.#add('countersign_proxy_tokens_total', 'kind="input"', usage.input);
    this.#add('countersign_proxy_tokens_total', 'kind="output"', usage.output);
  }

  proxyOpen(change: 1 | -1): void {
    this.#add('countersign_proxy_open', '', change);
  }

  #add(name: string, labels: string, by = 1): void {
    const series = this.#counts.get(name) ?? new Map<string, number>();
    this.#counts.set(name, series);
    series.set(labels, (series.get(labels) ?? 0) + by);
  }
}
