// The built-in agent: no model, no network. It says what it is once in a conversation and repeats what it was told, so
// that the road from a stranger to an answer can be seen before any agent is set.
import { Problem } from '@countersign/protocol/problem';
import type { Agent, Question } from '../core/agent-port.ts';

const WHAT_I_AM =
  'I am the echo built into Countersign, not an AI, and I only repeat what you write; to have an agent answer here, ' +
  'its owner sets agent.url to any OpenAI-compatible endpoint (countersign config set agent.url).';

/** Pieces the repeated text comes in. */
const PIECES = 3;

export class EchoAgent implements Agent {
  readonly kind = 'echo';
  readonly describe = 'the built-in echo, which repeats what is written and is not an AI';

  async ask(question: Question, onText: (piece: string) => void, signal: AbortSignal): Promise<string> {
    const opening = question.history.length === 0 ? [`${WHAT_I_AM}\n\n`] : [];
    const pieces = [...opening, 'You wrote: ', ...cut(question.text)];
    for (const piece of pieces) {
      // Never all in one go: callers must not count on hearing it before ask() returns.
      await Promise.resolve();
      if (signal.aborted) throw new Problem('agent_unreachable', { detail: 'the question was called off' });
      onText(piece);
    }
    return pieces.join('');
  }
}

/** At most PIECES parts, none of them cut inside a character. */
function cut(text: string): string[] {
  const size = Math.max(Math.ceil(text.length / PIECES), 1);
  const parts: string[] = [];
  for (let from = 0; from < text.length; ) {
    let to = from + size;
    if (/[\uDC00-\uDFFF]/.test(text.charAt(to))) to += 1;
    parts.push(text.slice(from, to));
    from = to;
  }
  return parts;
}
