// A device that asks to be let in. What it will be able to do is read before anything can be pressed, and the focus stands
// on Reject (R19, R47).
import type { DeviceRow } from '@countersign/protocol/device';
import { visible } from '@countersign/protocol/display';
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { Name } from '../shared/Name.tsx';
import { Rich } from '../shared/Rich.tsx';
import { saidOf, Trouble } from '../shared/Trouble.tsx';
import { When } from '../shared/When.tsx';
import { house } from '../strings-house.ts';
import { useGuarded } from './guarded.tsx';
import { asksOf } from './rights.ts';

const says = house.devices.pending;

interface PendingProps {
  readonly rows: readonly DeviceRow[];
  readonly canApprove: boolean;
  readonly onDecided: (text: string) => void;
}

export function Pending({ rows, canApprove, onDecided }: PendingProps): ReactNode {
  return (
    <section className="card waiting" aria-labelledby="pending-title">
      <h2 id="pending-title">{says.title}</h2>
      <ul className="rows" data-testid="pending-devices">
        {rows.map((row) => (
          <Waiting key={row.id} row={row} canApprove={canApprove} onDecided={onDecided} />
        ))}
      </ul>
    </section>
  );
}

function Waiting({
  row,
  canApprove,
  onDecided,
}: {
  readonly row: DeviceRow;
  readonly canApprove: boolean;
  readonly onDecided: (text: string) => void;
}): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const name = row.name === '' ? house.devices.nobody : row.name;
  return (
    <li>
      <div className="row-main">
        <p>
          <code>{row.id}</code> <Name text={name} />
        </p>
        <p className="quiet">
          {says.asked} <When at={row.createdAt} />
          {row.address !== undefined && ` ${says.from(row.address)}`}
        </p>
      </div>
      <button
        type="button"
        className="secondary"
        aria-label={`${says.look}: ${row.id}`}
        onClick={() => setOpen(true)}
      >
        {says.look}
      </button>
      {isOpen && (
        <Decision
          row={row}
          name={name}
          canApprove={canApprove}
          onClose={() => setOpen(false)}
          onDecided={onDecided}
        />
      )}
    </li>
  );
}

interface DecisionProps {
  readonly row: DeviceRow;
  readonly name: string;
  readonly canApprove: boolean;
  readonly onClose: () => void;
  readonly onDecided: (text: string) => void;
}

function Decision({ row, name, canApprove, onClose, onDecided }: DecisionProps): ReactNode {
  const guarded = useGuarded();
  const dialog = useRef<HTMLDialogElement>(null);
  const reject = useRef<HTMLButtonElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    if (element?.open === false) element.showModal();
    reject.current?.focus();
    return () => element?.close();
  }, []);
  const decide = async (verb: 'approve' | 'reject'): Promise<void> => {
    const done = await guarded.run((api) => api.devices[verb](row.id));
    if (done === null) return;
    onClose();
    const shown = visible(name);
    onDecided(verb === 'approve' ? says.approved(shown) : says.rejected(shown));
  };
  return (
    <dialog ref={dialog} className="card" aria-labelledby={id} onClose={onClose} data-testid="decide-device">
      <h2 id={id}>{says.dialog}</h2>
      <dl>
        <dt>{says.calls}</dt>
        <dd>
          <Name text={name} />
        </dd>
        <dt>{says.key}</dt>
        <dd>
          <code>{row.key}</code>
        </dd>
        <dt>{says.when}</dt>
        <dd>
          <When at={row.createdAt} />
          {row.address !== undefined && ` ${says.from(row.address)}`}
        </dd>
      </dl>
      <h3>{says.will}</h3>
      <ul className="scopes" data-kind="yes">
        {asksOf(row, house.scopes).map((line) => (
          <li key={line}>
            <Rich text={line} />
          </li>
        ))}
      </ul>
      <p className="quiet">{canApprove ? says.warn : says.cannot}</p>
      {guarded.ask}
      <Trouble said={guarded.problem && saidOf(guarded.problem)} />
      <div className="row">
        <button
          type="button"
          className="primary"
          ref={reject}
          disabled={guarded.isBusy}
          data-testid="reject-device"
          onClick={() => void decide('reject')}
        >
          {says.reject}
        </button>
        {canApprove && (
          <button
            type="button"
            className="secondary"
            disabled={guarded.isBusy}
            data-testid="approve-device"
            onClick={() => void decide('approve')}
          >
            {says.approve}
          </button>
        )}
        <button type="button" className="plain" onClick={onClose}>
          {says.close}
        </button>
      </div>
    </dialog>
  );
}
