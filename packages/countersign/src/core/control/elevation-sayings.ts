// `/elevate`, said in an owner's chat: for what is asked in this very conversation, with a code of that moment. What lasts is
// shown to everybody who decides, and ended by any owner without a proof.
import { exact } from '@countersign/protocol/exact';
import type { SessionId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import { isoTime } from '@countersign/protocol/time';
import type { Verb } from '../authorise.ts';
import { comparableKey, sessionKey } from '../session/key.ts';
import { inDirect } from './approval-sayings.ts';
import { ELEVATE_FORMS, type ElevateCommand } from './elevate-words.ts';
import type { Said } from './sayings.ts';
import type { ControlPorts, Speaker } from './speaker.ts';
import { givenIn } from './typed-code.ts';

type Allow = (speaker: Speaker, verb: Verb) => Promise<void>;

const SESSIONS = 500;

export class ElevationSayings {
  readonly #ports: ControlPorts;
  readonly #allow: Allow;

  constructor(ports: ControlPorts, allow: Allow) {
    this.#ports = ports;
    this.#allow = allow;
  }

  /** @throws Problem that says why not. */
  async say(command: ElevateCommand, speaker: Speaker): Promise<Said> {
    inDirect(speaker);
    switch (command.say) {
      case 'elevations':
        return this.#list(speaker);
      case 'elevate':
        return this.#begin(command, speaker);
      case 'elevate_end':
        return this.#end(speaker);
      default:
        return command satisfies never;
    }
  }

  async #list(speaker: Speaker): Promise<Said> {
    await this.#allow(speaker, 'elevations.list');
    const live = await this.#ports.elevations.live();
    const forms = `${ELEVATE_FORMS.begin} · ${ELEVATE_FORMS.end}`;
    if (live.length === 0) return { text: `Nothing works elevated.\n${forms}` };
    const rows = live.map(
      ({ agent, until }) => `${exact(agent)} works elevated until ${isoTime(until).slice(11, 16)} UTC`,
    );
    return { text: [...rows, forms].join('\n') };
  }

  async #begin(
    { lasting, code }: Extract<ElevateCommand, { say: 'elevate' }>,
    speaker: Speaker,
  ): Promise<Said> {
    await this.#allow(speaker, 'approvals.elevate');
    const { roster, elevations } = this.#ports;
    const { caller, actor } = speaker;
    const minutes = Number(lasting.slice(0, -1)) * (lasting.endsWith('h') ? 60 : 1);
    const given = code === null ? null : givenIn(code, speaker);
    if (code !== null && given === null)
      throw new Problem('challenge_failed', {
        detail: 'what stands behind it is no code: nothing was changed',
        hint: ELEVATE_FORMS.begin,
      });
    const { agent } = roster.admission();
    const session = await this.#session(speaker);
    const { until } = await elevations.begin(
      { agent, session, forMs: minutes * 60_000 },
      { owner: caller.principal, surface: 'chat', actor, given },
    );
    return {
      text: `In this conversation ${exact(agent)} works elevated until ${isoTime(until).slice(11, 16)} UTC. What is destructive is asked as ever. ${ELEVATE_FORMS.end} ends it.`,
    };
  }

  async #end(speaker: Speaker): Promise<Said> {
    await this.#allow(speaker, 'approvals.elevate_end');
    const ended = await this.#ports.elevations.end(null, speaker.actor);
    return {
      text: ended === 0 ? 'Nothing works elevated.' : 'Ended. What is elevated is asked about again.',
    };
  }

  /** Their own conversation with the agent in this chat: said here, it covers that one and nothing else. */
  async #session({ caller, inbound }: Speaker): Promise<SessionId> {
    const { store, roster } = this.#ports;
    const { key } = sessionKey(inbound.peer, inbound.conversation, roster.admission());
    const { principal } = caller;
    const rows = await store.sessions.list({ principal, live: true, limit: SESSIONS });
    const own = rows.find((row) => comparableKey(row.key) === comparableKey(key));
    if (own !== undefined) return own.id;
    throw new Problem('state_conflict', {
      detail: 'there is no conversation with the agent here yet, so there is nothing to elevate',
      hint: 'say something to the agent first, or: countersign elevate 15m',
    });
  }
}
