// The sign-in page: a code from the owner's chat first, every other way in below it, in words. It never shows a code, only
// takes one.
import { visible } from '@countersign/protocol/display';
import {
  type ReactNode,
  type SubmitEvent,
  useCallback,
  useEffect,
  useId,
  useReducer,
  useRef,
  useState,
} from 'react';
import { digitsOf } from '../factors/proof.ts';
import { useHouse } from '../house/context.ts';
import { sendChallenge, sendCode } from '../login/api.ts';
import { useAvailability } from '../login/availability.ts';
import { type Asked, ticketOf } from '../login/login.ts';
import { LOGIN_START, type LoginFault, next } from '../login/machine.ts';
import type { Refused } from '../session/frames.ts';
import { Countdown } from '../shared/Countdown.tsx';
import { Command, Elsewhere, Sheet } from '../shared/Shell.tsx';
import { type Said, Trouble } from '../shared/Trouble.tsx';
import { clockTime } from '../shared/time.ts';
import { house } from '../strings-house.ts';

const says = house.login;
const http = globalThis.fetch.bind(globalThis);

interface LoginProps {
  readonly refused: Refused | null;
  readonly ended: Refused | null;
}

export function Login({ refused, ended }: LoginProps): ReactNode {
  const { deviceKey, session, place } = useHouse();
  const [stage, tell] = useReducer(next, LOGIN_START);
  const ports = { key: deviceKey, fetch: http, now: () => Date.now() };

  const send = async (ticket: string | null): Promise<void> => {
    tell({ type: 'send' });
    try {
      const answer = await sendChallenge(ports, ticket);
      if (answer.is === 'ok') tell({ type: 'sent', asked: answer.value });
      else tell({ type: 'notSent', fault: { is: 'refused', refusal: answer.refusal } });
    } catch {
      tell({ type: 'notSent', fault: { is: 'network' } });
    }
  };
  const submit = async ({ requestId }: Asked, code: string): Promise<void> => {
    tell({ type: 'submit' });
    try {
      if (await sendCode(ports, { requestId, code })) {
        tell({ type: 'accepted' });
        session.reconnect();
      } else tell({ type: 'refused', fault: 'refused' });
    } catch {
      tell({ type: 'refused', fault: 'network' });
    }
  };
  const timeOut = useCallback(() => tell({ type: 'timeOut' }), []);

  return (
    <Sheet>
      {place.home !== null && <Elsewhere home={place.home} />}
      {ended !== null && <Ended ended={ended} onAsk={() => session.reconnect()} />}
      <h1>{says.title}</h1>
      {stage.is === 'start' && <Start isBusy={stage.isBusy} fault={stage.fault} onSend={send} />}
      {stage.is === 'asked' && (
        <CodeForm
          key={stage.asked.requestId}
          asked={stage.asked}
          isBusy={stage.isBusy}
          fault={stage.fault === null ? null : says[stage.fault]}
          onSubmit={submit}
          onOver={timeOut}
          onAgain={() => tell({ type: 'back' })}
        />
      )}
      {stage.is === 'over' && <Over isBusy={stage.isBusy} fault={stage.fault} onAgain={() => send(null)} />}
      {stage.is === 'done' && <p role="status">{says.done}</p>}
      {stage.is !== 'done' && <Others refused={refused} hasEnded={ended !== null} />}
    </Sheet>
  );
}

interface StartProps {
  readonly isBusy: boolean;
  readonly fault: LoginFault | null;
  readonly onSend: (ticket: string | null) => Promise<void>;
}

function Start({ isBusy, fault, onSend }: StartProps): ReactNode {
  const { can, ask } = useAvailability(http);
  const [hasTicket, setHasTicket] = useState(false);
  const [typed, setTyped] = useState('');
  const id = useId();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (can === 'yes') void onSend(hasTicket ? ticketOf(typed) : null);
    else ask();
  };
  return (
    <>
      <p>{says.text}</p>
      <form onSubmit={submit} noValidate>
        <p role="status" className="state" data-can={can}>
          {can === 'asking' && says.loading}
          {can === 'yes' && says.canSend}
          {can === 'no' && says.cannotSend}
          {can === 'unknown' && says.network}
        </p>
        {can === 'no' && <p className="quiet">{says.cannotSendWhy}</p>}
        {hasTicket && can === 'yes' && (
          <>
            <label htmlFor={id}>{says.ticket}</label>
            <input
              id={id}
              className="code-input"
              data-testid="login-ticket"
              autoComplete="off"
              autoCapitalize="characters"
              spellCheck={false}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
              aria-describedby={`${id}-help`}
            />
            <p id={`${id}-help`} className="quiet">
              {says.ticketHelp}
            </p>
          </>
        )}
        <Trouble said={fault === null ? null : saidOf(fault)} />
        <div className="row">
          <button
            type="submit"
            className={can === 'no' || can === 'unknown' ? 'secondary' : 'primary'}
            data-testid="login-send"
            disabled={isBusy || can === 'asking'}
          >
            {can === 'no' || can === 'unknown' ? says.check : isBusy ? says.sending : says.send}
          </button>
          {can === 'yes' && !hasTicket && (
            <button type="button" className="plain" onClick={() => setHasTicket(true)}>
              {says.haveTicket}
            </button>
          )}
        </div>
      </form>
    </>
  );
}

interface CodeFormProps {
  readonly asked: Asked;
  readonly isBusy: boolean;
  readonly fault: string | null;
  readonly onSubmit: (asked: Asked, code: string) => Promise<void>;
  readonly onOver: () => void;
  readonly onAgain: () => void;
}

function CodeForm({ asked, isBusy, fault, onSubmit, onOver, onAgain }: CodeFormProps): ReactNode {
  const [typed, setTyped] = useState('');
  const input = useRef<HTMLInputElement>(null);
  const sent = useRef('');
  const id = useId();
  useEffect(() => input.current?.focus(), []);
  // A code that was refused is selected, so that typing replaces it.
  useEffect(() => {
    if (fault !== null) input.current?.select();
  }, [fault]);
  const send = (text: string): void => {
    const code = digitsOf(text);
    if (code === null || isBusy) return;
    sent.current = code;
    void onSubmit(asked, code);
  };
  const change = (text: string): void => {
    setTyped(text);
    // At its full length it is complete. Never the same one twice by itself: each try counts.
    const code = digitsOf(text);
    if (code?.length === asked.digits && code !== sent.current) send(text);
  };
  return (
    <>
      <div className="phrase">
        <h2 id={`${id}-phrase`}>{says.phraseTitle}</h2>
        <p className="words" data-testid="login-phrase">
          {visible(asked.phrase)}
        </p>
        <p className="quiet">{says.phraseText}</p>
      </div>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          send(typed);
        }}
      >
        <label htmlFor={id}>{says.code}</label>
        <div className="row">
          <input
            id={id}
            ref={input}
            className="code-input"
            data-testid="login-code"
            inputMode="numeric"
            autoComplete="one-time-code"
            value={typed}
            onChange={(event) => change(event.target.value)}
            aria-describedby={`${id}-phrase ${id}-help`}
            aria-invalid={fault !== null}
            aria-errormessage={`${id}-fault`}
          />
          <button type="submit" className="primary" disabled={isBusy}>
            {isBusy ? says.submitting : says.submit}
          </button>
        </div>
        <p id={`${id}-help`} className="quiet">
          {says.codeHelp} <Countdown until={asked.until} onOver={onOver} />
        </p>
        <Trouble id={`${id}-fault`} said={fault === null ? null : { title: fault, detail: '', hint: '' }} />
      </form>
      <p className="quiet">{says.noCode}</p>
      <button type="button" className="plain" onClick={onAgain}>
        {says.back}
      </button>
    </>
  );
}

interface OverProps {
  readonly isBusy: boolean;
  readonly fault: LoginFault | null;
  readonly onAgain: () => Promise<void>;
}

function Over({ isBusy, fault, onAgain }: OverProps): ReactNode {
  const button = useRef<HTMLButtonElement>(null);
  // The field the focus was in is gone.
  useEffect(() => button.current?.focus(), []);
  return (
    <>
      <h2>{says.over}</h2>
      <p role="status">{says.overText}</p>
      <Trouble said={fault === null ? null : saidOf(fault)} />
      <button
        type="button"
        className="primary"
        ref={button}
        disabled={isBusy}
        data-testid="login-again"
        onClick={() => void onAgain()}
      >
        {isBusy ? says.sending : says.again}
      </button>
    </>
  );
}

function Ended({ ended, onAsk }: { readonly ended: Refused; readonly onAsk: () => void }): ReactNode {
  return (
    <section className="note" role="status">
      <h2>{says.ended.title}</h2>
      <p className="said">{ended.hint === '' ? says.ended.text : visible(ended.hint)}</p>
      <button type="button" className="plain" onClick={onAsk}>
        {says.ended.ask}
      </button>
    </section>
  );
}

function Others({
  refused,
  hasEnded,
}: {
  readonly refused: Refused | null;
  readonly hasEnded: boolean;
}): ReactNode {
  const others = says.others;
  const request = refused?.requestId ?? null;
  return (
    <section className="others">
      <h2>{others.title}</h2>
      {request === null && !hasEnded && (
        <p className="quiet said">
          {refused === null || refused.hint === '' ? others.asking : visible(refused.hint)}
        </p>
      )}
      {request !== null && (
        <>
          <p>{others.waiting}</p>
          <ul className="ways">
            <li>
              <span className="quiet">{others.onHost}</span>
              <Command text={visible(refused?.command ?? `countersign devices approve ${request}`)} />
            </li>
            <li>
              <span className="quiet">{others.inChat}</span>
              <Command text={`/pair approve ${visible(request)}`} />
            </li>
            <li>
              <span className="quiet">{others.byPage}</span>
            </li>
          </ul>
          {refused?.expiresAt !== null && refused?.expiresAt !== undefined && (
            <p className="quiet">{others.until(clockTime(refused.expiresAt))}</p>
          )}
        </>
      )}
      <SetupCode />
      <p className="quiet">
        {others.chat} <a href="/chat">{others.chatLink}</a>
      </p>
    </section>
  );
}

function SetupCode(): ReactNode {
  const { session } = useHouse();
  const [isOpen, setOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const id = useId();
  const says = house.login.others;
  if (!isOpen) {
    return (
      <p>
        <button type="button" className="plain" onClick={() => setOpen(true)}>
          {says.haveSetup}
        </button>
      </p>
    );
  }
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const code = typed.replaceAll(/\s/g, '');
    if (code === '') return;
    setOpen(false);
    setTyped('');
    session.invite(code);
  };
  return (
    <form onSubmit={submit} noValidate>
      <label htmlFor={id}>{says.setup}</label>
      <input
        id={id}
        data-testid="setup-input"
        autoComplete="off"
        spellCheck={false}
        maxLength={2000}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        aria-describedby={`${id}-help`}
      />
      <p id={`${id}-help`} className="quiet">
        {says.setupHelp}
      </p>
      <button type="submit" className="secondary">
        {says.setupSend}
      </button>
    </form>
  );
}

function saidOf(fault: LoginFault): Said {
  if (fault.is === 'network') return { title: says.network, detail: '', hint: '' };
  const { title, detail, hint } = fault.refusal;
  return { title, detail, hint };
}
