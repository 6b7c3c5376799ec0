// This browser: who it is to the gateway, what it may do now, and what a proof adds.
import type { DeviceRow } from '@countersign/protocol/device';
import type { FactorList } from '@countersign/protocol/factor';
import { type ReactNode, useState } from 'react';
import { ProofForm } from '../factors/ProofForm.tsx';
import type { FactorProof } from '../factors/proof.ts';
import type { Scope } from '../session/frames.ts';
import { Name } from '../shared/Name.tsx';
import { Command } from '../shared/Shell.tsx';
import { type Said, saidOf, Trouble } from '../shared/Trouble.tsx';
import { When } from '../shared/When.tsx';
import { house } from '../strings-house.ts';
import { useHouse } from './context.ts';
import { useGuarded } from './guarded.tsx';
import { rightsOf } from './rights.ts';
import { Sure } from './Sure.tsx';
import { problemOf } from './use-resource.ts';

const says = house.home.here;

interface HereProps {
  readonly row: DeviceRow;
  readonly factors: FactorList | null;
  readonly onChanged: () => void;
}

export function Here({ row, factors, onChanged }: HereProps): ReactNode {
  const guarded = useGuarded();
  const { now, afterProof } = rightsOf(row);
  return (
    <section className="card" aria-labelledby="here-title">
      <h2 id="here-title">{says.title}</h2>
      <p>
        <Name text={row.name} /> · {says.since} <When at={row.createdAt} />
        {row.via !== undefined && `, ${says.via[row.via]}`}
      </p>
      <h3>{says.may}</h3>
      <Scopes scopes={now} kind="yes" />
      {afterProof.length > 0 && (
        <>
          <h3>{says.needsProof}</h3>
          <Scopes scopes={afterProof} kind="later" />
          <Prove factors={factors} onProven={onChanged} />
        </>
      )}
      <p className="quiet">
        {says.key} <code>{row.key}</code>
      </p>
      <Sure
        label={says.signOut}
        question={says.signOutSure}
        yes={says.signOutYes}
        isBusy={guarded.isBusy}
        onYes={() => void guarded.run((api) => api.devices.revoke(row.id))}
      />
      {guarded.ask}
      <Trouble said={guarded.problem && saidOf(guarded.problem)} />
    </section>
  );
}

function Scopes({
  scopes,
  kind,
}: {
  readonly scopes: readonly Scope[];
  readonly kind: 'yes' | 'later';
}): ReactNode {
  return (
    <ul className="scopes" data-kind={kind} data-testid={`scopes-${kind}`}>
      {scopes.map((scope) => (
        <li key={scope} data-scope={scope}>
          {house.scopes[scope]}
        </li>
      ))}
    </ul>
  );
}

interface ProveProps {
  readonly factors: FactorList | null;
  readonly onProven: () => void;
}

function Prove({ factors, onProven }: ProveProps): ReactNode {
  const { api } = useHouse();
  const [stage, setStage] = useState<'closed' | 'first' | 'again'>('closed');
  const [said, setSaid] = useState<Said | null>(null);
  const [tries, setTries] = useState(0);
  if (factors !== null && !factors.items.some(({ state }) => state === 'active')) {
    return (
      <div className="note">
        <p>
          {says.noFactor} <Command text="countersign factors enroll totp" />
        </p>
      </div>
    );
  }
  const prove = async (proof: FactorProof): Promise<void> => {
    setSaid(null);
    try {
      await api(proof).devices.prove();
      setStage('closed');
      onProven();
    } catch (error) {
      const problem = problemOf(error);
      const isWrong = problem.code === 'challenge_failed' || problem.code === 'auth_factor_required';
      setTries((before) => before + 1);
      setStage(isWrong ? 'again' : 'first');
      if (!isWrong) setSaid(saidOf(problem));
    }
  };
  return (
    <div className="note">
      {stage === 'closed' ? (
        <>
          <p>{says.proveText}</p>
          <button type="button" className="primary" data-testid="prove" onClick={() => setStage('first')}>
            {says.prove}
          </button>
        </>
      ) : (
        <ProofForm
          key={tries}
          isAgain={stage === 'again'}
          title={says.prove}
          text={says.proveText}
          onProof={(proof) => void prove(proof)}
          onCancel={() => setStage('closed')}
        />
      )}
      <Trouble said={said} />
    </div>
  );
}
