// `/pair`: an owner invites a device from a chat and says yes or no to it there. A setup code is a message of its own, so
// that it can be copied; it opens nothing by itself (R24), and what is approved was shown in words before (R19, D-14).
import type { DeviceRequestId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { Verb } from '../authorise.ts';
import type { DeviceRole } from '../device/devices-port.ts';
import { requestStateAt } from '../device/machine.ts';
import { inWords, scopesOfPerson } from '../device/scopes.ts';
import { setupCode } from '../device/setup-code.ts';
import { deviceLabel, shortId, undoOf } from '../device/told.ts';
import type { Said } from './sayings.ts';
import type { ControlPorts, Speaker } from './speaker.ts';

type Allow = (speaker: Speaker, verb: Verb) => Promise<void>;

export class DeviceSayings {
  readonly #ports: ControlPorts;
  readonly #allow: Allow;

  constructor(ports: ControlPorts, allow: Allow) {
    this.#ports = ports;
    this.#allow = allow;
  }

  async invite(role: DeviceRole, speaker: Speaker): Promise<Said> {
    await this.#allow(speaker, 'devices.pair');
    const url = this.#ports.pairUrl();
    if (url === null) throw noAddress();
    const makerScopes = scopesOfPerson(speaker.caller.role);
    const wanted = { role, scopes: null, makerScopes };
    const { token, expiresAt, scopes } = await this.#ports.devices.issueSetup(speaker.actor, wanted);
    const minutes = Math.round((expiresAt - speaker.now) / 60_000);
    return {
      text: [
        `The next message is a setup code for one ${role === 'node' ? 'node' : 'device'}, and nothing else: copy it whole.`,
        `On the device open ${url} and paste it there. It works once, within ${minutes} minutes.`,
        `With it the device can ask to: ${inWords(scopes)}.`,
        'It gets nothing before you say yes: you are asked here, and /pair approve is that yes.',
      ].join('\n'),
      apart: { text: setupCode(url, token), until: expiresAt },
    };
  }

  /** Without an id: the one that came with a code of this person's own making, never the latest of several (R22). */
  async approve(what: string | null, speaker: Speaker): Promise<Said> {
    const { devices } = this.#ports;
    await this.#allow(speaker, 'devices.approve');
    const found =
      what === null
        ? await devices.findOwnRequest(speaker.caller.principal)
        : await devices.findRequest(what.toLowerCase());
    return this.#give(found.id, speaker);
  }

  async reject(what: string, speaker: Speaker): Promise<Said> {
    const { devices } = this.#ports;
    await this.#allow(speaker, 'devices.reject');
    const { id } = await devices.findRequest(what.toLowerCase());
    return this.#refuse(id, speaker);
  }

  /** The buttons of the card that asked. */
  async press(
    id: DeviceRequestId,
    press: { readonly verb: 'approve' | 'deny'; readonly isClosed: boolean },
    speaker: Speaker,
  ): Promise<Said> {
    await this.#allow(speaker, press.verb === 'approve' ? 'devices.approve' : 'devices.reject');
    const row = await this.#ports.store.devices.getRequest(id);
    if (row === null) return { text: 'That request is gone.' };
    if (press.isClosed)
      return { text: `Nothing was changed: that request is ${requestStateAt(row, speaker.now)} already.` };
    return press.verb === 'approve' ? this.#give(id, speaker) : this.#refuse(id, speaker);
  }

  async #give(id: DeviceRequestId, { actor, caller }: Speaker): Promise<Said> {
    const approval = { for: null, approverScopes: scopesOfPerson(caller.role) };
    const { device, granted } = await this.#ports.devices.approve(id, actor, approval);
    return {
      text: `Approved: ${deviceLabel(device)} may ${inWords(granted)}.\nUndo: ${undoOf(device.id)}`,
      about: id,
    };
  }

  async #refuse(id: DeviceRequestId, { actor }: Speaker): Promise<Said> {
    const row = await this.#ports.devices.reject(id, actor);
    return { text: `Denied: ${deviceLabel(row)}, request ${shortId(id)}. It gets nothing.`, about: id };
  }
}

function noAddress(): Problem {
  return new Problem('state_conflict', {
    detail: 'a device elsewhere cannot reach this gateway: it has no public https address',
    hint: [
      'Put it behind a name of its own with TLS (docs/remote-access.md), then tell it that name on its host:',
      `countersign config set gateway.publicUrl '"https://assistant.example"'`,
      'For a device on the host itself: countersign pair',
    ].join('\n'),
  });
}
