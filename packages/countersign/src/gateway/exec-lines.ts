// Which machines are connected at this moment, and the one that a program means.
import type { NodeHears } from '@countersign/protocol/exec';
import type { DeviceId } from '@countersign/protocol/ids';
import { Problem } from '@countersign/protocol/problem';
import type { DeviceRow } from '../core/device/devices-port.ts';

export interface Line {
  readonly device: DeviceRow;
  send(frame: NodeHears): void;
  /** Its key came on another connection. */
  replaced(): void;
}

export class ExecLines {
  readonly #lines = new Map<DeviceId, Line>();

  /** @returns the one before: the same key twice is one machine that came back before its old socket was found dead. */
  add(line: Line): Line | null {
    const before = this.#lines.get(line.device.id) ?? null;
    this.#lines.set(line.device.id, line);
    return before;
  }

  /** False: another is in its place already. */
  remove(line: Line): boolean {
    return this.isHere(line) && this.#lines.delete(line.device.id);
  }

  isHere(line: Line): boolean {
    return this.#lines.get(line.device.id) === line;
  }

  send(device: DeviceId, frame: NodeHears): void {
    this.#lines.get(device)?.send(frame);
  }

  /**
   * One answer for a machine that is away and for one that there is not: a program learns of no others.
   * @throws Problem `not_found`.
   */
  find(host: string): Line {
    const here = [...this.#lines.values()];
    const named = here.filter(({ device }) => device.name === host);
    const line = here.find(({ device }) => device.id === host) ?? (named.length === 1 ? named[0] : undefined);
    if (line !== undefined) return line;
    throw named.length > 1
      ? new Problem('not_found', {
          detail: 'several machines of that name are connected',
          hint: 'name it by its id: countersign devices list',
        })
      : new Problem('not_found', {
          detail: 'no such machine is connected',
          hint: 'is it paired, and does it run? On it: countersign node run',
        });
  }
}
