// What every dialog about a person is given. The change is made by the page, so that its undo can ask for a proof there.
import type { PersonRow } from '@countersign/protocol/identity';
import type { Acting } from '../../app/act.ts';

export interface AboutPerson {
  readonly person: PersonRow;
  readonly acting: Acting;
  readonly onClose: () => void;
}
