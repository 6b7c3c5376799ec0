// Making a passkey: the gateway's options, the browser's ceremony, the gateway's check.
import { type ReactNode, useState } from 'react';
import { useHouse } from '../house/context.ts';
import { useGuarded } from '../house/guarded.tsx';
import { saidOf, Trouble } from '../shared/Trouble.tsx';
import { house } from '../strings-house.ts';
import { canHavePasskeys, createPasskey, type PasskeyFault } from './passkey.ts';

const says = house.factors.passkey;

interface AddPasskeyProps {
  readonly onDone: () => void;
  readonly isMain?: boolean;
}

export function AddPasskey({ onDone, isMain = false }: AddPasskeyProps): ReactNode {
  const { place, browser } = useHouse();
  const guarded = useGuarded();
  const [fault, setFault] = useState<PasskeyFault | null>(null);
  if (!canHavePasskeys(place)) return <p className="quiet">{says.notHere}</p>;
  const add = async (): Promise<void> => {
    setFault(null);
    const begun = await guarded.run((api) => api.factors.enrolPasskey());
    if (begun === null) return;
    const made = await createPasskey(begun.done.options);
    if ('fault' in made) return setFault(made.fault);
    const finished = await guarded.run((api) =>
      api.factors.finishPasskey(made.done, says.label(browser).slice(0, 100)),
    );
    if (finished !== null) onDone();
  };
  return (
    <>
      <div>
        <button
          type="button"
          className={isMain ? 'primary' : 'secondary'}
          data-testid="add-passkey"
          disabled={guarded.isBusy}
          onClick={() => void add()}
        >
          {says.add}
        </button>
        <p className="quiet about">{says.text}</p>
      </div>
      {guarded.ask}
      <Trouble
        said={
          fault !== null
            ? { title: house.proof.passkeyFault[fault], detail: '', hint: '' }
            : guarded.problem && saidOf(guarded.problem)
        }
      />
    </>
  );
}
