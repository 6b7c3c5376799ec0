// Asks an agent of the OpenAI interface over a real socket, which each test scripts.
import { Problem } from '@countersign/protocol/problem';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { createAgent } from '../agents/registry.ts';
import type { Question } from '../core/agent-port.ts';
import { FakeOpenAi, type FakeRequest, type Script } from './fake-openai.ts';
import { MemoryLog } from './fakes.ts';

export const KEY = 'sk-very-secret';

export function question(more: Partial<Question> = {}): Question {
  return {
    requestId: 'msg_aaaa',
    turn: 'turn_bbbb',
    traceparent: '00-11111111111111111111111111111111-2222222222222222-01',
    carried: null,
    sessionKey: 'agent:main:webchat:default:direct:secretperson',
    history: [],
    text: 'hi',
    ...more,
  };
}

interface AskOptions {
  readonly url?: string;
  readonly key?: string;
  readonly signal?: AbortSignal;
  readonly onText?: (piece: string) => void;
  readonly question?: Question;
}

export class AgentStage {
  log = new MemoryLog();
  #server: FakeOpenAi | null = null;

  /** Of one file of tests: the server is there before the first, and as it was before each. */
  static open(): AgentStage {
    const stage = new AgentStage();
    beforeAll(async () => {
      stage.#server = await FakeOpenAi.start();
    });
    beforeEach(() => {
      stage.log = new MemoryLog();
    });
    afterEach(async () => {
      await stage.server.comesBack();
      stage.server.usually({ says: ['Hello', ' there'] });
    });
    afterAll(() => stage.server.goesAway());
    return stage;
  }

  get server(): FakeOpenAi {
    if (this.#server === null) throw new Error('the server has not begun');
    return this.#server;
  }

  async ask(options: AskOptions = {}): Promise<string> {
    const { url = this.server.url, key, signal = new AbortController().signal, onText = () => {} } = options;
    const apiKey = key === undefined ? null : { reveal: () => key };
    const agent = createAgent({ kind: 'openai', url, model: 'small', apiKey }, { log: this.log });
    return agent.ask(options.question ?? question(), onText, signal);
  }

  async asked(script: Script, options: AskOptions = {}): Promise<Problem> {
    this.server.next(script);
    return problemOf(this.ask(options));
  }

  last(): FakeRequest {
    const request = this.server.requests.at(-1);
    if (request === undefined) throw new Error('nothing was asked');
    return request;
  }
}

export async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const cause = await work.then(
    (value) => new Error(`it succeeded: ${String(value)}`),
    (error: unknown) => error,
  );
  if (cause instanceof Problem) return cause;
  throw cause;
}
