// Changes to the configuration as one, for a form: looked at with every mistake and the lines that would change, then
// written all or none, and only into the file that was looked at.
// H38: no secret leaves here, neither one of the file nor one that was sent; and an answer never depends on whether a
// guess at a secret was right. The name of the file's state is keyed, so that nobody tries secrets against it either.
import type { ConfigApplied, ConfigChange, ConfigChecked, ConfigText } from '@countersign/protocol/config';
import { Problem } from '@countersign/protocol/problem';
import { readConfigFile } from '../config/config-file.ts';
import { readJsonc } from '../config/jsonc.ts';
import { type ConfigPlace, checkText, configPath } from '../config/load.ts';
import { maskedText } from '../config/masked-text.ts';
import { configInvalid, type Mistake } from '../config/mistakes.ts';
import type { Actor } from '../core/audit/event.ts';
import type { Hasher } from '../core/ports.ts';
import { editedText, guardedBy, lineDiff, type Planned, planChanges } from './config-edit.ts';
import type { ConfigHouse } from './config-house.ts';

interface Ports {
  readonly place: ConfigPlace;
  readonly config: Pick<ConfigHouse, 'change'>;
  readonly hasher: Hasher;
  /** True where the program runs on this configuration: then what it names must be there for it. */
  readonly running: boolean;
}

export class ConfigEdits {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** @throws Problem `config_invalid` when the file cannot be read: nobody could tell what in it is secret. */
  text(): ConfigText {
    const text = this.#read();
    const masked = maskedText(text);
    const reading = readJsonc(text);
    if (masked === null) throw configInvalid(reading.ok ? [] : reading.mistakes);
    return {
      path: configPath(this.#ports.place),
      text: masked.text,
      written: { ...masked.tree },
      base: this.#base(text),
    };
  }

  check(changes: readonly ConfigChange[]): ConfigChecked {
    const before = this.#read();
    const planned = planChanges(changes);
    const { text, mistakes } = this.#look(before, planned);
    const old = maskedText(before);
    const next = maskedText(text, {
      fresh: pathsOf(planned),
      ...(old === null ? {} : { secrets: old.secrets }),
    });
    return {
      valid: mistakes.length === 0,
      mistakes: [...mistakes],
      diff: old === null || next === null ? [] : lineDiff(old.text, next.text),
      guarded: guardedBy(planned.edited),
      base: this.#base(before),
    };
  }

  /** @throws Problem `state_conflict` when the file is another than `base` names; `config_invalid`. Then it is as it was. */
  async apply(changes: readonly ConfigChange[], base: string, by: Actor): Promise<ConfigApplied> {
    const before = this.#read();
    if (this.#base(before) !== base) throw changedMeanwhile();
    const planned = planChanges(changes);
    const { mistakes } = this.#look(before, planned);
    if (mistakes.length > 0) throw configInvalid(mistakes);
    const plan = (_: unknown, text: string) => {
      if (this.#base(text) !== base) throw changedMeanwhile();
      return planned.edits;
    };
    await this.#ports.config.change(planned.edited, plan, by);
    return { paths: [...pathsOf(planned)], base: this.#base(this.#read()) };
  }

  #look(before: string, planned: Planned): { text: string; mistakes: readonly Mistake[] } {
    if (planned.mistakes.length > 0) return { text: before, mistakes: planned.mistakes };
    const edited = editedText(before, planned);
    if (edited.mistakes.length > 0) return { text: before, mistakes: edited.mistakes };
    const { place, running } = this.#ports;
    const checked = checkText(edited.text, place, { readSecrets: running });
    return { text: edited.text, mistakes: checked.ok ? [] : checked.mistakes };
  }

  #read(): string {
    const file = readConfigFile(configPath(this.#ports.place));
    if ('mistake' in file) throw configInvalid([file.mistake]);
    return file.text;
  }

  #base(text: string): string {
    return this.#ports.hasher.keyed('config-text', text);
  }
}

function pathsOf({ edited }: Planned): readonly string[] {
  return edited.map(({ path }) => path);
}

function changedMeanwhile(): Problem {
  return new Problem('state_conflict', {
    detail: 'the configuration was changed meanwhile, and nothing of this was written',
    hint: 'look at it again, then save',
  });
}
