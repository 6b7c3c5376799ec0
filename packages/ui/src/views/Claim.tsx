// The claim page: who owns this house, and how to become the one who does. One state, one view; the secret is never
// rendered. A house that is owned shows its own door.
import { visible } from '@countersign/protocol/display';
import { type ReactNode, type SubmitEvent, useCallback, useEffect, useRef, useState } from 'react';
import { askStatus, sendClaim } from '../claim/api.ts';
import { type ClaimState, claimBody, MAX_NAME, nameOf, type Refusal, viewOf } from '../claim/claim.ts';
import { useHouse } from '../house/context.ts';
import { House } from '../house/House.tsx';
import { remember } from '../shared/memory.ts';
import type { Place } from '../shared/place.ts';
import { Rich } from '../shared/Rich.tsx';
import { Command, Elsewhere, Sheet } from '../shared/Shell.tsx';
import { claimStrings } from '../strings-claim.ts';
import { Enrol } from './Enrol.tsx';

const says = claimStrings;
const http = globalThis.fetch.bind(globalThis);

export function Claim({ secret }: { readonly secret: string | null }): ReactNode {
  const { deviceKey, place, session } = useHouse();
  const [state, setState] = useState<ClaimState>({ is: 'loading' });
  const [isInside, setInside] = useState(false);
  const ask = useCallback(() => {
    setState({ is: 'loading' });
    askStatus(http).then(
      (status) => setState({ is: 'asked', status, refusal: null, busy: false }),
      () => setState({ is: 'unreachable' }),
    );
  }, []);
  useEffect(ask, [ask]);

  const claim = async (name: string): Promise<void> => {
    if (state.is !== 'asked' || secret === null) return;
    setState({ ...state, refusal: null, busy: true });
    const failed = (refusal: Refusal): void => setState({ ...state, refusal, busy: false });
    try {
      // A fresh nonce: the person may have thought about the name for longer than a nonce lives.
      const status = await askStatus(http);
      const refusal = await sendClaim(http, await claimBody(deviceKey, status, { secret, name }));
      if (refusal !== null) return failed(refusal);
      remember('name', name);
      remember('name-asked', 'yes');
      setState({ is: 'done', name });
      session.start();
    } catch {
      failed({ status: 0, code: '', title: says.failed.network, detail: '', hint: '' });
    }
  };

  const view = viewOf(state, secret, place);
  if (isInside || (view === 'owned' && secret === null)) return <House />;
  const enter = (): void => setInside(true);
  return (
    <Sheet>
      {view !== 'wrong_place' && place.home !== null && <Elsewhere home={place.home} />}
      <View state={state} secret={secret} place={place} ask={ask} claim={claim} enter={enter} />
    </Sheet>
  );
}

interface ViewProps {
  readonly state: ClaimState;
  readonly secret: string | null;
  readonly place: Place;
  readonly ask: () => void;
  readonly claim: (name: string) => Promise<void>;
  readonly enter: () => void;
}

function View({ state, secret, place, ask, claim, enter }: ViewProps): ReactNode {
  const view = viewOf(state, secret, place);
  switch (view) {
    case 'loading':
      return (
        <p className="quiet" role="status">
          {says.loading}
        </p>
      );
    case 'unreachable':
      return (
        <Said title={says.unreachable.title} text={says.unreachable.text} command="countersign gateway run">
          <button type="button" className="primary" onClick={ask}>
            {says.unreachable.again}
          </button>
        </Said>
      );
    case 'owned':
      return (
        <Said title={says.owned.title} text={says.owned.text}>
          {secret !== null && state.is === 'asked' && state.refusal === null && (
            <p className="quiet">{says.owned.unused}</p>
          )}
          <div className="row">
            <button type="button" className="primary" onClick={enter}>
              {says.owned.signIn}
            </button>
            <a href="/chat">{says.owned.chat}</a>
          </div>
        </Said>
      );
    case 'unclaimed':
      return (
        <Said title={says.unclaimed.title} text={says.unclaimed.text} command="countersign claim">
          <p>{says.unclaimed.after}</p>
        </Said>
      );
    case 'wrong_place':
      return (
        <Said title={says.wrongPlace.title} text={says.wrongPlace.text}>
          <button type="button" className="primary" onClick={() => goHome(place, secret)}>
            {says.wrongPlace.go} {place.home}
          </button>
        </Said>
      );
    case 'bad_link':
      return <Said title={says.failed.link.title} text={says.failed.link.text} command="countersign claim" />;
    case 'form':
      return state.is === 'asked' && <NameForm busy={state.busy} refusal={state.refusal} claim={claim} />;
    case 'done':
      return state.is === 'done' && <Done name={state.name} enter={enter} />;
    default:
      return view satisfies never;
  }
}

/** The secret travels in the fragment only, as it came. */
function goHome(place: Place, secret: string | null): void {
  if (place.home !== null && secret !== null)
    location.assign(`${place.home}#claim=${encodeURIComponent(secret)}`);
}

interface SaidProps {
  readonly title: string;
  readonly text: string;
  readonly command?: string;
  readonly children?: ReactNode;
}

function Said({ title, text, command, children }: SaidProps): ReactNode {
  return (
    <>
      <h1>{title}</h1>
      <p>{text}</p>
      {command !== undefined && <Command text={command} />}
      {children}
    </>
  );
}

function Done({ name, enter }: { readonly name: string; readonly enter: () => void }): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  // The form is gone: the focus would be nowhere, and a screen reader would not hear that it worked.
  useEffect(() => heading.current?.focus(), []);
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {says.done.title(visible(name))}
      </h1>
      <p>{says.done.text}</p>
      <Enrol name={name} enter={enter} />
    </>
  );
}

interface NameFormProps {
  readonly busy: boolean;
  readonly refusal: Refusal | null;
  readonly claim: (name: string) => Promise<void>;
}

function NameForm({ busy, refusal, claim }: NameFormProps): ReactNode {
  const [typed, setTyped] = useState('');
  const [fault, setFault] = useState('');
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const checked = nameOf(typed);
    if ('name' in checked) {
      setFault('');
      void claim(checked.name);
    } else {
      setFault(checked.fault === 'empty' ? says.open.empty : says.open.tooLong(MAX_NAME));
    }
  };
  return (
    <>
      <h1>{says.open.title}</h1>
      <p>{says.open.text}</p>
      <form onSubmit={submit} noValidate>
        <label htmlFor="name">{says.open.name}</label>
        <input
          id="name"
          data-testid="claim-name"
          autoComplete="name"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          aria-describedby="name-help name-fault"
          aria-invalid={fault !== ''}
          required
        />
        <p id="name-help" className="quiet">
          {says.open.nameHelp}
        </p>
        <div id="name-fault" role="alert" className="fault">
          {fault !== '' && <p>{fault}</p>}
          {refusal !== null && <RefusalText refusal={refusal} />}
        </div>
        <button type="submit" className="primary" data-testid="claim-submit" disabled={busy}>
          {busy ? says.open.busy : says.open.submit}
        </button>
      </form>
    </>
  );
}

function RefusalText({ refusal }: { readonly refusal: Refusal }): ReactNode {
  return (
    <>
      <p>
        <strong>
          <Rich text={refusal.title || says.failed.other} />
        </strong>
      </p>
      {refusal.detail !== '' && (
        <p>
          <Rich text={refusal.detail} />
        </p>
      )}
      {refusal.hint !== '' && (
        <p>
          <Rich text={refusal.hint} />
        </p>
      )}
    </>
  );
}
