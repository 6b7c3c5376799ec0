// Every other device that is in, with its end beside it.
import type { DeviceRow } from '@countersign/protocol/device';
import type { ReactNode } from 'react';
import { Name } from '../shared/Name.tsx';
import { saidOf, Trouble } from '../shared/Trouble.tsx';
import { When } from '../shared/When.tsx';
import { house } from '../strings-house.ts';
import { AddDevice } from './AddDevice.tsx';
import { useGuarded } from './guarded.tsx';
import { rightsOf } from './rights.ts';
import { Sure } from './Sure.tsx';

const says = house.devices;

interface DevicesProps {
  readonly rows: readonly DeviceRow[];
  readonly canAdd: boolean;
  readonly onChanged: () => void;
}

export function Devices({ rows, canAdd, onChanged }: DevicesProps): ReactNode {
  return (
    <section className="card" aria-labelledby="devices-title">
      <h2 id="devices-title">{says.title}</h2>
      {rows.length === 0 ? (
        <p>{says.none}</p>
      ) : (
        <ul className="rows" data-testid="devices">
          {rows.map((row) => (
            <Device key={row.id} row={row} onChanged={onChanged} />
          ))}
        </ul>
      )}
      {canAdd && <AddDevice />}
    </section>
  );
}

function Device({ row, onChanged }: { readonly row: DeviceRow; readonly onChanged: () => void }): ReactNode {
  const guarded = useGuarded();
  const name = row.name === '' ? says.nobody : row.name;
  const revoke = async (): Promise<void> => {
    if ((await guarded.run((api) => api.devices.revoke(row.id))) !== null) onChanged();
  };
  return (
    <li>
      <div className="row-main">
        <p>
          <Name text={name} /> {row.role === 'node' && <span className="tag">{says.node}</span>}
        </p>
        <p className="quiet">
          {rightsOf(row)
            .now.map((scope) => house.scopes[scope])
            .join(' · ')}
        </p>
        <p className="quiet">
          <code>{row.id}</code> ·{' '}
          {row.lastSeenAt === undefined ? (
            says.never
          ) : (
            <>
              {says.seen} <When at={row.lastSeenAt} />
            </>
          )}
        </p>
      </div>
      <Sure
        label={says.revoke}
        about={`${says.revoke}: ${row.id}`}
        question={says.revokeSure}
        yes={says.revokeYes}
        isBusy={guarded.isBusy}
        onYes={() => void revoke()}
      />
      {guarded.ask}
      <Trouble said={guarded.problem && saidOf(guarded.problem)} />
    </li>
  );
}
