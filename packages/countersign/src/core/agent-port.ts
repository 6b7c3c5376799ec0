// Where an admitted message goes: one question, one streamed answer.
import type { TurnId } from '@countersign/protocol/ids';
import type { Exchange } from './message.ts';

export interface Question {
  /** Stable over retries of the turn: goes out as `x-client-request-id`. */
  readonly requestId: string;
  /** Random, without authority: goes out as `x-countersign-turn`. */
  readonly turn: TurnId;
  readonly sessionKey: string;
  readonly history: readonly Exchange[];
  readonly text: string;
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
