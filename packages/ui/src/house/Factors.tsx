// The factors of this person: what they have, and adding more. Every change may ask for a fresh proof.
import type { FactorList, FactorRow } from '@countersign/protocol/factor';
import { type ReactNode, useState } from 'react';
import { AddPasskey } from '../factors/AddPasskey.tsx';
import { AddTotp } from '../factors/AddTotp.tsx';
import { MakeCodes, RecoveryCodes } from '../factors/RecoveryCodes.tsx';
import { Name } from '../shared/Name.tsx';
import { saidOf, Trouble } from '../shared/Trouble.tsx';
import { When } from '../shared/When.tsx';
import { house } from '../strings-house.ts';
import { useGuarded } from './guarded.tsx';
import { Sure } from './Sure.tsx';
import type { Resource } from './use-resource.ts';

const says = house.factors;

interface FactorsProps {
  readonly factors: Resource<FactorList>;
  /** False while this browser may only look: then it says so, instead of offering what would be refused. */
  readonly canChange: boolean;
  readonly onChanged: () => void;
}

export function Factors({ factors, canChange, onChanged }: FactorsProps): ReactNode {
  const [done, setDone] = useState('');
  const { value, problem } = factors;
  return (
    <section className="card" aria-labelledby="factors-title">
      <h2 id="factors-title">{says.title}</h2>
      <p className="quiet">{says.text}</p>
      <Trouble said={problem && saidOf(problem)} />
      {value !== null && value.items.length === 0 && <p>{says.none}</p>}
      {value !== null && value.items.length > 0 && (
        <ul className="rows" data-testid="factors">
          {value.items.map((row) => (
            <Factor key={row.id} row={row} canChange={canChange} onChanged={onChanged} />
          ))}
        </ul>
      )}
      <p role="status">{done}</p>
      {canChange ? <Change factors={value} onChanged={onChanged} onDone={setDone} /> : <p>{says.later}</p>}
    </section>
  );
}

interface ChangeProps {
  readonly factors: FactorList | null;
  readonly onChanged: () => void;
  readonly onDone: (text: string) => void;
}

function Change({ factors, onChanged, onDone }: ChangeProps): ReactNode {
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const added = (text: string) => (): void => {
    onDone(text);
    onChanged();
  };
  const kept = (): void => {
    setCodes(null);
    onChanged();
  };
  const hasFactor = factors?.items.some(({ state }) => state === 'active') ?? false;
  const left = factors?.recoveryCodes ?? 0;
  return (
    <>
      <AddPasskey onDone={added(says.passkey.done)} />
      <AddTotp onDone={added(says.totp.done)} />
      {codes !== null && <RecoveryCodes codes={codes} onKept={kept} />}
      {codes === null && hasFactor && (
        <>
          <p className="quiet">{says.recoveryLeft(left)}</p>
          <MakeCodes label={left === 0 ? says.makeCodes : says.newCodes} onCodes={setCodes} />
        </>
      )}
    </>
  );
}

interface FactorProps {
  readonly row: FactorRow;
  readonly canChange: boolean;
  readonly onChanged: () => void;
}

function Factor({ row, canChange, onChanged }: FactorProps): ReactNode {
  const guarded = useGuarded();
  const remove = async (): Promise<void> => {
    if ((await guarded.run((api) => api.factors.remove(row.id))) !== null) onChanged();
  };
  return (
    <li>
      <div className="row-main">
        <p>
          <strong>{says.kind[row.kind]}</strong> <Name text={row.label} />
        </p>
        <p className="quiet">
          {row.state === 'pending' && `${says.pending} · `}
          {says.added} <When at={row.createdAt} />
          {row.lastUsedAt !== undefined && (
            <>
              {' · '}
              {says.used} <When at={row.lastUsedAt} />
            </>
          )}
          {row.origin !== undefined && row.origin !== location.origin && ` · ${says.works(row.origin)}`}
        </p>
      </div>
      {canChange && (
        <Sure
          label={says.remove}
          about={`${says.remove}: ${says.kind[row.kind]}, ${row.id}`}
          question={says.removeSure}
          yes={says.remove}
          isBusy={guarded.isBusy}
          onYes={() => void remove()}
        />
      )}
      {guarded.ask}
      <Trouble said={guarded.problem && saidOf(guarded.problem)} />
    </li>
  );
}
