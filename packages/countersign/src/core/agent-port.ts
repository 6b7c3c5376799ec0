// Where an admitted message goes: one question, one streamed answer.
import type { TurnId } from '@countersign/protocol/ids';
import type { Exchange } from './message.ts';

/** Who is asked for. It leaves for one of `origins`, or stays here: whoever sends checks once more where it sends. */
export interface Carried {
  readonly bearer: string;
  /** The header the bearer travels in, lower case. */
  readonly header: string;
  readonly handle: string;
  readonly origins: readonly string[];
}

export interface Question {
  /** Stable over retries of the turn: goes out as `x-client-request-id`. */
  readonly requestId: string;
  /** Random, without authority: goes out as `x-countersign-turn`. */
  readonly turn: TurnId;
  /** Goes out as `traceparent`. */
  readonly traceparent: string;
  readonly sessionKey: string;
  readonly history: readonly Exchange[];
  readonly text: string;
  /** Null: the agent is asked without a name. */
  readonly carried: Carried | null;
}

export interface Agent {
  readonly kind: 'echo' | 'openai';
  /** One line for people: what answers, and where. Never a credential. */
  readonly describe: string;
  /**
   * Asks, calling `onText` for every piece. Resolves with the whole answer, never empty.
   * @throws Problem `agent_unreachable` (the message waits and is asked again), `agent_malformed` (the turn fails).
   */
  ask(question: Question, onText: (piece: string) => void, signal: AbortSignal): Promise<string>;
}
