// What each command does and answers. The table is the whole vocabulary: a word without a row here says nothing.

import { quotedName, visible } from '@countersign/protocol/display';
import type { ApprovalId, DeviceId, DeviceRequestId, PairingId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { Verb } from '../authorise.ts';
import { peerLabel } from '../identity/name.ts';
import { effectiveState, isOpen } from '../pairing/machine.ts';
import type { PairingRow } from '../pairing/pairings-port.ts';
import { undoOf } from '../pairing/told.ts';
import type { Millis } from '../ports.ts';
import { ApprovalSayings } from './approval-sayings.ts';
import { APPROVAL_FORMS } from './approval-words.ts';
import { DeviceSayings } from './device-sayings.ts';
import { ELEVATE_FORMS } from './elevate-words.ts';
import { ElevationSayings } from './elevation-sayings.ts';
import { ago, type ControlPorts, type Speaker } from './speaker.ts';
import { type Command, DEVICE_FORMS, PAIRING_FORMS } from './words.ts';

const MAX_ROWS = 10;
const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export interface Said {
  readonly text: string;
  /** It says why nothing was done. */
  readonly isRefused?: boolean;
  /** A second message that is this and nothing else, worth nothing after its end. */
  readonly apart?: { readonly text: string; readonly until: Millis };
  /** The request it was about. */
  readonly about?: PairingId | DeviceRequestId | ApprovalId;
}

type Allow = (speaker: Speaker, verb: Verb) => Promise<void>;

export class Sayings {
  readonly #ports: ControlPorts;
  readonly #allow: Allow;
  readonly #devices: DeviceSayings;
  readonly #approvals: ApprovalSayings;
  readonly #elevations: ElevationSayings;

  constructor(ports: ControlPorts, allow: Allow) {
    this.#ports = ports;
    this.#allow = allow;
    this.#devices = new DeviceSayings(ports, allow);
    this.#approvals = new ApprovalSayings(ports, allow);
    this.#elevations = new ElevationSayings(ports, allow);
  }

  /** @throws Problem that says why not. */
  async say(command: Command, speaker: Speaker): Promise<Said> {
    switch (command.say) {
      case 'help':
        await this.#allow(speaker, 'chat.help');
        return help(speaker);
      case 'whoami':
        return this.#whoami(speaker);
      case 'list':
        return this.#list(speaker);
      case 'pair':
        return this.#devices.invite(command.role, speaker);
      case 'pair_approve':
        return this.#devices.approve(command.what, speaker);
      case 'pair_reject':
        return this.#devices.reject(command.what, speaker);
      case 'login':
        return this.#ticket(speaker);
      case 'notme':
        return this.#notMe(command.what, speaker);
      case 'approve':
      case 'deny':
      case 'block':
        return this.#decide(command, speaker);
      case 'approvals':
      case 'approval':
      case 'yes':
      case 'no':
      case 'no_to_all':
        return this.#approvals.say(command, speaker);
      case 'elevations':
      case 'elevate':
      case 'elevate_end':
        return this.#elevations.say(command, speaker);
      case 'mistyped':
        return { text: `That looks like a command and was not passed on. Did you mean: ${command.right}` };
      default:
        return command satisfies never;
    }
  }

  async #whoami(speaker: Speaker): Promise<Said> {
    await this.#allow(speaker, 'chat.whoami');
    const { caller, inbound } = speaker;
    const person = await this.#ports.store.people.get(caller.principal);
    const own = person === null || person.role === caller.role ? '' : ` (your own role is ${person.role})`;
    return {
      text: [
        `You are ${quotedName(person?.name ?? '')}, and act here as ${caller.role}${own}.`,
        `This chat: ${peerLabel(inbound.peer)}, assurance ${caller.assurance}.`,
      ].join('\n'),
    };
  }

  async #ticket(speaker: Speaker): Promise<Said> {
    await this.#allow(speaker, 'login.ticket');
    const { ticket, expiresAt } = await this.#ports.login.ticket(speaker.caller.principal, speaker.actor);
    const minutes = Math.round((expiresAt - speaker.now) / 60_000);
    return {
      text: [
        `Ticket: ${ticket}`,
        `Type it on the sign-in page under "I have a ticket", within ${minutes} minutes. It works once, and only then a code is sent here.`,
        'Never pass it on: whoever has it can make your phone ring, and nothing more.',
      ].join('\n'),
    };
  }

  /** A sign-in, or a recovery that the host announced: to its owner both are "not me". */
  async #notMe(what: string, speaker: Speaker): Promise<Said> {
    if (what.toLowerCase().startsWith('rec_')) return this.#stopRecovery(what.toLowerCase(), speaker);
    await this.#allow(speaker, 'login.not_me');
    return notMe(await this.#ports.login.disown(what, speaker.caller.principal, speaker.actor));
  }

  async #stopRecovery(what: string, speaker: Speaker): Promise<Said> {
    await this.#allow(speaker, 'host.recover_stop');
    const known = await this.#ports.recovery.find(what);
    if (known === null) throw new Problem('not_found', { detail: 'there is no recovery of that id' });
    await this.#ports.recovery.stop(known.id, speaker.actor);
    return { text: 'Stopped. Nothing changed; every factor, recovery code and device holds.' };
  }

  async #list(speaker: Speaker): Promise<Said> {
    await this.#allow(speaker, 'pairing.list');
    const { store } = this.#ports;
    const rows = await store.pairings.list({ states: ['pending', 'waiting'], limit: 200 });
    const open = rows.filter((row) => isOpen(row, speaker.now));
    if (open.length === 0) return { text: 'Nobody is waiting.' };
    const shown = open.slice(0, MAX_ROWS).map((row) => line(row, speaker.now));
    const more =
      open.length > MAX_ROWS ? [`… and ${open.length - MAX_ROWS} more: countersign pairing list`] : [];
    return { text: [...shown, ...more, '', PAIRING_FORMS.approve].join('\n') };
  }

  async #decide(
    { say, what, lasting }: Extract<Command, { readonly say: 'approve' | 'deny' | 'block' }>,
    speaker: Speaker,
  ): Promise<Said> {
    await this.#allow(speaker, `pairing.${say}`);
    const { pairings } = this.#ports;
    const { pairing, by } = await this.#ports.findPairing(searchOf(what, this.#ports.roster.channels));
    const who = `${peerLabel(pairing.peer)}${called(pairing)}`;
    if (by === 'username') {
      // H01: a name changes hands. What is decided on is the id behind it, after it was seen.
      const form = `/pairing ${say} ${pairing.peer.native}`;
      return { text: `That name is ${who} now. If that is who you mean: ${form}`, about: pairing.id };
    }
    if (say === 'approve') {
      const row = await pairings.approve(pairing.id, speaker.actor, { forMs: millis(lasting), name: null });
      const until = lasting === null ? '' : `, for ${lasting}`;
      return { text: `Approved: ${who} may talk now${until}.\nUndo: ${undoOf(row.peer)}`, about: row.id };
    }
    const row = await pairings[say](pairing.id, speaker.actor);
    return {
      text: say === 'deny' ? `Denied: ${who}.` : `Blocked: ${who} is refused from now on, in silence.`,
      about: row.id,
    };
  }
}

export function notMe({ device }: { readonly device: DeviceId | null }): Said {
  return {
    text:
      device === null
        ? 'Ended. Nobody was signed in, and that browser is not listened to for a day.'
        : `Ended: that browser is signed out. What it did: countersign audit list --person <you>. Its id was ${device}.`,
  };
}

function help({ caller }: Speaker): Said {
  const owner = caller.role === 'owner' ? OWNER_HELP : [];
  // A chat that proves little is not told what it would be refused.
  const elevate = caller.role === 'owner' && caller.assurance !== 'low' ? [ELEVATE_HELP] : [];
  return {
    text: [
      ...elevate,
      ...owner,
      ...APPROVAL_HELP,
      '/whoami  who you are in this chat',
      '/help  this list',
    ].join('\n'),
  };
}

const ELEVATE_HELP = `${ELEVATE_FORMS.begin}  let the agent do what is elevated unasked, in this chat; ${ELEVATE_FORMS.end}`;
const OWNER_HELP = [
  '/login  a ticket to sign in a browser',
  '/notme <id>  end a sign-in that was not yours, or stop a recovery',
  'Devices are /pair, people are /pairing:',
  `${DEVICE_FORMS.pair}  a setup code for a browser or phone of yours; ${DEVICE_FORMS.node} for a machine`,
  `${DEVICE_FORMS.approve}  let a device in; without the id, the one your code invited`,
  `${DEVICE_FORMS.reject}  say no to a device`,
  '/pairing  who asks to talk to the agent',
  `${PAIRING_FORMS.approve}  let somebody in; --for 30d ends it by itself`,
  `${PAIRING_FORMS.deny}  say no; they are told`,
  `${PAIRING_FORMS.block}  refuse for good, in silence`,
];

const APPROVAL_HELP = [
  `${APPROVAL_FORMS.list}  what an agent would do and waits for you; ${APPROVAL_FORMS.show} shows one, whole`,
  `${APPROVAL_FORMS.yes}  say yes, by the letters on the card; with a code where one is asked for`,
  `${APPROVAL_FORMS.no}  say no; the reason is told. ${APPROVAL_FORMS.noToAll}  to everything`,
];

function line(row: PairingRow, now: number): string {
  const code = effectiveState(row, now) === 'pending' && row.code !== null ? row.code : 'no code';
  const words = row.firstWords === null || row.firstWords === '' ? '' : `: "${row.firstWords}"`;
  const beside =
    row.beside === null ? '' : row.beside === 'hidden' ? ' (number hidden)' : ` (${visible(row.beside)})`;
  return `${code}  ${peerLabel(row.peer)}${beside}${called(row)}, ${ago(row.createdAt, now)}${words}`;
}

function called({ displayName, username }: PairingRow): string {
  const name = displayName === null || displayName.trim() === '' ? '' : ` ${quotedName(displayName)}`;
  return username === null || username === '' ? name : `${name} @${visible(username)}`;
}

/** `telegram ABCD2345` as on the CLI; a code may have spaces in it. */
function searchOf(what: string, channels: readonly string[]): { what: string; channel?: string } {
  const [first = '', ...rest] = what.split(' ');
  return rest.length > 0 && channels.includes(first) ? { channel: first, what: rest.join(' ') } : { what };
}

function millis(lasting: string | null): number | null {
  if (lasting === null) return null;
  const ms = Number(lasting.slice(0, -1)) * (UNITS_MS[lasting.slice(-1)] ?? 0);
  if (ms > 0 && ms <= 36_600 * 86_400_000) return ms;
  throw new Problem('request_malformed', { detail: 'that is no length of time', hint: 'write 24h or 30d' });
}
