// After the claim: a second proof, recovery codes, a chat. Each can wait, and what waiting means stands beside it.
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { AddPasskey } from '../factors/AddPasskey.tsx';
import { AddTotp } from '../factors/AddTotp.tsx';
import { canHavePasskeys } from '../factors/passkey.ts';
import { MakeCodes, RecoveryCodes } from '../factors/RecoveryCodes.tsx';
import { useHouse, useSession } from '../house/context.ts';
import { Command } from '../shared/Shell.tsx';
import { shellWord } from '../shared/shell-word.ts';
import { claimStrings } from '../strings-claim.ts';
import { house } from '../strings-house.ts';

const says = claimStrings.done;
const STEPS = ['factor', 'codes', 'link'] as const;
type Step = (typeof STEPS)[number];

interface EnrolProps {
  readonly name: string;
  readonly enter: () => void;
}

export function Enrol({ name, enter }: EnrolProps): ReactNode {
  const { session } = useHouse();
  const state = useSession(session);
  const [step, setStep] = useState<Step>('factor');
  const [hasFactor, setHasFactor] = useState(false);
  if (state.is === 'connecting' || state.is === 'offline') {
    return (
      <p className="quiet" role="status">
        {says.waiting}
      </p>
    );
  }
  // Not let in: what needs a signed-in browser is left out, the rest is said.
  if (state.is === 'out') {
    return (
      <>
        <p role="status">{says.notIn}</p>
        <Link name={name} enter={enter} />
      </>
    );
  }
  switch (step) {
    case 'factor':
      return (
        <Section step={step} title={says.factor.title} text={says.factor.text}>
          <Factor
            onDone={() => {
              setHasFactor(true);
              setStep('codes');
            }}
            onSkip={() => setStep('link')}
          />
        </Section>
      );
    case 'codes':
      return (
        <Section step={step} title={says.codes.title} text={says.codes.text}>
          <Codes onDone={() => setStep('link')} />
        </Section>
      );
    case 'link':
      return (
        <Section step={step} title={house.link.title} text={house.link.text}>
          <Link name={name} enter={enter} hasFactor={hasFactor} />
        </Section>
      );
    default:
      return step satisfies never;
  }
}

interface SectionProps {
  readonly step: Step;
  readonly title: string;
  readonly text: string;
  readonly children: ReactNode;
}

function Section({ step, title, text, children }: SectionProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  const place = STEPS.indexOf(step);
  // The first step comes by itself under the heading that has just been read; the later ones take the focus along.
  useEffect(() => {
    if (place > 0) heading.current?.focus();
  }, [place]);
  return (
    <section className="step" aria-labelledby={`step-${step}`}>
      <p className="quiet">{says.step(place + 1, STEPS.length)}</p>
      <h2 id={`step-${step}`} ref={heading} tabIndex={-1}>
        {title}
      </h2>
      <p>{text}</p>
      {children}
    </section>
  );
}

function Factor({ onDone, onSkip }: { readonly onDone: () => void; readonly onSkip: () => void }): ReactNode {
  const { place } = useHouse();
  return (
    <>
      {canHavePasskeys(place) && <AddPasskey isMain onDone={onDone} />}
      <AddTotp onDone={onDone} />
      <Skip label={says.factor.skip} means={says.factor.skipMeans} onSkip={onSkip} />
    </>
  );
}

function Codes({ onDone }: { readonly onDone: () => void }): ReactNode {
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  if (codes !== null) return <RecoveryCodes codes={codes} onKept={onDone} />;
  return (
    <>
      <MakeCodes isMain label={house.factors.makeCodes} onCodes={setCodes} />
      <Skip label={says.codes.skip} means={says.codes.skipMeans} onSkip={onDone} />
    </>
  );
}

interface LinkProps extends EnrolProps {
  /** Then the host asks for it before it takes an owner's chat. */
  readonly hasFactor?: boolean;
}

function Link({ name, enter, hasFactor = false }: LinkProps): ReactNode {
  const [write, run] = house.link.steps;
  return (
    <>
      <ol className="ways">
        <li>{write}</li>
        <li>
          <span>{run}</span> <Command text={house.link.command(shellWord(name))} />
        </li>
      </ol>
      {hasFactor && <p className="quiet">{house.link.proof}</p>}
      <p className="quiet">{house.link.later}</p>
      <div className="row">
        <button type="button" className="primary" data-testid="enter" onClick={enter}>
          {says.link.finish}
        </button>
        <a href="/chat">{says.chat}</a>
      </div>
    </>
  );
}

interface SkipProps {
  readonly label: string;
  readonly means: string;
  readonly onSkip: () => void;
}

function Skip({ label, means, onSkip }: SkipProps): ReactNode {
  return (
    <div className="skip">
      <p className="quiet">{means}</p>
      <button type="button" className="plain" data-testid="skip" onClick={onSkip}>
        {label}
      </button>
    </div>
  );
}
