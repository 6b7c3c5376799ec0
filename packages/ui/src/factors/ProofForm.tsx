// Asks for one fresh proof: a passkey where one works, a code of the app, or a recovery code. The code goes out as it is
// typed and is kept nowhere.
import type { FactorList } from '@countersign/protocol/factor';
import { type ReactNode, type SubmitEvent, useEffect, useId, useRef, useState } from 'react';
import type { Api } from '../api.ts';
import { useHouse } from '../house/context.ts';
import { problemOf } from '../shared/problem-of.ts';
import { type Said, saidOf, Trouble } from '../shared/Trouble.tsx';
import { house } from '../strings-house.ts';
import { canHavePasskeys, provePasskey } from './passkey.ts';
import { digitsOf, type FactorProof, type Json, recoveryOf } from './proof.ts';

const says = house.proof;

/** What a proof is for, where that is more than a call. */
export interface ProofWay {
  /** Those that count; empty: any. */
  readonly kinds: readonly FactorProof['kind'][];
  /** A challenge for this one thing. */
  ask(api: Api): Promise<{ readonly options: Json }>;
  readonly title: string;
  readonly text: string;
}

interface ProofFormProps {
  /** The one before did not fit. */
  readonly isAgain: boolean;
  readonly way?: ProofWay | undefined;
  readonly onProof: (proof: FactorProof) => void;
  readonly onCancel: () => void;
  readonly title?: string;
  readonly text?: string;
}

export function ProofForm({ isAgain, way, onProof, onCancel, title, text }: ProofFormProps): ReactNode {
  const { api, place } = useHouse();
  const known = useOwnFactors();
  const [said, setSaid] = useState<Said | null>(isAgain ? plain(says.wrong) : null);
  const [isBusy, setBusy] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  // The question stands where the button was that needs it: it must not be missed.
  useEffect(() => heading.current?.focus(), []);

  const active = (known?.items ?? []).filter(({ state }) => state === 'active');
  const takes = (kind: FactorProof['kind']): boolean =>
    way === undefined || way.kinds.length === 0 || way.kinds.includes(kind);
  const takesCodes = takes('totp') || takes('recovery');
  const hasPasskey =
    takes('passkey') &&
    canHavePasskeys(place) &&
    active.some(({ kind, origin }) => kind === 'passkey' && (origin ?? location.origin) === location.origin);
  const withPasskey = async (): Promise<void> => {
    setSaid(null);
    setBusy(true);
    try {
      const used = await provePasskey((await (way?.ask(api()) ?? api().factors.askPasskey())).options);
      if ('done' in used) onProof(used.done);
      else setSaid(plain(says.passkeyFault[used.fault]));
    } catch (error) {
      setSaid(saidOf(problemOf(error)));
    } finally {
      setBusy(false);
    }
  };
  return (
    <section className="ask" aria-labelledby="proof-title">
      <h3 id="proof-title" ref={heading} tabIndex={-1}>
        {title ?? way?.title ?? says.title}
      </h3>
      <p className="quiet">{text ?? way?.text ?? says.text}</p>
      {hasPasskey && (
        <button type="button" className="primary" disabled={isBusy} onClick={() => void withPasskey()}>
          {says.passkey}
        </button>
      )}
      {takesCodes ? (
        <CodeForm
          startsWithRecovery={
            !takes('totp') || (known !== null && !active.some(({ kind }) => kind === 'totp'))
          }
          isOnly={!takes('totp') || !takes('recovery')}
          isSecond={hasPasskey}
          onProof={onProof}
          onFault={(fault) => setSaid(plain(fault))}
        />
      ) : (
        known !== null && !hasPasskey && <p className="said">{says.noPasskey}</p>
      )}
      <Trouble said={said} />
      <button type="button" className="plain" onClick={onCancel}>
        {says.cancel}
      </button>
    </section>
  );
}

/** Asked once, here: this form stands on the sign-in sheet as well, where nothing keeps lists. Null until it is known. */
function useOwnFactors(): FactorList | null {
  const { api } = useHouse();
  const [list, setList] = useState<FactorList | null>(null);
  useEffect(() => {
    let isHere = true;
    api()
      .factors.list()
      // Not known: every way is offered, and the gateway decides.
      .then(
        (found) => isHere && setList(found),
        () => undefined,
      );
    return () => {
      isHere = false;
    };
  }, [api]);
  return list;
}

interface CodeFormProps {
  readonly startsWithRecovery: boolean;
  /** The other kind of code does not count here. */
  readonly isOnly: boolean;
  /** A passkey was offered above: then this is the other way. */
  readonly isSecond: boolean;
  readonly onProof: (proof: FactorProof) => void;
  readonly onFault: (text: string) => void;
}

function CodeForm({ startsWithRecovery, isOnly, isSecond, onProof, onFault }: CodeFormProps): ReactNode {
  const [chosen, setChosen] = useState<'totp' | 'recovery' | null>(null);
  const [typed, setTyped] = useState('');
  const id = useId();
  const kind = chosen ?? (startsWithRecovery ? 'recovery' : 'totp');
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const value = kind === 'totp' ? digitsOf(typed) : recoveryOf(typed);
    if (value === null) onFault(says.malformed);
    else onProof({ kind, value });
  };
  const other = kind === 'totp' ? 'recovery' : 'totp';
  return (
    <form onSubmit={submit} noValidate>
      <label htmlFor={id}>{says[kind]}</label>
      <div className="row">
        <input
          key={kind}
          id={id}
          className="code-input"
          data-testid={`proof-${kind}`}
          inputMode={kind === 'totp' ? 'numeric' : 'text'}
          autoComplete={kind === 'totp' ? 'one-time-code' : 'off'}
          autoCapitalize="characters"
          spellCheck={false}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          aria-describedby={`${id}-help`}
        />
        <button type="submit" className={isSecond ? 'secondary' : 'primary'}>
          {says.submit}
        </button>
      </div>
      <p id={`${id}-help`} className="quiet">
        {kind === 'totp' ? says.totpHelp : says.recoveryHelp}
      </p>
      {!isOnly && (
        <button
          type="button"
          className="plain"
          onClick={() => {
            setChosen(other);
            setTyped('');
          }}
        >
          {kind === 'totp' ? says.useRecovery : says.useTotp}
        </button>
      )}
    </form>
  );
}

function plain(title: string): Said {
  return { title, detail: '', hint: '' };
}
