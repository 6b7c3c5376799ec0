// What stands between this person and the agent, in plain words; the code, large; and what the owner does with it.
import { visible } from '@countersign/protocol/display';
import { type ReactNode, useEffect, useState } from 'react';
import { Command } from '../shared/Shell.tsx';
import { strings } from '../strings.ts';
import type { Millis, Person } from './frames.ts';

const says = strings.chat;

interface PairingPanelProps {
  readonly person: Person;
  readonly peer: string;
  readonly now: () => Millis;
}

export function PairingPanel({ person, peer, now }: PairingPanelProps): ReactNode {
  const panel = says.panel[person.state];
  if (panel === null) return null;
  const showsId = person.state === 'waiting' || person.state === 'silent';
  return (
    <section className="panel" aria-labelledby="panel-title" data-state={person.state}>
      <div role="status">
        <h2 id="panel-title">{panel.title}</h2>
        <p>{panel.text}</p>
      </div>
      {person.state === 'pending' && person.code !== undefined && (
        <Code code={person.code} expiresAt={person.expiresAt} now={now} />
      )}
      {showsId && (
        <p className="quiet">
          {says.code.id}: <code className="id">{peer}</code>
        </p>
      )}
    </section>
  );
}

interface CodeProps {
  readonly code: string;
  readonly expiresAt: Millis | undefined;
  readonly now: () => Millis;
}

function Code({ code, expiresAt, now }: CodeProps): ReactNode {
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    navigator.clipboard.writeText(code).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 3000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <>
      <div className="code-row">
        <p className="hidden" id="code-label">
          {says.code.label}
        </p>
        <code className="code" data-testid="pairing-code">
          {visible(code)}
        </code>
        <button type="button" className="plain" onClick={copy} aria-describedby="code-label">
          <span aria-live="polite">{copied ? says.code.copied : says.code.copy}</span>
        </button>
        {expiresAt !== undefined && <Countdown until={expiresAt} now={now} />}
      </div>
      <p className="owner-runs">
        <span className="quiet">{says.code.ownerRuns}</span>{' '}
        <Command text={says.code.command(visible(code))} />
      </p>
    </>
  );
}

function Countdown({ until, now }: { readonly until: Millis; readonly now: () => Millis }): ReactNode {
  const [left, setLeft] = useState(() => until - now());
  useEffect(() => {
    const tick = (): void => setLeft(until - now());
    tick();
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, [until, now]);
  return (
    <p className="countdown" role="timer">
      {left > 0 ? says.code.valid(clock(left)) : says.code.over}
    </p>
  );
}

function clock(left: Millis): string {
  const seconds = Math.ceil(left / 1000);
  const two = (part: number): string => String(part).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
