// A button for what cannot be undone: asks once more in its own place, with the focus on keeping things as they are.
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { house } from '../strings-house.ts';

interface SureProps {
  readonly label: string;
  /** Said to screen readers instead of the label, where several buttons have the same one. */
  readonly about?: string;
  readonly question: string;
  readonly yes: string;
  readonly isBusy: boolean;
  readonly onYes: () => void;
}

export function Sure({ label, about, question, yes, isBusy, onYes }: SureProps): ReactNode {
  const [isAsking, setAsking] = useState(false);
  const keep = useRef<HTMLButtonElement>(null);
  const open = useRef<HTMLButtonElement>(null);
  const wasAsking = useRef(false);
  useEffect(() => {
    if (isAsking) keep.current?.focus();
    else if (wasAsking.current) open.current?.focus();
    wasAsking.current = isAsking;
  }, [isAsking]);
  if (!isAsking) {
    return (
      <button
        type="button"
        className="plain"
        ref={open}
        disabled={isBusy}
        {...(about === undefined ? {} : { 'aria-label': about })}
        onClick={() => setAsking(true)}
      >
        {label}
      </button>
    );
  }
  return (
    <fieldset className="sure">
      <legend>{question}</legend>
      <div className="row">
        <button type="button" className="secondary" ref={keep} onClick={() => setAsking(false)}>
          {house.home.keep}
        </button>
        <button
          type="button"
          className="danger"
          onClick={() => {
            setAsking(false);
            onYes();
          }}
        >
          {yes}
        </button>
      </div>
    </fieldset>
  );
}
