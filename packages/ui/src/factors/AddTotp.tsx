// An authenticator app: the secret once, as a picture and as text, and a first code that shows that it arrived.
import { type ReactNode, type SubmitEvent, useEffect, useId, useRef, useState } from 'react';
import { useGuarded } from '../house/guarded.tsx';
import { Copy } from '../shared/Copy.tsx';
import { Qr } from '../shared/Qr.tsx';
import { saidOf, Trouble } from '../shared/Trouble.tsx';
import { house } from '../strings-house.ts';
import { digitsOf } from './proof.ts';

const says = house.factors.totp;

interface Enrolled {
  readonly id: string;
  readonly secret: string;
  readonly uri: string;
}

export function AddTotp({ onDone }: { readonly onDone: () => void }): ReactNode {
  const guarded = useGuarded();
  const [enrolled, setEnrolled] = useState<Enrolled | null>(null);
  const begin = async (): Promise<void> => {
    const begun = await guarded.run((api) => api.factors.enrolTotp());
    if (begun !== null) setEnrolled(begun.done);
  };
  if (enrolled !== null) {
    const close = (): void => setEnrolled(null);
    return (
      <Confirm
        enrolled={enrolled}
        onCancel={close}
        onDone={() => {
          close();
          onDone();
        }}
      />
    );
  }
  return (
    <>
      <div>
        <button
          type="button"
          className="secondary"
          data-testid="add-totp"
          disabled={guarded.isBusy}
          onClick={() => void begin()}
        >
          {says.add}
        </button>
        <p className="quiet about">{says.text}</p>
      </div>
      {guarded.ask}
      <Trouble said={guarded.problem && saidOf(guarded.problem)} />
    </>
  );
}

interface ConfirmProps {
  readonly enrolled: Enrolled;
  readonly onDone: () => void;
  readonly onCancel: () => void;
}

function Confirm({ enrolled, onDone, onCancel }: ConfirmProps): ReactNode {
  const { id, secret, uri } = enrolled;
  const guarded = useGuarded();
  const [typed, setTyped] = useState('');
  const [isMalformed, setMalformed] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const input = useId();
  useEffect(() => heading.current?.focus(), []);
  const confirm = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const code = digitsOf(typed);
    setMalformed(code === null);
    if (code === null) return;
    const confirmed = await guarded.run((api) => api.factors.confirm(id, code));
    if (confirmed !== null) onDone();
  };
  return (
    <section className="ask" aria-labelledby="totp-title">
      <h3 id="totp-title" ref={heading} tabIndex={-1}>
        {says.scan}
      </h3>
      <Qr text={uri} label={says.qr} />
      <p className="quiet">{says.orType}</p>
      <p className="row">
        <code className="command" data-testid="totp-secret">
          {inGroups(secret)}
        </code>
        <Copy text={secret} label={says.copy} />
      </p>
      <form onSubmit={(event) => void confirm(event)} noValidate>
        <label htmlFor={input}>{says.confirm}</label>
        <div className="row">
          <input
            id={input}
            className="code-input"
            data-testid="totp-code"
            inputMode="numeric"
            autoComplete="one-time-code"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
          <button type="submit" className="primary" disabled={guarded.isBusy}>
            {says.submit}
          </button>
        </div>
        <Trouble said={faultOf(isMalformed, guarded.problem)} />
      </form>
      {guarded.ask}
      <button type="button" className="plain" onClick={onCancel}>
        {says.cancel}
      </button>
    </section>
  );
}

function faultOf(isMalformed: boolean, problem: Parameters<typeof saidOf>[0] | null) {
  if (isMalformed) return { title: house.proof.malformed, detail: '', hint: '' };
  if (problem?.code === 'challenge_failed') return { title: says.wrong, detail: '', hint: '' };
  return problem && saidOf(problem);
}

/** In fours, as people read keys aloud. */
function inGroups(secret: string): string {
  return secret.match(/.{1,4}/g)?.join(' ') ?? secret;
}
