// Which agent answers: the only place that knows all of them.
import { visible } from '@countersign/protocol/display';
import { Problem } from '@countersign/protocol/problem';
import type { Agent } from '../core/agent-port.ts';
import type { Log } from '../core/ports.ts';
import { EchoAgent } from './echo.ts';
import type { OpenAiSettings } from './openai.ts';

/** The part of `config.agent` that says who answers. */
export interface AgentSettings {
  readonly kind: 'echo' | 'openai';
  readonly url: string | null;
  readonly model: string;
  readonly apiKey: { reveal(): string } | null;
}

/** @throws Problem `config_invalid` when an agent of kind `openai` has no address. */
export function createAgent(
  { kind, url, model, apiKey }: AgentSettings,
  ports: { readonly log: Log },
): Agent {
  switch (kind) {
    case 'echo':
      return new EchoAgent();
    case 'openai':
      if (url === null || !URL.canParse(url)) {
        throw new Problem('config_invalid', {
          detail: 'agent.kind is "openai" and agent.url is no address',
          hint: 'set agent.url to the base of an OpenAI-compatible endpoint',
        });
      }
      return new AgentOnUse({ url, model, apiKey }, ports.log);
    default:
      return kind satisfies never;
  }
}

/** The HTTP client costs a tenth of a second and ten megabytes to load: with the first question, not with the gateway. */
class AgentOnUse implements Agent {
  readonly kind = 'openai';
  readonly describe: string;
  readonly #settings: OpenAiSettings;
  readonly #log: Log;
  #loaded: Promise<Pick<Agent, 'ask'>> | null = null;

  constructor(settings: OpenAiSettings, log: Log) {
    const { origin, pathname } = new URL(settings.url);
    this.describe = `the model ${visible(settings.model)} at ${origin}${pathname.replace(/\/+$/, '')}`;
    this.#settings = settings;
    this.#log = log;
  }

  async ask(...question: Parameters<Agent['ask']>): Promise<string> {
    this.#loaded ??= import('./openai.ts').then(
      ({ OpenAiAgent }) => new OpenAiAgent(this.#settings, this.#log),
    );
    return (await this.#loaded).ask(...question);
  }
}
